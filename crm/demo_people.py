"""Who lives in the demo: companies and people of several languages, and those that software trips over.

All addresses are in the domains that RFC 2606 §3 keeps for examples. Nothing here is random: every first start makes
the same people.
"""

from dataclasses import dataclass

COMPANIES = (  # name, domain, industry, country, type
    ("Northwind Books", "northwind.example.com", "Publishing", "Denmark", "Customer"),
    ("Café Größenwahn", "groessenwahn.example.org", "Hospitality", "Germany", "Customer"),
    ("Librería del Sol", "delsol.example.net", "Retail", "Spain", "Partner"),
    ("Atelier Brûlé & Fils", "brule.example.com", "Crafts", "France", "Customer"),
    ("Kopi Nusantara", "nusantara.example.org", "Food", "Indonesia", "Reseller"),
    ("Polar Light ApS", "polarlight.example.net", "Energy", "Norway", "Investor"),
    ("Östlund Möbler", "ostlund.example.com", "Furniture", "Sweden", "Customer"),
    ("Обсерватория «Север»", "sever.example.org", "Science", "Kazakhstan", "Partner"),
    ("東風印刷", "dongfeng.example.net", "Printing", "Taiwan", "Reseller"),
    ("O'Malley & Daughters", "omalley.example.com", "Logistics", "Ireland", "Customer"),
    ("Verde Vivo", "verdevivo.example.org", "Gardening", "Italy", "Customer"),
    ("Tiny Rocket 🚀", "tinyrocket.example.net", "Software", "Netherlands", "Investor"),
)
JOB_TITLES = ("Marketing Manager", "Owner", "Buyer", "Head of Sales", "Editor", "Assistant", "Engineer")
LEAD_STATUSES = ("New", "Assigned", "In Process", "Converted", "Recycled", "Dead")
LEAD_SOURCES = ("Web Site", "Email", "Call", "Partner", "Public Relations", "Campaign", "Existing Customer", "Other")

NAMES = {  # language of the names: first names, last names, cities, country, language that mail is written in
    "en": (
        "Grace Alan Ada Linus Margaret Dennis Hedy Tim Radia Ken Frances Barbara",
        "Hopper Turing Byron Torvald Hamilton Ritchie Lamarr Lee Perlman Thompson Allen Liskov",
        "Dublin Cork Galway",
        "Ireland",
        "en",
    ),
    "es": (
        "Inés José Lucía Álvaro Begoña Íñigo Nuria Rocío Andrés Sofía Martín Pilar",
        "Rocha Muñoz Núñez Ibáñez Peña García Álvarez Quiñones Otxoa Lópezgil Castaño Ureña",
        "Sevilla Bilbao Cádiz",
        "Spain",
        "es",
    ),
    "fr": (
        "Élodie François Zoé Jérôme Maëlle Benoît Anaïs Loïc Chloé Gaël Hélène Noël",
        "Lefèvre Garçon Brûlé Guérin Hébert Deschênes Çelik Forêt Béranger Île Crépin Naël",
        "Lyon Nîmes Orléans",
        "France",
        "fr",
    ),
    "id": (
        "Dewi Budi Siti Agus Putri Wayan Ketut Rini Bambang Ayu Joko Sri",
        "Santoso Wijaya Lestari Hartono Siregar Nasution Pratama Kusuma Saputra Halim Utami Gunawan",
        "Bandung Yogyakarta Denpasar",
        "Indonesia",
        "id",
    ),
}


@dataclass(frozen=True, slots=True)
class Person:
    """A person by hand. Without `address` nobody can mail them; `opted_out` and `invalid` mark the address."""

    first_name: str = ""
    last_name: str = ""
    address: str = ""
    salutation: str = ""
    language: str = ""
    opted_out: bool = False
    invalid: bool = False
    note: str = ""


HARD_CASES = (
    Person("Анна", "Петрова", "anna.petrova@sever.example.org", note="Cyrillic name"),
    Person("美玲", "陳", "chen@dongfeng.example.net", note="Chinese name"),
    Person("ليلى", "حداد", "leila.haddad@example.org", note="Arabic name, written from right to left"),
    Person("Zoë 🌻", "Lindqvist", "zoe@ostlund.example.com", note="Emoji in the name"),
    Person("Jürgen", "Weiß", "juergen.weiss@bücher.example.com", note="Domain with a non-ASCII letter"),
    Person("Miles", "O'Brien", "miles.o'brien@omalley.example.com", "Mr.", note="Apostrophe in name and address"),
    Person('Dwayne "The Rock"', "Stone, Jr.", "stone@example.net", note="Quotes and a comma in the name"),
    Person("<b>Bobby</b>", "Tables & Sons", "bobby@example.net", note="Markup in the name stays text"),
    Person("{Person.lastName}", "Curly", "curly@example.net", note="A placeholder in the name is not expanded"),
    Person("=SUM(A1)", "Formula", "formula@example.net", note="Begins like a formula of a spreadsheet"),
    Person(
        "Wolfeschlegelsteinhausenbergerdorff", "Van Den Heuvel-" + "Lang" * 12, "long@example.net", note="Long name"
    ),
    Person("", "", "info@tinyrocket.example.net", note="No name at all"),
    Person("", "Cher", "cher@example.com", note="No first name: templates fall back"),
    Person("Nomail", "Nelson", "", note="No email address"),
    Person("Paula", "Postal", "", note="No email address"),
    Person("Twice", "Upper", "Shared.Inbox@Example.COM", note="Same address as the next, other spelling"),
    Person("Twice", "Lower", "shared.inbox@example.com", note="Same address as the one before"),
    Person("Tagged", "Tanaka", "tanaka+news@example.com", note="Tag in the address"),
    Person("Olga", "Optout", "olga@example.com", opted_out=True, note="Has opted out of everything"),
    Person("Oskar", "Optout", "oskar@example.org", opted_out=True, note="Has opted out of everything"),
    Person("Ingrid", "Invalid", "ingrid@example.org", invalid=True, note="The address has bounced before"),
)
# What the sandbox mail server does with each is told by the name before the @.
FINAL_TROUBLE = ("unknown", "bounce-hard", "bounce-soft", "blocked", "spam", "slow")
LASTING_TROUBLE = ("greylist", "full", "busy", "lost")

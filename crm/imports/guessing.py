"""Which column is which field: by the words of its heading in every language of Herald, then by its content."""

import re
import unicodedata
from collections.abc import Mapping, Sequence

from django.conf import settings
from django.utils.translation import gettext, override

from crm.imports.fields import FULL_NAME, ImportField
from crm.imports.plan import Dates

# As programs and people of the four languages head their columns; labels of the fields are known without being named.
WORDS = {
    "email": "email e-mail mail emailaddress e-mailaddress mailaddress correo correoelectronico email1 emailprimary "
    "adresseemail adressemail adressedemail adresseelectronique courriel surel alamatemail alamatsurel direccionemail",
    "first_name": "firstname first given givenname forename nombre nombredepila primernombre prenom namadepan",
    "last_name": "lastname last surname familyname family apellido apellidos nom nomdefamille namabelakang "
    "namakeluarga",
    FULL_NAME: "name fullname contactname contact nombrecompleto nombreyapellidos nomcomplet nometprenom nama "
    "namalengkap displayname",
    "name": "name company companyname account accountname organization organisation empresa compania nombre "
    "razonsocial entreprise societe nom raisonsociale nama perusahaan namaperusahaan",
    "account": "account accountname company companyname organization organisation empresa compania cuenta entreprise "
    "societe compte perusahaan namaperusahaan akun",
    "f_accountName": "account accountname company companyname organization organisation empresa compania entreprise "
    "societe perusahaan namaperusahaan",
    "phone": "phone phonenumber telephone tel mobile mobilephone cell telefono telefonomovil movil numerodetelefono "
    "telefono1 portable mobilephonenumber numerodetelephone telepon nomortelepon hp ponsel",
    "salutation": "salutation title honorific prefix saludo tratamiento civilite titre sapaan gelar",
    "description": "description notes note comment comments descripcion notas comentarios remarque remarques "
    "commentaire commentaires deskripsi keterangan catatan",
    "language": "language locale idioma lengua langue bahasa",
    "owner": "owner assigneduser assignedto propietario usuarioasignado responsable proprietaire pemilik "
    "penanggungjawab",
    "f_city": "city town ciudad localidad ville kota",
    "f_country": "country pais pays negara",
    "f_jobTitle": "jobtitle position role cargo puesto poste fonction jabatan",
    "f_website": "website url homepage web sitioweb siteweb situs situsweb",
}
_WORDS = {key: frozenset(words.split()) for key, words in WORDS.items()}
_ADDRESS = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")
# As only phone numbers are written: +34600100200, (0351) 123 45, 0612345678, 555-123-4567, 91 123 45 67. Not bare
# digits, which are numbers of customers as well, and not groups of three, which are amounts.
_PHONE = re.compile(
    r"^(?=(?:\D*\d){7,15}\D*$)(?:"
    r"[+(][\d\s().\-/]+"
    r"|00?(?=[\s(/-]?[1-9])[\d\s().\-/]{7,}"
    r"|\d{3}([\s.-])\d{3}\1\d{4}"
    r"|\d{2,3}(?:\s\d{2,3}){1,3}\s\d{2})$"
)
_ANY_DATE = re.compile(r"^\d{1,4}([./\s-])\d{1,2}\1\d{1,4}(?:[T\s]\d{1,2}:.*)?$")
_LINK = re.compile(r"^https?://\S+$", re.IGNORECASE)
_DATE = re.compile(r"^(\d{1,2})[./-](\d{1,2})[./-]\d{4}")
# Numbers that can be read in one way only: neither 1,234 nor 1.234.
_SURE = (
    r"^-?(?:\d+{0}(?!\d{{3}}$)\d+|(?:0|\d{{4,}}){0}\d{{3}}"
    r"|\d{{1,3}}(?:[{1}\s]\d{{3}})+{0}\d+|\d{{1,3}}(?:{1}\d{{3}}){{2,}})$"
)
_COMMA_NUMBER, _POINT_NUMBER = re.compile(_SURE.format(",", r"\.")), re.compile(_SURE.format(r"\.", ","))
MOST = 0.6  # of the cells have to look so


def guess_mapping(
    heading: Sequence[str], rows: Sequence[Sequence[str]], fields: Mapping[str, ImportField]
) -> list[str]:
    """For every column the key of a field, or "". No field is given to two columns."""
    known = _names(fields)
    found: list[str] = []
    for text in heading:
        word = plain(text)
        key = next((key for key in fields if word and word in known[key] and key not in found), "")
        found.append(key)
    for place, key in enumerate(found):
        if not key:
            guess = _by_content([row[place].strip() for row in rows if len(row) > place], fields)
            found[place] = guess if guess not in found else ""
    if FULL_NAME in found and "last_name" in found:  # the one is made of the others
        found[found.index(FULL_NAME)] = ""
    return found


def plain(text: str) -> str:
    """Letters and digits alone, without case and accents."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in parts if sign.isalnum())


def _names(fields: Mapping[str, ImportField]) -> dict[str, set[str]]:
    """Every word by which a heading may call a field: its key, its label in every language, and the list above."""
    found = {
        key: {plain(key), plain(one.name), plain(one.label)} | _WORDS.get(key, set()) for key, one in fields.items()
    }
    for language, _name in settings.LANGUAGES:
        with override(language):
            for key, one in fields.items():
                text = one.source
                found[key].add(plain(gettext(text) if isinstance(text, str) else str(text)))
    return found


def _by_content(cells: Sequence[str], fields: Mapping[str, ImportField]) -> str:
    there = [cell for cell in cells if cell]
    for looks_so, key in ((_ADDRESS.match, "email"), (_LINK.match, "f_website"), (_is_phone, "phone")):
        if key in fields and there and sum(bool(looks_so(cell)) for cell in there) >= MOST * len(there):
            return key
    return ""


def _is_phone(cell: str) -> bool:
    return bool(_PHONE.match(cell)) and not _ANY_DATE.match(cell)


def guess_dates(rows: Sequence[Sequence[str]]) -> str:
    """Month first only where a day of more than twelve stands second, and none first."""
    found = [match.groups() for row in rows for cell in row if (match := _DATE.match(cell.strip()))]
    second = any(int(second) > 12 for _first, second in found)
    first = any(int(first) > 12 for first, _second in found)
    return Dates.MONTH_FIRST.value if second and not first else Dates.DAY_FIRST.value


def guess_decimal(rows: Sequence[Sequence[str]]) -> str:
    """By the cells that leave no doubt; a point where as many speak for it."""
    cells = [cell.strip() for row in rows for cell in row]
    commas, points = (sum(bool(one.match(cell)) for cell in cells) for one in (_COMMA_NUMBER, _POINT_NUMBER))
    return "," if commas > points else "."


def best_match(mapping: Sequence[str], fields: Mapping[str, ImportField]) -> list[str]:
    """By email where there is one, else by name."""
    for keys in (["email"], ["first_name", "last_name"], ["name"], ["phone"]):
        if all(key in mapping and fields[key].can_match for key in keys):
            return keys
    return []

"""Demo data: the `demo` module of each app registers what it adds to an empty Herald (crm.apps imports them all).

Everything is the same at every first start.
"""

import unicodedata
from collections.abc import Callable, Iterator

from crm.demo_people import (
    COMPANIES,
    FINAL_TROUBLE,
    HARD_CASES,
    JOB_TITLES,
    LASTING_TROUBLE,
    LEAD_SOURCES,
    LEAD_STATUSES,
    NAMES,
    Person,
)
from crm.models import EmailAddress, EntityType, Record, Role, Settings, User

CONTACTS, LEADS = 96, 48
COLLEAGUES = (("marketer", Role.MARKETER, "Maya", "Ortiz"), ("viewer", Role.VIEWER, "Victor", "Lind"))
TROUBLE_DOMAIN = "trouble.example.net"
_registered: list[tuple[int, Callable[[User], None]]] = []


def register_demo(order: int, create: Callable[[User], None]) -> None:
    """Have `create(administrator)` called when an empty Herald is filled; lower orders come first."""
    _registered.append((order, create))


def create_demo(administrator: User) -> None:
    """Fill an empty database with what the `demo` modules of all apps have registered."""
    for _order, create in sorted(_registered, key=lambda entry: entry[0]):
        create(administrator)


def create_colleagues(administrator: User) -> None:
    """One marketer and one viewer, to see what each may do. They sign in with the administrator's first password."""
    for username, role, first_name, last_name in COLLEAGUES:
        User.objects.create(
            username=username,
            role=role,
            first_name=first_name,
            last_name=last_name,
            email=f"{username}@staff.example.com",
            password=administrator.password,  # the same hash
        )


def create_records(owner: User) -> None:
    """Accounts, Contacts and Leads, and a sender's postal address."""
    accounts = list(_accounts(owner))
    contact, lead = EntityType.objects.get(key="Contact"), EntityType.objects.get(key="Lead")
    for number, person in enumerate(_people(CONTACTS)):
        title, account = JOB_TITLES[number % len(JOB_TITLES)], accounts[number % len(accounts)]
        _record(contact, owner, person, account=account, values={"jobTitle": title, **_place(number)})
    for number, person in enumerate(_people(LEADS, skip=CONTACTS)):
        _record(lead, owner, person, values=_lead_values(number))
    for person in (*HARD_CASES, *_trouble()):
        _record(contact, owner, person)
    Settings.load()
    Settings.objects.filter(pk=1, postal_address="").update(
        company_name="Herald Demo", postal_address="Herald Demo, 1 Example Street, 12345 Sampletown"
    )


def _accounts(owner: User) -> Iterator[Record]:
    entity_type = EntityType.objects.get(key="Account")
    for name, domain, industry, country, kind in COMPANIES:
        yield Record.objects.create(
            entity_type=entity_type,
            owner=owner,
            name=name,
            email_address=EmailAddress.objects.for_text(f"office@{domain}"),
            values={"website": f"https://{domain}/", "industry": industry, "country": country, "type": kind},
        )


def _people(count: int, skip: int = 0) -> Iterator[Person]:
    """`count` people whose names and addresses do not repeat, in turn of every language."""
    languages = list(NAMES.values())
    for number in range(skip, skip + count):
        firsts, lasts, _cities, _country, language = languages[number % len(languages)]
        turn = number // len(languages)
        first = firsts.split()[turn % 12]
        last = lasts.split()[(turn * 5 + turn // 12) % 12]
        domain = COMPANIES[number % len(COMPANIES)][1]
        yield Person(first, last, f"{_ascii(first)}.{_ascii(last)}@{domain}", language=language)


def _ascii(name: str) -> str:
    return unicodedata.normalize("NFKD", name.lower()).encode("ascii", "ignore").decode()


def _place(number: int) -> dict[str, str]:
    _firsts, _lasts, cities, country, _language = list(NAMES.values())[number % len(NAMES)]
    return {"city": cities.split()[number // len(NAMES) % 3], "country": country}


def _lead_values(number: int) -> dict[str, str]:
    return {
        "status": LEAD_STATUSES[number % len(LEAD_STATUSES)],
        "source": LEAD_SOURCES[number % len(LEAD_SOURCES)],
        "accountName": COMPANIES[number * 5 % len(COMPANIES)][0],
        "country": _place(number)["country"],
    }


def _trouble() -> Iterator[Person]:
    """One person for each way in which the sandbox mail server misbehaves."""
    for name in (*FINAL_TROUBLE, *LASTING_TROUBLE):
        yield Person("Trouble", name.title(), f"{name}@{TROUBLE_DOMAIN}", note="Misbehaves in the sandbox on purpose")


def _record(
    entity_type: EntityType,
    owner: User,
    person: Person,
    account: Record | None = None,
    values: dict[str, str] | None = None,
) -> Record:
    address = EmailAddress.objects.for_text(person.address) if person.address else None
    if address is not None and person.opted_out:
        address.mark_opted_out("Demo data")
    if address is not None and person.invalid:
        address.mark_invalid("Demo data")
    return Record.objects.create(
        entity_type=entity_type,
        owner=owner,
        salutation=person.salutation,
        first_name=person.first_name,
        last_name=person.last_name,
        email_address=address,
        account=account,
        language=person.language,
        description=person.note,
        values=values or {},
    )


register_demo(5, create_colleagues)
register_demo(10, create_records)

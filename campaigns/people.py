"""The people of a mass email, and what placeholders answer for each of them.

Rows are plain tuples, not models: a million of them pass through a worker, and a model costs ten times a tuple. They
are loaded many at a time (`loading.py` of sending, `person_of` for one), and `References.load` fetches what they point
to. After that a value is asked for without the database, because the event loop that sends is who asks.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any, Generic, NamedTuple, TypeVar

from django.utils import formats, timezone, translation
from django.utils.translation import gettext

from campaigns.content.placeholders import PERSON_FIELDS, Schema
from crm.entities.placeholders import Computed, computed_placeholders
from crm.entities.values import plain_text
from crm.models import EntityField, EntityType, FieldKind, Record, Settings, User

Values = Callable[[str], str]
MOST_KEPT = 5000  # rows of accounts and linked records that are remembered at a time


class Row(NamedTuple):
    """The columns of one record that placeholders can name."""

    pk: int
    entity_type_id: int
    name: str
    salutation: str
    first_name: str
    last_name: str
    phone: str
    language: str
    account_id: int | None
    owner_id: int | None
    description: str
    values: dict[str, Any]
    address: str


COLUMNS = Row._fields[:-1]  # the address is a column of another table


class Person(NamedTuple):
    """One recipient: the queue item (0 for none), the row of the record (None when only an address was typed), the
    address and its id, and the language of the mail."""

    item: int
    record: Row | None
    address_id: int
    address: str
    language: str

    @property
    def display_name(self) -> str:
        return self.record.name if self.record else ""


COMMON: dict[str, Callable[[Row], str]] = {
    "name": lambda row: row.name,
    "firstName": lambda row: row.first_name,
    "lastName": lambda row: row.last_name,
    "salutation": lambda row: row.salutation,
    "salutationName": lambda row: row.salutation,
    "emailAddress": lambda row: row.address,
    "phone": lambda row: row.phone,
    "phoneNumber": lambda row: row.phone,
    "description": lambda row: row.description,
}
OWNER = "assignedUserName"
COMMON_NAMES = (*COMMON, OWNER)


def schema() -> Schema:
    """What templates may name now: every field of every entity type, and what extensions compute."""
    computed = computed_placeholders()
    names: dict[str, set[str]] = {
        key: {*COMMON_NAMES, *(one.name for one in computed if one.is_of(key))}
        for key in EntityType.objects.values_list("key", flat=True)
    }
    for key, field in EntityField.objects.values_list("entity_type__key", "name"):
        names[key].add(field)
    account = {f"account.{field}" for field in names.get("Account", ())}
    for key, fields in names.items():
        if key != "Account":
            fields |= account
    person = PERSON_FIELDS | {one.name for one in computed if not one.types}
    return Schema(fields={key: frozenset(fields) for key, fields in {**names, "Person": person}.items()})


Found = TypeVar("Found")


class Remembered(Generic[Found]):
    """The last few thousand of what was loaded by id. Never forgets what was loaded a moment ago: people wait for their
    turn with ids that are looked up only then."""

    def __init__(self) -> None:
        self._recent: dict[int, Found] = {}
        self._older: dict[int, Found] = {}

    def get(self, pk: int | None) -> Found | None:
        return None if pk is None else self._recent.get(pk) or self._older.get(pk)

    def missing(self, ids: Iterable[int | None]) -> set[int]:
        return {pk for pk in ids if pk is not None and pk not in self._recent}

    def add(self, found: dict[int, Found]) -> None:
        if len(self._recent) > MOST_KEPT:
            self._older, self._recent = self._recent, {}
        self._recent |= found


class References:
    """What rows refer to, and how a name is read from a row: made once for many people.

    `names` are the placeholders in use; what none of them names is not loaded.
    """

    def __init__(self, names: frozenset[str]) -> None:
        self._names = sorted(name for name in names if "." in name)
        used = {name.partition(".")[2] for name in names}
        self._uses_account = any(name.startswith("account.") for name in used)
        self._uses_owner = OWNER in used or f"account.{OWNER}" in used
        own = {name.removeprefix("account.") for name in used}
        self.uses_description = "description" in own
        self.uses_values = bool(own - COMMON.keys() - {OWNER, ""})
        self._own = own
        self._computed = {one.name: one for one in computed_placeholders() if one.name in own}
        self._answers: dict[str, Remembered[str]] = {name: Remembered() for name in self._computed}
        self._accounts: Remembered[Row] = Remembered()
        self._linked: Remembered[str] = Remembered()
        self._owners: dict[int, str] = {}
        self.learn()

    def learn(self) -> None:
        """Read types and fields anew: an administrator may have changed them since the last portion."""
        self._types = dict(EntityType.objects.values_list("pk", "key"))
        self._fields = {(field.entity_type_id, field.name): field for field in EntityField.objects.all()}
        self._links = [
            key for key, field in self._fields.items() if field.kind == FieldKind.LINK and key[1] in self._own
        ]
        self._readers: dict[tuple[int, str], Callable[[Row], str]] = {}
        self._readers_of_type: dict[int, list[tuple[str, Callable[[Row], str]]]] = {}

    def load(self, rows: Iterable[Row]) -> None:
        """Fetch what these rows name, in one query for each kind of thing."""
        rows = list(rows)
        if self._uses_account:
            self._load_accounts(self._accounts.missing(row.account_id for row in rows))
            rows += filter(None, [self._accounts.get(row.account_id) for row in rows])
        if self._uses_owner and not self._owners:
            self._owners = {user.pk: user.get_full_name() for user in User.objects.all()}
        if self._links:
            self._load_linked(self._linked.missing(pk for row in rows for pk in self._links_of(row)))
        for computed in self._computed.values():
            self._load_answers(computed, rows)

    def _load_answers(self, computed: Computed, rows: list[Row]) -> None:
        """What an extension says of those that were not asked about yet; nothing is remembered as nothing."""
        known = self._answers[computed.name]
        missing = known.missing(row.pk for row in rows if computed.is_of(self._types.get(row.entity_type_id, "")))
        if missing:
            answers = computed.answers(sorted(missing))
            known.add({pk: str(answers.get(pk, "")) for pk in missing})

    def _load_accounts(self, missing: set[int]) -> None:
        accounts = Record.objects.select_related("email_address").filter(pk__in=missing) if missing else ()
        self._accounts.add({account.pk: row_of(account) for account in accounts})

    def _links_of(self, row: Row) -> Iterable[int]:
        linked = (row.values.get(name) for type_id, name in self._links if type_id == row.entity_type_id)
        return [pk for pk in linked if isinstance(pk, int)]

    def _load_linked(self, missing: set[int]) -> None:
        linked = Record.objects.filter(pk__in=missing) if missing else ()
        self._linked.add({record.pk: str(record) for record in linked})

    def answers(self, person: Person) -> dict[str, str]:
        """What all names in use mean for this person; the same as `read` for each of them, in half the time."""
        row = person.record
        if row is None:
            return {name: self.read(person, name) for name in self._names}
        readers = self._readers_of_type.get(row.entity_type_id)
        if readers is None:
            readers = [(name, self._reader(row.entity_type_id, name)) for name in self._names]
            self._readers_of_type[row.entity_type_id] = readers
        answers = {name: read(row) for name, read in readers}
        if "Person.emailAddress" in answers:
            answers["Person.emailAddress"] = person.address
        return answers

    def read(self, person: Person, name: str) -> str:
        """What `name` ("Person.firstName") means for this person. Unknown and inapplicable names are empty: fallbacks
        then apply."""
        row = person.record
        if name == "Person.emailAddress":
            return person.address
        if row is None:
            return ""
        reader = self._readers.get((row.entity_type_id, name))
        if reader is None:
            reader = self._readers[row.entity_type_id, name] = self._reader(row.entity_type_id, name)
        return reader(row)

    def _reader(self, type_id: int, name: str) -> Callable[[Row], str]:
        owner, _dot, field = name.partition(".")
        return self._field(type_id, field) if owner in ("Person", self._types.get(type_id)) else _nothing

    def _field(self, type_id: int, field: str) -> Callable[[Row], str]:
        if field.startswith("account."):
            return self._of_account(field.removeprefix("account."))
        if field == OWNER:
            return lambda row: self._owners.get(row.owner_id or 0, "")
        if (common := COMMON.get(field)) is not None:
            return common
        known = self._fields.get((type_id, field))
        if known is None:
            return self._of_extension(field)
        if known.kind == FieldKind.LINK:
            return lambda row: self._name_of(row.values.get(field))
        return lambda row: plain_text(known, row.values.get(field))

    def _of_extension(self, field: str) -> Callable[[Row], str]:
        answers = self._answers.get(field)
        return (lambda row: answers.get(row.pk) or "") if answers is not None else _nothing

    def _name_of(self, pk: object) -> str:
        return (self._linked.get(pk) or "") if isinstance(pk, int) else ""

    def _of_account(self, field: str) -> Callable[[Row], str]:
        def read(row: Row) -> str:
            account = self._accounts.get(row.account_id)
            return self._field(account.entity_type_id, field)(account) if account else ""

        return read


def _nothing(_row: Row) -> str:
    return ""


class PersonValues:
    """Answers placeholder names for one person. `extra` comes first: links, dates, names of the campaign."""

    __slots__ = ("extra", "person", "references")

    def __init__(self, person: Person, references: References, extra: dict[str, str]) -> None:
        self.person = person
        self.references = references
        self.extra = extra

    def __call__(self, name: str) -> str:
        known = self.extra.get(name)
        return known if known is not None else self.references.read(self.person, name)


def row_of(record: Record) -> Row:
    address = record.email_address.address if record.email_address else ""
    return Row._make((*(getattr(record, name) for name in COLUMNS), address))


def person_of(record: Record | None, address: str, language: str) -> Person:
    return Person(0, row_of(record) if record else None, 0, address, language)


def language_of(record: Record | Row | None, settings: Settings) -> str:
    return (record.language if record else "") or settings.language


class DatePlaceholders:
    """{today}, {now} and {currentYear} per language: made once per portion, not once per person."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self._made: dict[str, dict[str, str]] = {}

    def in_language(self, language: str) -> dict[str, str]:
        if language not in self._made:
            with translation.override(language):
                local = timezone.localtime(self.now)
                self._made[language] = {
                    "today": formats.date_format(date(local.year, local.month, local.day), "DATE_FORMAT"),
                    "now": formats.date_format(local, "DATETIME_FORMAT"),
                    "currentYear": str(local.year),
                    "optOutLabel": gettext("Unsubscribe from the mailing list."),
                    "optOutIntro": gettext("You get this email because you are on one of our mailing lists."),
                }
        return self._made[language]

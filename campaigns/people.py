"""The people of a mass email as placeholder values, loaded for many at a time."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import formats, timezone, translation
from django.utils.translation import gettext

from campaigns.content.placeholders import Schema
from crm.entities.values import plain_text
from crm.models import EntityField, EntityType, Record, Settings

Values = Callable[[str], str]
Fields = dict[tuple[int, str], EntityField]  # (entity type id, field name)

COMMON: dict[str, Callable[[Record], str]] = {
    "name": lambda record: record.name,
    "firstName": lambda record: record.first_name,
    "lastName": lambda record: record.last_name,
    "salutation": lambda record: record.salutation,
    "salutationName": lambda record: record.salutation,
    "emailAddress": lambda record: record.email_address.address if record.email_address else "",
    "phone": lambda record: record.phone,
    "phoneNumber": lambda record: record.phone,
    "description": lambda record: record.description,
    "assignedUserName": lambda record: record.owner.get_full_name() if record.owner else "",
}


@dataclass(frozen=True, slots=True)
class Person:
    """One recipient: the record (None when only an address was typed), the address, and the language of the mail."""

    record: Record | None
    address: str
    language: str

    @property
    def display_name(self) -> str:
        return self.record.name if self.record else ""


def schema() -> Schema:
    """What templates may name now: every field of every entity type."""
    names: dict[str, set[str]] = {key: set(COMMON) for key in EntityType.objects.values_list("key", flat=True)}
    for key, field in EntityField.objects.values_list("entity_type__key", "name"):
        names[key].add(field)
    account = {f"account.{field}" for field in names.get("Account", ())}
    for key, fields in names.items():
        if key != "Account":
            fields |= account
    return Schema(fields={key: frozenset(fields) for key, fields in names.items()})


def load_records(ids: Iterable[int]) -> dict[int, Record]:
    rows = Record.objects.select_related("entity_type", "email_address", "account", "account__email_address", "owner")
    return rows.in_bulk(list(ids))


def fields_by_name() -> Fields:
    """Every field of every type, for showing stored values."""
    return {(field.entity_type_id, field.name): field for field in EntityField.objects.all()}


class PersonValues:
    """Answers placeholder names for one person. Unknown and inapplicable names are empty: fallbacks then apply."""

    __slots__ = ("extra", "fields", "person")

    def __init__(self, person: Person, fields: Fields, extra: dict[str, str]) -> None:
        self.person = person
        self.fields = fields
        self.extra = extra

    def __call__(self, name: str) -> str:
        if (known := self.extra.get(name)) is not None:
            return known
        record = self.person.record
        owner, _dot, field = name.partition(".")
        if record is None:
            return self.person.address if name == "Person.emailAddress" else ""
        if owner not in ("Person", record.entity_type.key):
            return ""
        if owner == "Person" and field == "emailAddress":
            return self.person.address
        return self._of(record, field)

    def _of(self, record: Record, field: str) -> str:
        if field.startswith("account."):
            return self._of(record.account, field.removeprefix("account.")) if record.account else ""
        if (read := COMMON.get(field)) is not None:
            return read(record)
        known = self.fields.get((record.entity_type_id, field))
        return plain_text(known, record.values.get(field)) if known else ""


def language_of(record: Record | None, settings: Settings) -> str:
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

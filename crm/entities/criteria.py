"""What the criteria of an entity type may ask about: its columns, its fields, and what the apps above registered."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.lookups import IsNull
from django.utils.translation import gettext as _

from crm.criteria import Field, Fields, Kind, keyed, registered_fields, where
from crm.criteria.fields import Text
from crm.entities.forms import has_account
from crm.entities.values import REFERS_TO
from crm.entities.words import label_of, options_of
from crm.models import EntityField, EntityType, FieldKind, Record, User

ME = "me"
_KINDS: dict[str, tuple[Kind, Callable[[str], where.Where]]] = {
    FieldKind.TEXT: (Kind.TEXT, where.json_text),
    FieldKind.LONG_TEXT: (Kind.TEXT, where.json_text),
    FieldKind.URL: (Kind.TEXT, where.json_text),
    FieldKind.EMAIL: (Kind.TEXT, where.json_text),
    FieldKind.PHONE: (Kind.TEXT, where.json_text),
    FieldKind.NUMBER: (Kind.NUMBER, where.json_number),
    FieldKind.MONEY: (Kind.NUMBER, where.json_number),
    FieldKind.DATE: (Kind.DATE, where.json_day),
    FieldKind.DATE_TIME: (Kind.MOMENT, where.json_moment),
    FieldKind.CHECKBOX: (Kind.FLAG, where.json_flag),
    FieldKind.CHOICE: (Kind.CHOICE, where.json_choice),
    FieldKind.CHOICES: (Kind.CHOICES, where.json_choices),
    FieldKind.LINK: (Kind.RECORD, where.json_record),
}


def fields_of(entity_type: EntityType, user: User | None = None) -> Fields:
    """By key. `user` is who “me” is."""
    custom = [_custom(field) for field in entity_type.fields.all()]
    return keyed([*_columns(entity_type, user), *custom, *registered_fields(entity_type)])


def _custom(field: EntityField) -> Field:
    kind, asks = _KINDS[field.kind]
    return Field(
        f"f_{field.name}",
        label_of(field),
        kind,
        asks(field.name),
        options=partial(options_of, field),
        heading=_("Fields"),
        type_key=(str(field.options[0]) if field.options else REFERS_TO) if kind is Kind.RECORD else "",
    )


def _columns(entity_type: EntityType, user: User | None) -> Iterable[Field]:
    made = partial(Field, heading=_("Record"))
    texts = {"name": _("Name"), "email": _("Email"), "phone": _("Phone"), "description": _("Description")}
    if entity_type.is_person:
        texts |= {"first_name": _("First name"), "last_name": _("Last name"), "salutation": _("Salutation")}
    paths = {"email": "email_address__normalized"}
    found = [made(key, label, Kind.TEXT, where.text(paths.get(key, key))) for key, label in texts.items()]
    found.append(made("email_state", _("Email state"), Kind.CHOICE, _in_state, _states, operators=("any", "none")))
    flags = {"opted_out_at": _("Opted Out since"), "invalid_at": _("Invalid since")}
    found += [made(key, label, Kind.MOMENT, where.moment(f"email_address__{key}")) for key, label in flags.items()]
    if has_account(entity_type):
        found.append(made("account", _("Account"), Kind.RECORD, where.record("account_id"), type_key="Account"))
    return [
        *found,
        made("owner", _("Assigned User"), Kind.CHOICE, _owned(user), _owners),
        made("language", _("Language"), Kind.CHOICE, where.choice("language"), lambda: settings.LANGUAGES),
        made("created_at", _("Created At"), Kind.MOMENT, where.moment("created_at")),
        made("modified_at", _("Modified At"), Kind.MOMENT, where.moment("modified_at")),
    ]


# ---- email state


def _states() -> Sequence[tuple[str, Text]]:
    return [
        ("listed", _("Listed")), ("opted-out", _("Opted Out")), ("invalid", _("Invalid")), ("none", _("No email")),
        ("shared", _("Shared with another record")),
    ]  # fmt: skip


def _in_state(operator: str, value: Any) -> Q:
    has = Q(IsNull(F("email_address_id"), False))
    out = Q(IsNull(F("email_address__opted_out_at"), False))
    invalid = Q(IsNull(F("email_address__invalid_at"), False))
    others = Record.objects.filter(email_address_id=OuterRef("email_address_id")).exclude(pk=OuterRef("pk"))
    states = {
        "listed": has & ~out & ~invalid, "opted-out": out, "invalid": invalid, "none": ~has,
        "shared": Q(Exists(others)),
    }  # fmt: skip
    return where.any_of(states[name] for name in value)


# ---- assigned user


def _owners() -> Sequence[tuple[str, Text]]:
    users = User.objects.order_by("first_name", "last_name", "username")
    return [(ME, _("Me")), *((str(user.pk), user.get_full_name() or user.get_username()) for user in users)]


def _owned(user: User | None) -> where.Where:
    def read(one: str) -> int:
        return (user.pk if user else 0) if one == ME else int(one)

    return where.one_of(F("owner_id"), Q(IsNull(F("owner_id"), True)), read)

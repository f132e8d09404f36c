"""Saving and removing records."""

from collections.abc import Callable
from typing import Any, cast

from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.audit import audit
from crm.changes import differences
from crm.entities.forms import RecordForm
from crm.entities.readdressing import readdressed
from crm.models import EmailAddress, Record, User

COLUMNS = (
    "salutation",
    "first_name",
    "last_name",
    "name",
    "phone",
    "owner_id",
    "language",
    "description",
    "account_id",
)


AT_ONCE = 500


class RecordInUse(Exception):
    """The record cannot be removed; the text says why."""


def save_record(form: RecordForm, user: User) -> Record:
    """Write what a valid form says, with its address as the one row of that mailbox, and leave a trail."""
    record, before = form.instance, _stored(form.instance)
    _take_over(form)
    with transaction.atomic():
        if "email" in form.fields:
            text = form.cleaned_data["email"]
            record.email_address = EmailAddress.objects.for_text(text) if text else None
        if before is None:
            record.entity_type = form.entity_type
            record.save()
            audit(user, "record.created", record)
            return record
        changed = differences(before, record, [*COLUMNS, "email_address_id", "values"])
        if changed:
            record.save(update_fields=[*(name.removesuffix("_id") for name in changed), "modified_at"])
            audit(user, "record.changed", record, **_told(changed))
        if "email_address_id" in changed:
            readdressed([record.pk])
    return record


def _stored(record: Record) -> Record | None:
    return Record.objects.get(pk=record.pk) if record.pk else None


def _take_over(form: RecordForm) -> None:
    """Into the instance goes what Django's ModelForm does not know of."""
    form.instance.values = form.custom_values()
    if "account" in form.fields:
        form.instance.account = form.cleaned_data["account"]
    if "first_name" in form.fields and not (form.instance.first_name or form.instance.last_name):
        form.instance.name = ""  # made of the two; else the old name would stay


def _told(changed: dict[str, list[object]]) -> dict[str, list[Any]]:
    """The trail names the fields within `values` one by one, and carries no long text."""
    old, new = cast(list[dict[str, Any]], changed.pop("values", [{}, {}]))
    fields = {name: [old.get(name), new.get(name)] for name in {*old, *new} if old.get(name) != new.get(name)}
    return {name: [_short(before), _short(after)] for name, (before, after) in {**changed, **fields}.items()}


def _short(value: Any) -> Any:
    return f"{value[:80]}…" if isinstance(value, str) and len(value) > 80 else value


Consequence = Callable[[int], str]  # how many things are concerned → the sentence
_consequences: dict[type[models.Model], Consequence] = {}


def register_consequence(model: type[models.Model], sentence: Consequence) -> None:
    """What becomes of a model's rows when the record goes that they point to; the apps above know theirs."""
    _consequences[model] = sentence


def consequences(record: Record) -> list[str]:
    """What removing a record does to other things, in sentences with numbers."""
    numbers = ((relation.related_model, _related(relation, record)) for relation in Record._meta.related_objects)
    return [_consequences[model](number) for model, number in numbers if number and model in _consequences]


def _related(relation: Any, record: Record) -> int:
    return int(relation.related_model._base_manager.filter(**{relation.field.name: record}).count())


def _of_account(number: int) -> str:
    text = ngettext("%(number)s contact has no account then.", "%(number)s contacts have no account then.", number)
    return text % {"number": number}


register_consequence(Record, _of_account)


def remove_record(record: Record, user: User) -> None:
    """Remove one record; its email address stays, with its flags. Raises RecordInUse."""
    if User.objects.filter(record=record).exists():
        raise RecordInUse(_("This record belongs to a login. Deactivate the user in Administration instead."))
    audit(user, "record.removed", record)
    try:
        record.delete()
    except models.ProtectedError as error:
        raise RecordInUse(_("Cannot remove the record as it is used.")) from error


def remove_records(
    records: "models.QuerySet[Record]", user: User, tell: Callable[[int], None] = lambda _removed: None
) -> int:
    """Remove many, some hundred at a time; those of logins stay. How many were removed; `tell` hears on the way."""
    ids = list(records.filter(login=None).order_by("pk").values_list("pk", flat=True))
    removed = 0
    for start in range(0, len(ids), AT_ONCE):
        removed += _remove_some(ids[start : start + AT_ONCE])
        tell(removed)
    if removed:
        audit(user, "record.removed_many", None, number=removed)
    return removed


def _remove_some(ids: list[int]) -> int:
    """Each portion is a transaction of its own: nobody else waits long for the database."""
    with transaction.atomic():
        return Record.objects.filter(pk__in=ids).delete()[1].get("crm.Record", 0)

"""A removed row as text, and the row made from it again: what Undo of a removal needs."""

import json

from django.core import serializers
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from crm.undo import NotUndoable


def snapshot(row: models.Model) -> str:
    """The row with its many-to-many relations, as JSON; taken before it is deleted. Moments keep their microseconds."""
    return json.dumps(serializers.serialize("python", [row]), default=str)


def restore(model: type[models.Model], text: str) -> models.Model:
    """Put the row back under its old id. Raises NotUndoable when that, or what it belongs to, is not there any more."""
    try:
        with transaction.atomic():
            [stored] = serializers.deserialize("python", json.loads(text))
            return _put_back(model, stored)
    except (IntegrityError, serializers.base.DeserializationError, ValueError) as error:
        raise NotUndoable(_("It cannot be brought back: what it belongs to has changed.")) from error


def _put_back(model: type[models.Model], stored: serializers.base.DeserializedObject) -> models.Model:
    row: models.Model = stored.object
    if not isinstance(row, model):
        raise ValueError("another kind of row")
    if model._base_manager.filter(pk=row.pk).exists():
        raise NotUndoable(_("It is there already."))
    for field in row._meta.concrete_fields:
        if isinstance(field, models.ForeignKey) and getattr(row, field.attname) is not None:
            _keep_or_drop(row, field)
    _drop_missing(stored)
    stored.save()
    return row


def _keep_or_drop(row: models.Model, field: "models.ForeignKey[models.Model, models.Model]") -> None:
    """What the row points to may have been removed meanwhile: then it points to nothing, or cannot come back."""
    other: type[models.Model] = field.related_model
    if not other._base_manager.filter(pk=getattr(row, field.attname)).exists():
        if not field.null:
            raise NotUndoable(_("It cannot be brought back: what it belongs to was removed."))
        setattr(row, field.attname, None)


def _drop_missing(stored: serializers.base.DeserializedObject) -> None:
    many = stored.m2m_data or {}
    for name, ids in many.items():
        other = stored.object._meta.get_field(name).related_model
        many[name] = list(other._base_manager.filter(pk__in=ids).values_list("pk", flat=True))  # type: ignore[union-attr]

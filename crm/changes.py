"""What a change changed, in the form that the audit trail keeps."""

from collections.abc import Iterable

from django.db.models import Model


def differences(before: Model | None, after: Model, names: Iterable[str]) -> dict[str, list[object]]:
    """Field → [old, new] of the named plain fields that differ; every old value of a new object is None."""
    pairs = ((name, getattr(before, name, None), getattr(after, name)) for name in names)
    return {name: [old, new] for name, old, new in pairs if old != new}

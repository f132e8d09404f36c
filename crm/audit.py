"""Writing the audit trail."""

from typing import Any

from django.db.models import Model

from crm.models import AuditEntry, User


def audit(user: User | None, action: str, target: Model | None = None, **changes: Any) -> AuditEntry:
    """Add one entry. `changes` maps a field to [before, after] or to one value; never pass secrets or bodies."""
    return AuditEntry.objects.create(
        user=user,
        user_name=user.get_username() if user else "",
        action=action,
        object_type=target._meta.label_lower if target else "",
        object_id=target.pk if target else None,
        object_label=_label(target)[:255],
        changes={name: value if isinstance(value, list | int) else str(value) for name, value in changes.items()},
    )


def _label(target: Model | None) -> str:
    """Of a login its name for signing in, which is nobody else's."""
    return target.get_username() if isinstance(target, User) else str(target or "")

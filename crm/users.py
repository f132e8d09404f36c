"""What administrators do with users: create, change role and rights, set a password, end sessions."""

import zoneinfo

from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.audit import audit
from crm.changes import differences
from crm.entities.readdressing import readdressed
from crm.models import Role, Settings, User

AUDITED = ("username", "first_name", "last_name", "email", "role", "is_active", "may_send_informational")
# A change of these ends the person's sessions: what they may do is decided anew when they sign in again.
RIGHTS = ("role", "is_active")


class LastAdministrator(Exception):
    """Nobody could administer Herald any more; the message says so."""


def zone_of(user: User) -> zoneinfo.ZoneInfo:
    """The time zone that moments are shown in to this person."""
    return zoneinfo.ZoneInfo(user.time_zone or Settings.load().time_zone)


def create_user(user: User, password: str, by: User) -> None:
    """Raises django.core.exceptions.ValidationError for an unusable email address."""
    user.set_password(password)
    with transaction.atomic():
        user.save()
        audit(by, "user.created", user, role=user.role, email=user.email)


def change_user(user: User, by: User, session_key: str | None = None) -> None:
    """Store a changed user. Raises LastAdministrator.

    Changed rights end all sessions of the person, except the session `session_key` that makes the change.
    """
    with transaction.atomic():
        # Two administrators who demote each other at the same moment wait for each other here.
        administrators = User.objects.filter(role=Role.ADMINISTRATOR, is_active=True).order_by("pk")
        others = {row.pk for row in administrators.select_for_update()} - {user.pk}
        if not (user.is_administrator or others):
            raise LastAdministrator(_("This is the last administrator. Give the role to somebody else first."))
        before = User.objects.get(pk=user.pk)
        changes = differences(before, user, AUDITED)
        user.save(update_fields=AUDITED)
        if "email" in changes and user.record_id:
            readdressed([user.record_id])
        if changes:
            audit(by, "user.changed", user, **changes)
        if set(changes) & set(RIGHTS):
            end_sessions(user, except_key=session_key)


def set_active(users: QuerySet[User], by: User, *, active: bool) -> int:
    """Activate or deactivate all of them but `by`, who would shut the door behind their own back; how many changed.

    Raises LastAdministrator; then nothing has changed.
    """
    changing = users.filter(is_active=not active).exclude(pk=by.pk).order_by("pk")
    with transaction.atomic():
        found = list(changing)
        for user in found:
            user.is_active = active
            change_user(user, by)
    return len(found)


def set_password(user: User, password: str, by: User, session_key: str | None = None) -> None:
    """A new password ends every session of the person, except the session `session_key` that sets it."""
    user.set_password(password)
    with transaction.atomic():
        user.save(update_fields=["password"])
        audit(by, "user.password_set", user)
        end_sessions(user, except_key=session_key)


def end_sessions(user: User, except_key: str | None = None) -> int:
    """Delete the person's sessions; how many there were."""
    alive = Session.objects.filter(expire_date__gt=timezone.now()).exclude(session_key=except_key or "")
    keys = [row.session_key for row in alive.iterator() if row.get_decoded().get("_auth_user_id") == str(user.pk)]
    return Session.objects.filter(session_key__in=keys).delete()[0]

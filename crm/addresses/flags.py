"""Marking and unmarking many addresses, each with the reason in its own history; removing those without a record.

More than a hundred are changed in the background. Portions are found by compare-and-set: what was so already, or was
changed by somebody else in the meantime, stays as it is and is not counted.
"""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.addresses.listing import address_list
from crm.addresses.suppressions import lift_all, suppress_all
from crm.background import Progress, begin, register
from crm.entities.bulk import portions
from crm.entities.email_state import ACTIONS, Flag
from crm.lists.posted import request_again
from crm.models import AuditEntry, BackgroundTask, EmailAddress, Record, User

MARK, REMOVE = "addresses.mark", "addresses.remove"
COLUMN = {
    Flag.OPT_OUT: ("opted_out", True), Flag.CANCEL_OPT_OUT: ("opted_out", False),
    Flag.MARK_INVALID: ("invalid", True), Flag.MARK_VALID: ("invalid", False),
}  # fmt: skip
Addresses = QuerySet[EmailAddress]


def to_change(addresses: Addresses, flag: Flag) -> Addresses:
    """Those that are not so already."""
    column, is_set = COLUMN[flag]
    return addresses.filter(**{f"{column}_at__isnull": is_set})


def mark_all(addresses: Addresses, flag: Flag, user: User, why: str) -> int:
    """Mark or unmark them; how many were changed."""
    return sum(_mark_some(ids, flag, user, why) for ids in portions(to_change(addresses, flag)))


def _mark_some(ids: list[int], flag: Flag, user: User, why: str) -> int:
    column, is_set = COLUMN[flag]
    values = {f"{column}_at": timezone.now() if is_set else None, f"{column}_why": why if is_set else ""}
    with transaction.atomic():
        rows = list(to_change(EmailAddress.objects.filter(pk__in=ids), flag).select_for_update())
        EmailAddress.objects.filter(pk__in=[row.pk for row in rows]).update(**values)
        if flag is Flag.CANCEL_OPT_OUT:
            lift_all(rows)
        _note(rows, ACTIONS[flag], user, {"why": why})
    return len(rows)


def _note(rows: list[EmailAddress], action: str, user: User, changes: dict[str, Any]) -> None:
    """One entry for each: its history must say who cleared an opt-out, and why."""
    AuditEntry.objects.bulk_create(
        AuditEntry(
            user=user, user_name=user.get_username(), action=action, object_type=EmailAddress._meta.label_lower,
            object_id=row.pk, object_label=row.address, changes=changes,
        )
        for row in rows
    )  # fmt: skip


def orphans(addresses: Addresses) -> Addresses:
    """Those that no record has."""
    return addresses.filter(~Exists(Record.objects.filter(email_address=OuterRef("pk"))))


def remove_orphans(addresses: Addresses, user: User) -> int:
    """Remove those that no record has. Who opted out, or is invalid, stays barred by a keyed hash."""
    return sum(_remove_some(ids, user) for ids in portions(orphans(addresses)))


def _remove_some(ids: list[int], user: User) -> int:
    with transaction.atomic():
        rows = list(orphans(EmailAddress.objects.filter(pk__in=ids)).select_for_update(of=("self",)))
        suppress_all([row for row in rows if row.opted_out_at or row.invalid_at])
        _note(rows, "email_address.removed", user, {})
        EmailAddress.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)


# ---- what it means, in words


def consequences(flag: Flag) -> list[str]:
    """What follows, for the page that asks."""
    return {
        Flag.OPT_OUT: [
            _("No marketing email goes to them any more, whatever list they are on; queued mail is held back too."),
            _("Informational email still goes to them."),
        ],
        Flag.CANCEL_OPT_OUT: [
            _("Marketing email goes to them again, from the next mass email on, unless they opted out of its lists."),
            _("Do it only when the person asked for it, and write down how: sending against an opt-out is unlawful."),
            _("A complaint that led to the opt-out stays in the log, and so does this act."),
        ],
        Flag.MARK_INVALID: [_("No email at all goes to them, also no informational email.")],
        Flag.MARK_VALID: [
            _("Email goes to them again, unless they opted out."),
            _("Where the mailbox still does not exist the mail bounces, which harms the reputation of the sender; "
              "the next hard bounce marks the address as invalid again."),
        ],
    }[flag]  # fmt: skip


def changed_text(number: int) -> str:
    return ngettext("%(number)s address was changed.", "%(number)s addresses were changed.", number) % {
        "number": number
    }


def removed_text(number: int) -> str:
    return ngettext("%(number)s address was removed.", "%(number)s addresses were removed.", number) % {
        "number": number
    }


# ---- in the background


def begin_marking(user: User, selection: str, flag: Flag, why: str, number: int) -> BackgroundTask:
    title = _("Change %(number)s email addresses") % {"number": number}
    given = {"selection": selection, "flag": flag.value, "why": why}
    return begin(MARK, title, user, total=number, parameters=given)


def begin_removing(user: User, selection: str, number: int) -> BackgroundTask:
    title = _("Remove %(number)s email addresses") % {"number": number}
    return begin(REMOVE, title, user, total=number, parameters={"selection": selection})


def _selected(progress: Progress) -> Addresses:
    """With the rights that the person has now."""
    if not progress.user.is_administrator:
        raise PermissionError(_("Only administrators may do this."))
    return address_list(request_again(progress.parameters["selection"], progress.user)).selected()


def _each(progress: Progress, rows: Addresses, act: Callable[[list[int]], int], text: Callable[[int], str]) -> None:
    seen = changed = 0
    for ids in portions(rows):
        changed += act(ids)
        seen += len(ids)
        progress.tell(seen)
    progress.finish(text(changed), reverse("crm:address_list"), number=changed)


def mark_in_background(progress: Progress) -> None:
    flag, why, user = Flag(progress.parameters["flag"]), progress.parameters["why"], progress.user
    rows = to_change(_selected(progress), flag)
    _each(progress, rows, lambda ids: _mark_some(ids, flag, user, why), changed_text)


def remove_in_background(progress: Progress) -> None:
    _each(progress, orphans(_selected(progress)), lambda ids: _remove_some(ids, progress.user), removed_text)


register(MARK, mark_in_background)
register(REMOVE, remove_in_background)

"""What a person decides about a mass email: schedule, send now, undo, pause, resume, cancel and so on.

Each verb is a compare-and-set: pressed twice, or in two tabs, it happens once.
"""

from datetime import timedelta
from typing import Any, cast

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.checks import Check, ready_checks
from campaigns.models import MassEmail, MassEmailStatus, QueueItem, QueueStatus
from campaigns.models.mass_email import TAKING_RETRIES
from campaigns.sending.freeze import CannotStart, accept_what_is_gone
from campaigns.sending.outcomes import RETRYABLE
from campaigns.sending.stops import locked_status, skip_if_canceled
from crm.audit import audit
from crm.models import User

_COPIED = (
    "campaign", "template", "account", "from_address", "from_name", "reply_to_address", "reply_to_name",
    "opt_out_entirely", "store_sent",
)  # fmt: skip

#: How long *Send now* waits, so that a person can take it back.
UNDO_TIME = timedelta(seconds=60)
_FAILED_FOR_NOW = QueueItem.objects.filter(status=QueueStatus.FAILED, reason__in=RETRYABLE, is_test=False)
_NOT_PAUSED: dict[str, object] = {"paused_at": None, "pause_reason": ""}
_CHANGED = gettext_lazy("The mass email has changed meanwhile. Look at its state and try again.")


class NotPossible(Exception):
    """The act does not fit the state. The text is a sentence for the person who tried."""


class NotReady(NotPossible):
    """It cannot be scheduled: `problems` are the failing checks, each with its field."""

    def __init__(self, problems: list[Check]) -> None:
        super().__init__(" ".join(problem.sentence for problem in problems))
        self.problems = problems


def schedule(mass_email: MassEmail, user: User) -> None:
    """Draft → Pending. Raises NotReady."""
    _make_pending(mass_email, user, is_send_now=False, planned_start_at=None)
    audit(user, "mass_email.scheduled", mass_email, start_at=mass_email.start_at)


def send_now(mass_email: MassEmail, user: User) -> None:
    """Draft → Pending with Date Start at the end of UNDO_TIME: until then nobody gets it. Raises NotReady."""
    planned, mass_email.start_at = mass_email.start_at, timezone.now() + UNDO_TIME
    try:
        _make_pending(mass_email, user, is_send_now=True, planned_start_at=planned)
    except NotPossible:
        mass_email.start_at = planned
        raise
    audit(user, "mass_email.send_now", mass_email, start_at=mass_email.start_at)


def _make_pending(mass_email: MassEmail, user: User, **values: object) -> None:
    if problems := [check for check in ready_checks(mass_email, user) if check.state == "error"]:
        raise NotReady(problems)
    # What was checked is what becomes Pending: saved meanwhile, it has another version and is left alone.
    checked = MassEmail.objects.filter(version=mass_email.version)
    values |= {"start_at": mass_email.start_at, "paused_at": None, "pause_reason": "", "failure": ""}
    if not checked.move(mass_email.pk, MassEmailStatus.DRAFT, MassEmailStatus.PENDING, **values):
        raise NotPossible(_CHANGED)
    mass_email.refresh_from_db()


def undo_send(mass_email: MassEmail, user: User) -> None:
    """Pending by *Send now* → Draft with the Date Start that it had, as long as sending has not begun."""
    values = {"start_at": F("planned_start_at"), "planned_start_at": None, "is_send_now": False}
    rows = MassEmail.objects.filter(is_send_now=True)
    if not rows.move(mass_email.pk, MassEmailStatus.PENDING, MassEmailStatus.DRAFT, **_NOT_PAUSED, **values):
        raise NotPossible(_("It is too late to undo: sending has begun. You can still pause or cancel it."))
    mass_email.refresh_from_db()
    audit(user, "mass_email.send_undone", mass_email)


def unschedule(mass_email: MassEmail, user: User) -> None:
    """Pending → Draft, while nothing has been sent."""
    if mass_email.is_send_now:
        return undo_send(mass_email, user)
    _move(mass_email, MassEmailStatus.PENDING, MassEmailStatus.DRAFT, **_NOT_PAUSED)
    audit(user, "mass_email.unscheduled", mass_email)
    return None


def pause(mass_email: MassEmail, user: User) -> None:
    rows = MassEmail.objects.filter(
        pk=mass_email.pk, status__in=[MassEmailStatus.PENDING, MassEmailStatus.IN_PROCESS], paused_at=None
    )
    if not rows.update(paused_at=timezone.now(), pause_reason=""):
        raise NotPossible(_("Only a mass email that is Pending or In Process can be paused."))
    audit(user, "mass_email.paused", mass_email)


def resume(mass_email: MassEmail, user: User) -> None:
    """Go on where it stopped. What was deleted meanwhile, target lists or the account, is accepted as gone."""
    with transaction.atomic():
        rows = MassEmail.objects.filter(pk=mass_email.pk).exclude(paused_at=None)
        if not rows.update(paused_at=None, pause_reason=""):
            raise NotPossible(_("This mass email is not paused."))
        mass_email.refresh_from_db()
        if mass_email.status == MassEmailStatus.IN_PROCESS:
            _accept_what_is_gone(mass_email)
        audit(user, "mass_email.resumed", mass_email)


def _accept_what_is_gone(mass_email: MassEmail) -> None:
    try:
        accept_what_is_gone(mass_email)
    except CannotStart as refusal:
        raise NotPossible(str(refusal)) from refusal


def cancel(mass_email: MassEmail, user: User) -> None:
    """Nobody else gets it. Who has not got it is Skipped with the reason Canceled; messages in hand finish."""
    with transaction.atomic():
        if mass_email.status not in (MassEmailStatus.PENDING, MassEmailStatus.IN_PROCESS):
            raise NotPossible(_("Only a mass email that is Pending or In Process can be canceled."))
        over = {"completed_at": timezone.now(), "paused_at": None, "pause_reason": ""}
        _move(mass_email, mass_email.status, MassEmailStatus.CANCELED, **over)
        skip_if_canceled(mass_email.pk)  # those in hand follow when their portion is given back
    audit(user, "mass_email.canceled", mass_email)


def retry_failed(mass_email: MassEmail, user: User) -> int:
    """Try temporary failures again, nobody else; how many."""
    return _again(mass_email, user, _FAILED_FOR_NOW.filter(mass_email_id=mass_email.pk), "mass_email.retried")


def with_may_retry(rows: QuerySet[MassEmail]) -> QuerySet[MassEmail]:
    """Each row gets `may_retry`, whether *Retry failed* would try anybody again, without a query of its own."""
    some = Exists(_FAILED_FOR_NOW.filter(mass_email_id=OuterRef("pk")))
    told: Any = rows.annotate(may_retry=Q(failed_count__gt=0, status__in=TAKING_RETRIES) & Q(some))
    return cast("QuerySet[MassEmail]", told)


def resend_uncertain(mass_email: MassEmail, user: User) -> int:
    """A person decides that the doubtful ones are sent again, knowing that some may get it twice; how many."""
    uncertain = QueueItem.objects.filter(mass_email_id=mass_email.pk, status=QueueStatus.UNCERTAIN, is_test=False)
    return _again(mass_email, user, uncertain, "mass_email.uncertain_resent")


def _again(mass_email: MassEmail, user: User, items: QuerySet[QueueItem], action: str) -> int:
    with transaction.atomic():
        # As it is now, and stays until we are done: what is put back under a mass email that is over would stay there.
        status = locked_status(mass_email.pk)
        if status not in TAKING_RETRIES:
            raise NotPossible(_("Only a mass email that is In Process or Complete can be sent again."))
        failed = items.filter(status=QueueStatus.FAILED).count()
        count = items.update(status=QueueStatus.PENDING, reason="", attempts=0, next_try_at=None, portion_id=None)
        MassEmail.objects.filter(pk=mass_email.pk).update(failed_count=F("failed_count") - failed)
        if count and status == MassEmailStatus.COMPLETE:
            _move(mass_email, MassEmailStatus.COMPLETE, MassEmailStatus.IN_PROCESS, completed_at=None)
    audit(user, action, mass_email, count=count)
    return count


def duplicate(mass_email: MassEmail, user: User) -> MassEmail:
    """A new Draft with the same content, lists and sender."""
    copy = MassEmail(**{field: getattr(mass_email, field) for field in _COPIED}, assigned_user=user)
    copy.name = _("%(name)s (copy)") % {"name": mass_email.name[:190]}
    with transaction.atomic():
        copy.save()
        copy.target_lists.set(mass_email.target_lists.all())
        copy.excluding_target_lists.set(mass_email.excluding_target_lists.all())
    return copy


def remove(mass_email: MassEmail, user: User) -> None:
    """Delete it. The log and what sent mails link to stay: opt-outs and links work for ever."""
    with transaction.atomic():
        if locked_status(mass_email.pk) == MassEmailStatus.IN_PROCESS:
            raise NotPossible(_("This mass email is being sent. Cancel it first."))
        audit(user, "mass_email.removed", mass_email)
        mass_email.delete()


def _move(mass_email: MassEmail, old: str, new: str, **values: object) -> None:
    if not MassEmail.objects.move(mass_email.pk, old, new, **values):
        raise NotPossible(_CHANGED)
    mass_email.refresh_from_db()

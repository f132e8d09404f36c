"""The reputation guard: who bounces or complains too much loses the trust of the big mailbox providers for weeks.

Looked at every minute for what is being sent: a mass email that passes a limit is paused once, with the reason. A
person who resumes it has decided; after that it is only warned about. An account is judged by all that it sent in the
last 30 days, with the same limits: its mass emails pause.

Hard bounces are a share of those attempted, complaints of those it was sent to (`campaigns.delivery`).
"""

from collections.abc import Iterable
from datetime import timedelta

from django.utils import timezone
from django.utils.formats import localize
from django.utils.translation import gettext as _

from campaigns.delivery import Sums
from campaigns.models import FrozenMassEmail, MassEmail
from campaigns.sending.stops import pause_with_reason
from crm.models import EmailAccount, Settings

ACCOUNT_WINDOW = timedelta(days=30)


def warnings(mass_emails: Iterable[MassEmail]) -> list[tuple[MassEmail, str]]:
    """Those above a limit of warning, each with a sentence. Asks the database only when there is something to judge."""
    candidates = [one for one in mass_emails if one.hard_bounced_count or one.complaint_count]
    settings = Settings.load() if candidates else Settings()
    judged = ((mass_email, _judged(Sums.of(mass_email), settings, pausing=False)) for mass_email in candidates)
    return [(mass_email, why) for mass_email, why in judged if why]


def warning(mass_email: MassEmail) -> str:
    """One sentence when it is above a limit of warning, else ''."""
    return "".join(why for _mass_email, why in warnings([mass_email]))


def guard_all() -> int:
    """Pause what is above a limit of pausing and was not paused for it before; how many."""
    settings = Settings.load()
    return sum(_guard(mass_email, settings) for mass_email in MassEmail.objects.sending().filter(guarded_at=None))


def _guard(mass_email: MassEmail, settings: Settings) -> bool:
    why = _judged(Sums.of(mass_email), settings, pausing=True) or _account_judged(mass_email, settings)
    if not why:
        return False
    rows = MassEmail.objects.filter(pk=mass_email.pk, guarded_at=None)
    return bool(rows.update(guarded_at=timezone.now())) and pause_with_reason(mass_email.pk, why)


def _account_judged(mass_email: MassEmail, settings: Settings) -> str:
    account_id = FrozenMassEmail.objects.filter(pk=mass_email.pk).values_list("account_id", flat=True).first()
    if account_id is None:
        return ""
    since = timezone.now() - ACCOUNT_WINDOW
    frozen = FrozenMassEmail.objects.filter(account_id=account_id, frozen_at__gte=since).values("pk")
    sums = Sums.of_all(MassEmail.objects.filter(pk__in=frozen))
    why = _judged(sums, settings, pausing=True)
    name = EmailAccount.objects.filter(pk=account_id).values_list("name", flat=True).first() or ""
    return _("The account %(name)s: %(why)s") % {"name": name, "why": why} if why else ""


def _judged(sums: Sums, settings: Settings, pausing: bool) -> str:
    """Why it is too much, or ''. A limit of 0 is none."""
    if sums.attempted < settings.guard_after:
        return ""
    hard = 100 * sums.hard_bounced / max(sums.attempted, 1)
    got_it = sums.sent if sums.sent >= settings.guard_after else 0  # too few of them say nothing
    complaints = 100 * sums.complaint / got_it if got_it else 0.0
    most_hard = settings.guard_hard_pause if pausing else settings.guard_hard_warning
    most_complaints = settings.guard_complaint_pause if pausing else settings.guard_complaint_warning
    if most_hard and hard >= most_hard:
        sentence = _("%(share)s %% of the emails came back as hard bounces (limit %(limit)s %%). Check the lists.")
        return sentence % {"share": localize(round(hard, 1)), "limit": localize(most_hard)}
    if most_complaints and complaints >= most_complaints:
        sentence = _("%(share)s %% of the recipients called it spam (limit %(limit)s %%). Check whom you write to.")
        return sentence % {"share": localize(round(complaints, 2)), "limit": localize(most_complaints)}
    return ""

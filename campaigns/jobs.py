"""The jobs *Send Mass Emails* and *Check Group Email Accounts*, and the sweeper of every minute."""

from django.utils.translation import gettext_lazy as _

from campaigns.bounces.checker import IGNORED, OPT_OUT, UNKNOWN, check_mailboxes
from campaigns.bounces.guard import guard_all
from campaigns.bounces.verdicts import Kind
from campaigns.sending.portions import deal_portions
from campaigns.sending.queue import start_due
from campaigns.sending.restored import count_run, hold_if_restored
from campaigns.sending.sweep import lost_portions, sweep
from campaigns.tasks import send_portion_task
from crm.jobs import Counts, register, register_tick
from crm.mailbox_reading import FAILED, REPEATED


def send_mass_emails() -> Counts:
    """Start what is due, cut the portions of this hour, hand them to the workers."""
    hold_if_restored()
    count_run()
    started = start_due()
    portions = 0
    for pk in deal_portions():
        send_portion_task.delay(pk)
        portions += 1
    return {"started": started, "portions": portions}


def tidy_up() -> Counts:
    """Every minute: hold what a backup would send again and what bounces too much, decide what dead workers left,
    hand out what got lost."""
    hold_if_restored()
    guard_all()
    resolved = sweep()
    lost = lost_portions()
    for pk in lost:
        send_portion_task.delay(pk)
    return {"resolved": resolved, "handed_out_again": len(lost)}


def check_group_email_accounts() -> Counts:
    """Read what came back: bounces, complaints, opt-outs."""
    return dict(check_mailboxes())


register("send_mass_emails", send_mass_emails, {"started": _("Mass Emails"), "portions": _("Portions")})
register(
    "check_group_email_accounts",
    check_group_email_accounts,
    {
        "read": _("Messages read"),
        Kind.HARD: _("Hard"),
        Kind.SOFT: _("Soft"),
        Kind.COMPLAINT: _("Complaints"),
        OPT_OUT: _("Opted out"),
        UNKNOWN: _("Other"),
        IGNORED: _("Ignored"),
        REPEATED: _("Seen before"),
        FAILED: _("Failed"),
    },
)
register_tick(tidy_up)

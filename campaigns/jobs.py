"""The job *Send Mass Emails*, and the sweeper of every minute."""

from campaigns.sending.portions import deal_portions
from campaigns.sending.queue import start_due
from campaigns.sending.restored import count_run, hold_if_restored
from campaigns.sending.sweep import lost_portions, sweep
from campaigns.tasks import send_portion_task
from crm.jobs import Counts, register, register_tick


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
    """Every minute: hold what a backup would send again, decide what dead workers left, hand out what got lost."""
    hold_if_restored()
    resolved = sweep()
    lost = lost_portions()
    for pk in lost:
        send_portion_task.delay(pk)
    return {"resolved": resolved, "handed_out_again": len(lost)}


register("send_mass_emails", send_mass_emails)
register_tick(tidy_up)

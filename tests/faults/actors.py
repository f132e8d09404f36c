"""What the processes of a fault do: each function runs in a process of its own, in a Herald of tests.faults.world."""

import random
import signal
import time
from contextlib import suppress
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import time_machine
from django.db import connection
from django.utils import timezone

from benchmarks import population
from campaigns import lifecycle
from campaigns.jobs import send_mass_emails, tidy_up
from campaigns.models import OPEN_STATUSES, MassEmail, Portion, PortionStatus, QueueItem
from campaigns.sending.database import DATABASE_AWAY, drop_broken_connection
from campaigns.sending.deliver import send_portion
from campaigns.sending.portions import cut_portions
from campaigns.sending.queue import start, start_due
from campaigns.sending.sweep import sweep
from crm.entities.saving import remove_record
from crm.jobs import next_runs
from crm.mail import account_server
from crm.mail.smtp_protocol import Timeouts
from crm.models import EmailAccount, EmailAddress, Record, Settings, User
from crm.stopping import stopping
from targets.models import Membership
from tests.factories import EmailAccountFactory, TargetListFactory, UserFactory

LOST_MINUTES = (
    1.6  # after which a message that nobody took counts as lost; a worker that lives keeps its lease meanwhile
)
PAUSE = 0.05  # seconds between two looks of a process that has nothing to do


def populate(people: int, start_it: bool = True, **account: Any) -> int:
    UserFactory.create(username="maya")
    pk = population.populate(people, **account)
    if start_it:
        start(pk)
    return pk


def populate_more(people: int, **account: Any) -> int:
    """A second mass email, to other people."""
    pk = population.populate(people, prefix="q", **account)
    start(pk)
    return pk


def build_queue(mass_email: int) -> bool:
    return start(mass_email)


def _stop_when_asked() -> None:
    signal.signal(signal.SIGTERM, lambda *_details: stopping.set())


def _have_wrong_clock(hours: float) -> None:
    """Everything that Python tells of the time of day, and no monotonic clock, as on a machine that is set wrong."""
    if hours:
        time_machine.travel(datetime.now(UTC) + timedelta(hours=hours), tick=True).start()


def _ready() -> list[int]:
    return list(Portion.objects.filter(status=PortionStatus.READY).values_list("pk", flat=True)[:8])


def work(*, impatient: float = 0, clock: float = 0) -> int:
    """A worker: send whatever is ready, until SIGTERM. `impatient`: seconds to wait for a server instead of minutes.

    `clock`: hours by which this process is ahead of everybody else.
    """
    _stop_when_asked()
    _have_wrong_clock(clock)
    if impatient:
        _be_impatient(impatient)
    sent = 0
    while not stopping.is_set():
        try:
            if ready := _ready():
                sent += send_portion(random.choice(ready)).total()
        except DATABASE_AWAY:
            drop_broken_connection()
        time.sleep(PAUSE)
    return sent


def _be_impatient(seconds: float) -> None:
    timeouts = Timeouts(**{each.name: seconds for each in fields(Timeouts)})
    account_server.server_for.__defaults__ = (timeouts,)


def schedule() -> int:
    """A scheduler without a broker: start what is due and cut portions, until SIGTERM."""
    _stop_when_asked()
    rounds = 0
    while not stopping.is_set():
        try:
            start_due()
            cut_portions()
        except DATABASE_AWAY:
            drop_broken_connection()
        rounds += 1
        time.sleep(PAUSE * 2)
    return rounds


def schedule_and_sweep(clock: float = 0) -> int:
    """The same with the sweeper of every minute."""
    _stop_when_asked()
    _have_wrong_clock(clock)
    rounds = 0
    while not stopping.is_set():
        try:
            start_due()
            cut_portions()
            sweep()
        except DATABASE_AWAY:
            drop_broken_connection()
        rounds += 1
        time.sleep(PAUSE * 4)
    return rounds


def cut() -> int:
    return len(cut_portions())


def sweep_now() -> int:
    return sweep()


def hand_out(times: int = 1) -> Any:
    """The job, and the same message several more times for every portion."""
    counts = send_mass_emails()
    if times > 1:
        shift(minutes=LOST_MINUTES)
    for _again in range(times - 1):
        tidy_up()
    return counts


def tidy_up_late() -> Any:
    """The tick of a minute after messages were lost."""
    shift(minutes=LOST_MINUTES)
    return tidy_up()


def shift(*, minutes: float) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE faults.clock SET shift = shift + make_interval(secs => %s)", [minutes * 60.0])


def settle(mass_email: int, resuming: bool = True, rounds: int = 80) -> int:
    """Let time pass and send until nobody is open; how many are. A person resumes what was paused if told so."""
    for number in range(rounds):
        shift(minutes=3 if number < 5 else 60)
        start_due()
        sweep()
        if resuming:
            resume(mass_email)
        cut_portions()
        for pk in _ready():
            send_portion(pk)
        sweep()
        if not _open(mass_email):
            return 0
    return _open(mass_email)


def _open(mass_email: int) -> int:
    return QueueItem.objects.filter(mass_email_id=mass_email, status__in=OPEN_STATUSES).count()


def resume(mass_email: int) -> str:
    """As a person does; the reason that stood there."""
    found = MassEmail.objects.get(pk=mass_email)
    if found.paused_at is None:
        return ""
    reason = found.pause_reason
    lifecycle.resume(found, User.objects.get(username="maya"))
    return reason


def limit(per_hour: int) -> None:
    Settings.objects.update(max_per_hour=per_hour)


def minute_by_minute(minutes: int) -> list[int]:
    """Each minute: the tick, the job and a worker. Returns after each how many accounts' attempts had failed."""
    failures = []
    for _minute in range(minutes):
        shift(minutes=1)
        start_due()
        sweep()
        cut_portions()
        for pk in _ready():
            send_portion(pk)
        failures.append(sum(EmailAccount.objects.values_list("failures", flat=True)))
    return failures


def be_restless(mass_email: int, times: int, seconds: float, port: int) -> int:
    """As soon as mails go out: edit, pause and resume, delete the account. How many pauses a person managed."""
    while not QueueItem.objects.filter(mass_email_id=mass_email, sent_at__isnull=False).exists():
        time.sleep(PAUSE)
    edit_template(mass_email)
    done = sum(_pause_and_resume(mass_email, seconds) for _time in range(times))
    delete_accounts(port)
    return done


def _pause_and_resume(mass_email: int, seconds: float) -> bool:
    """False when it was over, or somebody else was first."""
    user, found = User.objects.get(username="maya"), MassEmail.objects.get(pk=mass_email)
    with suppress(lifecycle.NotPossible):
        lifecycle.pause(found, user)
        time.sleep(seconds)
        lifecycle.resume(found, user)
        time.sleep(seconds)
        return True
    return False


def edit_template(mass_email: int) -> None:
    template = MassEmail.objects.select_related("template").get(pk=mass_email).template
    assert template is not None
    template.subject, template.body = "Changed while sending", "<html><body><p>Changed.</p></body></html>"
    template.save(update_fields=["subject", "body"])


def delete_accounts(port: int) -> None:
    """The account goes; a system account on the same server is there for who resumes."""
    EmailAccount.objects.all().delete()
    EmailAccountFactory.create(is_system=True, smtp_port=port)


def state_of(mass_email: int) -> dict[str, Any]:
    found = MassEmail.objects.get(pk=mass_email)
    return {"status": found.status, "paused": found.paused_at is not None, "reason": found.pause_reason}


def expire(pid: int) -> int:
    """The lease of a worker that was killed passes, and nobody else's."""
    past = timezone.now().replace(year=2000)
    dead = Portion.objects.filter(status=PortionStatus.RUNNING, worker__endswith=f":{pid}")
    return dead.update(lease_until=past)


def send_until_paused(mass_email: int) -> str:
    """Why it was paused; "" when it never was. Resumed at the end."""
    for _minute in range(20):
        shift(minutes=1)
        cut_portions()
        for pk in _ready():
            send_portion(pk)
        if reason := resume(mass_email):
            return reason
    return ""


def go_on(mass_email: int) -> bool:
    """A minute passes, and a person resumes what was paused. True when nobody is open."""
    shift(minutes=1)
    resume(mass_email)
    return not _open(mass_email)


def runs_over_the_end_of_summer() -> list[list[str]]:
    """The next runs of an hourly and a nightly job, counted from the night before the clocks go back."""
    found = []
    for zone, night in (("Europe/Madrid", "2026-10-24T20:00"), ("America/New_York", "2026-10-31T20:00")):
        after = datetime.fromisoformat(night).replace(tzinfo=ZoneInfo(zone))
        Settings.objects.update(time_zone=zone)
        for crontab in ("30 * * * *", "30 2 * * *", "30 1 * * *"):
            found.append([run.astimezone(UTC).isoformat() for run in next_runs(crontab, 10, after=after)])
    return found


def turn_away(mass_email: int, people: int) -> dict[str, list[str]]:
    """Of the last people of the queue: some opt out, some are erased, leave the list, or come on an excluding list."""
    found = MassEmail.objects.get(pk=mass_email)
    items = QueueItem.objects.filter(mass_email_id=mass_email).order_by("-pk")[: people * 4]
    addresses = EmailAddress.objects.in_bulk([item.email_address_id or 0 for item in items])
    groups: dict[str, list[str]] = {"opted out": [], "erased": [], "removed": [], "excluded": []}
    excluding = found.excluding_target_lists.get()
    for number, item in enumerate(items):
        name = list(groups)[number % 4]
        address = addresses[item.email_address_id or 0]
        groups[name].append(address.address)
        members = Membership.objects.filter(record_id=item.record_id or 0)
        if name == "opted out":
            address.mark_opted_out("by phone")
        elif name == "erased":
            remove_record(Record.objects.get(pk=item.record_id or 0), User.objects.get(username="maya"))
        elif name == "removed":
            members.delete()
        else:
            Membership.objects.create(target_list=excluding, record_id=item.record_id or 0)
    return groups


def populate_with_exclusion(people: int, **account: Any) -> int:
    pk = populate(people, start_it=False, **account)
    MassEmail.objects.get(pk=pk).excluding_target_lists.add(TargetListFactory.create(records=[]))
    start(pk)
    return pk

"""Two schedulers, two workers, a sweeper and people who cannot make up their minds, all at once (K9, K10, K20)."""

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.servers import Missing, postgres
from tests.faults.herald import SETUP, Herald
from tests.missing import lacking
from tests.smtp_server import Act, SmtpServer

PEOPLE = 400
SECONDS = 8
SECOND_MASS_EMAIL = """
from crm.models import Settings
Settings.load()
Settings.objects.update(max_per_hour=100000, max_per_batch=10)
again = [Record(entity_type=kind, name=f"Q {n}", email_address=address) for n, address in enumerate(
    EmailAddress.objects.bulk_create(
        EmailAddress(address=f"q{n}@example.com", normalized=f"q{n}@example.com") for n in range(people)))]
Record.objects.bulk_create(again)
other = TargetListFactory.create()
Membership.objects.bulk_create(Membership(target_list=other, record=record) for record in again)
canceled = MassEmailFactory.create(account=account, status=MassEmailStatus.PENDING, lists=[other])
answer = [made.pk, canceled.pk]
"""
LOOP = """
import os, random, socket, time
from campaigns import lifecycle
from campaigns.models import MassEmail, MassEmailStatus, Portion, QueueItem, QueueStatus
from campaigns.sending.deliver import send_portion
from campaigns.sending.portions import cut_portions
from campaigns.sending.queue import start_due
from campaigns.sending.sweep import sweep
from crm.models import User
open(os.path.join(gate, str(os.getpid())), "w").close()
while len(os.listdir(gate)) < together:  # on a busy machine the last one starts long after the first
    time.sleep(0.01)
until, answer = time.time() + seconds, 0
while time.time() < until:
    answer += 1
"""
SCHEDULER = (
    LOOP
    + """
    start_due()
    cut_portions()
    time.sleep(0.02)
"""
)
WORKER = (
    LOOP
    + """
    ready = list(Portion.objects.filter(status=0).values_list("pk", flat=True)[:4])
    if ready:
        send_portion(random.choice(ready))
    time.sleep(0.005)
answer = Portion.objects.filter(worker=f"{socket.gethostname()}:{os.getpid()}").count()  # one call sends many of them
"""
)
SWEEPER = (
    LOOP
    + """
    sweep()
    time.sleep(0.05)
"""
)
PERSON = (
    LOOP
    + """
    user, _made = User.objects.get_or_create(username="person")
    page = MassEmail.objects.get(pk=first)
    QueueItem.objects.filter(pk__in=list(QueueItem.objects.filter(mass_email_id=first, status=QueueStatus.DEFERRED)
        .values_list("pk", flat=True)[:5]), status=QueueStatus.DEFERRED).update(next_try_at=page.created_at)
    time.sleep(random.uniform(0, 0.1))
    try:
        random.choice([lifecycle.pause, lifecycle.resume, lifecycle.resume, lifecycle.retry_failed])(page, user)
        if time.time() > until - seconds * 0.8:
            lifecycle.cancel(MassEmail.objects.get(pk=second), user)
    except lifecycle.NotPossible:
        pass
"""
)
END = (
    LOOP.replace("until, answer = time.time() + seconds, 0", "until, answer = time.time() + 60, 0")
    + """
    MassEmail.objects.update(paused_at=None, pause_reason="")
    QueueItem.objects.filter(status=QueueStatus.DEFERRED).update(next_try_at=MassEmail.objects.first().created_at)
    start_due()
    cut_portions()
    for pk in Portion.objects.exclude(status=2).values_list("pk", flat=True):
        send_portion(pk)
    sweep()
    if not MassEmail.objects.exclude(status__in=["complete", "canceled"]).exists():
        break
from collections import Counter
answer = []
for made in MassEmail.objects.order_by("pk"):
    states = QueueItem.objects.filter(mass_email_id=made.pk).values_list("status", flat=True)
    answer.append([made.status, made.sent_count, made.total_count, Counter(QueueStatus(s).name for s in states)])
"""
)


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def herald(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Herald]:
    folder = tmp_path / "data"
    folder.mkdir()
    if request.param == "SQLite":
        made = Herald(folder)
        made.migrate()
        yield made
        return
    try:
        with postgres() as url:
            made = Herald(folder, url)
            made.migrate()
            yield made
    except Missing as missing:
        lacking(missing)


def test_everybody_acts_at_once(herald: Herald, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    gate.mkdir()
    with SmtpServer() as server:
        server.on("RCPT", Act("451 4.7.1 greylisted"), recipient="p7@example.com", times=1)
        server.on("DOT", Act(delay=0.03))
        first, second = herald.ask(SETUP + SECOND_MASS_EMAIL, people=PEOPLE, port=server.port, connections=2)
        parts = [SCHEDULER, SCHEDULER, WORKER, WORKER, SWEEPER, PERSON, PERSON]
        known = {"seconds": SECONDS, "first": first, "second": second, "gate": str(gate), "together": len(parts)}
        running = [herald.start(part, **known) for part in parts]
        turns = []
        for process in running:
            out, errors = process.communicate(timeout=SECONDS + 240)
            assert process.returncode == 0, errors
            assert "Traceback" not in errors, errors
            turns.append(int(out))
        began = time.monotonic()
        (one, two) = herald.ask(END, gate=str(gate), together=1)
        assert time.monotonic() - began < 60
        got = Counter(message.recipient for message in server.messages)
    assert min(turns) > 3, turns
    assert set(got.values()) == {1}, "somebody got it twice"
    status, sent, total, states = one
    assert (status, sent, total, states) == ("complete", PEOPLE, PEOPLE, {"SENT": PEOPLE})
    status, sent, total, states = two
    assert status == "canceled" and set(states) <= {"SENT", "SKIPPED"} and sum(states.values()) == total
    assert sent == states.get("SENT", 0) == sum(recipient.startswith("q") for recipient in got)

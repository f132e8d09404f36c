"""SIGTERM to a solo Celery worker in mid-portion (R18): in hand is finished, the rest handed on, in time."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.faults.herald import CUT, ROOT, SETUP, STATES, SWEEP, WORK, Herald
from tests.smtp_server import HANG_ACCEPTED, Act, SmtpServer

PEOPLE = 300
HAND_OUT = """
from campaigns.models import Portion
from campaigns.tasks import send_portion_task
for pk in Portion.objects.filter(status=0).values_list("pk", flat=True):
    send_portion_task.delay(pk)
"""
PORTIONS = """
from campaigns.models import Portion
answer = sorted(list(row) for row in Portion.objects.values_list("status", "attempted"))
"""
LOST = """
from campaigns.sending.sweep import lost_portions
answer = len(lost_portions())
"""


@pytest.fixture
def herald(tmp_path: Path) -> Herald:
    made = Herald(tmp_path / "data")
    made.folder.mkdir()
    made.migrate()
    return made


def solo_worker(herald: Herald) -> "subprocess.Popen[bytes]":
    options = ["--queues", "portions", "--pool", "solo", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    command = [sys.executable, "-m", "celery", "--quiet", "-A", "crm.celery", "worker", *options]
    with (herald.folder / "worker.log").open("wb") as log:
        return subprocess.Popen(
            command, cwd=ROOT, env=herald.environment(), stdout=log, stderr=log, start_new_session=True
        )


def stopped_after(herald: Herald, server: SmtpServer, messages: int) -> float:
    """Start a worker, ask it to end when so many have gone out, and say how long it took."""
    worker = solo_worker(herald)
    try:
        deadline = time.monotonic() + 120
        while len(server.messages) < messages:
            assert time.monotonic() < deadline, (herald.folder / "worker.log").read_text()
            time.sleep(0.02)
        time.sleep(0.3)
        began = time.monotonic()
        os.kill(worker.pid, signal.SIGTERM)
        assert worker.wait(35) == 0, (herald.folder / "worker.log").read_text()
        return time.monotonic() - began
    finally:
        if worker.poll() is None:
            os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()


def all_got_it_once(herald: Herald, server: SmtpServer, uncertain: int) -> None:
    herald.ask(SWEEP)
    herald.ask(WORK)
    answer = herald.ask(STATES)
    assert set(Counter(message.recipient for message in server.messages).values()) == {1}
    assert len(server.messages) == PEOPLE
    assert answer["states"].get("UNCERTAIN", 0) == uncertain
    assert answer["states"]["SENT"] == PEOPLE - uncertain


def test_a_worker_hands_on_what_it_has_not_begun(herald: Herald) -> None:
    with SmtpServer() as server:
        server.on("DOT", Act(delay=0.02))
        herald.ask(SETUP, people=PEOPLE, port=server.port, connections=2)
        herald.ask(CUT + HAND_OUT)
        took = stopped_after(herald, server, 40)
        went_out = len(server.messages)
        assert 40 <= went_out < PEOPLE and took < 10
        assert herald.ask(STATES)["states"] == {"SENT": went_out, "CLAIMED": PEOPLE - went_out}
        assert herald.ask(PORTIONS) == [[0, went_out]], "Ready for the next worker, and counted towards the limits"
        assert herald.ask(LOST) == 1, "handed out within a minute, not within the hour"
        all_got_it_once(herald, server, uncertain=0)


def test_a_server_that_hangs_does_not_keep_a_worker_from_ending(herald: Herald) -> None:
    with SmtpServer() as server:
        server.on("DOT", HANG_ACCEPTED, recipient="p30@example.com", times=1)
        server.on("DOT", Act(delay=0.02))
        herald.ask(SETUP, people=PEOPLE, port=server.port, connections=2)
        herald.ask(CUT + HAND_OUT)
        took = stopped_after(herald, server, 60)
        assert took < 30
        states = herald.ask(STATES)["states"]
        assert states["SENT"] == len(server.messages) - 1
        all_got_it_once(herald, server, uncertain=1)

"""kill -9 of a sender at any moment: nobody twice, nobody lost, the doubtful listed."""

import random
import subprocess
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.faults.herald import CUT, SETUP, STATES, SWEEP, WORK, Herald, kill
from tests.smtp_server import Act, SmtpServer

PEOPLE = 400
CONNECTIONS = 4


@pytest.fixture
def herald(tmp_path: Path) -> Herald:
    made = Herald(tmp_path / "data")
    made.folder.mkdir()
    made.migrate()
    return made


def copies(server: SmtpServer) -> Counter[str]:
    return Counter(message.recipient for message in server.messages)


def wait_for_messages(server: SmtpServer, worker: "subprocess.Popen[str]", count: int) -> None:
    """Until so many have come, or the worker has ended."""
    deadline = time.monotonic() + 60
    while len(server.messages) < count and worker.poll() is None:
        assert time.monotonic() < deadline, server.commands[-20:]
        time.sleep(0.005)


def finish(herald: Herald) -> dict[str, object]:
    """Sweep what the dead left, then let the rest go out undisturbed."""
    herald.ask(SWEEP)
    herald.ask(WORK)
    answer: dict[str, object] = herald.ask(STATES)
    return answer


def test_killed_again_and_again(herald: Herald) -> None:
    """8 rounds, each killed after a number of messages that chance chooses: in all they are fewer than all."""
    chance = random.Random(20261121)
    with SmtpServer() as server:
        server.on("DOT", Act(delay=0.01))
        herald.ask(SETUP, people=PEOPLE, port=server.port, connections=CONNECTIONS)
        kills = 0
        for _round in range(8):
            worker = herald.start(WORK)
            wait_for_messages(server, worker, len(server.messages) + chance.randint(1, 40))
            kills += worker.poll() is None
            kill([worker])
            herald.ask(SWEEP)
        answer = finish(herald)
        got = copies(server)
    states = answer["states"]
    assert isinstance(states, dict)
    assert max(got.values()) == 1, "somebody got it twice"
    assert sum(states.values()) == PEOPLE
    assert states.get("SENT", 0) + states.get("UNCERTAIN", 0) == PEOPLE, states
    assert states.get("UNCERTAIN", 0) <= kills * CONNECTIONS
    assert PEOPLE - states.get("UNCERTAIN", 0) <= len(got) <= PEOPLE, "somebody was lost"
    assert answer["sent"] == states["SENT"]
    assert kills > 0, "no round was killed in the middle: the test proves nothing"


def has_announced(server: SmtpServer, recipient: str) -> bool:
    """Whether the content of the message for `recipient` was asked to be let in."""
    lines = list(server.commands)
    asked = [place for place, line in enumerate(lines) if f"RCPT TO:<{recipient}>" in line]
    return bool(asked) and "DATA" in lines[asked[-1] :]


@pytest.mark.parametrize("moment", ["accepted, no reply yet", "before the content"])
def test_killed_at_a_moment(herald: Herald, moment: str) -> None:
    with SmtpServer() as server:
        step = "DOT" if moment.startswith("accepted") else "DATA"
        server.on(step, Act(None, hangs=True, accepts=True), recipient="p2@example.com", times=1)
        herald.ask(SETUP, people=5, port=server.port, connections=1)
        worker = herald.start(WORK)
        deadline = time.monotonic() + 60
        while not (copies(server)["p2@example.com"] if step == "DOT" else has_announced(server, "p2@example.com")):
            assert time.monotonic() < deadline, server.commands
            time.sleep(0.05)
        kill([worker])
        answer = finish(herald)
        got = copies(server)
    expected = {"SENT": 4, "UNCERTAIN": 1} if step == "DOT" else {"SENT": 5}
    assert answer["states"] == expected
    assert max(got.values()) == 1
    assert len(got) == 5


def test_the_same_portion_handed_out_five_times_at_once(herald: Herald) -> None:
    with SmtpServer() as server:
        server.on("DOT", Act(delay=0.005))
        herald.ask(SETUP, people=200, port=server.port, connections=2)
        herald.ask(CUT)
        workers = [herald.start(WORK) for _n in range(5)]
        for worker in workers:
            _out, errors = worker.communicate(timeout=240)
            assert worker.returncode == 0, errors
        answer = herald.ask(STATES)
        got = copies(server)
    assert answer["states"] == {"SENT": 200}
    assert answer["status"] == "complete"
    assert max(got.values()) == 1

"""manage.py sandbox_mail as a process of its own: starts, takes mail, ends cleanly when it is told to."""

import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from crm.mail.sandbox import store
from crm.mail.smtp import Phase, Security, Server
from tests.crm.mail.conversation import deliver, envelope


def start(folder: Path, port: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "manage.py", "sandbox_mail", "--port", str(port)],
        cwd=settings.BASE_DIR,
        env={"HERALD_DATA_DIR": str(folder), "PATH": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_runs_until_it_is_told_to_stop(tmp_path: Path, number: signal.Signals) -> None:
    process = start(tmp_path, 0)
    assert process.stdout is not None
    line = process.stdout.readline()
    match = re.search(r"127\.0\.0\.1:(\d+)", line)
    assert match, line or process.communicate()
    [attempt] = deliver(Server("127.0.0.1", int(match[1]), Security.NONE), envelope())
    process.send_signal(number)
    _, errors = process.communicate(timeout=10)
    assert (attempt.phase, process.returncode, errors) == (Phase.ACCEPTED, 0, "")
    assert store.count() == 1


def test_a_port_that_is_taken_is_said_plainly(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process = start(tmp_path, taken.getsockname()[1])
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 1
    assert errors.startswith("CommandError: The sandbox mail server cannot listen")

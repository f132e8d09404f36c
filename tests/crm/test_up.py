"""`manage.py up` with real processes: the first start, the second one, the stop, and what keeps it from starting."""

import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.stack import ROOT, Stack, make_stack, running_stack

pytestmark = pytest.mark.slow


def login_line(stack: Stack) -> str:
    return next(line for line in reversed(stack.log) if "Sign in as" in line)


def refusal_of_a_second_start(stack: Stack) -> str:
    command = [sys.executable, "manage.py", "up"]
    again = subprocess.run(command, cwd=ROOT, env=stack.environment, capture_output=True, text=True)
    assert again.returncode == 1
    return again.stderr


def test_two_starts_on_one_data_folder(tmp_path: Path) -> None:
    with running_stack(tmp_path, "--senders", "1", HERALD_ADMIN_PASSWORD="") as herald:
        assert "an empty database: made the first administrator and demo data" in "\n".join(herald.log)
        assert [line for line in herald.log if "Herald is ready" in line] == [f"  Herald is ready: {herald.url}/"]
        login = login_line(herald)
        assert login == f"  Sign in as admin with the password {(tmp_path / 'first-login').read_text().strip()}"
        assert "  The same password signs in: marketer, viewer" in herald.log
        with urllib.request.urlopen(f"{herald.url}/") as page:
            assert page.status == 200
        with urllib.request.urlopen(f"{herald.url}/static/css/base.css") as style:
            assert style.headers["Content-Type"].startswith("text/css")
        assert f"Herald is already running on {tmp_path}." in refusal_of_a_second_start(herald)
        assert herald.stop() == 0
        assert herald.log[-1].endswith("stopped")

        herald.log.clear()
        herald.start("--senders", "1")
        assert login_line(herald) == login
        assert "first administrator" not in "\n".join(herald.log)


@pytest.mark.parametrize("variable", ["PORT", "HERALD_SANDBOX_PORT"])
def test_a_port_in_use_is_named_before_anything_starts(tmp_path: Path, variable: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(AssertionError) as failure, running_stack(tmp_path, "--no-demo", **{variable: str(port)}):
            raise RuntimeError("it started")
    assert f"Cannot listen on 127.0.0.1:{port}: Address already in use." in str(failure.value)
    assert f"{variable} in the environment" in str(failure.value)
    assert "worker" not in str(failure.value)


def test_prepare_makes_an_empty_herald_and_ends(tmp_path: Path) -> None:
    stack = make_stack(tmp_path)
    assert "made the first administrator" in stack.manage("up", "--prepare", "--no-demo")
    assert stack.manage("up", "--prepare") == ""
    assert stack.shell("from crm.models import Record; print(Record.objects.count())").strip() == "1"

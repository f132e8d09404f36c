"""`manage.py up` with real processes: the first start, the second one, the stop, and what keeps it from starting."""

import socket
import stat
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stack import ROOT, Stack, make_stack, running_stack

pytestmark = pytest.mark.xdist_group("up")  # one worker has them all, so that they share one Herald


@pytest.fixture(scope="module")
def herald(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running_stack(tmp_path_factory.mktemp("up"), "--senders", "1", HERALD_ADMIN_PASSWORD="") as running:
        yield running


def login_line(stack: Stack) -> str:
    return next(line for line in reversed(stack.log) if "Sign in as" in line)


def test_the_first_start_ends_with_the_url_and_the_login(herald: Stack) -> None:
    assert "an empty database: made the first administrator and demo data" in "\n".join(herald.log)
    ready = next(number for number, line in enumerate(herald.log) if "Herald is ready" in line)
    assert herald.log[ready].split()[-1] == f"{herald.url}/"
    assert login_line(herald).startswith("  Sign in as admin with the password ")


def test_the_first_password_signs_in_and_only_its_owner_can_read_it(herald: Stack) -> None:
    note = herald.data / "first-login"
    assert stat.S_IMODE(note.stat().st_mode) == 0o600
    password = login_line(herald).split()[-1]
    assert note.read_text().strip() == password
    code = f"from crm.models import User; print(User.objects.get(username='admin').check_password({password!r}))"
    assert herald.shell(code).strip() == "True"


def test_the_page_comes_with_its_static_files(herald: Stack) -> None:
    with urllib.request.urlopen(f"{herald.url}/") as answer:
        assert answer.status == 200


def test_a_second_herald_on_the_same_data_is_refused(herald: Stack) -> None:
    again = subprocess.run(
        [sys.executable, "manage.py", "up"], cwd=ROOT, env=herald.environment, capture_output=True, text=True
    )
    assert again.returncode == 1
    assert f"Herald is already running on {herald.data}." in again.stderr


def test_restart_keeps_the_data_and_the_login_until_the_password_changes(herald: Stack) -> None:
    password = login_line(herald)
    assert herald.stop() == 0
    assert herald.log[-1].endswith("stopped")
    herald.log.clear()
    herald.start()
    assert login_line(herald) == password
    assert "first administrator" not in "\n".join(herald.log)

    herald.shell(
        "from crm.models import User; u = User.objects.get(username='admin'); u.set_password('a new one'); u.save()"
    )
    assert herald.stop() == 0
    herald.log.clear()
    herald.start()
    assert "Sign in as" not in "\n".join(herald.log)
    assert not (herald.data / "first-login").exists()


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


def test_prepare_makes_an_empty_herald_and_ends(tmp_path: Path) -> None:
    stack = make_stack(tmp_path)
    assert "made the first administrator" in stack.manage("up", "--prepare", "--no-demo")
    assert stack.manage("up", "--prepare") == ""
    assert stack.shell("from crm.models import Record; print(Record.objects.count())").strip() == "1"

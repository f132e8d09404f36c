"""The supervisor with real processes: logs, restarts, the order of the stop, and nothing left behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import sys
from pathlib import Path
from crm import processes
from crm.processes import Child, Supervisor
processes.STOP_SECONDS, processes.WANTED_EVERY = {stop_seconds}, 0.2

def say(name, line):
    sys.stdout.write(f"{{name}}: {{line}}\\n")
    sys.stdout.flush()

def sh(name, script, order=0, **more):
    return Child(name, ["sh", "-c", script], stop_order=order, **more)

children = [{children}]
sys.exit(Supervisor(children, {{"PATH": "/usr/bin:/bin"}}, say).run(lambda: None))
"""
Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start() -> Iterator[Start]:
    running: list[subprocess.Popen[str]] = []

    def run(children: str, stop_seconds: float = 5) -> subprocess.Popen[str]:
        program = PROGRAM.format(children=children, stop_seconds=stop_seconds)
        process = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        running.append(process)
        return process

    yield run
    for process in running:
        process.kill()
        process.wait()


def read_until(process: subprocess.Popen[str], text: str) -> list[str]:
    lines: list[str] = []
    assert process.stdout is not None
    for line in process.stdout:
        lines.append(line.rstrip())
        if text in line:
            return lines
    raise AssertionError(f"{text!r} did not come: {lines}")


def stop(process: subprocess.Popen[str], number: int = signal.SIGTERM) -> tuple[int, list[str]]:
    process.send_signal(number)
    output, _nothing = process.communicate(timeout=20)
    return process.returncode, output.splitlines()


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def wait_for_end(pids: list[int], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while any(map(is_alive, pids)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not [pid for pid in pids if is_alive(pid)]


def test_each_line_carries_the_name_of_its_child(start: Start) -> None:
    process = start('sh("web", "echo one; echo two >&2; sleep 60"), sh("beat", "echo three; sleep 60")')
    lines = read_until(process, "three")
    while not {"web: one", "web: two", "beat: three"} <= set(lines):
        lines += read_until(process, ":")
    assert stop(process)[0] == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_every_stop_signal_ends_with_code_0(start: Start, number: int) -> None:
    process = start('sh("web", "echo up; sleep 60")')
    read_until(process, "up")
    code, lines = stop(process, number)
    assert (code, lines[-1]) == (0, "herald: stopped")


def test_a_crashed_child_is_started_again_after_a_pause_that_grows(start: Start) -> None:
    process = start('sh("worker", "echo up; exit 3")')
    lines = read_until(process, "in 2 s")
    assert lines[-1] == "worker: ended with code 3; starting it again in 2 s"
    assert "worker: ended with code 3; starting it again in 1 s" in lines
    assert lines.count("worker: up") == 2


def test_children_stop_in_their_order_and_finish_what_they_do(start: Start) -> None:
    finishing = "trap 'sleep 0.5; echo finished; exit 0' TERM; echo up; while :; do sleep 0.05; done"
    process = start(f'sh("worker", "{finishing}", 1), sh("web", "{finishing}", 0)')
    read_until(process, "up")
    read_until(process, "up")
    code, lines = stop(process)
    assert code == 0
    assert [line for line in lines if "finished" in line] == ["web: finished", "worker: finished"]


def test_a_child_that_will_not_stop_is_killed_when_the_time_is_over(start: Start) -> None:
    process = start("sh('mail', \"trap '' TERM; echo $$; while :; do sleep 0.1; done\")", stop_seconds=1)
    pid = int(read_until(process, "mail: ")[-1].removeprefix("mail: "))
    code, lines = stop(process)
    assert code == 0
    assert "mail: did not stop in time, killing it" in lines
    assert not is_alive(pid)


def test_all_children_share_one_process_group(start: Start) -> None:
    process = start('sh("web", "echo $$; sleep 60"), sh("beat", "echo $$; sleep 60")')
    pids = [int(line.split()[1]) for line in read_until(process, ":") + read_until(process, ":")]
    assert len({os.getpgid(pid) for pid in pids}) == 1


def test_children_and_grandchildren_do_not_survive_a_kill_of_the_parent(start: Start) -> None:
    process = start('sh("web", "sleep 61 & echo $! $$; wait")')
    grandchild, child = map(int, read_until(process, "web: ")[-1].split()[1:])
    assert is_alive(grandchild)
    process.kill()
    process.wait()
    wait_for_end([child, grandchild], 5)


def test_an_optional_child_runs_only_while_it_is_wanted(start: Start, tmp_path: Path) -> None:
    wanted = tmp_path / "wanted"
    mail = f'sh("mail", "echo up $$; exec sleep 60", wanted=Path("{wanted}").exists)'
    process = start(f'{mail}, sh("web", "echo up; sleep 60")')
    assert "mail: up" not in read_until(process, "web: up")
    wanted.touch()
    pid = read_until(process, "mail: up")[-1].split()[-1]
    wanted.unlink()
    deadline = time.monotonic() + 20
    while Path(f"/proc/{pid}").exists():
        assert time.monotonic() < deadline, "it is not wanted, and goes on"
        time.sleep(0.05)
    wanted.touch()
    assert len(read_until(process, "mail: up")) == 1  # its end was no crash
    assert stop(process)[0] == 0

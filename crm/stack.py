"""The processes that make up one Herald on one machine, and how to tell that they can start and have started."""

import fcntl
import http.client
import os
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import close_old_connections

from crm.models import EmailAccount
from crm.processes import Child

READY_SECONDS = 120.0  # a slow machine at its first start


class CannotStart(Exception):
    """Why Herald cannot start here, in words for the person at the keyboard."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Where to listen and how many processes to run."""

    host: str
    port: int
    senders: int = 2  # processes that send, one portion at a time each
    web_workers: int = 1

    @property
    def url(self) -> str:
        """The address for a browser on this machine."""
        host = "127.0.0.1" if self.host in {"0.0.0.0", "::", ""} else self.host
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"


def children(plan: Plan) -> list[Child]:
    """Web and beat stop first, then the workers finish what is on the wire, and the sandbox they send to goes last."""
    return [
        Child("web", _web(plan), stop_order=0),
        Child("beat", _celery("beat", "--pidfile=", "--schedule", _data("beat-schedule")), stop_order=0),
        Child("worker", _worker("worker", "celery"), stop_order=1),
        *[Child(name, _worker(name, "portions"), stop_order=1) for name in _sender_names(plan)],
        Child("mail", [sys.executable, _manage(), "sandbox_mail"], stop_order=2, wanted=sandbox_is_in_use),
    ]


def _web(plan: Plan) -> list[str]:
    return [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--factory", "crm.web:application"),
        *("--host", plan.host, "--port", str(plan.port), "--workers", str(plan.web_workers)),
        *("--blocking-threads", "4", "--workers-kill-timeout", "5", "--log-level", "warning"),
    ]


def _sender_names(plan: Plan) -> list[str]:
    return [f"sender{number}" for number in range(1, plan.senders + 1)]


def _worker(name: str, queue: str) -> list[str]:
    # The solo pool runs the task in the very process that gets SIGTERM, so a sender can finish the message in hand.
    options = ("--queues", queue, "--pool", "solo", "--without-gossip", "--without-mingle", "--without-heartbeat")
    return _celery("worker", "--hostname", f"{name}@%h", *options)


def _celery(command: str, *options: str) -> list[str]:
    # In a container Celery runs as root, where it would warn at length of a serializer that Herald does not use.
    python = [sys.executable, "-W", "ignore:You're running the worker with superuser privileges"]
    level = os.environ.get("LOG_LEVEL", "INFO")
    return [*python, "-m", "celery", "--quiet", "-A", "crm.celery", command, "--loglevel", level, *options]


def _data(name: str) -> str:
    return str(Path(settings.HERALD_DATA_DIR) / name)


def _manage() -> str:
    return str(Path(settings.BASE_DIR) / "manage.py")


def sandbox_is_in_use() -> bool:
    """The sandbox mail server stands aside as soon as a real account is the system account."""
    close_old_connections()
    system = EmailAccount.objects.system()
    return system is None or system.is_sandbox


def check_web_port(plan: Plan) -> None:
    """Raises CannotStart when Herald cannot listen there."""
    _check_port(plan.host, plan.port, "HOST and PORT")


def check_sandbox_port() -> None:
    """The same for the sandbox mail server, where it is in use. Needs the migrated database."""
    if sandbox_is_in_use():
        _check_port(settings.HERALD_SANDBOX_HOST, settings.HERALD_SANDBOX_PORT, "HERALD_SANDBOX_PORT")


def _check_port(host: str, port: int, variable: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CannotStart(
                f"Cannot listen on {host}:{port}: {error.strerror}. "
                f"Stop what uses it, or choose something else with {variable} in the environment."
            ) from error


@contextmanager
def only_one() -> Iterator[None]:
    """Holds the data folder. Raises CannotStart when another Herald runs on it."""
    with Path(_data("up.lock")).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CannotStart(f"Herald is already running on {settings.HERALD_DATA_DIR}.") from error
        yield


def wait_until_ready(plan: Plan, stopping: threading.Event) -> bool:
    """True once the web server has answered a request and the sandbox, where it is in use, takes connections."""
    deadline = time.monotonic() + READY_SECONDS
    while not stopping.is_set() and time.monotonic() < deadline:
        if _web_answers(plan) and (not sandbox_is_in_use() or _sandbox_listens()):
            return True
        time.sleep(0.1)
    return False


def _web_answers(plan: Plan) -> bool:
    address = plan.url.removeprefix("http://").rpartition(":")[0].strip("[]")
    with closing(http.client.HTTPConnection(address, plan.port, timeout=10)) as connection, suppress(OSError):
        connection.request("GET", "/health.json")
        return connection.getresponse().status < http.HTTPStatus.INTERNAL_SERVER_ERROR
    return False


def _sandbox_listens() -> bool:
    with suppress(OSError):
        socket.create_connection((settings.HERALD_SANDBOX_HOST, settings.HERALD_SANDBOX_PORT), timeout=2).close()
        return True
    return False

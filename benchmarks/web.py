"""Does sending at full speed slow the pages down? p50 and p99 of a page and of a click, idle and while sending.

    python -m benchmarks.web [--size 800000] [--repeats 400] [--databases sqlite postgresql]

`manage.py up` with all its processes and one sender on this machine; --repeats is the number of requests of each kind.
The page is a campaign's, of a signed-in administrator; the click is a tracked link of a mail.
"""

import http.client
import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import quantiles
from typing import NamedTuple
from urllib.parse import urlsplit

from benchmarks.rig import options
from benchmarks.sink import Sink, sink
from benchmarks.table import Table
from scripts.servers import install_missing, postgres_server
from tests.stack import Stack, running_stack

PAUSE = 0.01  # seconds between two requests: a visitor, not a load test
P99_AIM = 100.0  # ms more than idle

PREPARE = """
import json
from benchmarks.population import populate
from benchmarks.sending import queue_up
from campaigns.models import Link, MassEmail, QueueItem
from campaigns.tracking.links import click
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from crm.models import User
mass_email = populate({size}, smtp_port={port})
queue_up(mass_email)
item = QueueItem.objects.filter(mass_email_id=mass_email).first()
user = User.objects.get(username="admin")
session = SessionStore()
session[SESSION_KEY], session[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
session.create()
campaign = MassEmail.objects.get(pk=mass_email).campaign_id
print(json.dumps([click("", item.pk, Link.objects.first().pk), f"/campaigns/{{campaign}}/", session.session_key]))
"""
SEND = """
from campaigns.jobs import send_mass_emails
send_mass_emails()
"""


class Speed(NamedTuple):
    """Milliseconds."""

    p50: float
    p99: float

    @classmethod
    def of(cls, milliseconds: list[float]) -> "Speed":
        cuts = quantiles(milliseconds, n=100)
        return cls(cuts[49], cuts[98])


class Asked(NamedTuple):
    """Two paths, and the session of who asks."""

    click: str
    page: str
    session: str


class Visit(NamedTuple):
    page: Speed
    click: Speed


def visit(stack: Stack, asked: Asked, count: int) -> Visit:
    """Ask for page and click in turn over one connection, `count` times."""
    times: dict[str, list[float]] = {asked.page: [], asked.click: []}
    expected = {asked.page: 200, asked.click: 302}
    with closing(http.client.HTTPConnection(urlsplit(stack.url).netloc, timeout=30)) as connection:
        for number in range(count * 2):
            path = asked.page if number % 2 else asked.click
            began = time.perf_counter()
            connection.request("GET", path, headers={"Cookie": f"sessionid={asked.session}"})
            answer = connection.getresponse()
            answer.read()
            times[path].append((time.perf_counter() - began) * 1000)
            assert answer.status == expected[path], (path, answer.status)
            time.sleep(PAUSE)
    return Visit(Speed.of(times[asked.page]), Speed.of(times[asked.click]))


def measure(environment: dict[str, str], size: int, count: int, server: Sink) -> tuple[Visit, Visit, float]:
    """Idle, while sending, and how many messages per second went out meanwhile."""
    with (
        tempfile.TemporaryDirectory(prefix="herald-web-", ignore_cleanup_errors=True) as folder,
        running_stack(Path(folder), "--no-demo", "--senders", "1", **environment) as stack,
    ):
        asked = Asked(*json.loads(stack.shell(PREPARE.format(size=size, port=server.port)).splitlines()[-1]))
        idle = visit(stack, asked, count)
        stack.shell(SEND)
        while server.totals()["messages"] == 0:
            time.sleep(0.05)
        before, began = server.totals()["messages"], time.monotonic()
        busy = visit(stack, asked, count)
        rate = (server.totals()["messages"] - before) / (time.monotonic() - began)
        assert server.totals()["messages"] < size, "everything was sent before the last page: give more people"
    return idle, busy, rate


@contextmanager
def environment_of(database: str) -> Iterator[dict[str, str]]:
    if database == "sqlite":
        yield {}
        return
    install_missing(["PostgreSQL"])
    with postgres_server() as server:
        yield {"DATABASE_URL": server.url}


def report(database: str, size: int, count: int) -> None:
    table = Table(f"Web beside sending, {database}", ["idle p50 ms", "idle p99", "sending p50", "sending p99"])
    with environment_of(database) as environment, sink() as server:
        idle, busy, rate = measure(environment, size, count, server)
    for name, calm, loud in (("campaign page", idle.page, busy.page), ("click", idle.click, busy.click)):
        table.row(
            f"{name}, {rate:,.0f} messages/s meanwhile",
            [*calm, *loud],
            aim=f"p99 ≤ idle + {P99_AIM:.0f} ms",
            reached=loud.p99 <= calm.p99 + P99_AIM,
        )


def main() -> None:
    chosen = options(__doc__ or "", size=800_000, repeats=400)
    for database in chosen.databases:
        report(database, chosen.size, chosen.repeats)


if __name__ == "__main__":
    main()

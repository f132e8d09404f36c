"""Browser tests: a started Herald with demo data, and the system's Chromium."""

import json
import os
from collections.abc import Iterator

import psycopg
import pytest
from playwright.sync_api import APIResponse, Page, expect

from scripts.servers import Missing, find_chromium, postgres, redis
from tests.missing import lacking
from tests.order import begin_with
from tests.stack import Stack, running_stack

# Playwright's event loop runs in the thread of the tests, where Django would refuse database queries.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
# How long a state is waited for, in ms; who has it goes on at once. A busy machine has other times than an idle one.
expect.set_options(timeout=30_000)
LONGEST = [
    "test_every_page.py",
    "test_campaign_page.py",
    "test_story.py",
    "test_mass_email_editor.py",
    "test_template_editor.py",
]
SESSIONS = """
import json
from django.test import Client
from crm.models import User
clients = [Client() for _number in range(50)]
for client in clients:
    client.force_login(User.objects.get(username="admin"), backend="django.contrib.auth.backends.ModelBackend")
print(json.dumps([client.cookies["sessionid"].value for client in clients]))
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    begin_with(LONGEST, items)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    chromium = os.environ.get("HERALD_CHROMIUM") or find_chromium()
    if chromium is None:
        lacking("Chromium (apt-get install chromium)")
    return {"executable_path": chromium, "args": ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, object]) -> dict[str, object]:
    """Without motion: what is seen is the state, and not the way to it."""
    return {**browser_context_args, "reduced_motion": "reduce"}


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The default set-up: SQLite, filesystem broker, sandbox mail server, demo data."""
    with running_stack(tmp_path_factory.mktemp("herald")) as running:
        yield running


@pytest.fixture(scope="session")
def stack_on_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The same on PostgreSQL and Redis with two workers."""
    try:
        with postgres() as server, redis() as redis_url:
            with psycopg.connect(server, autocommit=True) as connection:
                connection.execute("CREATE DATABASE herald")
            database_url = server.removesuffix("/postgres") + "/herald"
            folder = tmp_path_factory.mktemp("herald-on-servers")
            with running_stack(folder, "--senders", "2", DATABASE_URL=database_url, REDIS_URL=redis_url) as running:
                yield running
    except Missing as missing:
        lacking(f"{missing} for the tests on servers")


def sign_in(page: Page, stack: Stack) -> None:
    """Sign the administrator in and stay on the page that follows."""
    page.goto(f"{stack.url}/login/")
    page.fill("input[name=username]", stack.username)
    page.fill("input[name=password]", stack.password)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: "/login" not in url)


@pytest.fixture(scope="session")
def sessions(stack: Stack) -> Iterator[str]:
    """Keys of sessions of the administrator, each for one test: none sees what another has begun."""

    def made() -> Iterator[str]:
        while True:
            yield from json.loads(stack.shell(SESSIONS).splitlines()[-1])

    return made()


@pytest.fixture
def signed_in(page: Page, stack: Stack, sessions: Iterator[str]) -> Page:
    """At home, without the way over the sign-in page, which has tests of its own."""
    page.context.add_cookies([{"name": "sessionid", "value": next(sessions), "url": stack.url}])
    page.goto(f"{stack.url}/")
    assert "/login" not in page.url
    return page


def is_shown(answer: APIResponse) -> bool:
    """Of a HEAD: whether a browser shows what is there, instead of keeping it as a file."""
    return answer.ok and answer.headers.get("content-type", "").startswith("text/html")

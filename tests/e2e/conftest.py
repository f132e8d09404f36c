"""Browser tests: a started Herald with demo data, and the system's Chromium."""

import os
from collections.abc import Iterator
from typing import NoReturn

import psycopg
import pytest
from playwright.sync_api import APIResponse, Page, expect

from scripts.servers import Missing, find_chromium, postgres, redis
from tests.stack import Stack, running_stack

# Playwright's event loop runs in the thread of the tests, where Django would refuse database queries.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
# How long a state is waited for, in ms; who has it goes on at once. A busy machine has other times than an idle one.
expect.set_options(timeout=30_000)
IN_CI = os.environ.get("CI", "") not in {"", "0", "false"}


def _lacking(what: object) -> NoReturn:
    """Without a part of the machine tests are skipped, but never where everything has to run."""
    if IN_CI:
        pytest.fail(f"missing: {what}")
    pytest.skip(f"missing: {what}")


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    chromium = os.environ.get("HERALD_CHROMIUM") or find_chromium()
    if chromium is None:
        _lacking("Chromium (apt-get install chromium)")
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
        _lacking(f"{missing} for the tests on servers")


def sign_in(page: Page, stack: Stack) -> None:
    """Sign the administrator in and stay on the page that follows."""
    page.goto(f"{stack.url}/login/")
    page.fill("input[name=username]", stack.username)
    page.fill("input[name=password]", stack.password)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: "/login" not in url)


@pytest.fixture
def signed_in(page: Page, stack: Stack) -> Page:
    sign_in(page, stack)
    return page


def is_shown(answer: APIResponse) -> bool:
    """Of a HEAD: whether a browser shows what is there, instead of keeping it as a file."""
    return answer.ok and answer.headers.get("content-type", "").startswith("text/html")

"""The two set-ups start and let the administrator in."""

from playwright.sync_api import Page, expect

from tests.e2e.conftest import sign_in
from tests.stack import Stack


def test_the_default_set_up_lets_the_administrator_in(page: Page, stack: Stack) -> None:
    sign_in(page, stack)
    expect(page.locator("h1")).to_be_visible()


def test_the_set_up_on_postgresql_and_redis_runs_two_senders(page: Page, stack_on_servers: Stack) -> None:
    sign_in(page, stack_on_servers)
    expect(page.locator("h1")).to_be_visible()
    assert stack_on_servers.shell("from django.db import connection; print(connection.vendor)").strip() == "postgresql"
    for told in ("sender1 |", "sender2 |", "Connected to redis://"):
        stack_on_servers.wait_for(lambda told=told: told in "\n".join(stack_on_servers.log))  # type: ignore[misc]

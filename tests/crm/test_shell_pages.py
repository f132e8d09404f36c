"""Small pages of the shell: help, style guide, the folded sidebar, the toast that offers Undo."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_the_style_guide_is_for_administrators(as_administrator: Client, as_marketer: Client) -> None:
    page = as_administrator.get("/styleguide/")
    assert page.status_code == 200 and "style=" not in page.content.decode()
    assert as_marketer.get("/styleguide/").status_code == 403


COMPONENTS = (
    'class="i"', 'class="pill', 'class="btn', 'class="split"', 'role="menu"', "<dialog", 'class="card"',
    'class="kpis"', 'class="spark', 'class="bars"', 'class="meter', "<progress", 'class="table cards"',
    'class="chips"', 'class="toolbar"', 'class="search', 'class="builder"', 'class="bulk"', 'class="btns pager"',
    'class="field', 'class="input tokens"', 'role="switch"', 'type="date"', 'type="datetime-local"', 'class="section"',
    'class="savebar"', 'class="props"', 'class="checks"', 'class="next"', 'class="steps"', 'class="note',
    'class="toast', 'class="empty"', 'class="tabs"', 'class="crumbs"', 'class="avatar', 'class="copy', 'class="inbox"',
    'id="job"', 'id="palette"', 'data-chart-card', 'class="legend"', 'data-as-table', 'data-devices', 'data-mail',
    'class="card tree"', 'class="card studio"', 'class="palette"', 'class="outline"', 'class="who"', 'class="chip"',
)  # fmt: skip


def test_the_style_guide_shows_every_component(as_administrator: Client) -> None:
    page = as_administrator.get("/styleguide/").content.decode()
    assert [component for component in COMPONENTS if component not in page] == []
    assert "8,312 of 12,480" in page


def test_help_lists_the_shortcuts_that_the_navigation_has(as_viewer: Client) -> None:
    page = as_viewer.get("/help/").content.decode()
    assert "Go to Campaigns" in page and "Why is it not sending?" in page


def test_the_sidebar_stays_as_it_was_left(as_viewer: Client) -> None:
    assert 'data-sidebar="narrow"' not in as_viewer.get("/").content.decode()
    answer = as_viewer.post("/profile/sidebar/", {"sidebar": "narrow", "next": "/contacts/"})
    assert answer["Location"] == "/contacts/"
    assert 'data-sidebar="narrow"' in as_viewer.get("/").content.decode()
    as_viewer.post("/profile/sidebar/", {"sidebar": "anything"})
    assert 'data-sidebar="narrow"' not in as_viewer.get("/").content.decode()


@pytest.mark.parametrize("path", ["/", "/health/", "/help/", "/styleguide/", "/search/?q=a"])
def test_pages_hold_no_script_or_style_of_their_own(path: str, as_administrator: Client) -> None:
    page = as_administrator.get(path).content.decode()
    assert "<style" not in page and " style=" not in page and " onclick=" not in page
    assert "<script>" not in page


POLICY = {
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'",
    "connect-src 'self'", "frame-src 'self'", "form-action 'self'", "base-uri 'none'", "object-src 'none'",
    "frame-ancestors 'none'",
}  # fmt: skip


@pytest.mark.parametrize("path", ["/", "/contacts/", "/campaigns/"])
def test_the_policy_lets_nothing_in_from_elsewhere_and_nothing_inline(path: str, as_administrator: Client) -> None:
    told = as_administrator.get(path).headers["Content-Security-Policy"]
    assert {directive.strip() for directive in told.split(";")} == POLICY
    assert "unsafe-" not in told

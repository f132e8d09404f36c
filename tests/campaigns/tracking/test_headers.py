"""What every recipient page sends and never sends (T13, T18, T19, T23; W14; A1)."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.http import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from pytest_django import DjangoAssertNumQueries

from campaigns import public_urls
from campaigns.models import Hit, Link
from campaigns.views.public.cookieless import PATHS
from campaigns.views.public.page import POLICY
from crm.models import Settings
from tests.campaigns.tracking.conftest import BROWSER, Mail

NAMES = ["click", "open", "opt_out", "preferences", "web_version"]


def _assert_private(response: HttpResponseBase) -> None:
    assert response["Cache-Control"] == "no-store, private"
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert not response.cookies
    assert "Cookie" not in response["Vary"]


@pytest.mark.parametrize("name", NAMES)
def test_every_answer_is_private_unindexed_and_without_referrer_or_cookie(
    visitor: Client, mail: Mail, name: str
) -> None:
    url = mail.urls()[name]
    _assert_private(visitor.get(url))
    _assert_private(visitor.get(url.replace(url[4:9], "xxxxx")))
    _assert_private(visitor.options(url))


def test_every_recipient_page_is_known_as_one() -> None:
    routes = {f"/{route.pattern}" for route in public_urls.urlpatterns}
    assert all(route.startswith(PATHS) for route in routes)
    assert len(routes) == len(PATHS)


@pytest.mark.parametrize("name", NAMES)
def test_a_foreign_session_cookie_is_not_even_looked_at(mail: Mail, name: str) -> None:
    cookies = "sessionid=abcdefabcdefabcdefabcdefabcdefab; csrftoken=x; django_language=fr"
    response = Client(headers=BROWSER | {"cookie": cookies}).get(mail.urls()[name])
    assert not response.cookies
    assert "Cookie" not in response.headers.get("Vary", "")


def test_a_signed_in_colleague_is_a_stranger_here(as_administrator: Client, mail: Mail) -> None:
    response = as_administrator.get(mail.preferences_url)
    assert response.status_code == 200
    assert response.wsgi_request.session.session_key is None


def test_no_post_sets_a_cookie(visitor: Client, mail: Mail) -> None:
    assert not visitor.post(mail.opt_out_url).cookies
    assert not visitor.post(mail.opt_out_url, {"preferences": "x"}).cookies


@pytest.mark.parametrize("name", ["click", "preferences"])
def test_pages_have_their_own_policy_without_scripts(visitor: Client, mail: Mail, name: str) -> None:
    Link.objects.update(url="", message="Hello")
    response = visitor.get(mail.urls()[name])
    assert response["Content-Security-Policy"] == POLICY
    assert "<script" not in response.content.decode()


def test_only_the_opt_out_page_may_run_our_one_script(visitor: Client, mail: Mail) -> None:
    asked = visitor.get(mail.opt_out_url)
    assert asked["Content-Security-Policy"] == f"{POLICY}; script-src 'self'"
    assert asked.content.decode().count("<script") == 1
    done = visitor.post(mail.opt_out_url)
    assert done["Content-Security-Policy"] == POLICY
    assert "<script" not in done.content.decode()


@pytest.mark.parametrize("name", ["opt_out", "preferences"])
def test_nothing_inline_and_nothing_from_elsewhere(visitor: Client, mail: Mail, name: str) -> None:
    page = visitor.get(mail.urls()[name]).content.decode()
    for forbidden in ("style=", "onclick", "//cdn", "http://", "https://", "<style"):
        assert forbidden not in page


def test_a_page_with_its_style_stays_under_ten_kilobytes(visitor: Client, mail: Mail) -> None:
    page = visitor.post(mail.opt_out_url).content
    style, script = (
        Path(settings.BASE_DIR, "static", name).read_bytes() for name in ("css/public.css", "js/opt_out.js")
    )
    assert len(page) + len(style) + len(script) < 10_000


def test_spoofed_forwarding_headers_are_kept_nowhere(visitor: Client, mail: Mail) -> None:
    visitor.get(mail.click_url, headers={"x-forwarded-for": "203.0.113.7"})
    kept = Hit.objects.values().get()
    assert "203.0.113.7" not in str(kept)
    assert "127.0.0.1" not in str(kept)


def test_works_for_who_sends_nothing_but_the_request(mail: Mail) -> None:
    bare = Client()
    for url in mail.urls().values():
        assert bare.get(url).status_code in (200, 302)


def test_the_company_is_named_when_it_is_known(visitor: Client, mail: Mail) -> None:
    own = Settings.load()
    own.company_name = "Acme & Sons"
    own.save(update_fields=["company_name"])
    assert "Acme &amp; Sons" in visitor.get(mail.opt_out_url).content.decode()


def test_an_opt_out_page_costs_few_queries(
    visitor: Client, mail: Mail, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(8):
        visitor.get(mail.opt_out_url)


def _views(patterns: list[URLPattern | URLResolver]) -> Iterator[URLPattern]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _views(pattern.url_patterns)
        else:
            yield pattern


def test_only_opt_outs_and_the_events_of_providers_are_free_of_csrf_protection() -> None:
    exempt = [pattern.name for pattern in _views(get_resolver().url_patterns) if _is_exempt(pattern)]
    assert exempt == ["opt_out", "provider_events"]  # signed tokens here, a password there


def _is_exempt(pattern: URLPattern) -> bool:
    return bool(getattr(pattern.callback, "csrf_exempt", False))


def test_exactly_the_recipient_pages_of_this_module_need_no_login() -> None:
    for pattern in _views(get_resolver().url_patterns):
        if pattern.callback.__module__.startswith("campaigns.views.public"):
            assert not getattr(pattern.callback, "login_required", True)

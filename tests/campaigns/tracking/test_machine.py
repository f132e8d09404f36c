"""Who is a machine (T12, T15)."""

import pytest

from campaigns.tracking.machine import BURST_LINKS, SOON_SECONDS, Visit, why_machine

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"
)
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 "
    "Mobile/15E148 Safari/604.1"
)
THUNDERBIRD = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Thunderbird/128.4.0"
OUTLOOK = "Mozilla/4.0 (compatible; ms-office; MSOffice 16)"
GMAIL_PROXY = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"


def click(agent: str = CHROME, language: str = "es-MX,es;q=0.9", **headers: str) -> Visit:
    return Visit("GET", {"user-agent": agent, "accept-language": language, **headers}, seconds_since_sent=3600)


@pytest.mark.parametrize("agent", [CHROME, IPHONE, THUNDERBIRD])
def test_a_browser_with_languages_is_a_person(agent: str) -> None:
    assert why_machine(click(agent)) == ""


def test_a_person_may_be_very_fast() -> None:
    headers = {"user-agent": CHROME, "accept-language": "fr"}
    assert why_machine(Visit("GET", headers, seconds_since_sent=2)) == ""
    assert why_machine(Visit("GET", headers, seconds_since_sent=None)) == ""


@pytest.mark.parametrize("agent", [THUNDERBIRD, OUTLOOK, CHROME])
def test_a_mail_program_loads_the_pixel_without_saying_languages(agent: str) -> None:
    assert why_machine(Visit("GET", {"user-agent": agent}, is_open=True, seconds_since_sent=3600)) == ""


@pytest.mark.parametrize(
    ("agent", "word"),
    [
        ("Mozilla/5.0 (compatible; SafeLinks; +https://microsoft.com)", "safelinks"),
        ("Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/534+ (KHTML, like Gecko) BingPreview/1.0b", "safelinks"),
        ("BarracudaSentinel (EE)", "barracuda"),
        ("Mozilla/5.0 (compatible; Proofpoint URL Defense)", "proofpoint"),
        ("Mimecast-URL-Scanner/1.0", "mimecast"),
        ("YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html", "yahoo_proxy"),
        (GMAIL_PROXY, "google_proxy"),
        ("Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/130.0.0.0", "headless"),
        ("Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", "robot"),
        ("python-requests/2.32.3", "robot"),
        ("curl/8.5.0", "robot"),
        ("", "no_user_agent"),
    ],
)
def test_scanners_and_proxies_are_known_by_name(agent: str, word: str) -> None:
    assert why_machine(click(agent)) == word


def test_apple_mail_privacy_protection_is_a_proxy() -> None:
    assert why_machine(Visit("GET", {"user-agent": "Mozilla/5.0"}, is_open=True)) == "apple_proxy"


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
def test_a_look_without_a_visit_is_a_machine(method: str) -> None:
    assert why_machine(Visit(method, click().headers)) == method.lower()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sec-purpose", "prefetch;prerender"),
        ("purpose", "prefetch"),
        ("purpose", "preview"),
        ("x-purpose", "preview"),
        ("x-moz", "prefetch"),
    ],
)
def test_loading_ahead_is_a_machine(name: str, value: str) -> None:
    assert why_machine(click(**{name: value})) == "prefetch"


def test_a_click_without_languages_is_a_machine_however_late() -> None:
    assert why_machine(click(language="")) == "no_language"


def test_an_open_without_languages_right_after_sending_is_a_machine() -> None:
    agent = {"user-agent": OUTLOOK}
    assert why_machine(Visit("GET", agent, is_open=True, seconds_since_sent=SOON_SECONDS - 1)) == "too_soon"
    assert why_machine(Visit("GET", agent, is_open=True, seconds_since_sent=SOON_SECONDS + 1)) == ""


def test_many_links_at_once_are_a_machine() -> None:
    headers = click().headers
    assert why_machine(Visit("GET", headers, links_before=BURST_LINKS - 1)) == "burst"
    assert why_machine(Visit("GET", headers, links_before=BURST_LINKS - 2)) == ""

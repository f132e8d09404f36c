import html
import json
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.content.content import Content, Escape, Slot, fill, render

VALUE = "<b>&\"'{optOutUrl}{{7*7}}"


def filled(escape: Escape, value: str, fallback: str = "") -> str:
    return fill(Slot("x", fallback, escape), value)


def test_every_place_has_its_escape() -> None:
    assert filled(Escape.HTML, VALUE) == "&lt;b&gt;&amp;&quot;&#x27;{optOutUrl}{{7*7}}"
    assert filled(Escape.URL, VALUE) == "%3Cb%3E%26%22%27%7BoptOutUrl%7D%7B%7B7%2A7%7D%7D"
    assert filled(Escape.TEXT, VALUE) == VALUE
    assert filled(Escape.HEADER, VALUE) == VALUE


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.example/x?a=1&b=2#c", "https://a.example/x?a=1&amp;b=2#c"),
        ("http://a.example", "http://a.example"),
        ("mailto:a@b.example", "mailto:a@b.example"),
        ("www.a.example/x", "https://www.a.example/x"),
        (" https://a.example\n", "https://a.example"),
        ('https://a.example/"><script>', "https://a.example/&quot;&gt;&lt;script&gt;"),
        ("javascript:alert(1)", ""),
        ("JaVaScRiPt:alert(1)", ""),
        ("java\nscript:alert(1)", ""),
        ("\x01javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("vbscript:x", ""),
        ("//evil.example", ""),
        ("just words", ""),
    ],
)
def test_link_lets_only_web_mail_and_phone_pass(url: str, expected: str) -> None:
    assert filled(Escape.LINK, url) == expected


@pytest.mark.parametrize(
    "sign", ["\r", "\n", "\r\n", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029", "\0"]
)
def test_header_value_stays_on_one_line(sign: str) -> None:
    value = filled(Escape.HEADER, f"A{sign}Bcc: x@y.example")
    assert len(value.splitlines()) == 1
    assert "\0" not in value


@pytest.mark.parametrize("value", ["", "   ", "\n"])
def test_fallback_stands_in_for_a_blank_value(value: str) -> None:
    assert filled(Escape.HTML, value, "<there>") == "&lt;there&gt;"


def test_surrogates_and_nul_never_reach_the_encoder() -> None:
    for escape in Escape:
        filled(escape, "a\ud800\0b").encode()


def test_values_are_not_expanded_again() -> None:
    part = (Slot("a", escape=Escape.TEXT), Slot("b", escape=Escape.TEXT))
    assert render(part, {"a": "{b}", "b": "{a}"}.__getitem__) == "{b}{a}"


@given(st.text())
def test_html_value_reads_back(value: str) -> None:
    out = filled(Escape.HTML, f"x{value}")
    assert not set("<>\"'") & set(out)
    cleaned = filled(Escape.TEXT, f"x{value}")
    assert html.unescape(out) == cleaned or "&" in value


@given(st.text())
def test_url_value_reads_back(value: str) -> None:
    out = filled(Escape.URL, f"x{value}")
    assert out.isascii() and not set("<>\"'&?#/: ") & set(out)
    assert unquote(out) == filled(Escape.TEXT, f"x{value}").strip()


SLOTS = st.builds(Slot, st.text(), st.text(), st.sampled_from(Escape))
PARTS = st.lists(st.text() | SLOTS).map(tuple)


@given(PARTS, st.none() | PARTS, PARTS, st.lists(st.text()).map(tuple))
def test_content_survives_json(subject: tuple, html_part: tuple | None, text: tuple, links: tuple[str, ...]) -> None:  # type: ignore[type-arg]
    content = Content(subject, html_part, text, links)
    assert Content.from_json(json.loads(json.dumps(content.as_json()))) == content

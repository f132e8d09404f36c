"""DUTIES M16: values are written for their place and never looked at again."""

import pytest

from campaigns.content.content import render
from tests.campaigns.content.compiling import OUT, compiled, html_of, soup, text_of

EVIL = "<b>&\"'{optOutUrl}{{7*7}}{Person.lastName}{trackingUrl:abc}"
BODY = '<p title="{Person.firstName}">{Person.firstName}</p><a href="https://x.example/?n={Person.firstName}">go</a>'


def test_value_is_literal_in_html() -> None:
    page = soup(html_of(BODY, {"Person.firstName": EVIL, "Person.lastName": "Doe"}))
    assert page.p is not None and page.a is not None
    assert page.p.string == EVIL and page.p["title"] == EVIL
    assert "%7BoptOutUrl%7D" in str(page.a["href"]) and OUT not in str(page)


def test_value_is_literal_in_text_and_subject() -> None:
    assert EVIL in text_of(BODY, {"Person.firstName": EVIL})
    content, _problems = compiled(BODY, subject="Hi {Person.firstName}")
    assert render(content.subject, lambda name: EVIL) == f"Hi {EVIL}"


def test_two_values_cannot_make_a_placeholder_together() -> None:
    values = {"Person.firstName": "{optOut", "Person.lastName": "Url}"}
    assert "{optOutUrl}" in html_of("<p>{Person.firstName}{Person.lastName}</p>", values)


def test_fallback_is_not_expanded() -> None:
    assert "optOutUrl" in html_of("<p>{Person.name|optOutUrl}</p>") and OUT not in html_of(
        "<p>{Person.name|optOutUrl}</p>"
    )


@pytest.mark.parametrize(
    "value", ['"><script>alert(1)</script>', "' onmouseover='x", "javascript:alert(1)", "--><script>x"]
)
def test_value_cannot_leave_its_place(value: str) -> None:
    out = html_of(
        '<a href="{Contact.website}" title="{Person.name}">x</a>'
        '<!--[if mso]><v:rect href="{Contact.website}">{Person.name}</v:rect><![endif]-->',
        {"Contact.website": value, "Person.name": value},
    )
    link = soup(out).a
    assert link is not None and set(link.attrs) == {"href", "title"} and link["href"] == ""
    assert "<script" not in out and out.count("-->") == 1

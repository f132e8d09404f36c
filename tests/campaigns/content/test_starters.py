import pytest

from campaigns.content.content import render
from campaigns.content.starters import STARTERS, Starter, starter
from tests.campaigns.content.compiling import OUT, active_content, answering, compiled, soup

EACH = pytest.mark.parametrize("one", STARTERS, ids=lambda one: one.key)


@EACH
def test_compiles_without_any_problem(one: Starter) -> None:
    _content, problems = compiled(one.html, subject=one.subject, preview_text=one.preview_text, append_opt_out=True)
    assert problems == []


@EACH
def test_has_its_own_opt_out_link_and_address(one: Starter) -> None:
    content, _problems = compiled(one.html, append_opt_out=True)
    values = answering({"senderAddress": "1 High Street"})
    out = render(content.html or (), values)
    assert [str(link["href"]) for link in soup(out).find_all("a")].count(OUT) == 1
    assert "1 High Street" in out and "1 High Street" in render(content.text, values)
    assert render(content.text, values).count(OUT) == 1


@EACH
def test_works_in_the_worst_case(one: Starter) -> None:
    content, _problems = compiled(one.html, subject=one.subject)
    out = render(content.html or (), lambda name: "")
    assert "{" not in soup(out).body.get_text()  # type: ignore[union-attr]
    assert active_content(out) == []


@EACH
def test_is_made_of_accessible_tables(one: Starter) -> None:
    content, _problems = compiled(one.html)
    page = soup(render(content.html or (), lambda name: ""))
    assert all(table["role"] == "presentation" for table in page.find_all("table"))
    assert "prefers-color-scheme: dark" in one.html and "max-width:640px" in one.html


def test_lookup() -> None:
    assert starter("letter") in STARTERS and starter("nothing") is None

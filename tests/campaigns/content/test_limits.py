import time

import pytest

from tests.campaigns.content.compiling import compiled, errors, warnings


def test_ten_megabytes_are_refused_at_once() -> None:
    body = "<p>hello world</p>" * 600_000
    started = time.process_time()
    content, problems = compiled(body)
    assert time.process_time() - started < 1
    assert [str(problem) for problem in problems] == ["This is 10.8 MB; at most 2.0 MB are possible."]
    assert content.html is None


def test_the_limit_counts_octets_and_is_adjustable() -> None:
    assert errors("é" * 600, max_body_bytes=1_000) and not errors("e" * 600, max_body_bytes=1_000)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("<div>" * 100_000, "The HTML is nested more than 250 levels deep."),
        ("<p>x</p>" * 40_000, "The HTML has more than 30000 elements."),
        ("<p " + " ".join(f"a{number}" for number in range(200_000)) + ">x", "more than 500 attributes"),
    ],
)
def test_monstrous_html_is_refused_at_once(body: str, message: str) -> None:
    started = time.process_time()
    assert message in errors(body)[0]
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    "body",
    [
        "<" * 500_000,
        "{" * 500_000,
        "{Foo.bar}" * 50_000,
        "<!--[if mso]>" + "<style>" * 9_000 + "<![endif]-->x",
        ("<!--[if mso]>" + '<a b="' * 9_000 + "<![endif]-->x") * 5,
        "<style>" + "p{color:red}" * 20_000 + "</style>" + "<p>x" * 2_000,
        "<style>" + "'" * 400_000 + "</style>x",
        "<style>" + "@media x{" * 50_000 + "</style>x",
        "<style>" + "div div div div div div div p{color:red}" * 200 + "</style>" + "<div>" * 200 + "<p>x" * 2_000,
        "<p style='" + "a:b;" * 100_000 + "'>x",
        "<table><tr><td>" * 80 + "<table><tr><td>x</table>" * 5_000,
        "<a href='" + " " * 500_000 + "x'>x</a>",
    ],
    ids=lambda body: body[:24],
)
def test_hostile_input_takes_seconds_at_most(body: str) -> None:
    started = time.process_time()
    compiled(body)
    assert time.process_time() - started < 8


def test_gmail_clipping_is_warned_about() -> None:
    assert "The HTML is 103 kB: Gmail cuts messages off at 102 kB." in warnings("x" * 103_000)


def test_problems_are_few_enough_to_read() -> None:
    _content, problems = compiled("<img src='http://x.example/a'>" * 5_000 + "{zzz}" * 5_000)
    assert len(problems) <= 200

import pytest

from campaigns.content.content import render
from tests.campaigns.content.compiling import compiled, errors


def test_placeholder_in_the_subject() -> None:
    content, problems = compiled("<p>x</p>", subject="Hi {Person.firstName|you}")
    assert render(content.subject, lambda name: "Jane\r\nBcc: x@y.example") == "Hi Jane Bcc: x@y.example"
    assert render(content.subject, lambda name: "") == "Hi you"
    assert problems == []


@pytest.mark.parametrize("subject", ["", "   ", "\t"])
def test_empty_subject(subject: str) -> None:
    _content, problems = compiled("<p>x</p>", subject=subject)
    assert "The subject is empty." in [str(problem) for problem in problems if problem.field == "subject"]


@pytest.mark.parametrize(
    "sign", ["\r", "\n", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029", "\0", "\x7f"]
)
def test_line_breaks_and_control_characters_are_refused(sign: str) -> None:
    assert errors("<p>x</p>", subject=f"Hi{sign}Bcc: x@y.example") == [
        "The subject contains a line break or a control character."
    ]
    content, _problems = compiled("<p>x</p>", subject=f"Hi{sign}Bcc: x@y.example")
    assert len(render(content.subject, str).splitlines()) == 1


def test_a_url_has_no_place_in_the_subject() -> None:
    assert errors("<p>x</p>", subject="{optOutUrl}") == ["{optOutUrl} cannot stand in the subject."]


def test_endless_subject() -> None:
    assert errors("<p>x</p>", subject="x" * 999) == ["The subject is longer than 998 characters."]

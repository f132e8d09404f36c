import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.content.placeholders import Placeholder, Schema, join, split

SCHEMA = Schema({"Contact": frozenset({"firstName", "account.name"})})


@pytest.mark.parametrize(
    ("source", "name", "fallback"),
    [
        ("{Person.firstName}", "Person.firstName", ""),
        ("{Person.firstName|there}", "Person.firstName", "there"),
        ("{Person.firstName|dear friend}", "Person.firstName", "dear friend"),
        ("{Person.firstName|}", "Person.firstName", ""),
        ("{ Person.firstName }", "Person.firstName", ""),
        ("{\xa0Person.firstName\xa0}", "Person.firstName", ""),
        ("{Contact.account.name}", "Contact.account.name", ""),
        ("{today}", "today", ""),
        ("{optOutUrl}", "optOutUrl", ""),
        ("{trackingUrl:55f2c87b09a220a78}", "trackingUrl:55f2c87b09a220a78", ""),
    ],
)
def test_placeholder_is_recognised(source: str, name: str, fallback: str) -> None:
    assert split(source) == [Placeholder(source, name, fallback)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain",
        "{}",
        "{ }",
        "{7*7}",
        "p{color:red}",
        "{a b}",
        "{|x}",
        "{1a}",
        "{a.}",
        "{.a}",
        "{a|{b}",
        "${",
        "{% if %}",
    ],
)
def test_other_braces_stay_text(text: str) -> None:
    assert not [piece for piece in split(text) if isinstance(piece, Placeholder) and piece.source == text]
    assert join(split(text)) == text


def test_text_around_placeholders_is_kept() -> None:
    assert split("Hi {Person.name}!") == ["Hi ", Placeholder("{Person.name}", "Person.name", ""), "!"]


def test_tracking_code() -> None:
    tracked, other = split("{trackingUrl:a-1_b}{today}")
    assert isinstance(tracked, Placeholder) and tracked.tracking_code == "a-1_b"
    assert isinstance(other, Placeholder) and other.tracking_code == ""


@given(st.text() | st.text(alphabet="{}|.: aB\n", max_size=60))
def test_join_gives_back_what_was_split(text: str) -> None:
    assert join(split(text)) == text


@pytest.mark.parametrize("name", ["Person.firstName", "Contact.account.name", "today", "campaign.name", "optOutLink"])
def test_schema_knows(name: str) -> None:
    assert SCHEMA.knows(name)


@pytest.mark.parametrize(
    "name", ["Person.password", "Contact.lastName", "Lead.name", "firstName", "settings.SECRET_KEY"]
)
def test_schema_does_not_know(name: str) -> None:
    assert not SCHEMA.knows(name)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [("Person.firstname", "Person.firstName"), ("person.name", "Person.name"), ("optouturl", "optOutUrl"), ("zzz", "")],
)
def test_schema_suggests_the_nearest(wrong: str, right: str) -> None:
    assert SCHEMA.suggestion(wrong) == right

"""The octets: transfer encodings, dots at line starts, line lengths, what is encoded once and what per person."""

import re
from itertools import product

import pytest

from campaigns.content.content import Escape, Part, Slot
from campaigns.sending.headers import encoded_words
from tests.campaigns.sending.message_parts import (
    HARD_NAMES,
    OPT_OUT,
    assert_fit_for_the_wire,
    bodies,
    built,
    content,
    decoded,
    field,
    person,
)

VALUE = Slot("name", "friend", Escape.TEXT)


def text_of(part: Part, value: str) -> str:
    raw = built(person(merge={"name": value}), content(text=part))
    assert_fit_for_the_wire(raw)
    return bodies(raw)["text/plain"]


def encodings(raw: bytes) -> list[str]:
    return re.findall("Content-Transfer-Encoding: ([^\r]+)", raw.decode("ascii"))


BEFORE = ["", ".", "x", "x" * 72 + ".", "\n", ".\n.", "x\r\n.", "a\r.b", " ", "\t", "From ", "="]
AFTER = ["", ".gif", ".", "\n.", "...\n...\n", "\r\n.\r\n", " \n", "\t", "=\n", "From me"]
BETWEEN = ["x", ".", ".x", "..", "x.", " .", "From x", "=", "x" * 73, "x" * 74, "." * 200, "é." * 60, "a\n.b\r\n.\rc"]


@pytest.mark.parametrize("before", BEFORE)
def test_dots_breaks_and_blanks_around_a_value(before: str) -> None:
    for value, after in product(BETWEEN, AFTER):
        expected = f"{before}{value}{after}".replace("\r\n", "\n").replace("\r", "\n")
        assert text_of((before, VALUE, after), value) in {expected, f"{expected}\n"}


@pytest.mark.parametrize("length", range(60, 90))
def test_dot_right_behind_a_soft_break(length: int) -> None:
    line = "x" * length + ".gif"
    assert text_of((line, VALUE), line) == f"{line}{line}\n"


def test_values_side_by_side_and_nothing_else() -> None:
    assert text_of((VALUE, VALUE), "a") == "aa\n"
    assert text_of((VALUE,), "") == "friend\n"
    assert text_of((), "") == "\n"


@pytest.mark.parametrize("size", [900, 1100, 5000, 100_000])
def test_minified_html_on_one_line(size: int) -> None:
    line = "<b>x</b>" * (size // 8)
    raw = built(of=content(html=(line, Slot("name"), line)))
    assert_fit_for_the_wire(raw)
    assert bodies(raw)["text/html"] == f"{line}Anna{line}\n"


def test_value_of_100_kilobytes() -> None:
    value = "Ünï " * 25_000
    assert text_of(("a", VALUE, "b"), value) == f"a{value}b\n"


@pytest.mark.parametrize("value", HARD_NAMES)
def test_value_in_every_encoding(value: str) -> None:
    assert text_of(("Dear ", VALUE, "."), value) == f"Dear {value}.\n"
    russian = "Здравствуйте, уважаемый читатель, "
    assert text_of((russian, VALUE, "."), value) == f"{russian}{value}.\n"


def test_base64_only_where_it_is_shorter_and_never_for_ascii() -> None:
    russian, mostly_ascii = "Здравствуйте, как ваши дела? " * 20, "Hello Zoë, how are you doing today? " * 20
    assert encodings(built(of=content(text=(russian,)))) == ["base64", "quoted-printable"]
    assert encodings(built(of=content(text=(mostly_ascii,)))) == ["quoted-printable", "quoted-printable"]
    assert encodings(built(of=content(text=("=" * 1000,)))) == ["quoted-printable", "quoted-printable"]
    assert encodings(built(of=content(html=None, text=(russian, VALUE)))) == ["base64"]


def test_percent_signs_stay() -> None:
    assert text_of(("100 % %s %(x)s %%b ", VALUE), "5 %d %") == "100 % %s %(x)s %%b 5 %d %\n"
    assert text_of(("Скидка 100 % %s %% ", VALUE), "5 %d %") == "Скидка 100 % %s %% 5 %d %\n"


def test_control_characters_never_reach_the_wire() -> None:
    assert text_of(("a\x00b\x0bc", VALUE), "x\x00y\x1bz\x7f") == "abcxyz\n"
    assert text_of(("Здравствуйте\x00, ", VALUE), "x\x00y") == "Здравствуйте, xy\n"


def test_values_are_escaped_for_their_place_and_never_expanded_twice() -> None:
    evil = "<b>&\"'{optOutUrl}{{7*7}}%s"
    raw = built(person(merge={"name": evil}), content(("S ", Slot("name", escape=Escape.HEADER))))
    read = bodies(raw)
    assert read["text/plain"].startswith(f"Dear {evil},")
    assert "Dear &lt;b&gt;&amp;&quot;&#x27;{optOutUrl}{{7*7}}%s,</p>" in read["text/html"]
    assert decoded(field(raw, "Subject")) == f"S {evil}"


def test_link_must_be_a_link() -> None:
    read = bodies(built(person(merge={"optOutUrl": "javascript:alert(1)"})))
    assert '<a href="">' in read["text/html"]
    assert f'<a href="{OPT_OUT}">' in bodies(built())["text/html"]


def test_same_content_makes_the_same_octets_in_every_process() -> None:
    assert built() == built()


@pytest.mark.parametrize("text", [*HARD_NAMES, "é" * 44, "é" * 45, "Ж" * 22, "Ж" * 23, "🎉" * 11, "🎉" * 12])
@pytest.mark.parametrize("room", [76 - len("Subject: "), 76 - len("To: "), 76 - 42])
def test_encoded_words_fit_and_split_no_character(text: str, room: int) -> None:
    words = encoded_words(text, room)
    assert len(words[0]) <= room
    assert all(len(word) <= 75 for word in words)
    assert "".join(decoded(word) for word in words) == text


@pytest.mark.parametrize(
    "subject", ["word " * 60, "x" * 300, "Ж" * 300, "a" * 67 + " b", "two  " * 40, "é" + " " * 200 + "é"]
)
def test_subject_is_never_folded_with_a_leading_blank(subject: str) -> None:
    raw = built(of=content((subject,)))
    assert_fit_for_the_wire(raw)
    assert b"\r\nSubject: " in raw and b"Subject: \r\n" not in raw
    assert decoded(field(raw, "Subject")) == subject.strip()


@pytest.mark.parametrize("subject", [(), ("",), ("  ",), (Slot("name", "", Escape.HEADER),)])
def test_empty_subject_is_an_empty_field(subject: Part) -> None:
    assert b"\r\nSubject:\r\n" in built(person(merge={"name": ""}), content(subject))

"""The short cut for plain values writes exactly what cleaning, escaping and encoding would have written."""

from quopri import decodestring

from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.content.content import Escape, Slot, fill, printable, render
from campaigns.sending.places import quoted
from campaigns.sending.places import text as text_of
from campaigns.sending.quoted import SOFT_BREAK, quoted_printable
from tests.examples import examples

NASTY = st.sampled_from(
    ["From ", ".", "..", "=", "=3D", "<b>", "&amp;", '"', "'", " ", "\t", "\n", "\r", "\r\n", "\x00", "é"]
)
URLS = st.sampled_from(
    ["https://", "http://x.example/", "javascript:", "www.example.com", "mailto:a@b.c", "//x", "?a=b&c=d"]
)
TEXTS = st.lists(st.one_of(st.text(max_size=40), st.text("azAZ09 .,-_~/:@", max_size=90), NASTY, URLS), max_size=6).map(
    "".join
)
WHOLE = st.sampled_from(
    ["https://x.example/a?b", "a-b.c_d~e", "Anna ", " Anna", "Anna Maria", "x" * 73, "x" * 74, "é" * 37]
)
VALUES = st.one_of(TEXTS, WHOLE)
WORDS = [Escape.HTML, Escape.TEXT, Escape.HEADER]
ESCAPES = st.one_of(*[st.lists(st.sampled_from(kinds), min_size=1, max_size=5) for kinds in (WORDS, list(Escape))])
SLOTS = ESCAPES.map(lambda escapes: [Slot("a", "fall. back", escape) for escape in escapes])


@settings(max_examples=examples(400), deadline=None)
@given(SLOTS, VALUES)
def test_places_hold_it_in_quoted_printable(slots: list[Slot], value: str) -> None:
    expected = "".join(quoted_printable(fill(slot, value)) for slot in slots)
    assert quoted(slots).fill({"a": value}.__getitem__) == expected


@settings(deadline=None)
@given(st.lists(st.one_of(TEXTS, st.sampled_from([Slot(name) for name in "abc"])), max_size=8), TEXTS, TEXTS)
def test_text_is_what_render_makes_of_a_clean_part(pieces: list[str | Slot], one: str, two: str) -> None:
    values = {"a": one, "b": two, "c": ""}.__getitem__
    clean = tuple(piece if isinstance(piece, Slot) else printable(piece) for piece in pieces)
    assert text_of(tuple(pieces)).fill(values) == render(clean, values)


@settings(deadline=None)
@given(TEXTS.map(lambda text: fill(Slot("x", escape=Escape.TEXT), text)))
def test_quoted_printable_reads_back(text: str) -> None:
    encoded = (quoted_printable(text) + SOFT_BREAK).encode("ascii")
    assert max(len(line) for line in encoded.split(b"\r\n")) <= 76
    assert not any(line.startswith((b".", b"From ")) for line in encoded.split(b"\r\n"))
    read = decodestring(encoded).replace(b"\r\n", b"\n").decode()
    assert read == text.replace("\r\n", "\n").replace("\r", "\n")

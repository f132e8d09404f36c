"""The short cut for plain values writes exactly what cleaning, escaping and encoding would have written."""

from quopri import decodestring

from hypothesis import given
from hypothesis import strategies as st

from campaigns.content.content import Escape, Slot, fill, render
from campaigns.sending.places import Places, Text
from campaigns.sending.quoted import SOFT_BREAK, quoted_plain, quoted_printable

NASTY = st.sampled_from(
    ["From ", ".", "..", "=", "=3D", "<b>", "&amp;", '"', "'", " ", "\t", "\n", "\r", "\r\n", "\x00", "é"]
)
URLS = st.sampled_from(
    ["https://", "http://x.example/", "javascript:", "www.example.com", "mailto:a@b.c", "//x", "?a=b&c=d"]
)
TEXTS = st.lists(st.one_of(st.text(max_size=40), st.text("azAZ09 .,-_~/:@", max_size=90), NASTY, URLS), max_size=6).map(
    "".join
)
SLOTS = st.lists(st.sampled_from([Slot("a", "fall. back", escape) for escape in Escape]), min_size=1, max_size=6)


@given(SLOTS, TEXTS)
def test_places_hold_what_render_would_write(slots: list[Slot], value: str) -> None:
    expected = tuple(fill(slot, value) for slot in slots)
    assert Places(slots, str, str).fill({"a": value}.__getitem__) == expected


@given(SLOTS, TEXTS)
def test_places_hold_it_in_quoted_printable(slots: list[Slot], value: str) -> None:
    expected = tuple(quoted_printable(fill(slot, value)) for slot in slots)
    assert Places(slots, quoted_printable, quoted_plain).fill({"a": value}.__getitem__) == expected


@given(st.lists(st.one_of(TEXTS, st.sampled_from([Slot(name) for name in "abc"])), max_size=8), TEXTS, TEXTS)
def test_text_is_what_render_makes_of_a_clean_part(pieces: list[str | Slot], one: str, two: str) -> None:
    part = Text(tuple(pieces)).fill({"a": one, "b": two, "c": ""}.__getitem__)
    clean = [
        piece if isinstance(piece, Slot) else fill(Slot("x", escape=Escape.TEXT), piece or " ").strip("\0")
        for piece in pieces
    ]
    assert part.split() == render(tuple(clean), {"a": one, "b": two, "c": ""}.__getitem__).split()


@given(TEXTS.map(lambda text: fill(Slot("x", escape=Escape.TEXT), text)))
def test_quoted_printable_reads_back(text: str) -> None:
    encoded = quoted_printable(text) + SOFT_BREAK
    assert max(len(line) for line in encoded.split(b"\r\n")) <= 76
    assert not any(line.startswith((b".", b"From ")) for line in encoded.split(b"\r\n"))
    read = decodestring(encoded).replace(b"\r\n", b"\n").decode()
    assert read == text.replace("\r\n", "\n").replace("\r", "\n")

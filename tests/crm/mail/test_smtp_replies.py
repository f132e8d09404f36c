"""The reply parser: complete replies out of octets in any pieces, an error out of anything else."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.mail.smtp import Extensions, Reply
from crm.mail.smtp_protocol import TEXT_LIMIT
from crm.mail.smtp_replies import LINE_LIMIT, LINES_LIMIT, GarbledReply, ReplyParser

LINE_TEXT = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=60)
REPLIES = st.builds(Reply, st.integers(200, 599), st.lists(LINE_TEXT, min_size=1, max_size=5).map(tuple))


def octets(reply: Reply) -> bytes:
    last = len(reply.lines) - 1
    return b"".join(
        f"{reply.code}{' ' if number == last else '-'}{line}\r\n".encode() for number, line in enumerate(reply.lines)
    )


def parsed(*pieces: bytes) -> list[Reply]:
    parser = ReplyParser()
    return [reply for piece in pieces for reply in parser.feed(piece)]


@given(st.lists(REPLIES, max_size=6), st.data())
def test_replies_come_out_as_they_went_in_however_they_are_cut(replies: list[Reply], data: st.DataObject) -> None:
    stream = b"".join(map(octets, replies))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    pieces = [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert parsed(*pieces) == replies


@given(st.binary(max_size=400))
def test_any_octets_give_replies_or_an_error_and_nothing_else(noise: bytes) -> None:
    try:
        replies = parsed(noise)
    except GarbledReply:
        return
    assert all(200 <= reply.code <= 599 and reply.lines for reply in replies)


@pytest.mark.parametrize(
    ("line", "reply"),
    [
        (b"250\r\n", Reply(250, ("",))),
        (b"250 \r\n", Reply(250, ("",))),
        (b"250 ok\n", Reply(250, ("ok",))),
        (b"571 not here\r\n", Reply(571, ("not here",))),
        (b"250 sm\xc3\xb8rrebr\xc3\xb8d \xff\r\n", Reply(250, ("smørrebrød \ufffd",))),
        (b"250-a\r\n250\r\n", Reply(250, ("a", ""))),
    ],
)
def test_what_servers_send_although_they_should_not_is_understood(line: bytes, reply: Reply) -> None:
    assert parsed(line) == [reply]


@pytest.mark.parametrize(
    "noise",
    [
        b"\r\n",
        b"hello\r\n",
        b"25 ok\r\n",
        b"2500 ok\r\n",
        b"150 no such class\r\n",
        b"650 nor this\r\n",
        b"250_ok\r\n",
        b" 250 ok\r\n",
        b"250-one\r\n251 two codes\r\n",
        b"250-one\r\nand text\r\n",
        b"HTTP/1.1 400 Bad Request\r\n",
        b"250 lone\rreturn\r\n",
        b"250 " + b"x" * (LINE_LIMIT + 1) + b"\r\n",
        b"250 " + b"x" * (LINE_LIMIT + 1),
        b"250-line\r\n" * (LINES_LIMIT + 1),
    ],
)
def test_garbage_is_an_error(noise: bytes) -> None:
    with pytest.raises(GarbledReply):
        parsed(noise)


def test_good_replies_in_front_of_garbage_are_not_lost() -> None:
    good = []
    with pytest.raises(GarbledReply):
        for reply in ReplyParser().feed(b"250 queued\r\ngarbage\r\n"):
            good.append(reply)
    assert good == [Reply(250, ("queued",))]


def test_a_reply_that_has_begun_is_known_to_be_unfinished() -> None:
    parser = ReplyParser()
    for piece, unfinished in [(b"250-one\r\n", True), (b"25", True), (b"0 two\r\n", False)]:
        list(parser.feed(piece))
        assert parser.unfinished == unfinished


@given(st.lists(st.text(max_size=3000), min_size=1, max_size=3))
def test_the_text_is_one_short_printable_line(lines: list[str]) -> None:
    text = Reply(550, tuple(lines)).text
    assert len(text) <= TEXT_LIMIT
    assert text.isprintable()


@pytest.mark.parametrize(
    ("lines", "enhanced"),
    [
        (("5.1.1 unknown",), "5.1.1"),
        (("5.1.1",), "5.1.1"),
        (("5.7.26 unauthenticated",), "5.7.26"),
        (("first line", "5.1.10 second line"), "5.1.10"),
        (("see 5.1.1 in our list",), ""),
        (("5.1.1.1 no",), ""),
        (("3.1.1 no such class",), ""),
        (("5.1111.1 too long",), ""),
        (("",), ""),
    ],
)
def test_the_enhanced_code_leads_the_text(lines: tuple[str, ...], enhanced: str) -> None:
    assert Reply(550, lines).enhanced == enhanced


def test_extensions_are_read_from_the_ehlo_reply() -> None:
    reply = Reply(
        250, ("mx PIPELINING", "pipelining", "SIZE 35882577", "8BITMIME", "AUTH PLAIN", "AUTH=LOGIN", "", "X")
    )
    extensions = Extensions.of(reply)
    assert extensions == Extensions(pipelining=True, eight_bit=True, size=35882577, auth=frozenset({"PLAIN", "LOGIN"}))


@pytest.mark.parametrize(("line", "size"), [("SIZE", 0), ("SIZE 0", 0), ("SIZE many", 0), ("SIZE ٣", 0), ("X", None)])
def test_a_size_without_a_number_is_no_limit(line: str, size: int | None) -> None:
    assert Extensions.of(Reply(250, ("mx", line))).size == size


@given(st.lists(LINE_TEXT, min_size=1))
def test_any_ehlo_reply_gives_extensions(lines: list[str]) -> None:
    extensions = Extensions.of(Reply(250, tuple(lines)))
    assert all(re.fullmatch(r"\S+", mechanism) for mechanism in extensions.auth)

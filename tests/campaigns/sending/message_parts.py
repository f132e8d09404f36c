"""Messages to test with: one way to make them, one way to read them back, the rules of the wire."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any

from campaigns.content.content import Content, Escape, Part, Slot
from campaigns.sending.message import Recipient, Sender, Skeleton

NOW = datetime(2026, 11, 21, 9, 30, 15, tzinfo=UTC)
OPT_OUT = "https://crm.example.com/u/AbCdEfGhIjKlMnOpQrStUv"
NEWLINE_LIKE = ["\n", "\r", "\r\n", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029", "\x00"]

# Eight scripts, and what is hard besides: combining marks, joiners, right to left, quotes, things that look encoded.
HARD_NAMES = [
    *(
        "Anna Smith",
        "O'Neill, Conan",
        'Jack "The Knife" Jones',
        "back\\slash",
        "a@b, c@d",
        "<script>",
        "(comment) Name",
    ),
    *("John Q. Public, Jr.", "=?utf-8?q?fake?=", "=?", "a=b_c?d", "undisclosed: recipients;", "[list]", "two  blanks"),
    *("Zoë Müller-Lüdenscheidt", "Ñandú Çelik", "e\u0301\u0302 combining", "Łukasz Żółć", "Анна Каренина"),
    *("Лев Николаевич Толстой " * 6, "Κωνσταντίνος Καβάφης", "محمد عبد الله", "יוסף כהן", "\u202eevil\u202c name"),
    *("हरिवंश राय बच्चन", "สมชาย ใจดี", "王小明", "山田 太郎", "김철수", "🎉" * 60, "no\u00a0break", "zero\u200bwidth"),
    *("👩\u200d👩\u200d👧 Family 🏳\ufe0f\u200d🌈", "Ж" * 300, "x" * 75 + "é", "é" + "x" * 75, "A" * 200, "word " * 40),
    *("mixed Кириллица and Latin, with comma", "100 % sure %s %b {name}", "_under_score_ é", "?=", ".dot", "From Anna"),
]


PERSON = Recipient(
    address="anna@example.org",
    name="Anna Smith",
    values={"name": "Anna", "optOutUrl": OPT_OUT}.__getitem__,
    message_id="<1.2@mail.example.com>",
    opt_out_url=OPT_OUT,
    now=NOW,
)
SENDER = Sender(
    from_address="news@mail.example.com",
    from_name="Example News",
    reply_to_address="help@example.com",
    reply_to_name="Help, please",
    list_id="news.example.com",
    feedback_id="1:2:3:herald",
)


def person(**changes: Any) -> Recipient:
    """``person(address=…)``; ``merge={…}`` adds to the values."""
    merge = {"name": "Anna", "optOutUrl": OPT_OUT, **changes.pop("merge", {})}
    return PERSON._replace(**{"values": merge.__getitem__, **changes})


def sender(**changes: Any) -> Sender:
    return replace(SENDER, **changes)


HTML: Part = (
    "<p>Dear ",
    Slot("name", "friend"),
    ',</p>\n<p><a href="',
    Slot("optOutUrl", escape=Escape.LINK),
    '">Stop</a></p>\n',
)
TEXT: Part = ("Dear ", Slot("name", "friend", Escape.TEXT), ",\n\nStop: ", Slot("optOutUrl", escape=Escape.TEXT), "\n")


def content(subject: Part = ("News",), html: Part | None = HTML, text: Part = TEXT) -> Content:
    return Content(subject, html, text)


def built(to: Recipient | None = None, of: Content | None = None, by: Sender | None = None) -> bytes:
    return Skeleton(of or content(), by or sender()).build(to or person())


def parsed(raw: bytes) -> EmailMessage:
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def field_lines(raw: bytes, name: str) -> list[str]:
    """The raw fields of the top header with that name, folding kept, without the last CRLF."""
    head = raw.split(b"\r\n\r\n")[0].decode("ascii") + "\r\n"
    fields = re.findall(r"(?:^|(?<=\r\n))([^\s:]+): ?((?:.*\r\n)(?:[ \t].*\r\n)*)", head)
    return [value.removesuffix("\r\n") for found, value in fields if found.lower() == name.lower()]


def field(raw: bytes, name: str) -> str:
    (only,) = field_lines(raw, name)
    return only


def decoded(folded: str) -> str:
    """Unfolded (RFC 5322 §2.2.3) and its encoded words decoded."""
    return str(make_header(decode_header(folded.replace("\r\n", ""))))


def mailbox(folded: str) -> tuple[str, str]:
    """The display name, decoded, and the address."""
    name, address = parseaddr(folded.replace("\r\n", ""))
    return str(make_header(decode_header(name))), address


def bodies(raw: bytes) -> dict[str, str]:
    """Decoded text bodies by type, with plain line ends."""
    parts = [part for part in message_from_bytes(raw).walk() if part.get_content_maintype() == "text"]
    octets = {part.get_content_type(): part.get_payload(decode=True) for part in parts}
    return {kind: text.decode().replace("\r\n", "\n") for kind, text in octets.items() if isinstance(text, bytes)}


def assert_fit_for_the_wire(raw: bytes) -> None:
    """7-bit, CRLF only, lines short enough, nothing for SMTP to stuff."""
    assert raw.endswith(b"\r\n")
    assert not re.search(rb"[^\t\r\n -~]", raw)
    assert b"\r" not in raw.replace(b"\r\n", b"") and b"\n" not in raw.replace(b"\r\n", b"")
    lines = raw.split(b"\r\n")
    assert max(map(len, lines)) <= 998
    assert not any(line.startswith((b".", b"From ")) for line in lines)
    head, _empty, body = raw.partition(b"\r\n\r\n")
    assert max(map(len, body.split(b"\r\n"))) <= 76
    assert not any(line.endswith((b" ", b"\t")) for line in lines)
    assert all(line.strip() for line in head.split(b"\r\n"))
    assert_encoded_words(head)


def assert_encoded_words(head: bytes) -> None:
    """RFC 2047 §2 and §5 (3): length of words and lines, every word decodes alone, none inside an address or quotes."""
    for line in head.split(b"\r\n"):
        words = re.findall(rb"=\?utf-8\?[bq]\?[^? ]*\?=", line)
        assert not words or len(line) <= 76
        for word in words:
            assert len(word) <= 75
            ((octets, charset),) = decode_header(word.decode("ascii"))
            assert octets.decode(charset)
        rest = re.sub(rb"(?<![^ ])=\?utf-8\?[bq]\?[^? ]*\?=(?![^ ])", b"", line)
        assert b"=?" not in rest

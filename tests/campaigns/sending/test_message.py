"""The structure of a message and its header fields."""

from datetime import timedelta, timezone

import pytest

from campaigns.content.content import Content, Escape, Slot
from campaigns.sending.message import MessageError, Sender, Skeleton
from crm.mail.header_fields import forbidden_header
from tests.campaigns.sending.message_parts import (
    NOW,
    OPT_OUT,
    assert_fit_for_the_wire,
    bodies,
    built,
    content,
    field,
    field_lines,
    mailbox,
    parsed,
    person,
    sender,
)

ONCE = ["From", "To", "Reply-To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type", "List-Unsubscribe"]
ONCE += ["List-Unsubscribe-Post", "List-Id", "Feedback-ID", "Precedence", "X-Auto-Response-Suppress"]


def test_text_comes_first_and_html_last() -> None:
    message = parsed(built())
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert {part.get_content_charset() for part in message.iter_parts()} == {"utf-8"}


def test_plain_template_makes_a_plain_message() -> None:
    message = parsed(built(of=content(html=None)))
    assert message.get_content_type() == "text/plain"
    assert message.get_content() == f"Dear Anna,\n\nStop: {OPT_OUT}\n".replace("\n", "\r\n")


def test_values_are_in_both_bodies() -> None:
    assert bodies(built(person(name="x"))) == {
        "text/plain": f"Dear Anna,\n\nStop: {OPT_OUT}\n",
        "text/html": f'<p>Dear Anna,</p>\n<p><a href="{OPT_OUT}">Stop</a></p>\n',
    }


@pytest.mark.parametrize("name", ONCE)
def test_field_stands_exactly_once(name: str) -> None:
    assert len(field_lines(built(), name)) == 1


def test_fields_have_these_values() -> None:
    raw = built()
    assert mailbox(field(raw, "From")) == ("Example News", "news@mail.example.com")
    assert mailbox(field(raw, "Reply-To")) == ("Help, please", "help@example.com")
    assert field(raw, "To") == "Anna Smith <anna@example.org>"
    assert field(raw, "Date") == "Sat, 21 Nov 2026 09:30:15 +0000"
    assert field(raw, "Message-ID") == "<1.2@mail.example.com>"
    assert field(raw, "List-Unsubscribe") == f"<{OPT_OUT}>"
    assert field(raw, "List-Unsubscribe-Post") == "List-Unsubscribe=One-Click"
    assert field(raw, "List-Id") == "<news.example.com>"
    assert field(raw, "Feedback-ID") == "1:2:3:herald"
    assert field(raw, "Precedence") == "bulk"
    assert field(raw, "X-Auto-Response-Suppress") == "OOF, AutoReply"


def test_empty_sender_fields_leave_their_header_out() -> None:
    raw = built(by=Sender("news@example.com"))
    for name in ("Reply-To", "List-Id", "Feedback-ID"):
        assert field_lines(raw, name) == []
    assert field(raw, "From") == "news@example.com"


def test_date_is_the_moment_in_utc_whatever_the_zone() -> None:
    local = NOW.astimezone(timezone(timedelta(hours=5, minutes=45))).replace(microsecond=999_999)
    assert field(built(person(now=local)), "Date") == "Sat, 21 Nov 2026 09:30:15 +0000"


def test_two_builds_of_one_item_differ_in_the_date_only() -> None:
    first = built(person()).split(b"\r\n")
    again = built(person(now=NOW + timedelta(days=1))).split(b"\r\n")
    changed = [line for line, other in zip(first, again, strict=True) if line != other]
    assert changed == [b"Date: Sat, 21 Nov 2026 09:30:15 +0000"]


@pytest.mark.parametrize("length", range(40, 301, 5))
def test_opt_out_url_is_literal_whatever_its_length(length: int) -> None:
    url = "https://crm.example.com/u/".ljust(length, "x")
    raw = built(person(opt_out_url=url))
    assert f"\r\nList-Unsubscribe: <{url}>\r\n".encode() in raw
    assert_fit_for_the_wire(raw)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://x/y",
        "https://x/>,<https://y",
        "https://x/ y",
        "https://пример.рф/u",
        "mailto:a@b.c",
        "https://x\r\nBcc: y",
    ],
)
def test_opt_out_url_that_is_not_one_web_address_is_refused(url: str) -> None:
    with pytest.raises(MessageError, match="List-Unsubscribe"):
        built(person(opt_out_url=url))


def test_marketing_without_opt_out_url_is_refused_and_informational_goes_without() -> None:
    with pytest.raises(MessageError, match="opt-out"):
        built(person(opt_out_url=None))
    raw = built(person(opt_out_url=None), by=sender(marketing=False))
    assert b"List-Unsubscribe" not in raw
    assert field(raw, "X-Auto-Response-Suppress")


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("<a.b@x.example>", "<a.b@x.example>"),
        ("a.b@x.example", "<a.b@x.example>"),
        ("a.b", "<a.b@mail.example.com>"),
        ("a@пример.рф", "<a@xn--e1afmkfd.xn--p1ai>"),
    ],
)
def test_message_id_is_completed(given: str, written: str) -> None:
    assert field(built(person(message_id=given)), "Message-ID") == written


@pytest.mark.parametrize(
    "bad", ["", "a b@x.example", "a@localhost", "<a@x.example>\r\nBcc: y@z", "a@b@c.d", "ä@x.example"]
)
def test_message_id_that_is_none_is_refused(bad: str) -> None:
    with pytest.raises(MessageError):
        built(person(message_id=bad))


def test_extra_headers_are_written_encoded_and_folded() -> None:
    told = (("X-CSA-Complaints", "whitelist@eco.de"), ("X-Note", "Ж" * 100), ("X-Long", "word " * 300))
    raw = built(by=sender(extra_headers=told))
    assert field(raw, "X-CSA-Complaints") == "whitelist@eco.de"
    assert parsed(raw)["X-Note"] == "Ж" * 100
    assert parsed(raw)["X-Long"] == ("word " * 300).strip()
    assert_fit_for_the_wire(raw)


DENIED = [
    "From",
    "To",
    "Cc",
    "Bcc",
    "Sender",
    "Reply-To",
    "Return-Path",
    "Date",
    "Message-ID",
    "Subject",
    "MIME-Version",
]
DENIED += ["DKIM-Signature", "Received", "Content-Type", "Content-Transfer-Encoding", "List-Unsubscribe", "List-Id"]
DENIED += ["List-Unsubscribe-Post", "Feedback-ID", "Precedence", "X-Auto-Response-Suppress", "Resent-From", "ARC-Seal"]


@pytest.mark.parametrize("name", [*DENIED, "", "X Y", "X:Y", "X-Ü", "X\r\nBcc", "X" * 41])
def test_header_that_is_not_free_is_denied(name: str) -> None:
    for spelling in {name, name.lower(), name.upper()}:
        assert forbidden_header(spelling)
        with pytest.raises(MessageError):
            Skeleton(content(), sender(extra_headers=((spelling, "x"),)))


@pytest.mark.parametrize(
    "name", ["X-CSA-Complaints", "Organization", "Auto-Submitted", "X-Mailer", "Keywords", "To-Do"]
)
def test_free_header_is_allowed(name: str) -> None:
    assert not forbidden_header(name)


def test_extra_header_may_stand_once_only() -> None:
    with pytest.raises(MessageError, match="twice"):
        Skeleton(content(), sender(extra_headers=(("X-A", "1"), ("x-a", "2"))))


def test_domain_is_sent_as_a_labels_and_non_ascii_local_part_refused() -> None:
    assert field(built(person(address="j@пример.рф")), "To") == "Anna Smith <j@xn--e1afmkfd.xn--p1ai>"
    with pytest.raises(MessageError, match="before the @"):
        built(person(address="почта@пример.рф"))
    with pytest.raises(MessageError, match="before the @"):
        Skeleton(content(), sender(from_address="почта@example.com"))


def test_message_id_domain_falls_back_to_the_from_domain_and_is_never_localhost() -> None:
    assert "@mail.example.com>" in field(built(person(message_id="1")), "Message-ID")
    with pytest.raises(MessageError, match="localhost"):
        Skeleton(content(), sender(message_id_domain="localhost"))


@pytest.mark.parametrize("list_id", ["no dots", "nodot", "a..b", "x" * 250 + ".example.com", "Läden <a.b>"])
def test_list_id_that_is_none_is_refused(list_id: str) -> None:
    with pytest.raises(MessageError):
        Skeleton(content(), sender(list_id=list_id))


def test_content_read_back_from_json_makes_the_same_message() -> None:
    of = content(("Dear ", Slot("name", "you", Escape.HEADER)))
    assert built(of=Content.from_json(of.as_json())) == built(of=of)

"""Attachments: structure, names (RFC 2231), what is refused."""

import pytest

from campaigns.sending.message import Attachment, MessageError, Skeleton
from tests.campaigns.sending.message_parts import assert_fit_for_the_wire, content, parsed, person, sender

NAMES = [
    "отчёт.pdf",
    "report.pdf",
    "two words.pdf",
    'a"b.pdf',
    "отчёт" * 40 + ".pdf",
    "日本語 テスト.pdf",
    "a'b%c*.pdf",
]


@pytest.mark.parametrize("name", [*NAMES, "x" * 180 + ".pdf"])
def test_attachment_keeps_name_type_and_content(name: str) -> None:
    octets = bytes(range(256)) * 20
    raw = Skeleton(content(), sender(), [Attachment(name, octets, "application/pdf")]).build(person())
    assert_fit_for_the_wire(raw)
    message = parsed(raw)
    body, attached = message.iter_parts()
    assert (message.get_content_type(), body.get_content_type()) == ("multipart/mixed", "multipart/alternative")
    assert (attached.get_filename(), attached.get_content_type()) == (name, "application/pdf")
    assert attached.get_content_disposition() == "attachment"
    assert attached.get_content() == octets


def test_attachment_to_a_plain_message_and_two_of_them() -> None:
    attachments = [
        Attachment("a.txt", b"a" * 1000, "text/csv"),
        Attachment("mail.eml", b"From: x\n\ny", "message/rfc822"),
    ]
    message = parsed(Skeleton(content(html=None), sender(), attachments).build(person()))
    assert [part.get_content_type() for part in message.iter_parts()] == [
        "text/plain",
        "text/csv",
        "application/octet-stream",
    ]
    assert [part.get_payload(decode=True) for part in message.iter_attachments()] == [
        one.content for one in attachments
    ]


@pytest.mark.parametrize(("name", "kept"), [("../../etc/passwd", "passwd"), ("C:\\tmp\\x.pdf", "x.pdf")])
def test_attachment_name_loses_its_folders(name: str, kept: str) -> None:
    message = parsed(Skeleton(content(), sender(), [Attachment(name, b"x")]).build(person()))
    assert [part.get_filename() for part in message.iter_attachments()] == [kept]


@pytest.mark.parametrize(
    ("name", "mime_type"), [("", "a/b"), ("a\r\nb", "a/b"), ("a", "a/b\r\nX: y"), ("a", "nonsense"), ("x/", "a/b")]
)
def test_attachment_that_cannot_be_written_is_refused(name: str, mime_type: str) -> None:
    with pytest.raises(MessageError, match="Attachment"):
        Skeleton(content(), sender(), [Attachment(name, b"x", mime_type)])

"""Values that try to break out of their header field: twelve code points that somebody takes for a line end."""

import pytest

from campaigns.content.content import Escape, Slot
from campaigns.sending.message import MessageError, Skeleton
from tests.campaigns.sending.message_parts import (
    NEWLINE_LIKE,
    PERSON,
    assert_fit_for_the_wire,
    bodies,
    built,
    content,
    field,
    field_lines,
    person,
    sender,
)


@pytest.mark.parametrize("breaker", NEWLINE_LIKE)
@pytest.mark.parametrize("where", ["name", "address", "message_id", "opt_out_url"])
def test_line_break_in_a_persons_header_value_fails_this_person_alone(where: str, breaker: str) -> None:
    skeleton = Skeleton(content(), sender())
    evil = person(**{where: f"{getattr(PERSON, where)}{breaker}Bcc: evil@example.net"})
    with pytest.raises(MessageError):
        skeleton.build(evil)
    assert b"evil" not in skeleton.build(person())


@pytest.mark.parametrize("breaker", NEWLINE_LIKE)
def test_line_break_in_a_subject_value_stays_inside_the_subject(breaker: str) -> None:
    of = content(("Dear ", Slot("name", "you", Escape.HEADER), "!"))
    raw = built(person(merge={"name": f"Eve{breaker}Bcc: evil@example.net"}), of)
    assert_fit_for_the_wire(raw)
    assert field_lines(raw, "Bcc") == []
    assert field(raw, "Subject").startswith("Dear Eve") and field(raw, "Subject").endswith("Bcc: evil@example.net!")


@pytest.mark.parametrize("breaker", NEWLINE_LIKE)
def test_line_break_in_a_body_value_opens_no_part_and_no_header(breaker: str) -> None:
    boundary = built().partition(b'boundary="')[2].partition(b'"')[0].decode("ascii")
    evil = f"x{breaker}--{boundary}--{breaker}.{breaker}Bcc: evil@example.net{breaker}{breaker}"
    raw = built(person(merge={"name": evil}))
    assert_fit_for_the_wire(raw)
    assert raw.count(f"\r\n--{boundary}".encode("ascii")) == 3
    assert field_lines(raw, "Bcc") == []
    assert len(bodies(raw)) == 2


@pytest.mark.parametrize("breaker", NEWLINE_LIKE)
@pytest.mark.parametrize(
    "where",
    ["from_address", "from_name", "reply_to_address", "reply_to_name", "message_id_domain", "list_id", "feedback_id"],
)
def test_line_break_in_a_sender_value_is_refused_at_once(where: str, breaker: str) -> None:
    with pytest.raises(MessageError):
        Skeleton(content(), sender(**{where: f"x{breaker}y@example.com"}))


@pytest.mark.parametrize("breaker", NEWLINE_LIKE)
def test_line_break_in_the_authors_subject_or_headers_is_refused_at_once(breaker: str) -> None:
    with pytest.raises(MessageError, match="Subject"):
        Skeleton(content((f"News{breaker}Bcc: x@y.example",)), sender())
    with pytest.raises(MessageError, match="X-Custom"):
        Skeleton(content(), sender(extra_headers=(("X-Custom", f"a{breaker}b"),)))


def test_blanks_around_a_name_are_trimmed() -> None:
    assert field(built(person(name="\t Anna \n")), "To") == "Anna <anna@example.org>"


def test_missing_value_fails_this_person_alone() -> None:
    of = content(text=("x", Slot("unknown", escape=Escape.TEXT)))
    with pytest.raises(MessageError, match="unknown"):
        built(of=of)

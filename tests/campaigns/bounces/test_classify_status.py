"""Delivery status notifications (RFC 3464)."""

from campaigns.bounces.classify import classify
from campaigns.bounces.verdicts import Kind, Reason
from tests.campaigns.bounces.messages import block, report, status


def test_the_words_of_the_receiving_server_outrank_the_status() -> None:
    found = classify(status(block("ann@shop.example", "5.1.1", "550 5.7.1 IP address blacklisted by recipient")))
    assert (found.kind, found.reason) == (Kind.SOFT, Reason.BLOCKED)
    assert "blacklisted" in found.evidence
    assert found.rule == "phrase: block list"


def test_a_code_decides_where_the_words_say_nothing() -> None:
    found = classify(status(block("ann@shop.example", "5.1.1", "550 Refused.")))
    assert (found.kind, found.reason, found.code, found.rule) == (Kind.HARD, Reason.USER_UNKNOWN, "5.1.1", "code 5.1.1")


def test_unspecified_is_soft() -> None:
    found = classify(status(block("ann@shop.example", "5.0.0", "550 Refused.")))
    assert (found.kind, found.reason) == (Kind.SOFT, Reason.UNSPECIFIED)


def test_a_temporary_code_is_never_hard() -> None:
    found = classify(status(block("ann@shop.example", "4.1.1", "450 4.1.1 User unknown")))
    assert (found.kind, found.reason) == (Kind.SOFT, Reason.USER_UNKNOWN)


def test_delayed_is_soft_whatever_else_it_says() -> None:
    found = classify(status(block("ann@shop.example", "5.1.1", "550 5.1.1 User unknown", action="delayed")))
    assert found.kind is Kind.SOFT


def test_delivered_relayed_and_expanded_are_no_bounces() -> None:
    for action in ("delivered", "relayed", "expanded"):
        assert classify(status(block("ann@shop.example", "2.0.0", action=action))).kind is Kind.NONE


def test_every_recipient_has_a_verdict_of_their_own() -> None:
    found = classify(
        status(
            block("ann@shop.example", "5.1.1", "550 5.1.1 User unknown"),
            block("bob@shop.example", "5.2.2", "552 5.2.2 Mailbox full"),
            block("cid@shop.example", "2.0.0", action="delivered"),
        )
    )
    assert found.kind is Kind.HARD
    assert [(each.address, each.kind, each.reason) for each in found.recipients] == [
        ("ann@shop.example", Kind.HARD, Reason.USER_UNKNOWN),
        ("bob@shop.example", Kind.SOFT, Reason.MAILBOX_FULL),
    ]


def test_the_address_is_the_one_we_wrote_to() -> None:
    fields = "Original-Recipient: rfc822;ann@shop.example\n" + block("a.private@other.example", "5.1.1")
    assert classify(status(fields)).recipients[0].address == "ann@shop.example"


def test_a_folded_diagnostic_is_read_to_its_end() -> None:
    fields = block(
        "ann@shop.example", "5.0.0", "550-5.1.1 The email account that you tried\n 550 5.1.1 to reach does not exist"
    )
    assert classify(status(fields)).kind is Kind.HARD


def test_a_status_without_a_diagnostic_asks_the_text() -> None:
    text = "I could not deliver this:\n\n<ann@shop.example>: sorry, mailbox is full"
    assert classify(status(block("ann@shop.example", "5.0.0"), text=text)).reason is Reason.MAILBOX_FULL


def test_a_status_part_without_an_address_asks_the_text() -> None:
    found = classify(status("Action: failed\nStatus: 5.1.1", text="<ann@shop.example>: user unknown"))
    assert [each.address for each in found.recipients] == ["ann@shop.example"]


def test_fields_that_stand_in_plain_text_count() -> None:
    text = f"Your mail failed.\n\n{block('ann@shop.example', '5.1.1', '550 5.1.1 User unknown')}\n"
    raw = status(text=text).replace(b"message/delivery-status", b"text/x-status")
    assert classify(raw).recipients[0].address == "ann@shop.example"


def test_a_report_wrapped_by_a_mail_filter_is_unwrapped() -> None:
    inner = status(block("ann@shop.example", "5.1.1", "550 5.1.1 User unknown"))
    parts = [f"Content-Type: message/rfc822\n\n{inner.decode().replace('=_parts', '=_inner')}"]
    raw = report("wrapped", "postmaster@filter.example", "Delivery failure", parts)
    assert classify(raw).kind is Kind.HARD


def test_what_the_returned_message_says_decides_nothing() -> None:
    raw = status(block("ann@shop.example", "5.7.1", "550 5.7.1 Denied by policy"))
    raw = raw.replace(b"\n\nHello\n", b"\n\n550 5.1.1 User unknown, the mailbox does not exist\n")
    assert classify(raw).reason is Reason.POLICY


def test_evidence_is_one_bounded_line() -> None:
    found = classify(status(block("ann@shop.example", "5.1.1", "550 5.1.1 User unknown " + "x" * 5000)))
    assert len(found.evidence) == 500
    assert "\n" not in found.evidence


def test_without_a_diagnostic_the_words_beside_the_address_outrank_the_status() -> None:
    text = "<ann@shop.example>: host mx said: 550 has sent to too many recipients this hour"
    found = classify(status(block("ann@shop.example", "5.1.1"), text=text))
    assert (found.kind, found.reason) == (Kind.SOFT, Reason.RATE_LIMITED)

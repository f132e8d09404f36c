import base64

import pytest

from campaigns.bounces.identify import Evidence, OurMessageId, evidence_of
from campaigns.tracking.tokens import Purpose, make, read
from tests.campaigns.bounces.messages import block, status, told

TOKEN, OPT_OUT = make(Purpose.BOUNCE, 4711), make(Purpose.OPT_OUT, 4711, 12)
ITEM = OurMessageId("<7.4711.aabbccddeeff@crm.example>", 7, 4711, "aabbccddeeff", "crm.example")
OURS = f"""\
Return-Path: <bounce+{TOKEN}@crm.example>
Message-ID: <7.4711.aabbccddeeff@crm.example>
Feedback-ID: 3:7:1:herald
List-Unsubscribe: <https://crm.example/u/{OPT_OUT}>
To: ann@shop.example
Subject: Spring

Hello
"""


@pytest.mark.parametrize("name", ["Delivered-To", "X-Original-To", "Envelope-To", "To"])
def test_a_token_in_any_delivery_header(name: str) -> None:
    raw = f"{name}: <bounce+{TOKEN}@crm.example>\n".encode() + told(
        "failure notice", "<ann@shop.example>: user unknown"
    )
    assert evidence_of(raw).bounce_tokens == (TOKEN,)


def test_a_token_in_what_the_servers_noted() -> None:
    raw = f"Received: from a by b with ESMTP\n\tfor <bounce+{TOKEN}@crm.example>; Mon, 1 Mar\n".encode() + told(
        "x", "y"
    )
    assert evidence_of(raw).bounce_tokens == (TOKEN,)


def test_a_token_in_capitals_and_behind_a_rewritten_address() -> None:
    raw = f"Delivered-To: SRS0=x=y=crm.example=bounce+{TOKEN.upper()}=crm.example@relay.example\n".encode() + told(
        "x", "y"
    )
    tokens = evidence_of(raw).bounce_tokens
    assert [read(Purpose.BOUNCE, token) for token in tokens] == [(4711,)]


def test_the_returned_message_as_a_part() -> None:
    raw = status(block("ann@shop.example", "5.1.1")).decode().split("Content-Type: message/rfc822")[0]
    found = evidence_of(f"{raw}Content-Type: message/rfc822\n\n{OURS}\n--=_parts--\n".encode())
    assert found == Evidence(
        bounce_tokens=(),
        returned_tokens=(TOKEN,),
        opt_out_tokens=(OPT_OUT,),
        message_ids=(ITEM,),
        feedback_ids=((3, 7, 1),),
        recipients=("ann@shop.example",),
    )
    assert read(Purpose.OPT_OUT, found.opt_out_tokens[0]) == (4711, 12)


@pytest.mark.parametrize("mark", ["", "> ", "  "])
def test_the_returned_message_in_the_text(mark: str) -> None:
    quoted = "".join(f"{mark}{line}\n" for line in OURS.splitlines())
    text = f"<ann@shop.example>:\nuser unknown\n\n--- Below this line is a copy of the message.\n\n{quoted}"
    found = evidence_of(told("failure notice", text))
    assert (found.message_ids, found.opt_out_tokens, found.returned_tokens) == ((ITEM,), (OPT_OUT,), (TOKEN,))


def test_an_encoded_returned_message() -> None:
    text = f"<ann@shop.example>: unknown user\n\n----- Original message -----\n\n{OURS}"
    head = "From: MAILER-DAEMON@mx\nSubject: failure notice\nContent-Transfer-Encoding: base64\n\n"
    assert evidence_of((head + base64.encodebytes(text.encode()).decode()).encode()).message_ids == (ITEM,)


def test_other_peoples_identifiers_are_none_of_ours() -> None:
    text = "Message-ID: <abc@x.example>\nReturn-Path: <bounce+1234@x.example>\nList-Unsubscribe: <https://x.example/u/short>"
    assert evidence_of(told("failure notice", f"user unknown\n\n--- Below this line is a copy\n\n{text}")) == Evidence()


def test_as_many_as_a_message_likes_are_not_taken() -> None:
    text = "\n".join(f"<7.{item}.aabbccddeeff@crm.example>" for item in range(500))
    assert len(evidence_of(told("failure notice", text)).message_ids) == 20

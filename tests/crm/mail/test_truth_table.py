"""DUTIES 3.1 and S1 to S7: each row, on a real connection, in the middle of a stream of messages."""

from dataclasses import dataclass

import pytest

from crm.mail.smtp import Phase
from crm.mail.verdict import AccountOutcome, AddressOutcome, ItemOutcome, verdict
from tests.crm.mail.conversation import account, deliver, envelope, limits, opening, stream
from tests.smtp_server import CHUNKED, DROP, DROP_ACCEPTED, HANG, HANG_ACCEPTED, OFFERED, Act, SmtpServer

SENT, PENDING, DEFERRED, FAILED, UNCERTAIN = ItemOutcome
GO_ON, BACK_OFF, PAUSE = AccountOutcome
KEEP, HARD, SOFT = AddressOutcome


@dataclass(frozen=True)
class Row:
    step: str
    act: Act
    phase: Phase
    item: ItemOutcome
    account: AccountOutcome = GO_ON
    address: AddressOutcome = KEEP
    survives: bool = True  # the connection serves the next message
    kept: int = 0  # copies at the server


def no(step: str, reply: str, item: ItemOutcome, **outcome: object) -> Row:
    return Row(step, Act(reply), Phase(step.lower()), item, **outcome)  # type: ignore[arg-type]


ROWS = {
    # before the dot: 421 and drops cost nobody anything
    "421 to MAIL": no("MAIL", "421 4.3.2 closing", PENDING, account=BACK_OFF, survives=False),
    "421 to RCPT": no("RCPT", "421 4.7.0 too fast", PENDING, account=BACK_OFF, survives=False),
    "421 to DATA": no("DATA", "421 4.3.2 closing", PENDING, account=BACK_OFF, survives=False),
    "421 to RCPT and gone": Row("RCPT", Act("421 bye", drops=True), Phase.RCPT, PENDING, BACK_OFF, survives=False),
    "drop at MAIL": Row("MAIL", DROP, Phase.MAIL, PENDING, BACK_OFF, survives=False),
    "drop at RCPT": Row("RCPT", DROP, Phase.RCPT, PENDING, BACK_OFF, survives=False),
    "drop at DATA": Row("DATA", DROP, Phase.DATA, PENDING, BACK_OFF, survives=False),
    "silence at MAIL": Row("MAIL", HANG, Phase.MAIL, PENDING, BACK_OFF, survives=False),
    "silence at RCPT": Row("RCPT", HANG, Phase.RCPT, PENDING, BACK_OFF, survives=False),
    "silence at DATA": Row("DATA", HANG, Phase.DATA, PENDING, BACK_OFF, survives=False),
    "garbage at RCPT": Row("RCPT", Act(b"what?\r\n"), Phase.RCPT, PENDING, BACK_OFF, survives=False),
    "yes out of place at DATA": Row("DATA", Act("250 ok"), Phase.DATA, PENDING, BACK_OFF, survives=False),
    # the sender
    "550 to MAIL": no("MAIL", "550 5.7.1 not you", PENDING, account=PAUSE),
    "552 to MAIL": no("MAIL", "552 5.3.4 too big", PENDING, account=PAUSE),
    "451 to MAIL": no("MAIL", "451 4.3.0 later", DEFERRED),
    # a definite, temporary no
    "450 to RCPT": no("RCPT", "450 4.2.1 busy mailbox", DEFERRED, address=SOFT),
    "452 full": no("RCPT", "452 4.2.2 full", DEFERRED, address=SOFT),
    "452 too many": no("RCPT", "452 4.5.3 too many recipients", DEFERRED),
    "552 to RCPT": no("RCPT", "552 too many recipients", DEFERRED),
    "greylisted": no("RCPT", "451 4.7.1 come back in 5 minutes", DEFERRED),
    "451 with a misleading text": no("RCPT", "451 permanent failure, user unknown 550 5.1.1", DEFERRED),
    "451 to DATA": no("DATA", "451 4.3.0 later", DEFERRED),
    "451 to the dot": no("DOT", "451 4.3.0 later", DEFERRED),
    # a definite, final no
    "550 5.1.1": no("RCPT", "550 5.1.1 unknown", FAILED, address=HARD),
    "550 5.1.10": no("RCPT", "550 5.1.10 null MX", FAILED, address=HARD),
    "550 5.2.2": no("RCPT", "550 5.2.2 over quota", FAILED, address=SOFT),
    "550 5.7.1 to RCPT": no("RCPT", "550 5.7.1 user unknown, says the text", FAILED),
    "bare 550": no("RCPT", "550 unknown user", FAILED),
    "554 to DATA": no("DATA", "554 5.7.1 no", FAILED),
    "554 to the dot": no("DOT", "554 5.7.1 spam", FAILED),
    "550 5.1.1 to the dot": no("DOT", "550 5.1.1 unknown", FAILED, address=HARD),
    # the dot
    "421 to the dot": no("DOT", "421 4.3.2 not taken", PENDING, account=BACK_OFF, survives=False),
    "drop after the dot": Row("DOT", DROP, Phase.DOT, UNCERTAIN, survives=False),
    "drop after the dot, accepted": Row("DOT", DROP_ACCEPTED, Phase.DOT, UNCERTAIN, survives=False, kept=1),
    "silence after the dot": Row("DOT", HANG, Phase.DOT, UNCERTAIN, survives=False),
    "silence after the dot, accepted": Row("DOT", HANG_ACCEPTED, Phase.DOT, UNCERTAIN, survives=False, kept=1),
    "garbage after the dot": Row("DOT", Act(b"\x00\xff\r\n"), Phase.DOT, UNCERTAIN, survives=False),
    "354 after the dot": Row("DOT", Act("354 more?"), Phase.DOT, UNCERTAIN, survives=False),
    "half a reply after the dot": Row("DOT", Act(b"25", drops=True), Phase.DOT, UNCERTAIN, survives=False),
    "accepted": Row("DOT", Act("250 2.0.0 queued as 4XyZ"), Phase.ACCEPTED, SENT, kept=1),
    "accepted, then gone": Row("DOT", Act("250 ok", drops=True), Phase.ACCEPTED, SENT, survives=False, kept=1),
}


@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if row.step != "DATA"])
def test_each_row_in_the_middle_of_a_window(name: str) -> None:
    """What goes wrong without a no is in doubt here, and so is what was in flight behind it."""
    row = ROWS[name]
    no_reply = not isinstance(row.act.reply, str) or row.act.reply.startswith("3")
    ended = no_reply or row.act.drops
    closed = row.act.drops and str(row.act.reply).startswith("421")
    with SmtpServer(offered=CHUNKED) as server:
        script = {"skip": 1} if row.step == "MAIL" else {"recipient": "victim@example.com"}
        server.on(row.step, row.act, times=1, **script)
        messages = [envelope("before"), envelope("victim"), envelope("after")]
        attempts, _ = stream(account(server, timeouts=limits(row.act, row.step)), messages)

    before, victim, after = [verdict(attempt) for attempt in attempts.values()]
    assert (before.item, victim.item) == (SENT, UNCERTAIN if no_reply else row.item)
    if not no_reply:
        assert (victim.account, victim.address, victim.charged) == (row.account, row.address, row.item is not PENDING)
    assert after.item is (PENDING if closed else UNCERTAIN if ended else SENT)
    copies = [message.recipient for message in server.messages]
    assert [copies.count(message.recipient) for message in messages[:2]] == [1, row.kept]
    assert after.item is UNCERTAIN or copies.count("after@example.com") == int(after.item is SENT)
    assert server.violations == []


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS.keys())
@pytest.mark.parametrize("way", ["in steps", "at once", "streamed"])
def test_each_row_of_the_truth_table(row: Row, way: str) -> None:
    offered = OFFERED if way != "in steps" else OFFERED[1:]
    with SmtpServer(offered=offered) as server:
        # MAIL does not say for whom: there the second occasion is the victim's
        script = {"skip": 1} if row.step == "MAIL" else {"recipient": "victim@example.com"}
        server.on(row.step, row.act, times=1, **script)
        messages = [envelope("before"), envelope("victim"), envelope("after")]
        if way == "streamed":
            by_recipient, _ = stream(account(server, timeouts=limits(row.act, row.step)), messages)
            attempts = [by_recipient[message.recipient] for message in messages if message.recipient in by_recipient]
        else:
            attempts = deliver(account(server, timeouts=limits(row.act, row.step)), *messages)

    before, attempt, *rest = attempts
    judged = verdict(attempt)
    assert (attempt.phase, judged.item, judged.account, judged.address) == (
        row.phase,
        row.item,
        row.account,
        row.address,
    )
    assert judged.charged == (row.item is not PENDING)
    assert verdict(before).item is SENT
    copies = [message.recipient for message in server.messages]
    assert copies.count("before@example.com") == 1
    assert copies.count("victim@example.com") == row.kept
    assert [verdict(after).item for after in rest] in ([[SENT]] if row.survives else [[], [PENDING]])
    assert copies.count("after@example.com") == int(row.survives)
    assert server.violations == []


SESSIONS = {
    "greeting 421": ("GREETING", Act("421 busy"), Phase.GREETING, BACK_OFF),
    "greeting 450": ("GREETING", Act("450 busy"), Phase.GREETING, BACK_OFF),
    "greeting 554": ("GREETING", Act("554 5.7.1 you are listed"), Phase.GREETING, PAUSE),
    "greeting drop": ("GREETING", DROP, Phase.GREETING, BACK_OFF),
    "greeting silence": ("GREETING", HANG, Phase.GREETING, BACK_OFF),
    "greeting of another protocol": ("GREETING", Act(b"SSH-2.0-OpenSSH_9\r\n"), Phase.GREETING, BACK_OFF),
    "EHLO 421": ("EHLO", Act("421 busy"), Phase.EHLO, BACK_OFF),
    "EHLO 550": ("EHLO", Act("550 5.7.1 bad name"), Phase.EHLO, PAUSE),
    "EHLO drop": ("EHLO", DROP, Phase.EHLO, BACK_OFF),
    "EHLO silence": ("EHLO", HANG, Phase.EHLO, BACK_OFF),
}


@pytest.mark.parametrize(("step", "act", "phase", "expected"), SESSIONS.values(), ids=SESSIONS.keys())
def test_trouble_before_any_message_is_the_accounts(
    step: str, act: Act, phase: Phase, expected: AccountOutcome
) -> None:
    with SmtpServer() as server:
        server.on(step, act)
        attempt = opening(account(server, timeouts=limits(act, step)))
    assert attempt is not None
    judged = verdict(attempt)
    assert (attempt.phase, judged.item, judged.account, judged.address) == (phase, PENDING, expected, KEEP)
    assert not judged.charged

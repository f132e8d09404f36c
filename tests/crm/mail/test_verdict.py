"""The table of verdicts by itself: codes in, outcomes out; texts never matter (S1, S4 to S7)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.mail.smtp import Attempt, Phase, Reply, Trouble
from crm.mail.verdict import AccountOutcome, AddressOutcome, ItemOutcome, Verdict, verdict

SENT, PENDING, DEFERRED, FAILED, UNCERTAIN = ItemOutcome
KEEP, HARD, SOFT = AddressOutcome
PHASES = st.sampled_from(Phase)
REPLIES = st.builds(
    lambda code, enhanced, text: Reply(code, (f"{enhanced} {text}".strip(),)),
    st.integers(200, 599),
    st.sampled_from(["", "5.1.1", "4.7.1", "5.7.1", "4.2.2", "2.0.0", "5.2.2"]),
    st.text(max_size=20),
)
ATTEMPTS = st.one_of(
    st.builds(Attempt, PHASES, REPLIES),
    st.builds(Attempt, PHASES, st.none(), st.text(max_size=9), st.sampled_from(Trouble)),
)


def judged(phase: Phase, reply: str) -> Verdict:
    code, _, text = reply.partition(" ")
    return verdict(Attempt(phase, Reply(int(code), (text,))))


CODES = [
    # to RCPT: nobody there
    ("550 5.1.1", FAILED, HARD, "user_unknown"),
    ("550 5.1.2", FAILED, HARD, "domain_unknown"),
    ("553 5.1.3", FAILED, HARD, "address_invalid"),
    ("550 5.1.6", FAILED, HARD, "user_unknown"),
    ("556 5.1.10", FAILED, HARD, "domain_unknown"),
    # to RCPT: a no that says nothing lasting about the address
    ("550", FAILED, KEEP, "policy"),
    ("550 5.0.0", FAILED, KEEP, "policy"),
    ("550 5.1.0", FAILED, KEEP, "policy"),
    ("550 5.1.4", FAILED, KEEP, "policy"),
    ("550 5.1.8", FAILED, KEEP, "policy"),
    ("551", FAILED, KEEP, "policy"),
    ("553", FAILED, KEEP, "policy"),
    ("554 5.7.1", FAILED, KEEP, "policy"),
    ("550 5.7.26", FAILED, KEEP, "policy"),
    ("571", FAILED, KEEP, "policy"),
    ("550 5.2.1", FAILED, KEEP, "mailbox_unavailable"),
    ("550 5.2.2", FAILED, SOFT, "mailbox_full"),
    ("554 5.2.3", FAILED, KEEP, "too_large"),
    ("550 5.3.0", FAILED, KEEP, "system_refused"),
    ("550 5.4.1", FAILED, KEEP, "system_refused"),
    ("554 5.6.0", FAILED, KEEP, "content_refused"),
    # to RCPT: later
    ("450 4.7.1", DEFERRED, KEEP, "greylisted"),
    ("451 4.7.1", DEFERRED, KEEP, "greylisted"),
    ("450", DEFERRED, KEEP, "deferred"),
    ("451 4.7.500", DEFERRED, KEEP, "policy_deferred"),
    ("450 4.2.1", DEFERRED, SOFT, "mailbox_unavailable"),
    ("452 4.2.2", DEFERRED, SOFT, "mailbox_full"),
    ("552 5.2.2", DEFERRED, SOFT, "mailbox_full"),
    ("552", DEFERRED, KEEP, "too_many_recipients"),
    ("452", DEFERRED, KEEP, "too_many_recipients"),
    ("452 4.5.3", DEFERRED, KEEP, "too_many_recipients"),
    ("451 4.4.1", DEFERRED, KEEP, "deferred"),
    # an enhanced code of another class than the code is not believed: the code decides
    ("450 5.1.1", DEFERRED, KEEP, "deferred"),
    ("550 4.2.2", FAILED, KEEP, "policy"),
]


@pytest.mark.parametrize(("reply", "item", "address", "reason"), CODES)
def test_what_a_reply_to_rcpt_means(reply: str, item: ItemOutcome, address: AddressOutcome, reason: str) -> None:
    assert judged(Phase.RCPT, reply) == Verdict(item, AccountOutcome.NONE, address, reason, charged=True)


@pytest.mark.parametrize("phase", [Phase.DATA, Phase.BODY, Phase.DOT])
@pytest.mark.parametrize(
    ("reply", "item", "address"),
    [
        ("451 4.3.0", DEFERRED, KEEP),
        ("452 4.2.2", DEFERRED, SOFT),
        ("552 5.3.4", FAILED, KEEP),
        ("554 5.7.1", FAILED, KEEP),
        ("550 5.1.1", FAILED, HARD),
        ("552", FAILED, KEEP),
    ],
)
def test_what_a_reply_to_the_content_means(
    phase: Phase, reply: str, item: ItemOutcome, address: AddressOutcome
) -> None:
    outcome = judged(phase, reply)
    assert (outcome.item, outcome.account, outcome.address) == (item, AccountOutcome.NONE, address)


@pytest.mark.parametrize("phase", [Phase.CONNECT, Phase.GREETING, Phase.EHLO, Phase.STARTTLS, Phase.AUTH])
def test_before_a_message_a_no_is_the_accounts(phase: Phase) -> None:
    assert judged(phase, "454 4.7.0").account is AccountOutcome.BACK_OFF
    assert judged(phase, "554 5.7.1").account is AccountOutcome.PAUSE
    assert judged(phase, "535 5.1.1").address is KEEP


@pytest.mark.parametrize("phase", [Phase.RCPT, Phase.DATA, Phase.DOT])
def test_421_of_which_the_sender_saw_that_it_is_about_the_person(phase: Phase) -> None:
    outcome = verdict(Attempt(phase, Reply(421, ("4.3.2 busy",)), trouble=Trouble.BUSY))
    assert outcome == Verdict(DEFERRED, AccountOutcome.NONE, KEEP, "deferred", charged=True)


@given(ATTEMPTS)
def test_every_attempt_has_a_verdict_that_is_consistent(attempt: Attempt) -> None:
    outcome = verdict(attempt)
    assert outcome.charged == (outcome.item is not PENDING)
    assert outcome.reason.replace("_", "").isalpha()
    assert (outcome.item is SENT) == (attempt.phase in (Phase.ACCEPTED, Phase.QUIT))
    if outcome.item is UNCERTAIN:
        assert attempt.phase is Phase.DOT
    if outcome.address is HARD:
        assert outcome.item is FAILED
    if outcome.account is not AccountOutcome.NONE:
        assert outcome.item is PENDING


@given(st.builds(Attempt, PHASES, st.none(), st.just(""), st.sampled_from(Trouble)))
def test_without_a_reply_the_dot_decides(attempt: Attempt) -> None:
    own_no = attempt.trouble in (Trouble.TOO_LARGE, Trouble.UNSUPPORTED, Trouble.BAD_ADDRESS)
    if attempt.phase is Phase.DOT:
        assert verdict(attempt).item is UNCERTAIN
    elif attempt.phase not in (Phase.ACCEPTED, Phase.QUIT) and not own_no:
        assert verdict(attempt).item is PENDING


@given(
    PHASES, st.integers(200, 599), st.text(), st.sampled_from(["permanent failure", "user unknown", "5.1.1", "full"])
)
def test_texts_never_matter(phase: Phase, code: int, text: str, misleading: str) -> None:
    plain = verdict(Attempt(phase, Reply(code, ("",))))
    assert verdict(Attempt(phase, Reply(code, (f"x{text} {misleading}",)))) == plain


@given(PHASES)
def test_421_is_pending_at_every_phase_before_acceptance(phase: Phase) -> None:
    if phase not in (Phase.ACCEPTED, Phase.QUIT):
        outcome = judged(phase, "421 4.7.0")
        assert (outcome.item, outcome.account) == (PENDING, AccountOutcome.BACK_OFF)

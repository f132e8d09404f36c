"""Any script of replies over any window: everybody is answered once, and nobody who got the mail is told otherwise."""

from collections import Counter
from collections.abc import Sequence

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.mail.smtp import Phase, Reply, Timeouts, Trouble
from crm.mail.smtp_window import judged, refusal
from crm.mail.verdict import ItemOutcome, verdict
from tests.crm.mail.conversation import account, envelope, stream
from tests.examples import examples
from tests.smtp_server import CHUNKED, DROP, DROP_ACCEPTED, HANG, HANG_ACCEPTED, Act, SmtpServer

IMPATIENT = Timeouts(mail=0.2, rcpt=0.2, data=0.2, block=0.2, dot=0.2)
NOES = ["450 4.2.1 later", "451 4.7.1 greylisted", "503 5.5.1 sequence", "550 5.1.1 gone", "421 4.3.2 bye"]
ANSWERS = [
    *map(Act, NOES),
    *[Act(no, drops=True) for no in NOES],
    *[Act(no, hangs=True) for no in NOES[2:]],
    Act("250 fine"),
    Act("250-two\r\n250 lines"),
    Act("250 fine", drops=True),
    Act("354 go on"),
    Act(b"25", drops=True),
    Act(b"\xff\xff\r\n"),
    Act(delay=0.02),
    DROP,
    HANG,
]
AT_THE_END = [*ANSWERS, DROP_ACCEPTED, HANG_ACCEPTED, Act("451 4.3.0 no", accepts=False)]
CUES = st.one_of(
    st.tuples(st.sampled_from(["RSET", "MAIL", "RCPT"]), st.sampled_from(ANSWERS)),
    st.tuples(st.just("DOT"), st.sampled_from(AT_THE_END)),
)
SCRIPTS = st.dictionaries(st.integers(0, 11), CUES, max_size=4)
REPLIES = st.builds(Reply, st.sampled_from([220, 250, 354, 421, 450, 503, 550]), st.just(("text",)))
COPIES = {ItemOutcome.SENT: {1}, ItemOutcome.UNCERTAIN: {0, 1}}


@settings(max_examples=examples(80), suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(SCRIPTS, st.sampled_from([1, 2, 3, 8]), st.sampled_from(["554 5.5.1 nobody", "503 5.5.1 what?", "250 2.0.0 ok"]))
def test_every_outcome_agrees_with_what_the_server_has(
    script: dict[int, tuple[str, Act]], window: int, to_nobody: str
) -> None:
    names = [f"p{number}" for number in range(12)]
    with SmtpServer(offered=CHUNKED, content_without_recipient=to_nobody) as server:
        for number, (step, act) in script.items():
            server.on(step, act, skip=number, times=1)
        attempts, dots = stream(account(server, window=window, timeouts=IMPATIENT), [envelope(name) for name in names])
    taken = [f"{name}@example.com" for name in names][: len(attempts)]
    assert list(attempts) == dots == taken
    _agree({key: verdict(attempt).item for key, attempt in attempts.items()}, [m.recipient for m in server.messages])
    assert server.violations == []


@settings(max_examples=examples(40), suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(SCRIPTS, st.sampled_from(["RSET", "MAIL", "RCPT", "DOT"]), st.integers(0, 11))
def test_a_reply_that_is_left_out_moves_nobody_to_the_wrong_side(
    script: dict[int, tuple[str, Act]], step: str, number: int
) -> None:
    """The next RSET's yes stands where the content's reply was expected: yes is right there only after three others.

    A server that leaves a reply out and refuses RSET as well cannot be told from one that refuses the content.
    """
    with SmtpServer(offered=CHUNKED) as server:
        server.on(step, Act(None, accepts=True if step == "DOT" else None), skip=number, times=1)
        for at, (other, act) in script.items():
            if other != "RSET":
                server.on(other, act, skip=at, times=1)
        messages = [envelope(f"p{each}") for each in range(12)]
        attempts, _ = stream(account(server, timeouts=IMPATIENT), messages)
    _agree({key: verdict(attempt).item for key, attempt in attempts.items()}, [m.recipient for m in server.messages])


def _agree(outcomes: dict[str, ItemOutcome], accepted: Sequence[str]) -> None:
    copies = Counter(accepted)
    assert set(copies) <= set(outcomes)
    wrong = {key: (item, copies[key]) for key, item in outcomes.items() if copies[key] not in COPIES.get(item, {0})}
    assert wrong == {}


@given(st.lists(REPLIES, min_size=4, max_size=4))
def test_only_four_times_yes_is_a_yes_and_only_a_no_to_the_content_is_a_no(replies: list[Reply]) -> None:
    attempt = judged(replies)
    accepted, final = all(reply.digit == 2 for reply in replies), replies[3].digit
    assert (attempt.phase is Phase.ACCEPTED) == accepted
    assert (verdict(attempt).item is ItemOutcome.UNCERTAIN) == (not accepted and final in (2, 3))
    assert (attempt.reply is None) == (attempt.trouble is not Trouble.NONE)


@given(st.lists(REPLIES, max_size=3))
def test_a_refusal_is_a_no_to_mail_or_rcpt_in_a_transaction_of_its_own(replies: list[Reply]) -> None:
    attempt = refusal(replies)
    if attempt is None:
        assert not replies or replies[0].digit != 2 or all(reply.digit < 4 for reply in replies[1:])
    else:
        assert replies[0].digit == 2
        assert attempt.reply is not None and attempt.reply.digit >= 4
        assert attempt.phase is (Phase.MAIL if attempt.reply is replies[1] else Phase.RCPT)

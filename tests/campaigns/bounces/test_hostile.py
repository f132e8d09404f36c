"""Whatever the octets are: a verdict, the same one every time, out of a bounded part of them."""

import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.bounces.classify import UNREADABLE, classify
from campaigns.bounces.identify import evidence_of
from campaigns.bounces.judging import MAX_EVIDENCE
from campaigns.bounces.reading import HEAD, read
from campaigns.bounces.verdicts import Classification, Kind, Reason
from tests.campaigns.bounces.messages import block, feedback, mail, status, told
from tests.examples import examples

SEEDS = [
    status(block("ann@shop.example", "5.1.1", "550 5.1.1 User unknown"), block("bob@shop.example", "5.2.2")),
    feedback("abuse", fields="Original-Rcpt-To: ann@shop.example"),
    told("failure notice", "I wasn't able to deliver.\n\n<ann@shop.example>:\n550 5.1.1 User unknown\n"),
    mail(
        "no-reply@sns.amazonaws.com",
        "x",
        '{"notificationType":"Bounce","bounce":{"bouncedRecipients":[{"emailAddress":1}]}}',
    ),
    b"From: MAILER-DAEMON\nSubject: =?utf-8?b?////?= =?x?q?=zz?=\n"
    b"Content-Type: multipart/report; boundary*=x''%ff\n\n--\n",
]
FRAGMENTS = [
    *(
        b"\n\n",
        b"\r",
        b"\0",
        b"--=_parts\n",
        b"Content-Type: message/rfc822\n\n",
        b"Content-Type: message/delivery-status\n\n",
    ),
    *(
        b"Content-Transfer-Encoding: base64\n",
        b"Content-Transfer-Encoding: x-uuencode\n",
        b"; charset=utf-16",
        b"; charset=idna",
    ),
    *(
        b"Final-Recipient: rfc822;\n",
        b"Status: 5.1.1\n",
        b"=?iso-2022-jp?b?GyRC?=",
        b"\xff\xfe",
        b"<",
        b"@",
        b"&#1114112;",
    ),
    *(
        b"Content-Type: multipart/mixed; boundary=\n",
        b"Content-Type: ; ;=\n",
        b'{"notificationType":["Bounce"]',
        b"[" * 50,
    ),
]


def check(raw: bytes) -> Classification:
    found = classify(raw)
    assert found == classify(raw)
    assert found is not UNREADABLE
    assert len(found.evidence) <= MAX_EVIDENCE
    assert len(found.recipients) <= 100
    assert all(refusal.kind is not Kind.NONE for refusal in found.recipients)
    assert isinstance(found.reason, Reason)
    evidence_of(raw)
    return found


@given(st.binary(max_size=2000))
@settings(deadline=None)
def test_any_octets(raw: bytes) -> None:
    check(raw)


@given(st.sampled_from(SEEDS), st.data())
@settings(deadline=None, max_examples=examples(300))
def test_mutated_messages(seed: bytes, data: st.DataObject) -> None:
    raw = bytearray(seed)
    for _ in range(data.draw(st.integers(1, 8))):
        start = data.draw(st.integers(0, len(raw)))
        end = start + data.draw(st.sampled_from([0, 0, 1, 5, 50]))
        raw[start:end] = data.draw(st.sampled_from(FRAGMENTS) | st.binary(max_size=8))
    check(bytes(raw))


@given(st.text(max_size=300), st.text(max_size=60))
@settings(deadline=None)
def test_any_text_from_a_mail_server(text: str, subject: str) -> None:
    raw = f"From: MAILER-DAEMON@x\nSubject: Undelivered {subject}\nContent-Type: text/plain; charset=utf-8\n\n{text}"
    assert check(raw.encode("utf-8", "surrogatepass")) is not None


NESTED = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (depth, depth) for depth in range(3000))
WRAPPED = b"Content-Type: message/rfc822\n\n" * 5000
HUGE = {
    "50 MB of text": told("failure notice", "user unknown\n") + b"x" * 50_000_000,
    "50 MB in one header line": b"From: MAILER-DAEMON\nSubject: undelivered " + b"x" * 50_000_000,
    "multiparts in multiparts": b"From: MAILER-DAEMON\nSubject: undelivered\n" + NESTED,
    "messages in messages": b"From: MAILER-DAEMON\nSubject: undelivered\n" + WRAPPED,
    "ten thousand parts": b"From: MAILER-DAEMON\nContent-Type: multipart/report; boundary=b\n\n"
    + b"--b\n\nx\n" * 20_000,
    "ten thousand recipients": status(*(block(f"p{n}@shop.example", "5.1.1") for n in range(10_000))),
    "ten thousand addresses": told(
        "failure notice", "\n".join(f"<p{n}@shop.example>: user unknown" for n in range(10_000))
    ),
    "tags that never close": told("undelivered", "<" * 60_000).replace(b"text/plain", b"text/html"),
    "styles that never close": told("undelivered", "<style " * 9_000).replace(b"text/plain", b"text/html"),
    "one long word": told("undelivered", "a" * 60_000 + "@" + "b." * 30_000),
    "at signs": told("undelivered", "@" * 60_000),
    "dots": told("undelivered", "a." * 60_000),
    "many header fields": b"From: MAILER-DAEMON\n" + b"X: y\n" * 60_000 + b"\nundelivered",
    "a header of encoded words": b"From: MAILER-DAEMON\nSubject: " + b"=?utf-8?q?a?= " * 9_000 + b"\n\nundelivered",
    "brackets of JSON": mail("sns@x", "x", '{"notificationType":' + "[" * 50_000),
    "a slow charset": told("undelivered", "a" * 60_000).replace(b'"utf-8"', b'"punycode"'),
    "blanks": told("undelivered", (" " * 900 + "\n") * 60),
    "quotation marks": told("undelivered", ">" * 60_000),
    "quotes": told("undelivered", '"' * 60_000 + "@x.example"),
}


@pytest.mark.parametrize("what", HUGE)
def test_size_and_shape(what: str) -> None:
    check(HUGE[what])


def test_memory_is_bounded() -> None:
    tracemalloc.start()
    try:
        classify(HUGE["50 MB of text"])
        evidence_of(HUGE["50 MB of text"])
        assert tracemalloc.get_traced_memory()[1] < 60_000_000
    finally:
        tracemalloc.stop()


def test_only_the_beginning_is_read() -> None:
    raw = told("failure notice", "I wasn't able to deliver.\n") + b"\n" * HEAD + b"<ann@shop.example>: user unknown"
    assert "ann" not in read(raw).text


@pytest.mark.parametrize(
    "charset", ["utf-16", "x-unknown", "iso-2022-jp", "gb2312", "koi8-r", "idna", "base64", "\u00e9", "'"]
)
def test_wrong_charsets(charset: str) -> None:
    head = f"From: MAILER-DAEMON@x\nSubject: undelivered\nContent-Type: text/plain; charset={charset}\n\n".encode()
    assert check(head + b"<ann@shop.example>: \xff\xfe user unknown").kind in (Kind.HARD, Kind.SOFT)

"""DKIM signatures, verified by dkimpy: another hand's reading of RFC 6376 and RFC 8463."""

import re
from collections.abc import Callable

import dkim
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.mail.dkim import OVERSIGNED, Canonical, Signer
from crm.mail.dkim_keys import Algorithm, PrivateKey, algorithm_of, new_key, public_text, record_text
from tests.examples import examples

KEYS = {algorithm: new_key(algorithm) for algorithm in Algorithm}
ALGORITHMS = pytest.mark.parametrize("algorithm", list(Algorithm))
BODIES = pytest.mark.parametrize("body", list(Canonical))
MESSAGE = (
    b"Date: Sat, 21 Nov 2026 09:30:15 +0000\r\nMessage-ID: <1.2@mail.example.com>\r\nTo: Anna <anna@example.org>\r\n"
    b"Subject: News  of\r\n\tthe week\r\nList-Unsubscribe: <https://crm.example.com/u/AbC>\r\n"
    b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\nFrom: News <news@mail.example.com>\r\n"
    b"List-Id: <news.example.com>\r\nFeedback-ID: 1:2:3:herald\r\nX-CSA-Complaints: abuse@example.com\r\n"
    b"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nHello  Anna,\r\n\r\nbye.\r\n\r\n\r\n"
)


def signer(algorithm: Algorithm = Algorithm.RSA, body: Canonical = Canonical.SIMPLE) -> Signer:
    return Signer(KEYS[algorithm], "mail.example.com", "herald1", body)


def published(key: PrivateKey) -> Callable[..., bytes]:
    record = record_text(algorithm_of(key), public_text(key)).encode()

    def look_up(name: bytes, timeout: int = 5) -> bytes:
        assert name == b"herald1._domainkey.mail.example.com."
        return record

    return look_up


def is_good(signed: bytes, by: Signer) -> bool:
    return bool(dkim.verify(signed, dnsfunc=published(by.key)))


def tag(signed: bytes, name: str) -> str:
    field = re.sub(r"\r\n\s", "", signed.split(b"\r\nDate:")[0].decode())
    found = re.search(rf"(?:^|;)\s*{name}=([^;]*)", field.removeprefix("DKIM-Signature:"))
    assert found
    return re.sub(r"\s", "", found[1])


@ALGORITHMS
@BODIES
def test_a_signed_message_is_verified(algorithm: Algorithm, body: Canonical) -> None:
    by = signer(algorithm, body)
    signed = by.sign(MESSAGE)
    assert signed.endswith(MESSAGE)
    assert is_good(signed, by)


@ALGORITHMS
@BODIES
@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        (b"Subject: News", b"Subject: Nows"),
        (b"anna@example.org", b"anne@example.org"),
        (b"crm.example.com/u/AbC", b"evil.example.com/u/AbC"),
        (b"List-Unsubscribe=One-Click", b"List-Unsubscribe=None"),
        (b"Hello  Anna", b"Hello  Bob"),
        (b"\r\nFrom: News", b"\r\nFrom: Evil <evil@example.net>\r\nFrom: News"),
        (b"\r\nSubject:", b"\r\nSubject: Evil\r\nSubject:"),
        (b"\r\nTo:", b"\r\nReply-To: evil@example.net\r\nTo:"),
        (b"\r\nTo:", b"\r\nCc: evil@example.net\r\nTo:"),
        (b"text/plain", b"text/html"),
        (b"List-Id: <news", b"List-Id: <olds"),
        (b"Feedback-ID: 1:", b"Feedback-ID: 2:"),
        (b"abuse@example.com", b"nobody@example.com"),
        (b"bye.\r\n", b"bye.\r\nPay here.\r\n"),
    ],
)
def test_a_message_that_was_tampered_with_is_not(
    algorithm: Algorithm, body: Canonical, was: bytes, becomes: bytes
) -> None:
    by = signer(algorithm, body)
    signed = by.sign(MESSAGE)
    assert was in signed
    assert not is_good(signed.replace(was, becomes, 1), by)


@ALGORITHMS
def test_what_relays_may_do_leaves_the_signature_good(algorithm: Algorithm) -> None:
    by = signer(algorithm)
    signed = by.sign(MESSAGE)
    folded_anew = signed.replace(b"Subject: News  of\r\n\tthe week", b"SUBJECT:   News of the\r\n  week ")
    assert is_good(b"Received: by mx.example.org; Sat, 21 Nov 2026 09:31:00 +0000\r\n" + folded_anew, by)
    assert is_good(signed.removesuffix(b"\r\n\r\n"), by)  # empty lines at the end
    spaced = signer(algorithm, Canonical.RELAXED)
    assert is_good(spaced.sign(MESSAGE).replace(b"Hello  Anna,\r\n", b"Hello \t Anna, \r\n"), spaced)


def test_both_unsubscribe_fields_and_everything_else_is_covered() -> None:
    names = tag(signer().sign(MESSAGE), "h").split(":")
    assert {"list-unsubscribe", "list-unsubscribe-post", "list-id", "feedback-id", "x-csa-complaints"} <= set(names)
    for name in OVERSIGNED:
        present = len(re.findall(rb"^%b:" % name, MESSAGE, re.MULTILINE | re.IGNORECASE))
        assert names.count(name.decode()) == present + 1


def test_transport_fields_and_an_earlier_signature_are_not_covered() -> None:
    by = signer()
    twice = by.sign(by.sign(b"Received: by mx.example.org\r\nReturn-Path: <>\r\n" + MESSAGE))
    assert not {"received", "return-path", "dkim-signature"} & set(tag(twice, "h").split(":"))
    assert is_good(twice, by)


@ALGORITHMS
def test_the_field_says_what_it_is(algorithm: Algorithm) -> None:
    signed = signer(algorithm).sign(MESSAGE, now=1_790_000_000.9)
    expected = {"v": "1", "c": "relaxed/simple", "d": "mail.example.com", "s": "herald1", "t": "1790000000"}
    assert {name: tag(signed, name) for name in expected} == expected
    assert tag(signed, "a") == f"{algorithm.value}-sha256"


@ALGORITHMS
@BODIES
@pytest.mark.parametrize(
    "tail", [b"", b"\r\n", b"\r\n\r\n", b"\r\n\r\n\r\n", b"\r\nx", b"\r\nx \t\r\n \r\n", b"\r\n \r\n", b"\r\n\tx  y"]
)
def test_empty_and_odd_bodies(algorithm: Algorithm, body: Canonical, tail: bytes) -> None:
    by = signer(algorithm, body)
    head = MESSAGE.partition(b"\r\n\r\n")[0] + b"\r\n"
    assert is_good(by.sign(head + tail), by)


@ALGORITHMS
def test_the_same_field_several_times(algorithm: Algorithm) -> None:
    by = signer(algorithm)
    signed = by.sign(b"X-A: one\r\nX-B: between\r\nX-A: two\r\nX-A:\r\n" + MESSAGE)
    assert is_good(signed, by)
    assert not is_good(signed.replace(b"X-A: one", b"X-A: six"), by)


@pytest.mark.parametrize("message", [b"", b"\r\nbody only", b" folded at once\r\n\r\n"])
def test_what_has_no_header_cannot_be_signed(message: bytes) -> None:
    with pytest.raises(ValueError, match="header"):
        signer().sign(message)


NAMES = st.from_regex(r"X-[A-Za-z0-9-]{1,40}", fullmatch=True)
VALUES = st.lists(st.text("abcXYZ0189 \t<>@:;=.,_/-", max_size=70), min_size=1, max_size=4)
LINES = st.lists(st.text("ab =.\t<>0123", max_size=80), max_size=8)


@settings(deadline=None, max_examples=examples(250))
@given(st.sampled_from(Algorithm), st.sampled_from(Canonical), st.lists(st.tuples(NAMES, VALUES), max_size=6), LINES)
def test_any_message(
    algorithm: Algorithm, body: Canonical, fields: list[tuple[str, list[str]]], lines: list[str]
) -> None:
    # A folded line that is all blank is obsolete syntax, and dkimpy takes it for the end of the header.
    head = "".join(
        f"{name}: " + "\r\n ".join([value for value in folded if value.strip()] or ["x"]) + "\r\n"
        for name, folded in fields
    )
    message = (head + "From: a@mail.example.com\r\n\r\n" + "".join(f"{line}\r\n" for line in lines)).encode()
    by = signer(algorithm, body)
    assert is_good(by.sign(message), by)

"""The skeleton's messages, read back, say the same as Django's own EmailMultiAlternatives."""

from itertools import cycle, product
from typing import Any, cast

import pytest
from django.core.mail import EmailMultiAlternatives
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.content.content import Content, Escape, Slot, render
from campaigns.sending.message import Recipient, Sender
from tests.campaigns.sending.message_parts import (
    HARD_NAMES,
    HTML,
    TEXT,
    assert_fit_for_the_wire,
    bodies,
    built,
    content,
    decoded,
    field,
    mailbox,
    parsed,
    person,
    sender,
)
from tests.examples import examples

SUBJECTS = [
    *(
        "News",
        "Hello {name}, 100 % off: 50 % today",
        "two  blanks and \ttab",
        "=?utf-8?b?ZmFrZQ==?=",
        "?= =?",
        ": colon",
        "a" * 76,
    ),
    *(
        "Новости недели для вас и ваших друзей",
        "Ж" * 300,
        "Überraschung für Sie",
        "Ελληνικά νέα",
        "عرض خاص لك اليوم فقط",
    ),
    *(
        "מבצע מיוחד",
        "विशेष प्रस्ताव",
        "ข้อเสนอพิเศษ",
        "最新のお知らせ" * 9,
        "특별 할인",
        "🎁 " * 40,
        "word " * 60,
        "x" * 300,
    ),
    *(
        "e\u0301" * 60,
        "mixed Кириллица and Latin " * 5,
        "naïve " * 20,
        "📣 Sale — 50 % «today»",
        "a" * 66 + " é",
        '(c) [x] <y> "z"',
    ),
]


def quoted(name: str, address: str) -> str:
    escaped = name.strip().replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}" <{address}>'


def by_django(of: Content, by: Sender, to: Recipient) -> bytes:
    mail = EmailMultiAlternatives(
        subject=render(of.subject, to.values),
        body=render(of.text, to.values),
        from_email=quoted(by.from_name, by.from_address),
        to=[quoted(to.name, to.address)],
        reply_to=[quoted(by.reply_to_name, by.reply_to_address)],
    )
    if of.html is not None:
        mail.attach_alternative(render(of.html, to.values), "text/html")
    return cast(bytes, cast(Any, mail.message()).as_bytes(linesep="\r\n"))


def looks_encoded(text: str) -> bool:
    """ASCII that Django sends as it is although every reader decodes it: there the two must differ."""
    return text.isascii() and "=?" in text


def assert_says_the_same(of: Content, by: Sender, to: Recipient) -> None:
    ours, theirs = built(to, of, by), by_django(of, by, to)
    assert_fit_for_the_wire(ours)
    subject = render(of.subject, to.values)
    assert_same_subject(ours, theirs, subject)
    for name, told in (("To", to.name), ("From", by.from_name), ("Reply-To", by.reply_to_name)):
        assert_same_mailbox(name, ours, theirs, told)
    assert {kind: text.rstrip("\n") for kind, text in bodies(ours).items()} == {
        kind: text.rstrip("\n") for kind, text in bodies(theirs).items()
    }


def assert_same_subject(ours: bytes, theirs: bytes, told: str) -> None:
    told = told.strip().replace("\t", " ")
    assert decoded(field(ours, "Subject")) == told
    assert parsed(ours)["Subject"] == told
    if not looks_encoded(told):
        assert decoded(field(theirs, "Subject")).strip().replace("\t", " ") == told


def assert_same_mailbox(name: str, ours: bytes, theirs: bytes, told: str) -> None:
    read = mailbox(field(ours, name))
    assert read[0] == told.strip()
    if not looks_encoded(told):
        assert read == (mailbox(field(theirs, name))[0].strip(), mailbox(field(theirs, name))[1])


@pytest.mark.parametrize("script", range(10))
def test_hard_names_and_subjects(script: int) -> None:
    pairs = list(product(HARD_NAMES, SUBJECTS))[script::10]
    others = cycle(HARD_NAMES[::-1])
    for (name, subject), other in zip(pairs, others, strict=False):
        by = sender(from_name=other[:60], reply_to_name=name[:60])
        assert_says_the_same(content((subject,)), by, person(name=name, merge={"name": name}))


#: What a record may hold: every assigned character but the controls, which have their own tests.
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp", "Cn"]), max_size=120)
WITHIN = TEXTS.map(str.strip)


@settings(deadline=None, max_examples=examples(300))
@given(name=WITHIN, other=WITHIN, subject=WITHIN, value=TEXTS)
def test_any_name_subject_and_value(name: str, other: str, subject: str, value: str) -> None:
    of = content((subject, " ", Slot("name", "you", Escape.HEADER)))
    assert_says_the_same(of, sender(from_name=other), person(name=name, merge={"name": value}))


@settings(deadline=None, max_examples=examples(200))
@given(
    pieces=st.lists(st.one_of(TEXTS, st.sampled_from([".", "\n.", "\n", " \n", "=", "From ", "\nFrom "])), max_size=8),
    value=TEXTS,
)
def test_any_body(pieces: list[str], value: str) -> None:
    slot = Slot("name", "you", Escape.TEXT)
    text: list[str | Slot] = [part for piece in pieces for part in (piece, slot)]
    assert_says_the_same(content(text=tuple(text) or ("x",)), sender(), person(merge={"name": value}))


@pytest.mark.parametrize("subject", ["News", "Новости"])
@pytest.mark.parametrize("html", [None, HTML, ("<p>", "Привет, ", *HTML)])
@pytest.mark.parametrize("text", [TEXT, ("Привет, как дела у вас сегодня? " * 20, *TEXT)])
def test_shapes(subject: str, html: tuple[str | Slot, ...] | None, text: tuple[str | Slot, ...]) -> None:
    assert_says_the_same(content((subject,), html, text), sender(), person())

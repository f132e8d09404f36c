"""Thousands of generated people and subjects in eight scripts: fit for the wire, signed, and read back as Django's."""

from email import message_from_bytes
from html import escape
from random import Random

import dkim
import pytest

from campaigns.content.content import Content, Escape, Slot, render
from campaigns.sending.message import Skeleton
from crm.mail.dkim import Signer
from crm.mail.dkim_keys import Algorithm, algorithm_of, new_key, public_text, record_text
from tests.campaigns.sending.message_parts import assert_fit_for_the_wire, bodies, content, person, sender
from tests.campaigns.sending.test_message_parity import (
    assert_same_mailbox,
    assert_same_subject,
    assert_says_the_same,
    by_django,
)
from tests.examples import examples

#: Letters of each script, and what its names have between them.
SCRIPTS = {
    "latin": "abcdeéèêëüößñçåøæłżőșțğıÁŠŽẞ'’-. ",
    "greek": "αβγδεζηθάέήίόύώΐΰΑΩ ",
    "cyrillic": "абвгдеёжзийклмъыьэюяЇЄҐЉЊЋ- ",
    "arabic": "ابتثجحخدذرزسشصضطظعغفقكلمنهوي\u064b\u200c\u0660 ",
    "hebrew": "אבגדהוזחטיכלמנסעפצקרשת\u05b0״׳ ",
    "devanagari": "अआइईकखगघचछजझटठडढतथदधनपफबभमयरलवशषसह\u093e\u093f\u094d ",
    "han": "王李张刘陈杨黄赵吴周徐孙马朱胡林郭何高罗𠮷　",
    "kana and hangul": "さとうすずきタカハシ゛ー김이박최정강조윤장임 ",
    "emoji": "🎉📣🎁👩\u200d👧❤\ufe0f🏳\ufe0f\u200d🌈🇫🇷 a",
}
EACH = 600
ODD = [", ", '"', "\\", "<", ">", "(", "@", ":", ";", "=?", "?=", "=", "%", "%s", "_", "&", ".", "From ", "  "]


def words(random: Random, script: str, most: int) -> str:
    letters = SCRIPTS[script]
    text = "".join(random.choice(letters) for _ in range(random.randint(1, most)))
    for _ in range(random.choice([0, 0, 0, 1, 3])):
        cut = random.randrange(len(text) + 1)
        text = text[:cut] + random.choice([*ODD, "Anna", "x" * 60]) + text[cut:]
    return text.strip() or "x"


def greeting(subject: str) -> Content:
    return content((subject, " ", Slot("name", "you", Escape.HEADER)))


@pytest.mark.slow
@pytest.mark.parametrize("script", SCRIPTS)
def test_generated_messages_say_what_django_s_say(script: str) -> None:
    random = Random(script)
    for _number in range(EACH):
        name, other, subject = words(random, script, 40), words(random, script, 20), words(random, script, 60)
        by = sender(from_name=other, reply_to_name=name)
        assert_says_the_same(greeting(subject), by, person(name=name, merge={"name": other}))


@pytest.mark.parametrize("script", SCRIPTS)
def test_the_same_skeleton_for_many_people_is_exact_for_each(script: str) -> None:
    """One skeleton meets plain and hard values in turn: nothing of one person stays for the next."""
    random, of, by = Random(f"{script} people"), greeting("News for"), sender()
    skeleton = Skeleton(of, by)
    for number in range(examples(EACH // 4)):
        name = words(random, script, 30) if number % 3 else random.choice(["Anna", "Bob Smith", "", "J.", "O'Neill"])
        to = person(name=name, merge={"name": name}, message_id=f"<9.{number}@mail.example.com>")
        ours, theirs = skeleton.build(to), by_django(of, by, to)
        assert_fit_for_the_wire(ours)
        assert_same_subject(ours, theirs, render(of.subject, to.values))
        assert_same_mailbox("To", ours, theirs, name)
        assert {kind: text.rstrip("\n") for kind, text in bodies(ours).items()} == {
            kind: text.rstrip("\n") for kind, text in bodies(theirs).items()
        }
        assert message_from_bytes(ours)["Message-ID"] == f"<9.{number}@mail.example.com>"
        assert skeleton.build(to) == ours  # a retry in the same second is the same octets


@pytest.mark.parametrize("script", SCRIPTS)
def test_what_is_known_of_everybody_may_be_filled_in_before(script: str) -> None:
    """The octets are the same, in the subject, in text and HTML, in base64 and quoted-printable."""
    random = Random(f"{script} known")
    for _number in range(EACH // 10):
        told = {"name": words(random, script, 30), "city": random.choice(["", words(random, script, 30)])}
        places = [Slot(name, "you", kind) for name in told for kind in (Escape.HTML, Escape.TEXT, Escape.HEADER)]
        literal = words(random, script, 40)
        of = content(
            (literal, *places[2::3]),
            html=tuple(piece for place in places[::3] for piece in (f"<p>{escape(literal)}", place)),
            text=tuple(piece for place in places[1::3] for piece in (literal * 5, place)),
        )
        skeleton, to = Skeleton(of, sender()), person(name="Ana", merge=told)
        known = skeleton.knowing({"city": told["city"], "nobody asks": "x"})
        assert known.build(to) == skeleton.build(to)
        assert known.build(person(name="Ana", merge={"name": told["name"]})) == skeleton.build(to)


@pytest.mark.slow
@pytest.mark.parametrize(("algorithm", "each"), [(Algorithm.RSA, 1500), (Algorithm.ED25519, 700)])
def test_thousands_of_signed_messages_are_verified_by_dkimpy(algorithm: Algorithm, each: int) -> None:
    key = new_key(algorithm)
    signer = Signer(key, "mail.example.com", "herald1")
    record = record_text(algorithm_of(key), public_text(key)).encode()
    random, scripts = Random(algorithm.value), list(SCRIPTS)
    skeletons = [Skeleton(greeting(words(random, script, 50)), sender()) for script in scripts]
    for number in range(each):
        name = words(random, scripts[number % len(scripts)], 40)
        raw = skeletons[number % len(scripts)].build(person(name=name, merge={"name": name}))
        signed = signer.sign(raw)
        assert signed.endswith(raw)
        assert_fit_for_the_wire(raw)
        assert signed.isascii() and b"\r\n." not in signed and b"\n" not in signed.replace(b"\r\n", b"")
        assert dkim.verify(signed, dnsfunc=lambda name, timeout=5: record)

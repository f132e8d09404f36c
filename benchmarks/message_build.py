"""CPU time to make one personalised message: Herald's skeleton beside Django's EmailMultiAlternatives, the tokens of
its links beside a plain HMAC of the standard library, its DKIM signature beside dkimpy's and the bare one of OpenSSL.

    python benchmarks/message_build.py

Text and HTML of some 6 KB together, 12 values in 24 places, the headers of a marketing mail. Both sides get the same
compiled content and the same values, and both end with the octets for the wire. Needs no database. dkimpy is among the
packages for development; without it its column stays empty.
"""

import base64
import hmac
import platform
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count, cycle
from pathlib import Path
from statistics import median
from time import process_time_ns
from typing import Any, cast

import django
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.message import sanitize_address

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from campaigns.content.content import Content, Escape, Slot, render
from campaigns.sending.message import Recipient, Sender, Skeleton
from campaigns.tracking.links import ItemLinks, ReturnPaths
from campaigns.tracking.tokens import Purpose, make
from crm.mail.dkim import Signer
from crm.mail.dkim_keys import Algorithm, PrivateKey, new_key, pem_of

try:
    import dkim
except ImportError:
    dkim = None

TRACKED = "https://crm.example.com/t/AbCdEfGhIjKlMnOpQrStUvWx"
PEOPLE = 500
ROUNDS = 7
NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
SENDER = Sender("news@mail.example.com", "Example News", "help@example.com", list_id="news.example.com")
WORDS = ["Person.firstName", "Person.lastName", "Contact.city", "Contact.account.name", "Contact.phone", "today"]
LINKS = ["trackingUrl:5f1", "trackingUrl:5f2", "trackingUrl:5f3", "optOutUrl", "preferencesUrl", "webVersionUrl"]
LATIN = "Our new autumn offer is here, and we kept your usual table for you until the end of the month, of course. "
CYRILLIC = "Наше осеннее предложение уже здесь, и мы сохранили за вами ваш обычный столик до конца месяца. "
NAMES = {"latin": ["Anna", "Bob", "Carol Ann", "Dmitri"], "mixed": ["Анна", "José", "O'Neill & Sons", "Zoë"]}


def content(sentence: str) -> Content:
    """12 places in the text and 12 in the HTML."""
    text: list[str | Slot] = []
    html: list[str | Slot] = ["<!DOCTYPE html><html><body><table role=presentation>\n"]
    filler = sentence * max(1, 300 // len(sentence.encode()))
    for name in WORDS:
        text += [f"{filler}\n", Slot(name, escape=Escape.TEXT), ", "]
        html += [f'<tr><td style="font:16px/1.5 sans-serif">{filler}<b>', Slot(name), "</b></td></tr>\n"]
    for name in LINKS:
        text += ["Read on: ", Slot(name, escape=Escape.TEXT), "\n"]
        html += [f'<tr><td style="padding:0 0 16px">{sentence}<a style="color:#0a58ca" href="']
        html += [Slot(name, escape=Escape.LINK), '">Read on</a></td></tr>\n']
    subject = ("News for ", Slot("Person.firstName", "you", Escape.HEADER))
    return Content(subject, (*html, "</table></body></html>\n"), tuple(text))


def people(kind: str) -> list[Recipient]:
    return [person(number, name) for number, name in zip(range(PEOPLE), cycle(NAMES[kind]), strict=False)]


def person(number: int, name: str) -> Recipient:
    values = {key: f"{name} {number}{place}" for place, key in enumerate(WORDS)}
    values |= {key: f"{TRACKED}{number}{place}" for place, key in enumerate(LINKS)}
    token = f"0123456789abcdef.{number}"
    address = f"person{number}@example.org"
    return Recipient(address, f"{name} Smith", values.__getitem__, token, values["optOutUrl"], NOW)


def by_skeleton(compiled: Content) -> Callable[[Recipient], bytes]:
    return Skeleton(compiled, SENDER).build


def by_django(compiled: Content) -> Callable[[Recipient], bytes]:
    def build(person: Recipient) -> bytes:
        headers = {
            "Message-ID": f"<{person.message_id}@mail.example.com>",
            "List-Unsubscribe": f"<{person.opt_out_url}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "List-Id": "<news.example.com>",
            "Precedence": "bulk",
            "X-Auto-Response-Suppress": "OOF, AutoReply",
        }
        mail = EmailMultiAlternatives(
            subject=render(compiled.subject, person.values),
            body=render(compiled.text, person.values),
            from_email="Example News <news@mail.example.com>",
            to=[sanitize_address((person.name, person.address), "utf-8")],
            reply_to=["help@example.com"],
            headers=headers,
        )
        mail.attach_alternative(render(compiled.html or (), person.values), "text/html")
        return cast(bytes, cast(Any, mail.message()).as_bytes(linesep="\r\n"))  # Django's own keyword

    return build


def microseconds(build: Callable[[Recipient], object], persons: list[Recipient], rounds: int) -> list[float]:
    def timed() -> Iterator[float]:
        for _round in range(rounds):
            begin = process_time_ns()
            for each in persons:
                build(each)
            yield (process_time_ns() - begin) / len(persons) / 1000

    return sorted(timed())


def row(title: str, compiled: Content, kind: str) -> str:
    persons = people(kind)
    ours = microseconds(by_skeleton(compiled), persons, ROUNDS * 5)
    django_s = microseconds(by_django(compiled), persons[: PEOPLE // 5], ROUNDS)
    size = len(by_skeleton(compiled)(persons[0]))
    figures = f"{size:>8,}{ours[0]:>9.1f}{median(ours):>9.1f}{django_s[0]:>11.1f}{median(django_s):>9.1f}"
    return f"{title:<38}{figures}{median(django_s) / median(ours):>8.0f}x\n"


def tokens() -> Iterator[str]:
    """What a mail with two tracked links, pixel, opt-out and return path needs: five tokens, in their addresses."""
    prepared = ItemLinks(
        "https://crm.example.com", {"trackingUrl:a", "trackingUrl:b", "openPixelUrl"}, {"a": 5, "b": 6}
    )
    paths = ReturnPaths("bounce@mail.example.com")
    numbers = count(1_000_000)

    def by_item_links(_person: Recipient) -> None:
        item = next(numbers)
        prepared.of(item, item + 7)
        paths.of(item)

    def one_by_one(_person: Recipient) -> None:
        make(Purpose.CLICK, next(numbers), 5)

    def by_hmac(_person: Recipient) -> None:  # no encryption, no key of its own for each purpose: the least there is
        tag = hmac.digest(b"k" * 32, str(next(numbers)).encode(), "sha256")[:16]
        base64.urlsafe_b64encode(tag)

    persons = people("latin")
    plain = microseconds(by_hmac, persons, ROUNDS * 5)
    for title, work, share in (("all five of a mail, each", by_item_links, 5), ("one alone", one_by_one, 1)):
        ours = [one / share for one in microseconds(work, persons, ROUNDS * 5)]
        yield f"{title:<38}{ours[0]:>8.2f}{median(ours):>9.2f}{plain[0]:>11.2f}{median(plain):>9.2f}\n"


def signatures() -> Iterator[str]:
    message = by_skeleton(content(LATIN))(people("latin")[0])
    for algorithm in Algorithm:
        key = new_key(algorithm)
        signer = Signer(key, "mail.example.com", "herald1")
        ours = cost(lambda signer=signer: signer.sign(message))  # type: ignore[misc]
        bare = cost(lambda key=key: raw_signature(key))  # type: ignore[misc]
        theirs = f"{cost(by_dkimpy(message, key)):>9.1f}" if dkim else f"{'–':>9}"
        yield f"{algorithm.value:<38}{ours:>8.1f}{bare:>12.1f}{ours - bare:>11.1f}{theirs}\n"


def raw_signature(key: PrivateKey) -> bytes:
    if isinstance(key, Ed25519PrivateKey):
        return key.sign(b"x" * 32)
    return key.sign(b"x" * 900, PKCS1v15(), SHA256())


def by_dkimpy(message: bytes, key: PrivateKey) -> Callable[[], object]:
    if isinstance(key, Ed25519PrivateKey):
        octets, name = base64.b64encode(key.private_bytes_raw()), b"ed25519-sha256"
    else:
        octets, name = pem_of(key).encode(), b"rsa-sha256"
    return lambda: dkim.sign(
        message, b"herald1", b"mail.example.com", octets, canonicalize=(b"relaxed", b"simple"), signature_algorithm=name
    )


def cost(work: Callable[[], object], rounds: int = 9, each: int = 60) -> float:
    """Median CPU µs of one call."""

    def timed() -> Iterator[float]:
        for _round in range(rounds):
            begin = process_time_ns()
            for _each in range(each):
                work()
            yield (process_time_ns() - begin) / each / 1000

    return median(timed())


def main() -> None:
    settings.configure(USE_TZ=True, DEFAULT_CHARSET="utf-8", HERALD_TOKEN_KEYS=["a key of the benchmark"])
    write = sys.stdout.write
    write(f"Python {platform.python_version()}, Django {django.get_version()}; CPU µs\n\n")
    write(f"{'a message':<38}{'octets':>8}{'skeleton':>18}{'Django':>20}\n")
    write(f"{'':<46}{'min':>9}{'median':>9}{'min':>11}{'median':>9}\n")
    write(row("English content, plain values", content(LATIN), "latin"))
    write(row("English content, values to encode", content(LATIN), "mixed"))
    write(row("Russian content (base64 where shorter)", content(CYRILLIC), "mixed"))
    write(f"\n{'a token in its address':<38}{'AES-SIV':>17}{'plain HMAC':>20}\n")
    write(f"{'':<38}{'min':>8}{'median':>9}{'min':>11}{'median':>9}\n")
    for line in tokens():
        write(line)
    write(f"\n{'a DKIM signature, medians':<38}{'ours':>8}{'OpenSSL':>12}{'overhead':>11}{'dkimpy':>9}\n")
    for line in signatures():
        write(line)


if __name__ == "__main__":
    main()

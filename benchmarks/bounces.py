"""How well the bounce classifier does on a labelled corpus, by message and by recipient, and how fast.

    python -m benchmarks.bounces FOLDER            (or HERALD_BOUNCE_CORPUS=FOLDER)
    python -m benchmarks.bounces FOLDER --errors   prints each message that was taken for something else
    python -m benchmarks.bounces --examples        three messages of our own: shows that it runs, and no figure counts

FOLDER holds `manifest.jsonl`, one JSON object per line: `path` of the message, `cls` (hard, soft, complaint,
not_bounce), `alt` (classes that are right as well), `recipients` (the addresses of each person who bounced). Messages
are read with CRLF, as IMAP gives them. Such a corpus contains other people's mail and is no part of Herald; without one
this says so.

`as_row` is the classifier in the form that a scorer of such a corpus takes: plain words and lists.
"""

import json
import os
import sys
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

from benchmarks.table import Table, say
from campaigns.bounces.classify import classify
from campaigns.bounces.verdicts import Kind, Reason
from crm.mail.sandbox.bounce import Undelivered, bounce_message

VARIABLE = "HERALD_BOUNCE_CORPUS"
BOUNCES = ("hard", "soft")
WORDS = {Kind.NONE: "not_bounce"}


def as_row(raw: bytes) -> dict[str, Any]:
    """`kind` (hard, soft, complaint, none), `recipients`, `per_recipient` and `why`.

    A corpus counts every feedback report as a complaint. A report that a machine wrote about SPF or DMARC is none to
    Herald, since nobody complained, so it is given back its name here.
    """
    found = classify(raw)
    report = found.reason is Reason.AUTHENTICATION_REPORT
    return {
        "kind": str(Kind.COMPLAINT if report else found.kind),
        "recipients": [refusal.address for refusal in found.recipients],
        "per_recipient": {
            refusal.address: str(refusal.kind) for refusal in found.recipients if refusal.kind in (Kind.HARD, Kind.SOFT)
        },
        "why": f"{found.rule} ({found.reason}, {found.code or 'no code'}): {found.evidence[:120]}",
    }


@dataclass(frozen=True)
class Labelled:
    path: str
    raw: bytes
    kind: str
    also: frozenset[str]
    people: tuple[frozenset[str], ...]

    def accepts(self, kind: str) -> bool:
        return kind == self.kind or kind in self.also

    def names_all(self, addresses: list[str]) -> bool:
        """Every address told is one that bounced, and nobody is missing."""
        told = {address.lower() for address in addresses}
        return all(any(each in person for person in self.people) for each in told) and all(
            person & told for person in self.people
        )


def main() -> int:
    parser = ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("folder", nargs="?", default=os.environ.get(VARIABLE, ""))
    parser.add_argument("--errors", action="store_true")
    parser.add_argument("--examples", action="store_true")
    chosen = parser.parse_args()
    if chosen.examples:
        with TemporaryDirectory() as folder:
            write_examples(Path(folder))
            measure(Path(folder), errors=True)
        return 0
    if not chosen.folder or not (Path(chosen.folder) / "manifest.jsonl").is_file():
        say(f"Bounces: no corpus. Name its folder, with a manifest.jsonl, as an argument or in {VARIABLE}.")
        return 0
    return 0 if measure(Path(chosen.folder), errors=chosen.errors) else 1


def measure(folder: Path, *, errors: bool) -> bool:
    """Prints the table, and the messages that were taken for something else; whether every aim is reached."""
    messages = list(corpus(folder))
    results = [as_row(message.raw) for message in messages]
    reached = score(messages, results)
    if errors:
        _print_errors(messages, results)
    return reached


def write_examples(folder: Path) -> None:
    """A corpus of a hard bounce, a soft one and an ordinary mail."""
    hard = _undelivered("ann@shop.example", "5.1.1", "550 5.1.1 User unknown")
    soft = _undelivered("bob@shop.example", "4.2.2", "452 4.2.2 The mailbox is over its quota")
    ordinary = b"From: cleo@shop.example\nTo: news@acme.example\nSubject: Re: News\n\nThank you!\n"
    rows = []
    for name, people, raw in (
        ("hard", [["ann@shop.example"]], hard), ("soft", [["bob@shop.example"]], soft), ("not_bounce", [], ordinary),
    ):  # fmt: skip
        (folder / f"{name}.eml").write_bytes(raw)
        rows.append(json.dumps({"path": f"{name}.eml", "cls": name, "alt": [], "recipients": people}))
    (folder / "manifest.jsonl").write_text("\n".join(rows), "utf-8")


def _undelivered(recipient: str, status: str, diagnostic: str) -> bytes:
    original = b"From: news@acme.example\r\nSubject: News\r\n\r\nHello\r\n"
    now = datetime.now(UTC)
    return bounce_message(Undelivered("bounce@acme.example", recipient, status, diagnostic, original, now))


def corpus(folder: Path) -> Iterator[Labelled]:
    for line in (folder / "manifest.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        raw = (folder / row["path"]).read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        people = tuple(frozenset(address.lower() for address in person) for person in row["recipients"])
        yield Labelled(row["path"], raw, row["cls"], frozenset(row["alt"]), people)


def score(messages: list[Labelled], results: list[dict[str, Any]]) -> bool:
    """Prints the table and says whether every aim is reached."""
    table = Table(f"Bounces, {len(messages)} labelled messages", ["of", "right", "%"])
    reached = []
    for name, (right, total), aim, least in _figures(messages, results):
        share = 100 * right / total if total else None
        reached.append(share is None or share >= least)
        table.row(name, [total, right, share and f"{share:.1f}"], aim=aim, reached=reached[-1])
    speed = _messages_per_second(messages)
    table.row("messages per second of one core", ["", "", speed], aim="≥ 900", reached=speed >= 900)
    return all(reached)


def _figures(
    messages: list[Labelled], results: list[dict[str, Any]]
) -> Iterator[tuple[str, tuple[int, int], str, float]]:
    pairs = [
        (message, WORDS.get(result["kind"], result["kind"]), result)
        for message, result in zip(messages, results, strict=True)
    ]
    bounces = [pair for pair in pairs if pair[0].kind in BOUNCES]
    seen = [pair for pair in bounces if pair[1] in BOUNCES]
    good = [pair for pair in pairs if pair[0].kind != "hard"]
    named = [pair for pair in bounces if pair[0].people]
    ordinary = [pair for pair in pairs if pair[0].kind == "not_bounce"]
    complaints = [pair for pair in pairs if pair[0].kind == "complaint"]
    yield "bounces recognised", (len(seen), len(bounces)), "≥ 98.5 %", 98.5
    yield "hard or soft", _count(message.accepts(kind) for message, kind, _ in seen), "≥ 97 %", 97
    kept = (kind != "hard" or message.accepts("hard") for message, kind, _ in good)
    yield "good addresses kept", _count(kept), "≥ 99 %", 99
    yield "recipients", _count(message.names_all(told["recipients"]) for message, _, told in named), "≥ 98 %", 98
    yield "ordinary mail left alone", _count(kind not in BOUNCES for _, kind, _ in ordinary), "≥ 99.5 %", 99.5
    yield "ordinary mail never hard", _count(kind != "hard" for _, kind, _ in ordinary), "100 %", 100
    yield "complaints", _count(kind == "complaint" for _, kind, _ in complaints), "≥ 16 of 18", 88.8


def _count(answers: Iterator[bool]) -> tuple[int, int]:
    counted = Counter(answers)
    return counted[True], counted.total()


def _messages_per_second(messages: list[Labelled]) -> float:
    def once() -> float:
        start = process_time()
        for message in messages:
            classify(message.raw)
        return len(messages) / (process_time() - start)

    return median(once() for _ in range(3))


def _print_errors(messages: list[Labelled], results: list[dict[str, Any]]) -> None:
    for message, result in zip(messages, results, strict=True):
        kind = WORDS.get(result["kind"], result["kind"])
        if not message.accepts(kind):
            say(f"{message.path}: {message.kind}, taken for {kind}: {result['why']}")
        elif kind in BOUNCES and message.people and not message.names_all(result["recipients"]):
            say(f"{message.path}: names {result['recipients']}, not {[sorted(person) for person in message.people]}")


if __name__ == "__main__":
    sys.exit(main())

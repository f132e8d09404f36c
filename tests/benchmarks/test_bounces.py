"""The benchmark of the bounce classifier on a corpus of three messages: what it reads, gives to a scorer and counts."""

import sys
from pathlib import Path

import pytest

from benchmarks import bounces
from benchmarks.bounces import Labelled, as_row, corpus, main, write_examples


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_examples(tmp_path)
    return tmp_path


def test_the_manifest_is_read_and_messages_have_crlf(folder: Path) -> None:
    messages = list(corpus(folder))
    assert [(message.path, message.kind) for message in messages] == [
        ("hard.eml", "hard"), ("soft.eml", "soft"), ("not_bounce.eml", "not_bounce"),
    ]  # fmt: skip
    assert all(b"\r\n" in message.raw and b"\n" not in message.raw.replace(b"\r\n", b"") for message in messages)
    assert messages[0].people == (frozenset({"ann@shop.example"}),)


def test_a_row_is_plain_words_and_lists(folder: Path) -> None:
    hard, soft, ordinary = (as_row(message.raw) for message in corpus(folder))
    assert {frozenset(row) for row in (hard, soft, ordinary)} == {
        frozenset({"kind", "recipients", "per_recipient", "why"})
    }
    assert (hard["kind"], hard["recipients"]) == ("hard", ["ann@shop.example"])
    assert (soft["kind"], soft["per_recipient"]) == ("soft", {"bob@shop.example": "soft"})
    assert (ordinary["kind"], ordinary["recipients"], ordinary["per_recipient"]) == ("none", [], {})
    assert "5.1.1" in hard["why"]


def test_other_right_answers_count_and_everybody_must_be_named() -> None:
    people = (frozenset({"ann@shop.example", "a@shop.example"}), frozenset({"bob@shop.example"}))
    message = Labelled("x", b"", "hard", frozenset({"soft"}), people)
    assert message.accepts("soft") and message.accepts("hard") and not message.accepts("not_bounce")
    assert message.names_all(["A@shop.example", "bob@shop.example"])
    assert not message.names_all(["ann@shop.example"])
    assert not message.names_all(["ann@shop.example", "bob@shop.example", "cleo@shop.example"])


def test_figures_count_messages_and_recipients(folder: Path) -> None:
    messages = list(corpus(folder))
    rows = [as_row(message.raw) for message in messages]
    counted = {name: right for name, right, _aim, _least in bounces._figures(messages, rows)}
    assert counted["bounces recognised"] == counted["hard or soft"] == counted["recipients"] == (2, 2)
    assert counted["ordinary mail left alone"] == (1, 1) and counted["complaints"] == (0, 0)
    taken_for_hard = [{**row, "kind": "hard"} for row in rows]
    counted = {name: right for name, right, _aim, _least in bounces._figures(messages, taken_for_hard)}
    assert counted["good addresses kept"] == (0, 2) and counted["hard or soft"] == (1, 2)


def test_the_short_form_runs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["bounces", "--examples"])
    assert main() == 0
    said = capsys.readouterr().out
    assert "Bounces, 3 labelled messages" in said and "taken for" not in said


def test_without_a_corpus_it_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv(bounces.VARIABLE, raising=False)
    monkeypatch.setattr(sys, "argv", ["bounces"])
    assert main() == 0
    assert "no corpus" in capsys.readouterr().out

"""Whom a bounce in plain text is about, when one of the detectors of flufl.bounce stumbles."""

import logging
from email.message import Message

import pytest

from campaigns.bounces import recipients
from campaigns.bounces.reading import read
from campaigns.bounces.recipients import recipients_of
from tests.campaigns.bounces.messages import told

STORY = "Something about bob@shop.example was wrong, or about ann@shop.example, and that is all."


class Stumbles:
    def process(self, message: "Message[str, str]") -> tuple[frozenset[bytes], frozenset[bytes]]:
        raise UnicodeError("What is this?")


class FindsNothing:
    def process(self, message: "Message[str, str]") -> tuple[frozenset[bytes], frozenset[bytes]]:
        return frozenset(), frozenset()


class FindsAnn:
    def process(self, message: "Message[str, str]") -> tuple[frozenset[bytes], frozenset[bytes]]:
        return frozenset(), frozenset({b"ann@shop.example"})


def test_a_detector_that_raises_costs_only_itself(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(recipients, "_DETECTORS", [FindsNothing, Stumbles, FindsAnn, Stumbles])
    with caplog.at_level(logging.WARNING):
        assert recipients_of(read(told("Returned mail", STORY))) == ["ann@shop.example"]
    assert [record.getMessage() for record in caplog.records] == [
        "The detector Stumbles of flufl.bounce stumbled over a message (UnicodeError)"
    ]


def test_when_all_of_them_raise_the_message_is_still_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipients, "_DETECTORS", [Stumbles, Stumbles])
    assert recipients_of(read(told("Returned mail", STORY))) == ["bob@shop.example"]

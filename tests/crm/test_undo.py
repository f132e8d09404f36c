"""Undo: who may, for how long, what a forged or foreign token does, and what the toast carries."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from crm import undo
from crm.models import User
from crm.undo import NotUndoable, take_back, token_for

pytestmark = pytest.mark.django_db
done: list[dict[str, Any]] = []


@pytest.fixture(autouse=True)
def _verb(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def verb(user: User, **arguments: Any) -> str:
        done.append(arguments)
        return "It was undone."

    monkeypatch.setattr(undo, "_verbs", {**undo._verbs, "test.verb": verb})
    yield
    done.clear()


def test_the_button_posts_the_token_and_goes_back(marketer: User, as_marketer: Client) -> None:
    token = token_for(marketer, "test.verb", number=3)
    answer = as_marketer.post("/undo/", {"token": token, "next": "/contacts/"}, follow=True)
    assert answer.redirect_chain == [("/contacts/", 302)]
    assert "It was undone." in answer.content.decode()
    assert done == [{"number": 3}]


def test_a_way_back_to_another_site_is_not_taken(marketer: User, as_marketer: Client) -> None:
    token = token_for(marketer, "test.verb")
    answer = as_marketer.post("/undo/", {"token": token, "next": "https://elsewhere.example.com/"})
    assert answer["Location"] == "/"


@pytest.mark.parametrize("token", ["", "no-token", "a:b:c", "{}", "\0"])
def test_what_is_no_token_does_nothing(token: str, as_marketer: Client) -> None:
    answer = as_marketer.post("/undo/", {"token": token}, follow=True)
    assert "The time for Undo is over." in answer.content.decode()
    assert done == []


def test_another_user_or_a_late_one_cannot(
    marketer: User, administrator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = token_for(marketer, "test.verb")
    with pytest.raises(NotUndoable):
        take_back(administrator, token)
    monkeypatch.setattr(undo, "VALID_SECONDS", -1)
    with pytest.raises(NotUndoable):
        take_back(marketer, token)
    assert done == []


def test_who_may_no_longer_edit_may_not_undo(marketer: User) -> None:
    token = token_for(marketer, "test.verb")
    marketer.role = "viewer"
    with pytest.raises(NotUndoable):
        take_back(marketer, token)


def test_an_unknown_verb_is_a_mistake_of_the_program(marketer: User) -> None:
    with pytest.raises(KeyError):
        token_for(marketer, "no.such.verb")

"""Undo: an act that can be taken back says how, in a signed token that the toast's *Undo* button posts.

    register("target_list.opt_out", cancel_it)                       # in an `undoing` module of an app
    offer(request, _("Opted out."), "target_list.opt_out", list=3)   # instead of messages.success

A verb gets the user and the arguments of the offer, and does the inverse as a compare-and-set on what the act left
behind: after a change by somebody else, or when pressed twice, it raises NotUndoable and nothing happens. So a token
can be replayed without harm. Tokens are bound to their user and valid for a short time.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core import signing
from django.utils.translation import gettext as _

from crm.access import Request
from crm.models import User

Verb = Callable[..., str]  # (user, **arguments) -> the sentence that says what was done
TAG = "undo:"
SALT = "herald.undo"
VALID_SECONDS = 600
LONGEST_TOKEN = 100_000  # characters
_verbs: dict[str, Verb] = {}


class NotUndoable(Exception):
    """It cannot be taken back any more; the text says why."""


def register(name: str, verb: Verb) -> None:
    _verbs[name] = verb


def token_for(user: User, name: str, **arguments: Any) -> str:
    """`arguments` are plain JSON values. Raises KeyError for a verb that nobody registered."""
    if name not in _verbs:
        raise KeyError(name)
    return signing.dumps([user.pk, name, arguments], salt=SALT, compress=True)


def offer(request: Request, text: str, name: str, **arguments: Any) -> None:
    """Tell that something was done, with a button that takes it back."""
    token = token_for(request.user, name, **arguments)
    tag = TAG + token if len(token) <= LONGEST_TOKEN else ""
    messages.success(request, text, extra_tags=tag)


def token_of(message: Any) -> str:
    """The token of a message that `offer` made, else an empty string."""
    tags = getattr(message, "extra_tags", "") or ""
    return tags.removeprefix(TAG) if tags.startswith(TAG) else ""


def take_back(user: User, token: str) -> str:
    """Do the inverse; what was done, in words. Raises NotUndoable."""
    try:
        owner, name, arguments = signing.loads(token, salt=SALT, max_age=VALID_SECONDS)
    except signing.BadSignature as error:
        raise NotUndoable(_("The time for Undo is over.")) from error
    if owner != user.pk or name not in _verbs or not user.can_edit:
        raise NotUndoable(_("This cannot be undone."))
    return _verbs[name](user, **arguments)

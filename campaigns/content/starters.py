"""The starter templates a marketer can begin with: own writing, table-based, 640 px wide, light and dark."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_BODIES = Path(__file__).parent / "starter_bodies"


@dataclass(frozen=True, slots=True)
class Starter:
    """``key`` is stable (it is stored in links); ``name`` and ``description`` are translated when shown."""

    key: str
    name: str | Promise
    description: str | Promise
    subject: str
    preview_text: str

    @property
    def html(self) -> str:
        return _body(self.key)


@cache
def _body(key: str) -> str:
    return (_BODIES / f"{key}.html").read_text("utf-8")


STARTERS: tuple[Starter, ...] = (
    Starter(
        key="newsletter",
        name=_("Newsletter"),
        description=_("A lead story, two short ones and a date list."),
        subject="What we learned this month, {Person.firstName|in short}",
        preview_text="One long read, two short ones and three dates for your calendar.",
    ),
    Starter(
        key="product-launch",
        name=_("Product launch"),
        description=_("One announcement, three reasons and one button."),
        subject="It is here: the new way to plan your week",
        preview_text="Three reasons to try it today, and a code that saves you 20 %.",
    ),
    Starter(
        key="event",
        name=_("Event invitation"),
        description=_("When, where, the evening in three lines and one answer."),
        subject="You are invited, {Person.firstName|friend}: an evening about work that lasts",
        preview_text="Thursday, 14 May, three short talks and one long table.",
    ),
    Starter(
        key="offer",
        name=_("Offer"),
        description=_("A large number, three things and until when."),
        subject="25 % less until Sunday, two days before everybody else",
        preview_text="Everything for the home, while stocks last.",
    ),
    Starter(
        key="letter",
        name=_("Plain letter"),
        description=_("Looks like a message from one person to another."),
        subject="A short question, {Person.firstName|if you have a minute}",
        preview_text="It takes two minutes to answer and helps us a great deal.",
    ),
    Starter(
        key="notice",
        name=_("Service notice"),
        description=_("What happens, from when to when, and what to do."),
        subject="Planned maintenance on Saturday night",
        preview_text="You can read everything; changes have to wait for three hours.",
    ),
)


def starter(key: str) -> Starter | None:
    """The starter of that key, None when there is none."""
    return next((known for known in STARTERS if known.key == key), None)

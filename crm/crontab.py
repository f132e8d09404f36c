"""Crontab expressions in words, for the shapes that people use."""

import re
from collections.abc import Callable

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

_NUMBER = r"(\d{1,2})"
_STEP = r"\*/(\d{1,2})"
_NUMBERS = r"(\d{1,2}(?:,\d{1,2})+)"


def _clock(minute: str, hour: str) -> str:
    return f"{int(hour):02}:{int(minute):02}"


def _weekday(number: str) -> str:
    return str(WEEKDAYS[(int(number) - 1) % 7])  # crontab: 0 and 7 are Sunday; Django: 0 is Monday


def _every_minutes(step: str) -> str:
    number = int(step)
    return ngettext("Every minute", "Every %(number)s minutes", number) % {"number": number}


def _every_hours(minute: str, step: str) -> str:
    number = int(step)
    text = ngettext("Every hour at minute %(minute)s", "Every %(number)s hours at minute %(minute)s", number)
    return text % {"number": number, "minute": int(minute)}


# Minute, hour, day, month, weekday; the first shape that fits tells it.
SHAPES: list[tuple[str, Callable[..., str]]] = [
    (r"\* \* \* \* \*", lambda: _every_minutes("1")),
    (rf"{_STEP} \* \* \* \*", _every_minutes),
    (rf"{_NUMBER} \* \* \* \*", lambda minute: _every_hours(minute, "1")),
    (
        rf"{_NUMBERS} \* \* \* \*",
        lambda minutes: _("Every hour at the minutes %(minutes)s") % {"minutes": minutes.replace(",", ", ")},
    ),
    (rf"{_NUMBER} {_STEP} \* \* \*", _every_hours),
    (rf"{_NUMBER} {_NUMBER} \* \* \*", lambda m, h: _("Every day at %(time)s") % {"time": _clock(m, h)}),
    (rf"{_NUMBER} {_NUMBER} \* \* 1-5", lambda m, h: _("Monday to Friday at %(time)s") % {"time": _clock(m, h)}),
    (
        rf"{_NUMBER} {_NUMBER} \* \* ([0-7])",
        lambda m, h, day: _("Every %(weekday)s at %(time)s") % {"weekday": _weekday(day), "time": _clock(m, h)},
    ),
    (
        rf"{_NUMBER} {_NUMBER} {_NUMBER} \* \*",
        lambda m, h, day: _("On day %(day)s of every month at %(time)s") % {"day": int(day), "time": _clock(m, h)},
    ),
]


def describe(scheduling: str) -> str:
    """A sentence in the active language, or "" for a shape that only its next runs explain."""
    text = " ".join(scheduling.split())
    for shape, tell in SHAPES:
        if match := re.fullmatch(shape, text):
            return tell(*match.groups())
    return ""

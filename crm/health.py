"""Is Herald well? A registry of checks that answers the questions of the manual's troubleshooting.

register(Topic.SENDING, worker_is_alive)            # () -> Iterable[Finding]
register(Topic.MACHINE, broker_answers, slow=True)  # asks something outside the database

The apps above register theirs from their `health_checks` modules. Everything that Health says is in a Finding: what is
so, how we know, and what mends it.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise
HINT_SECONDS = 60  # how long the dot in the sidebar may be behind


class State(StrEnum):
    OK = "ok"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


TONES = {State.OK: "success", State.INFO: "muted", State.WARNING: "warning", State.ERROR: "danger"}
ICONS = {
    State.OK: "circle-check", State.INFO: "info-circle", State.WARNING: "alert-triangle", State.ERROR: "circle-x",
}  # fmt: skip


class Topic(StrEnum):
    """The questions, in the order of the page."""

    SENDING = "sending"
    LINKS = "links"
    BOUNCES = "bounces"
    TRUST = "trust"
    MACHINE = "machine"


QUESTIONS = {
    Topic.SENDING: _("Are mass emails going out?"),
    Topic.LINKS: _("Do links in mails lead back here?"),
    Topic.BOUNCES: _("Are bounces being logged?"),
    Topic.TRUST: _("Will inboxes trust us?"),
    Topic.MACHINE: _("Is the machine well?"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence with its evidence. The fix is a page, with `is_post` a button that acts, or a `command` to copy."""

    state: State
    sentence: Text
    evidence: Text = ""
    fix_url: str = ""
    fix_label: Text = ""
    is_post: bool = False
    command: str = ""

    @property
    def tone(self) -> str:
        return TONES[self.state]

    @property
    def icon(self) -> str:
        return ICONS[self.state]


@dataclass(frozen=True, slots=True)
class Answer:
    """A question with what was found, and the worst of it."""

    topic: Topic
    findings: list[Finding]

    @property
    def question(self) -> Text:
        return QUESTIONS[self.topic]

    @property
    def state(self) -> State:
        return worst(self.findings)

    @property
    def tone(self) -> str:
        return TONES[self.state]


Check = Callable[[], Iterable[Finding]]
_checks: dict[Topic, list[tuple[Check, bool]]] = {topic: [] for topic in Topic}
_hint: dict[str, tuple[float, bool]] = {}
_SEVERITY = {State.OK: 0, State.INFO: 0, State.WARNING: 1, State.ERROR: 2}


def register(topic: Topic, check: Check, *, slow: bool = False) -> None:
    """`slow` ones ask more than the database: the page and monitoring ask them, the hint in the sidebar does not."""
    if (check, slow) not in _checks[topic]:
        _checks[topic].append((check, slow))


def answers(*, with_slow: bool = True) -> list[Answer]:
    """Every question that somebody checks."""
    asked = [
        (topic, [finding for check, slow in checks if with_slow or not slow for finding in check()])
        for topic, checks in _checks.items()
    ]
    return [Answer(topic, findings) for topic, findings in asked if findings]


def worst(findings: Iterable[Finding]) -> State:
    """ERROR, WARNING or OK; information alone is no trouble."""
    highest = max((_SEVERITY[finding.state] for finding in findings), default=0)
    return (State.OK, State.WARNING, State.ERROR)[highest]


def has_problem() -> bool:
    """Whether something is an error right now, as far as the database tells; each process remembers it for a minute."""
    until, told = _hint.get("told", (0.0, False))
    if time.monotonic() >= until:
        told = any(answer.state == State.ERROR for answer in answers(with_slow=False))
        _hint["told"] = (time.monotonic() + HINT_SECONDS, told)
    return told


def forget_hint() -> None:
    """After a look at Health itself: the dot follows what was seen there."""
    _hint.clear()

"""What the components of the style guide show. English only, as the style guide is; figures are invented."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q
from django.utils import timezone

from crm.criteria.fields import Field
from crm.criteria.operators import Kind
from crm.health import TONES, Finding, State
from crm.lists import builder
from crm.models import BackgroundTask, TaskStatus
from crm.navigation import Figure, Step

DATA_COLOURS = ("sent", "opened", "clicked", "lead", "optout", "bounced", "good")
COLOURS = (
    "bg", "surface", "sunken", "hover", "line", "line-strong", "ink", "ink-2", "accent", "success", "warning",
    "danger", "info", "teal", "c-sent", "c-opened", "c-clicked", "c-lead", "c-optout", "c-bounced",
)  # fmt: skip
OPENED = (12, 40, 96, 180, 320, 260, 150, 90, 60, 35, 20, 14)
CLICKED = (2, 9, 22, 48, 80, 66, 40, 24, 15, 9, 5, 3)
BLOCKS = (
    ("typography", "Heading"), ("text-size", "Text"), ("send-2", "Button"), ("photo", "Image"),
    ("columns", "Columns"), ("minus", "Divider"), ("share", "Social"), ("code", "HTML"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SampleNarrowing:
    """As much of a crm.lists.narrowing.Narrowing as the filter builder draws."""

    form: builder.ShownGroup
    carried: tuple[tuple[str, str], ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True)
class SampleList:
    narrowing: SampleNarrowing
    name: str = "sample"
    builder_id: str = field(default="sample-builder")


@dataclass(frozen=True, slots=True)
class SampleLink:
    """Where something leads: a chip, one of *What next*, a block."""

    label: str
    icon: str = ""
    note: str = ""
    count: int = 0
    is_current: bool = False
    url: str = "#checks"

    @property
    def title(self) -> str:
        return self.label


@dataclass(frozen=True, slots=True)
class SampleBranch:
    path: str
    lists: int
    depth: int = 0

    @property
    def name(self) -> str:
        return self.path.rpartition(" / ")[2]


def samples(page: str) -> dict[str, Any]:
    """The context of the page, forms apart; `page` is the one that the pager stands on."""
    now = timezone.now()
    return {
        "colours": COLOURS, "tones": (*TONES.values(), "accent", "info", "teal"), "data_colours": DATA_COLOURS,
        "figures": _figures(), "steps": _steps(), "findings": _findings(),
        "page": Paginator(range(1120), 20).get_page(page),
        "moments": [now, now - timedelta(hours=3), now + timedelta(days=2), now - timedelta(days=400), None],
        "list": SampleList(SampleNarrowing(_conditions())), "tasks": _tasks(), "trend": (4, 9, 14, 11, 8, 12, 6),
        "chart": _chart(now), "chips": _chips(), "links": _links(), "branches": _branches(),
        "blocks": [SampleLink(label, icon) for icon, label in BLOCKS],
    }  # fmt: skip


def _chips() -> list[SampleLink]:
    return [SampleLink("All", count=1120, is_current=True), SampleLink("Active", count=40)]


def _links() -> list[SampleLink]:
    return [
        SampleLink("Resend to 7,766 non-openers", "arrow-back-up", "The teaser lifted opens by 9 points"),
        SampleLink("Make a list of those who clicked", "users", "For a call, or the next campaign"),
    ]


def _branches() -> list[SampleBranch]:
    return [
        SampleBranch("Newsletters", 4), SampleBranch("Newsletters / Europe", 3, 1), SampleBranch("Events", 2),
    ]  # fmt: skip


def _chart(now: datetime) -> dict[str, Any]:
    """As campaigns.views.chart makes it."""
    lines = (("Opened", "opened", OPENED), ("Clicked", "clicked", CLICKED))
    hours = [f"{now - timedelta(hours=at):%H:00}" for at in range(len(OPENED), 0, -1)]
    drawn = [{"label": label, "tone": tone, "isMachine": False, "values": values} for label, tone, values in lines]
    return {
        "title": "Opens and clicks over time", "summary": "Opened 1,277, Clicked 323; most in the fifth hour.",
        "is_hourly": True, "series": [{"label": label, "tone": tone} for label, tone, _values in lines],
        "rows": [
            {"label": hour, "values": [("Opened", opened), ("Clicked", clicked)], "started": []}
            for hour, opened, clicked in zip(hours, OPENED, CLICKED, strict=True)
        ],
        "data": {"labels": hours, "ticks": hours, "series": drawn, "marks": [[1, "Launch day"]]},
    }  # fmt: skip


def _figures() -> list[Figure]:
    trends = ((2, 5, 9, 11, 4, 3, 2), (1, 3, 6, 8, 4, 4, 3), (0, 1, 3, 5, 2, 1, 1), (5, 4, 4, 3, 2, 2, 1))
    names = (
        ("Sent", 12480, "sent"),
        ("Opened", 4617, "opened"),
        ("Clicked", 1204, "clicked"),
        ("Opted Out", 38, "optout"),
    )
    before = (11000, 5200, 1204, None)
    return [
        Figure(name, value, "#figures", tone=tone, before=was, trend=trend, share="37.3%" if tone == "opened" else "")
        for (name, value, tone), was, trend in zip(names, before, trends, strict=True)
    ]


def _steps() -> list[Step]:
    return [
        Step("A step that is done", "It tells what was found", True),
        Step("The step of now", "What it is good for", False, "#steps", "Do it"),
        Step("A later step", "What it is good for", False, "#steps", "Do it"),
    ]


def _findings() -> list[Finding]:
    return [
        Finding(State.OK, "All is well", "The evidence: 1,440 of 1,440 runs succeeded."),
        Finding(State.INFO, "Good to know", "Nothing has to be done.", "#checks", "Read"),
        Finding(State.WARNING, "Somebody should look", "The evidence says why.", "#checks", "Review"),
        Finding(State.ERROR, "Something is broken", "A command mends it:", command="manage.py up"),
    ]


def _conditions() -> builder.ShownGroup:
    asked = {
        key: Field(key, label, kind, lambda _operator, _value: Q())
        for key, label, kind in (("city", "City", Kind.TEXT), ("founded", "Founded", Kind.DATE))
    }
    return builder.shown(
        {"all": [["city", "contains", "Lisbon"], {"any": [["founded", "not_empty"], ["city", "empty"]]}]}, asked
    )


def _tasks() -> list[BackgroundTask]:
    return [
        BackgroundTask(pk=1, title="Import", status=TaskStatus.RUNNING, done=8312, total=12480),
        BackgroundTask(pk=2, title="Export", status=TaskStatus.FAILED, done=3, total=9, error="The disk is full."),
    ]

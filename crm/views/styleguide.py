"""Every component of the design system in all its states, for whoever builds pages."""

from dataclasses import dataclass, field
from datetime import timedelta

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from crm.access import Request, administrator
from crm.criteria.fields import Field
from crm.criteria.operators import Kind
from crm.forms.styleguide import SampleForm
from crm.health import TONES, Finding, State
from crm.lists import builder
from crm.models import BackgroundTask, TaskStatus
from crm.navigation import Figure, Step

DATA_COLOURS = ("sent", "opened", "clicked", "lead", "optout", "bounced", "good")
COLOURS = (
    "bg", "surface", "sunken", "hover", "line", "line-strong", "ink", "ink-2", "accent", "success", "warning",
    "danger", "info", "teal", "c-sent", "c-opened", "c-clicked", "c-lead", "c-optout", "c-bounced",
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


@administrator
@require_safe
def styleguide(request: Request) -> HttpResponse:
    now = timezone.now()
    bad = SampleForm({"name": "", "email": "nobody", "colours": ["red"]})
    bad.is_valid()
    context = {
        "colours": COLOURS, "tones": (*TONES.values(), "accent", "info", "teal"), "data_colours": DATA_COLOURS,
        "figures": _figures(), "steps": _steps(), "findings": _findings(), "form": SampleForm(), "bad_form": bad,
        "page": Paginator(range(1120), 20).get_page(request.GET.get("page", 3)),
        "moments": [now, now - timedelta(hours=3), now + timedelta(days=2), now - timedelta(days=400), None],
        "list": SampleList(SampleNarrowing(_conditions())), "tasks": _tasks(), "trend": (4, 9, 14, 11, 8, 12, 6),
    }  # fmt: skip
    return render(request, "styleguide/page.html", context)


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

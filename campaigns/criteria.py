"""What people did with campaigns as criteria of every entity type: was sent, opened, clicked, bounced, opted out.

A condition narrows the events: of a campaign, a mass email, a tracking URL, in a period, at least so many times. Each
event counts once per email and link, as in the statistics; tests and machines do not count.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns.models import Action, Bounce, Campaign, LogRecord, MassEmail, TrackingUrl
from crm.criteria import Field, Kind, Part, Takes, register_fields
from crm.criteria.where import moments_of
from crm.models import EntityType

MOST_OFFERED = 500
Events = QuerySet[LogRecord]


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One thing that people do. `parts` by name, in the order in which stored conditions have them; the late ones
    follow those that were there from the start."""

    key: str
    label: Promise
    action: Action
    parts: tuple[str, ...] = ("campaign", "days")
    late: tuple[str, ...] = ("mass_email", "first", "last", "times")


BEHAVIOURS = (
    Behaviour("sent", _("Was sent an email"), Action.SENT),
    Behaviour("opened", _("Opened an email"), Action.OPENED),
    Behaviour("clicked", _("Clicked a tracking URL"), Action.CLICKED, ("campaign", "days", "tracking_url")),
    Behaviour(
        "bounced", _("An email bounced"), Action.BOUNCED,
        late=("mass_email", "first", "last", "times", "bounce"),
    ),
    Behaviour("opted_out", _("Opted out through an email"), Action.OPTED_OUT),
    Behaviour("opted_in", _("Subscribed again"), Action.OPTED_IN),
)  # fmt: skip


# ---- what a condition offers


def _campaigns() -> Sequence[tuple[str, str]]:
    newest = Campaign.objects.order_by("-id").values_list("pk", "name")[:MOST_OFFERED]
    return [(str(pk), name) for pk, name in newest]


def _mass_emails() -> Sequence[tuple[str, str]]:
    newest = MassEmail.objects.order_by("-id").values_list("pk", "name", "campaign__name")[:MOST_OFFERED]
    return [(str(pk), f"{name} ({campaign})") for pk, name, campaign in newest]


def _tracking_urls() -> Sequence[tuple[str, str]]:
    newest = TrackingUrl.objects.order_by("-id").values_list("pk", "name", "campaign__name")[:MOST_OFFERED]
    return [(str(pk), f"{name} ({campaign})") for pk, name, campaign in newest]


def _bounces() -> Sequence[tuple[str, Any]]:
    return [(Bounce.HARD.value, Bounce.HARD.label), (Bounce.SOFT.value, Bounce.SOFT.label)]


def _named(rows: Any, value: str) -> str:
    """The name of one, however old; "" when there is none."""
    return (rows.filter(pk=value).values_list("name", flat=True).first() or "") if _is_id(value) else ""


def _is_id(value: str) -> bool:
    return value.isascii() and value.isdecimal() and len(value) < 19


PARTS = {
    "campaign": Part(_("Campaign"), _campaigns, partial(_named, Campaign.objects)),
    "days": Part(_("In the last … days")),
    "tracking_url": Part(_("Tracking URL"), _tracking_urls, partial(_named, TrackingUrl.objects)),
    "mass_email": Part(_("Mass Email"), _mass_emails, partial(_named, MassEmail.objects), is_late=True),
    "first": Part(_("From"), takes=Takes.DAY, is_late=True),
    "last": Part(_("Until"), takes=Takes.DAY, is_late=True),
    "times": Part(_("At least … times"), least=1, is_late=True),
    "bounce": Part(_("Bounce"), _bounces, is_late=True),
}


# ---- what it asks


def _since(events: Events, days: int) -> Events:
    return events.filter(at__gte=timezone.now() - timedelta(days=days))


def _from(events: Events, day: date) -> Events:
    return events.filter(at__gte=moments_of("on", day)[0])


def _until(events: Events, day: date) -> Events:
    end = moments_of("on", day)[1]
    return events.filter(at__lt=end) if end else events


NARROWED: dict[str, Callable[[Events, Any], Events]] = {
    "campaign": lambda events, pk: events.filter(campaign_id=pk),
    "days": _since,
    "tracking_url": lambda events, pk: events.filter(tracking_url_id=pk),
    "mass_email": lambda events, pk: events.filter(mass_email_id=pk),
    "first": _from,
    "last": _until,
    "bounce": lambda events, kind: events.filter(bounce=kind),
}


def happened(behaviour: Behaviour, operator: str, value: Any) -> Q:
    """`value`: one per part, None for any."""
    asked = dict(zip((*behaviour.parts, *behaviour.late), value, strict=True))
    events = LogRecord.objects.filter(action=behaviour.action, is_test=False, is_machine=False).order_by()
    for name, narrow in NARROWED.items():
        if asked.get(name) is not None:
            events = narrow(events, asked[name])
    if (asked["times"] or 1) == 1:
        return Q(Exists(events.filter(record_id=OuterRef("pk"))))
    # Counted for all people together: a count for each of a million records would take as many looks into the log.
    people = events.exclude(record_id=None).values("record_id").annotate(times=Count("pk"))
    return Q(pk__in=people.filter(times__gte=asked["times"]).values("record_id"))


def behaviour_fields(entity_type: EntityType) -> list[Field]:
    return [
        Field(
            one.key, one.label, Kind.EVENT, partial(happened, one), heading=_("Campaigns"),
            parts=tuple(PARTS[name] for name in (*one.parts, *one.late)),
        )
        for one in BEHAVIOURS
    ]  # fmt: skip


register_fields(behaviour_fields)

"""The numbers of a campaign. They count people, tests excluded; machine opens and clicks stand apart."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Sum
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.log_search import SLUGS
from campaigns.models import Action, Campaign, CampaignType, MassEmail, TrackingUrl

COUNTERS = (
    "total_count", "sent_count", "failed_count", "opened_count", "clicked_count", "opted_out_count", "opted_in_count",
    "hard_bounced_count", "soft_bounced_count",
)  # fmt: skip
EMAIL_NUMBERS = ("sent", "opened", "clicked", "bounced", "opted_out", "opted_in", "leads", "machines")
NUMBERS_OF_TYPE = {
    CampaignType.EMAIL: EMAIL_NUMBERS,
    CampaignType.NEWSLETTER: EMAIL_NUMBERS,
    CampaignType.INFORMATIONAL: ("sent", "bounced"),
    CampaignType.WEB: ("leads", "opted_in"),
    CampaignType.TELEVISION: ("leads",),
    CampaignType.RADIO: ("leads",),
    CampaignType.MAIL: ("sent", "leads", "opted_in"),
}
LARGE = frozenset({"sent", "opened", "clicked", "bounced"})


@dataclass(frozen=True, slots=True)
class Number:
    """One number of the strip; `url` opens the log with its filter, `share` is its part of Sent (0 to 1)."""

    key: str
    label: str
    value: int
    url: str
    share: float | None = None
    note: str = ""
    is_large: bool = True


@dataclass(frozen=True, slots=True)
class Sums:
    """The counters of all mass emails of a campaign, added up."""

    sent: int
    opened: int
    clicked: int
    opted_out: int
    opted_in: int
    hard: int
    soft: int

    @property
    def bounced(self) -> int:
        return self.hard + self.soft


def sums_of(campaign: Campaign) -> Sums:
    found = MassEmail.objects.filter(campaign=campaign).aggregate(**{name: Sum(name) for name in COUNTERS})
    count = {name: found[name] or 0 for name in COUNTERS}
    return Sums(
        count["sent_count"], count["opened_count"], count["clicked_count"], count["opted_out_count"],
        count["opted_in_count"], count["hard_bounced_count"], count["soft_bounced_count"],
    )  # fmt: skip


def campaign_numbers(campaign: Campaign, events: dict[tuple[Action, bool], int], opens_on: bool) -> list[Number]:
    """The numbers that the type of the campaign has, in order. `events` is log_search.event_counts(campaign)."""
    sums = sums_of(campaign)
    machines = sum(n for (_action, machine), n in events.items() if machine)
    values = {
        "sent": sums.sent, "opened": sums.opened, "clicked": sums.clicked, "bounced": sums.bounced,
        "opted_out": sums.opted_out, "opted_in": sums.opted_in, "machines": machines,
        "leads": events.get((Action.LEAD_CREATED, False), 0),
    }  # fmt: skip
    notes = {
        "sent": _delivered(sums),
        "opened": "" if opens_on or sums.opened else _("Email Open Tracking is off"),
        "clicked": _of_openers(sums) if opens_on else "",
        "bounced": _("%(hard)s hard · %(soft)s soft") % {"hard": _number(sums.hard), "soft": _number(sums.soft)},
        "opted_in": _("came back after opting out"),
        "machines": _("never counted as people"),
    }
    return [
        Number(
            key, str(_LABELS[key]()), values[key], _door(campaign, key), _share(key, values[key], sums.sent),
            notes.get(key, ""), key in LARGE,
        )
        for key in NUMBERS_OF_TYPE[CampaignType(campaign.type)]
    ]  # fmt: skip


_LABELS = {
    "sent": lambda: Action.SENT.label,
    "opened": lambda: Action.OPENED.label,
    "clicked": lambda: Action.CLICKED.label,
    "bounced": lambda: Action.BOUNCED.label,
    "opted_out": lambda: Action.OPTED_OUT.label,
    "opted_in": lambda: Action.OPTED_IN.label,
    "leads": lambda: _("Leads Created"),
    "machines": lambda: _("Machine events"),
}
_QUERIES = {
    "sent": {"action": SLUGS[Action.SENT]},
    "opened": {"action": SLUGS[Action.OPENED]},
    "clicked": {"action": SLUGS[Action.CLICKED]},
    "bounced": {"action": SLUGS[Action.BOUNCED]},
    "opted_out": {"action": SLUGS[Action.OPTED_OUT]},
    "opted_in": {"action": SLUGS[Action.OPTED_IN]},
    "leads": {"action": SLUGS[Action.LEAD_CREATED]},
    "machines": {"machines": "on"},
}


def _door(campaign: Campaign, key: str, **more: int) -> str:
    return f"{reverse('campaigns:log', args=[campaign.pk])}?{urlencode({**_QUERIES[key], **more})}"


def _share(key: str, value: int, sent: int) -> float | None:
    if not sent or key in {"sent", "leads", "machines", "opted_in"}:
        return None
    return value / sent


def _number(value: int) -> str:
    return number_format(value, use_l10n=True, force_grouping=True)


def _delivered(sums: Sums) -> str:
    if not sums.sent:
        return ""
    good = max(sums.sent - sums.bounced, 0)
    share = number_format(100 * good / sums.sent, 1)
    return _("%(number)s delivered · %(share)s%%") % {"number": _number(good), "share": share}


def _of_openers(sums: Sums) -> str:
    if not sums.opened:
        return ""
    return _("%(share)s%% of those who opened") % {"share": number_format(100 * sums.clicked / sums.opened, 1)}


def mass_email_numbers(mass_email: MassEmail, opens_on: bool) -> list[Number]:
    """The same numbers for one mass email; each opens the campaign log, narrowed to it."""
    m = mass_email
    sums = Sums(
        m.sent_count, m.opened_count, m.clicked_count, m.opted_out_count, m.opted_in_count, m.hard_bounced_count,
        m.soft_bounced_count,
    )  # fmt: skip
    values = {"sent": m.sent_count, "opened": m.opened_count, "clicked": m.clicked_count, "bounced": sums.bounced}
    values |= {"opted_out": m.opted_out_count, "opted_in": m.opted_in_count}
    informational = m.campaign.is_informational
    keys = ("sent", "bounced") if informational else tuple(values)
    notes = {"sent": _delivered(sums), "opened": "" if opens_on or sums.opened else _("Email Open Tracking is off")}
    notes["bounced"] = _("%(hard)s hard · %(soft)s soft") % {"hard": _number(sums.hard), "soft": _number(sums.soft)}
    return [
        Number(
            key, str(_LABELS[key]()), values[key], _door(m.campaign, key, mass_email=m.pk),
            _share(key, values[key], sums.sent), notes.get(key, ""), key in LARGE,
        )
        for key in keys
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class TopLink:
    """A tracking URL with its part of the most clicked one's clicks."""

    tracking_url: TrackingUrl
    most: int


def top_links(urls: list[TrackingUrl], most_shown: int = 5) -> list[TopLink]:
    clicked = sorted((url for url in urls if url.click_count), key=lambda url: -url.click_count)[:most_shown]
    return [TopLink(url, clicked[0].click_count) for url in clicked]


def people_text(count: int) -> str:
    return ngettext("%(number)s person", "%(number)s people", count) % {"number": _number(count)}

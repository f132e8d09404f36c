"""The numbers of a campaign. They count people, tests excluded; machine opens and clicks stand apart."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from campaigns.comparison import Usual
from campaigns.delivery import Sums
from campaigns.log_search import SLUGS
from campaigns.models import Action, Campaign, CampaignType, MassEmail, TrackingUrl
from campaigns.progress import Progress
from campaigns.timeline import Slot, spark

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
WHOLES = {"opened": "sent", "clicked": "sent", "opted_out": "sent", "bounced": "attempted"}  # of Sums


_TONES = {
    "opted_out": "optout", "opted_in": "good", "leads": "lead", "machines": "none", "failed": "bounced",
    "uncertain": "optout",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Number:
    """One number of the strip; `url` opens the log with its filter, `whole` is what it is a part of (0: of nothing).

    `better` says how it compares with what is usual (None: not compared); `line` are the points of its sparkline.
    Not `is_known` is what nobody looked for: that is no 0.
    """

    key: str
    label: str
    value: int
    url: str
    whole: int = 0
    note: str = ""
    is_large: bool = True
    better: bool | None = None
    line: str = ""
    is_known: bool = True

    @property
    def tone(self) -> str:
        """The data colour of its mark."""
        return _TONES.get(self.key, self.key)


def campaign_numbers(
    campaign: Campaign,
    events: dict[tuple[Action, bool], int],
    opens_on: bool,
    usual: Usual | None = None,
    slots: Sequence[Slot] = (),
) -> list[Number]:
    """The numbers that the type of the campaign has, in order.

    `events` is log_search.event_counts(campaign); `usual` and the `slots` of its timeline add comparison and sparkline.
    """
    sums = Sums.of_all(MassEmail.objects.filter(campaign=campaign))
    values = {
        "machines": sum(n for (_action, machine), n in events.items() if machine),
        "leads": events.get((Action.LEAD_CREATED, False), 0),
    }
    keys = [key for key in NUMBERS_OF_TYPE[CampaignType(campaign.type)] if key != "machines" or values["machines"]]
    numbers = [_number(key, sums, values, opens_on, _door(campaign, key)) for key in keys]
    return [_with_history(_with_cost(number, campaign), usual, slots) for number in numbers]


def _with_cost(number: Number, campaign: Campaign) -> Number:
    """What one lead cost, where there is a budget."""
    if number.key != "leads" or not number.value or not campaign.budget:
        return number
    cost = number_format(campaign.budget / number.value, 2, force_grouping=True)
    return replace(number, note=_("%(cost)s %(currency)s per lead") % {"cost": cost, "currency": campaign.currency})


def _with_history(number: Number, usual: Usual | None, slots: Sequence[Slot]) -> Number:
    if number.key in ("sent", "opened", "clicked") and number.value:
        number = replace(number, line=spark([getattr(slot, number.key) for slot in slots]))
    if usual is None or number.key not in ("opened", "clicked") or not number.whole or not number.value:
        return number
    points = round(100 * number.value / number.whole - getattr(usual, number.key), 1)
    told = {"points": f"{'+' if points > 0 else '−' if points < 0 else ''}{number_format(abs(points), 1)}"}
    text = ngettext(
        "%(points)s pts vs your last campaign", "%(points)s pts vs your last %(n)s campaigns", usual.campaigns
    )
    return replace(number, note=text % {**told, "n": usual.campaigns}, better=points > 0 if points else None)


def mass_email_numbers(mass_email: MassEmail, state: Progress, opens_on: bool) -> list[Number]:
    """The same for one mass email, in the log narrowed to it; and who did not get it, in its queue."""
    sums = Sums.of(mass_email)
    campaign, queue = mass_email.campaign, reverse("campaigns:mass_email_queue", args=[mass_email.pk])
    keys = ("sent", "bounced") if campaign.is_informational else EMAIL_NUMBERS[:6]
    return [
        *(_number(key, sums, {}, opens_on, _door(campaign, key, mass_email=mass_email.pk)) for key in keys),
        Number("failed", _("Failed"), state.failed, f"{queue}?state=failed", state.people, is_large=False),
        Number("uncertain", _("Uncertain"), state.uncertain, f"{queue}?state=uncertain", state.people, is_large=False),
    ]


def _number(key: str, sums: Sums, values: dict[str, int], opens_on: bool, url: str) -> Number:
    value = values[key] if key in values else getattr(sums, key)
    whole = getattr(sums, WHOLES[key]) if key in WHOLES else 0
    is_known = bool(key != "opened" or opens_on or value)
    return Number(key, str(LABELS[key]), value, url, whole, _note(key, sums, opens_on), key in LARGE, is_known=is_known)


LABELS = {
    "sent": Action.SENT.label,
    "opened": Action.OPENED.label,
    "clicked": Action.CLICKED.label,
    "bounced": Action.BOUNCED.label,
    "opted_out": Action.OPTED_OUT.label,
    "opted_in": Action.OPTED_IN.label,
    "leads": gettext_lazy("Leads Created"),
    "machines": gettext_lazy("Machine events"),
}
_FILTERS = {
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
    return f"{reverse('campaigns:log', args=[campaign.pk])}?{urlencode({**_FILTERS[key], **more})}"


def _note(key: str, sums: Sums, opens_on: bool) -> str:
    match key:
        case "sent" if sums.sent:
            told = {"number": _grouped(sums.delivered), "share": _share(sums.delivered, sums.sent)}
            return _("%(number)s delivered · %(share)s%%") % told
        case "opened" if not opens_on and not sums.opened:
            return _("Email Open Tracking is off")
        case "clicked" if opens_on and sums.opened:
            return _("%(share)s%% of those who opened") % {"share": _share(sums.clicked, sums.opened)}
        case "bounced":
            told = {"hard": _grouped(sums.hard_bounced), "soft": _grouped(sums.soft_bounced)}
            return _("%(hard)s hard · %(soft)s soft") % told
        case "opted_in":
            return _("came back after opting out")
        case "machines":
            return _("never counted as people")
    return ""


def _share(part: int, whole: int) -> str:
    """In per cent. Rounded here: `number_format` cuts off."""
    return number_format(round(100 * part / whole, 1), 1)


def _grouped(value: int) -> str:
    return number_format(value, use_l10n=True, force_grouping=True)


@dataclass(frozen=True, slots=True)
class TopLink:
    """A tracking URL beside the clicks of the most clicked one."""

    tracking_url: TrackingUrl
    most: int


def top_links(urls: list[TrackingUrl], most_shown: int = 5) -> list[TopLink]:
    clicked = sorted((url for url in urls if url.click_count), key=lambda url: -url.click_count)[:most_shown]
    return [TopLink(url, clicked[0].click_count) for url in clicked]

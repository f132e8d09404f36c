"""How a campaign does beside the ones before it: the own history instead of industry myths."""

from dataclasses import dataclass

from django.db.models import Sum

from campaigns.models import Campaign, CampaignType, MassEmail

MOST_COMPARED = 5


@dataclass(frozen=True, slots=True)
class Usual:
    """The mean rates of the latest `campaigns` other campaigns that sent something, in percent of Sent."""

    campaigns: int
    opened: float
    clicked: float


def usual_rates(campaign: Campaign) -> Usual | None:
    """None when nothing else was sent yet. Each campaign counts the same, however large."""
    others = MassEmail.objects.filter(
        sent_count__gt=0, campaign__type__in=(CampaignType.EMAIL, CampaignType.NEWSLETTER)
    ).exclude(campaign=campaign)
    summed = (
        others.order_by()
        .values("campaign")
        .annotate(sent=Sum("sent_count"), opened=Sum("opened_count"), clicked=Sum("clicked_count"))
    )
    latest = list(summed.order_by("-campaign").values_list("sent", "opened", "clicked")[:MOST_COMPARED])
    if not latest:
        return None
    opened = _mean([100 * opened / sent for sent, opened, _clicked in latest])
    return Usual(len(latest), opened, _mean([100 * clicked / sent for sent, _opened, clicked in latest]))


def _mean(rates: list[float]) -> float:
    return sum(rates) / len(rates)

"""*What next*: what a marketer would do with a campaign now, each with its number and the page that does it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.delivery import Sums
from campaigns.models import Action, Campaign, CampaignStatus, MassEmail, MassEmailStatus
from campaigns.resend import may_resend

MOST_SHOWN = 4


@dataclass(frozen=True, slots=True)
class NextStep:
    icon: str
    title: str
    note: str
    url: str


def next_steps(
    campaign: Campaign, mass_emails: Sequence[MassEmail], events: dict[tuple[Action, bool], int]
) -> list[NextStep]:
    """`mass_emails` newest first; `events` is log_search.event_counts(campaign)."""
    steps = [*_preparing(campaign, mass_emails), *_following_up(campaign, mass_emails, events)]
    return steps[:MOST_SHOWN]


def _preparing(campaign: Campaign, mass_emails: Sequence[MassEmail]) -> Iterator[NextStep]:
    if campaign.status == CampaignStatus.INACTIVE:
        note = _("An Inactive campaign sends nothing.")
        yield NextStep(
            "player-play", _("Make the campaign Active"), note, reverse("campaigns:edit", args=[campaign.pk])
        )
    if campaign.sends_email and not mass_emails:
        note = _("It sends one email template to the people of the target lists.")
        address = reverse("campaigns:mass_email_new", args=[campaign.pk])
        yield NextStep("mail-fast", _("Write the first mass email"), note, address)
    for mass_email in mass_emails:
        if mass_email.status == MassEmailStatus.DRAFT:
            title = _("Schedule “%(name)s”") % {"name": mass_email.name}
            address = reverse("campaigns:mass_email_schedule", args=[mass_email.pk])
            yield NextStep("clock", title, _("A Draft is never sent by itself."), address)
            return


def _following_up(
    campaign: Campaign, mass_emails: Sequence[MassEmail], events: dict[tuple[Action, bool], int]
) -> Iterator[NextStep]:
    over = next((mass_email for mass_email in mass_emails if may_resend(mass_email)), None)
    if over is not None and over.opened_count and (quiet := _quiet(over)):
        title = _("Resend to non-openers of “%(name)s”") % {"name": over.name}
        note = ngettext("About %(n)s person", "About %(n)s people", quiet) % {"n": _grouped(quiet)}
        yield NextStep("arrow-back-up", title, note, reverse("campaigns:mass_email_resend", args=[over.pk]))
    if events.get((Action.CLICKED, False)):
        address = f"{reverse('campaigns:log_target_list', args=[campaign.pk])}?action=clicked"
        yield NextStep("users", _("Make a list of those who clicked"), _("For a call, or the next campaign"), address)
    if bounced := sum(mass_email.hard_bounced_count for mass_email in mass_emails):
        title = ngettext("Look at %(n)s hard bounce", "Look at %(n)s hard bounces", bounced) % {"n": _grouped(bounced)}
        address = f"{reverse('campaigns:log', args=[campaign.pk])}?action=bounced&bounce=hard"
        yield NextStep("mail-off", title, _("Already marked invalid: they get no more mail"), address)


def _quiet(mass_email: MassEmail) -> int:
    return max(0, Sums.of(mass_email).delivered - mass_email.opened_count)


def _grouped(value: int) -> str:
    return number_format(value, use_l10n=True, force_grouping=True)

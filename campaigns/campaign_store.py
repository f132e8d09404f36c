"""Saving, copying and removing campaigns."""

from django import forms
from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.models import Campaign, CampaignStatus, CampaignType, MassEmail, MassEmailStatus, TrackingUrl
from crm.audit import audit
from crm.models import User

COPIED = ("budget", "currency", "description")


class CampaignBusy(Exception):
    """The campaign cannot be removed now; the message says why."""


def save_campaign(form: forms.ModelForm, user: User) -> Campaign:  # type: ignore[type-arg]
    """Store a valid form, and note who set the type or the status: both decide about sending."""
    is_new = form.instance.pk is None
    before = {name: form.initial.get(name) for name in ("status", "type")}
    with transaction.atomic():
        campaign: Campaign = form.save()
        if is_new:
            audit(user, "campaign.created", campaign, type=campaign.type, status=campaign.status)
        elif changes := {name: [old, new] for name, old in before.items() if (new := getattr(campaign, name)) != old}:
            audit(user, "campaign.changed", campaign, **changes)
    return campaign


def duplicate_campaign(campaign: Campaign, user: User) -> Campaign:
    """A campaign in Planning with the same lists and tracking URLs; mass emails and the log stay where they are."""
    copied = {name: getattr(campaign, name) for name in COPIED}
    # Who may not make a campaign informational does not get one by copying either.
    may = user.may_send_informational or not campaign.is_informational
    copied["type"] = campaign.type if may else CampaignType.EMAIL
    name = _("%(name)s (copy)") % {"name": campaign.name[:180]}
    with transaction.atomic():
        copy = Campaign.objects.create(name=name, status=CampaignStatus.PLANNING, assigned_user=user, **copied)
        copy.target_lists.set(campaign.target_lists.all())
        copy.excluding_target_lists.set(campaign.excluding_target_lists.all())
        for url in campaign.tracking_urls.all():
            TrackingUrl.objects.create(
                campaign=copy, name=url.name, action=url.action, url=url.url, message=url.message
            )
        audit(user, "campaign.duplicated", copy, of=campaign.pk)
    return copy


def remove_campaign(campaign: Campaign, user: User) -> None:
    """Raises CampaignBusy while one of its mass emails is In Process."""
    with transaction.atomic():
        busy = MassEmail.objects.filter(campaign=campaign, status=MassEmailStatus.IN_PROCESS).first()
        if busy is not None:
            raise CampaignBusy(
                _("“%(name)s” is In Process. Cancel it or wait until it is complete.") % {"name": busy.name}
            )
        audit(user, "campaign.removed", campaign)
        campaign.delete()

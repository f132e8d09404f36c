"""The audience of a mass email: of its lists while it is edited, of its frozen lists once it is sending."""

from django.db.models import Exists, OuterRef, Q

from campaigns.models import Campaign, FrozenMassEmail, MassEmail
from targets.audience import Audience


def audience_of(mass_email: MassEmail) -> Audience:
    return Audience(
        list_ids=list(mass_email.target_lists.values_list("pk", flat=True)),
        excluding_ids=list(mass_email.excluding_target_lists.values_list("pk", flat=True)),
        ignore_opt_outs=mass_email.campaign.is_informational,
    )


def frozen_audience(frozen: FrozenMassEmail) -> Audience:
    return Audience(
        list_ids=[int(pk) for pk in frozen.target_lists],
        excluding_ids=[int(pk) for pk in frozen.excluding_target_lists],
        ignore_opt_outs=frozen.is_informational,
    )


def serving(campaign_id: int) -> Q:
    """Of target lists: those of the campaign, and the internal ones that its mass emails are sent again to. Who leaves
    the campaign leaves them all."""
    own = Campaign.target_lists.through.objects.filter(campaign=campaign_id).values("targetlist")
    again = MassEmail.objects.filter(campaign=campaign_id, target_lists=OuterRef("pk"))
    return Q(pk__in=own) | Q(Exists(again), is_internal=True)

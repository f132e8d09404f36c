"""The audience of a mass email: of its lists while it is edited, of its frozen lists once it is sending."""

from campaigns.models import FrozenMassEmail, MassEmail
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

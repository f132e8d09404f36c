"""What a target list that goes means for mass emails: a person has to look at what is scheduled with it.

One that excludes is the worse case: without it, those whom somebody meant to spare would get the mail.
"""

from django.db.models import Q
from django.utils.translation import gettext as _

from campaigns.models import MassEmail, MassEmailStatus
from campaigns.sending.stops import pause_with_reason
from targets.models import TargetList
from targets.target_lists import register_removal


def pause_scheduled(target_list: TargetList) -> None:
    """Those In Process find out by themselves (campaigns.sending.in_hand): their lists are frozen."""
    rows = MassEmail.objects.filter(Q(target_lists=target_list) | Q(excluding_target_lists=target_list))
    reason = _("The target list “%(name)s” was removed. Look at the audience before you resume.")
    for pk in rows.filter(status=MassEmailStatus.PENDING).distinct().values_list("pk", flat=True):
        pause_with_reason(pk, reason % {"name": target_list.name})


register_removal(pause_scheduled)

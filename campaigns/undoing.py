"""What can be taken back on campaigns: their status, a pause, the removal of a tracking URL or of a draft."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.lifecycle import NotPossible, resume
from campaigns.models import Campaign, MassEmail, TrackingUrl
from crm.audit import audit
from crm.models import User
from crm.restoring import restore
from crm.undo import NotUndoable, register


def restore_tracking_url(user: User, *, row: str) -> str:
    restored = restore(TrackingUrl, row)
    audit(user, "tracking_url.restored", restored)
    return _("The tracking URL “%(name)s” is back.") % {"name": restored}


def restore_draft(user: User, *, row: str) -> str:
    """Offered for drafts only: the queue and the numbers of one that was sent are more than its row."""
    restored = restore(MassEmail, row)
    audit(user, "mass_email.restored", restored)
    return _("The mass email “%(name)s” is back.") % {"name": restored}


def go_on(user: User, *, mass_email: int, paused_at: str) -> str:
    """The inverse of exactly this pause by hand: one that came later, perhaps for a reason, stays."""
    found = MassEmail.objects.filter(pk=mass_email, paused_at=datetime.fromisoformat(paused_at)).first()
    if found is None:
        raise NotUndoable(_("The mass email has changed meanwhile."))
    try:
        resume(found, user)
    except NotPossible as refusal:
        raise NotUndoable(str(refusal)) from refusal
    return _("“%(name)s” goes on.") % {"name": found}


def status_before(user: User, *, campaign: int, was: str, now: str) -> str:
    """Unless somebody gave it another one meanwhile."""
    with transaction.atomic():
        rows = Campaign.objects.filter(pk=campaign, status=now)
        if not rows.update(status=was, modified_at=timezone.now()):
            raise NotUndoable(_("This cannot be undone."))
        found = Campaign.objects.get(pk=campaign)
        audit(user, "campaign.changed", found, status=[now, was])
    return f"{found}: {found.get_status_display()}"


register("campaign.status", status_before)
register("tracking_url.remove", restore_tracking_url)
register("mass_email.remove", restore_draft)
register("mass_email.pause", go_on)

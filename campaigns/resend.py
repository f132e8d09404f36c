"""Sending again to those who did not react: a target list of them, and a Draft that goes to it."""

from django.db import models, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.lifecycle import NotPossible, duplicate
from campaigns.log_search import people_who
from campaigns.models import Action, MassEmail, MassEmailStatus
from crm.audit import audit
from crm.models import Record, User
from targets.membership import add_records
from targets.models import Source, TargetList

OVER = (MassEmailStatus.COMPLETE, MassEmailStatus.CANCELED)


class Missed(models.TextChoices):
    """What somebody did not do. Whoever clicked has opened as well, with or without the picture that tells."""

    OPEN = "open", gettext_lazy("did not open it")
    CLICK = "click", gettext_lazy("did not click")


_DONE = {Missed.OPEN: (Action.OPENED, Action.CLICKED), Missed.CLICK: (Action.CLICKED,)}


def may_resend(mass_email: MassEmail) -> bool:
    """Only when it is over: until then somebody may still open it."""
    return not why_not(mass_email)


def why_not(mass_email: MassEmail) -> str:
    """Why it cannot be sent again, in a sentence; '' when it can."""
    if not mass_email.sent_count:
        return _("It has not been sent yet.")
    if mass_email.campaign.is_informational:
        return _("Nothing is tracked of an informational email: who missed it is not known.")
    return "" if mass_email.status in OVER else _("Wait until it is Complete: people may still react.")


def people_who_missed(mass_email: MassEmail, missed: Missed) -> "QuerySet[Record]":
    """Who got it and did not react; without those whose address bounced or who opted out since."""
    excluding = (*_DONE[missed], Action.BOUNCED, Action.OPTED_OUT)
    return people_who(mass_email.campaign, [Action.SENT], excluding, mass_email_id=mass_email.pk)


def resend(mass_email: MassEmail, missed: Missed, name: str, user: User) -> MassEmail:
    """A Draft with the same content for a new target list of them. Raises NotPossible when there is nobody."""
    if refusal := why_not(mass_email):
        raise NotPossible(refusal)
    with transaction.atomic():
        name_of_list = f"{mass_email.name[:150]} · {missed.label}"[:200]
        people = TargetList(name=name_of_list, assigned_user=user, is_internal=True)
        people.save()
        added = add_records(people, people_who_missed(mass_email, missed), Source.LOG)
        if not added:
            raise NotPossible(_("There is nobody to send it to again."))
        audit(user, "target_list.created", people, mass_email=mass_email.pk, records=added)
        draft = duplicate(mass_email, user)
        MassEmail.objects.filter(pk=draft.pk).update(name=name[:200])
        draft.target_lists.set([people])
    draft.refresh_from_db()
    return draft

"""The first steps on Home about campaigns. Each detects from data whether it is done, and says what it found."""

from dataclasses import replace

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign, EmailTemplate, MassEmail, MassEmailStatus
from crm.access import Request
from crm.navigation import Step, Text


def _step(request: Request, title: Text, note: Text, found: object, url: str, button: Text, order: int) -> Step:
    """`found` is what shows that it is done, or None. Who may not edit gets no button."""
    link = url if request.user.can_edit else ""
    return Step(title, str(found) if found else note, found is not None, link, button, order)


def template(request: Request) -> Step:
    note = _("Starters are included; your own HTML works as well.")
    found = EmailTemplate.objects.only("name").order_by("-pk").first()
    url = reverse("campaigns:template_new")
    return _step(request, _("Pick a template"), note, found, url, _("Create Email Template"), 50)


def campaign(request: Request) -> Step:
    note = _("It holds the mass emails, tracking URLs and the log of one purpose.")
    found = Campaign.objects.only("name").order_by("-pk").first()
    return _step(request, _("Create a campaign"), note, found, reverse("campaigns:new"), _("Create Campaign"), 60)


def test(request: Request) -> Step:
    note = _("See in your own mailbox what recipients will get.")
    found = MassEmail.objects.exclude(test_sent_at=None).only("name").order_by("-test_sent_at").first()
    url = _of_draft("campaigns:mass_email_send_test")
    return _step(request, _("Send a test to yourself"), note, found, url, _("Send Test"), 70)


def schedule(request: Request) -> Step:
    note = _("Nothing goes out before you confirm the number of recipients.")
    found = MassEmail.objects.exclude(status=MassEmailStatus.DRAFT).only("name").order_by("-pk").first()
    step = _step(request, _("Schedule"), note, found, _of_draft("campaigns:mass_email_schedule"), _("Schedule"), 80)
    return replace(step, is_over=found is not None and MassEmail.objects.filter(sent_count__gt=0).exists())


def _of_draft(view: str) -> str:
    """The page of the newest draft; where there is none, the page that makes one."""
    draft = MassEmail.objects.filter(status=MassEmailStatus.DRAFT).only("pk").order_by("-pk").first()
    return reverse(view, args=[draft.pk]) if draft else reverse("campaigns:mass_email_start")

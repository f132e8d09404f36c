"""Names, replies and details from outside are shown as text, in every column of every page."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.models import Campaign, EmailTemplate, LogRecord, MassEmail, QueueItem, TemplateVersion, TrackingUrl
from crm.models import EmailAccount, EmailAddress, Record, User
from targets.models import TargetList
from tests.campaigns.pages_world import World, make_world

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'\"--></style></script><svg onload=alert(1)>",
    "{{ 'a live'|add:' tag' }}{% debug %}",
    "</textarea></select></title><script>alert(1)</script>",
]
PAGES = {
    "list": "", "detail": "campaign", "edit": "campaign", "remove": "campaign", "log": "campaign",
    "log_target_list": "campaign", "mass_email_new": "campaign", "tracking_url_new": "campaign",
    "audience": "campaign", "preview": "campaign", "mass_email_list": "", "mass_email_start": "",
    "mass_email_detail": "sending", "mass_email_queue": "sending", "mass_email_progress": "sending",
    "mass_email_cancel": "sending", "mass_email_edit": "draft", "mass_email_audience": "draft",
    "mass_email_schedule": "draft", "mass_email_send_test": "draft", "mass_email_remove": "draft",
    "template_list": "", "template_new": "", "template_edit": "template", "template_versions": "template",
    "template_remove": "template", "tracking_url_list": "", "tracking_url_start": "",
    "tracking_url_edit": "tracking_url", "tracking_url_remove": "tracking_url",
}  # fmt: skip


def poison(text: str) -> World:
    world = make_world()
    Campaign.objects.update(name=text, description=text)
    MassEmail.objects.update(name=text, from_name=text, reply_to_name=text, pause_reason=text, failure=text)
    EmailTemplate.objects.update(name=text, subject=text, preview_text=text, category=text, description=text)
    TemplateVersion.objects.update(subject=text)
    TrackingUrl.objects.update(name=text, message=text)
    TargetList.objects.update(name=text, category=text)
    Record.objects.update(name=text, first_name=text, last_name=text)
    EmailAddress.objects.update(opted_out_why=text, invalid_why=text)
    LogRecord.objects.update(detail=text, address=text)
    QueueItem.objects.update(reply=text)
    EmailAccount.objects.update(name=text, from_name=text, last_error=text)
    User.objects.update(first_name=text[:150], last_name=text[:150])
    return world


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_text_everywhere(text: str, as_marketer: Client) -> None:
    world = poison(text)
    queries: dict[str, Any] = {
        "": {},
        "campaign": {"people": "1", "target_lists": world.target_list.pk, "template": world.template.pk},
    }
    for name, about in PAGES.items():
        address = reverse(f"campaigns:{name}", args=[getattr(world, about).pk] if about else [])
        page = as_marketer.get(address, {"q": text, "show": "all", **queries.get(about, {})})
        content = page.content.decode()
        assert page.status_code == 200, name
        for live in ("<script>", "<img src=x", "<svg onload", "a live tag", "</title><"):
            assert live not in content, (name, live)


@pytest.mark.parametrize("text", HOSTILE)
def test_what_was_refused_comes_back_as_text(text: str, as_marketer: Client) -> None:
    world = make_world()
    forms = {
        "edit": (world.campaign, {"name": text, "budget": text, "type": text, "currency": text, "target_lists": text}),
        "mass_email_edit": (world.draft, {"name": text, "from_address": text, "start_at": text, "template": text}),
        "mass_email_send_test": (world.draft, {"addresses": text, "q": text, "records": text}),
        "template_edit": (world.template, {"name": text, "subject": text, "body": text, "mode": text}),
        "tracking_url_edit": (world.tracking_url, {"name": text, "url": text, "action": text}),
        "log_target_list": (world.campaign, {"name": text, "including": text, "tracking_url": text}),
    }
    for name, (row, data) in forms.items():
        content = as_marketer.post(reverse(f"campaigns:{name}", args=[row.pk]), data).content.decode()
        for live in ("<script>", "<img src=x", "<svg onload"):
            assert live not in content, (name, live)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_value_of_a_person_never_becomes_markup_in_a_preview(text: str, as_marketer: Client) -> None:
    world = make_world()
    Record.objects.update(name=text, first_name=text)
    address = reverse("campaigns:preview_document", args=[world.campaign.pk])
    query = {"template": world.template.pk, "record": world.records[0].pk}
    content = as_marketer.get(address, query).content.decode()
    for live in ("<script", "<img src=x", "<svg"):
        assert live not in content

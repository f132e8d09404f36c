"""What a mail looks like, where it is looked at: who it comes from, for whom, and what the queue says of it."""

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.models import QueueItem, QueueStatus, Reason
from campaigns.sending.queue import start_due
from crm.models import Settings
from tests.campaigns.pages_world import World, make_world
from tests.factories import EmailAccountFactory, MassEmailFactory, TemplateFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world()


def test_the_inbox_line_names_what_stands_in_for_an_empty_from(world: World, as_marketer: Client) -> None:
    Settings.load()
    Settings.objects.update(from_name="Acme by default")
    account = EmailAccountFactory.create(from_name="Acme events", is_for_mass_email=True)
    url = reverse("campaigns:preview", args=[world.campaign.pk])
    for asked, shown in (
        ({"from_name": "Maya"}, "Maya"), ({}, "Acme by default"), ({"account": account.pk}, "Acme events"),
        ({"account": "9" * 30}, "Acme by default"),
    ):  # fmt: skip
        page = as_marketer.get(url, {"template": world.template.pk, **asked}).content.decode()
        assert f"<strong>{shown}</strong>" in page, asked
    nameless = MassEmailFactory.create(campaign=world.campaign, from_name="", account=account, template=world.template)
    page = as_marketer.get(reverse("campaigns:mass_email_edit", args=[nameless.pk])).content.decode()
    assert "<strong>Acme events</strong>" in page


def test_subject_and_mail_are_of_the_same_person(world: World, as_viewer: Client) -> None:
    page = as_viewer.get(world.sending.get_absolute_url()).content.decode()
    document = as_viewer.get(reverse("campaigns:mass_email_preview", args=[world.sending.pk])).content.decode()
    assert "<strong>Hello Ines</strong>" in page and "Dear Ines" in document
    QueueItem.objects.filter(status=QueueStatus.SENT).update(status=QueueStatus.PENDING)
    assert "Hello {Person.firstName}" in as_viewer.get(world.sending.get_absolute_url()).content.decode()


def test_a_subject_keeps_the_date_of_its_sending(world: World, as_viewer: Client) -> None:
    template = TemplateFactory.create(subject="News of {currentYear} for {campaign.name}")
    mass_email = MassEmailFactory.create(
        campaign=world.campaign, template=template, lists=[world.target_list], status="pending"
    )
    start_due()
    first = QueueItem.objects.filter(mass_email_id=mass_email.pk, status=QueueStatus.PENDING).order_by("id")[0]
    QueueItem.objects.filter(pk=first.pk).update(status=QueueStatus.SENT, sent_at="2021-06-01T12:00Z")
    page = as_viewer.get(mass_email.get_absolute_url()).content.decode()
    assert "<strong>News of 2021 for Autumn launch</strong>" in page


def test_the_queue_explains_only_what_needs_it(world: World, as_viewer: Client) -> None:
    late = QueueItem.objects.filter(mass_email_id=world.sending.pk, status=QueueStatus.PENDING).order_by("id")[0]
    QueueItem.objects.filter(pk=late.pk).update(
        status=QueueStatus.DEFERRED, reason=Reason.MAILBOX_FULL, reply="452 4.2.2 full"
    )
    for url in (world.sending.get_absolute_url(), reverse("campaigns:mass_email_queue", args=[world.sending.pk])):
        page = as_viewer.get(url).content.decode()
        assert 'title="250 2.0.0 queued"' in page and page.count("250 2.0.0") == 1
        assert '<small class="reply">452 4.2.2 full</small>' in page

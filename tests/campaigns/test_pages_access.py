"""Who may see and do what on the campaign pages."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import get_resolver, reverse
from pytest_django import DjangoDbBlocker

from campaigns.models import Campaign, EmailTemplate, MassEmail, QueueItem, TemplateVersion, TrackingUrl
from crm.models import AuditEntry
from targets.models import Membership, TargetList
from tests.campaigns.pages_world import World, everything_in, make_world
from tests.kept import kept

# name → which object of the world it is about, and who may read it
READ = {
    "list": "", "detail": "campaign", "log": "campaign", "audience": "campaign", "preview": "campaign",
    "numbers": "campaign", "details": "campaign", "chart": "campaign", "log_export": "campaign",
    "tracking_url_detail": "tracking_url", "tracking_url_chart": "tracking_url",
    "mass_email_list": "", "mass_email_detail": "draft", "mass_email_progress": "sending",
    "mass_email_queue": "sending", "mass_email_audience": "draft", "mass_email_preview": "sending",
    "mass_email_checks": "draft", "template_gallery": "", "template_preview_people": "",
    "template_list": "", "template_preview": "template", "template_versions": "template",
    "tracking_url_list": "", "bounce_list": "",
}  # fmt: skip
EDIT = {
    "new": "", "edit": "campaign", "remove": "campaign", "log_target_list": "campaign", "mass_email_new": "campaign",
    "tracking_url_new": "campaign", "mass_email_start": "", "mass_email_edit": "draft", "mass_email_send_test": "draft",
    "mass_email_schedule": "draft", "mass_email_cancel": "sending", "mass_email_resend_uncertain": "sending",
    "mass_email_remove": "draft", "mass_email_resend": "sending",
    "template_new": "", "template_edit": "template", "template_remove": "template",
    "template_attachments": "template",
    "tracking_url_start": "", "tracking_url_edit": "tracking_url", "tracking_url_remove": "tracking_url",
}  # fmt: skip
ACT = {
    "duplicate": "campaign", "mass_email_unschedule": "draft", "mass_email_pause": "sending",
    "mass_email_resume": "sending", "mass_email_duplicate": "draft", "mass_email_retry_failed": "sending",
    "mass_email_undo_send": "draft", "mass_email_autosave": "draft", "mass_email_autosave_new": "campaign",
    "template_autosave": "template", "template_autosave_new": "", "template_discard": "template",
    "template_discard_new": "", "template_draft_text": "",
    "template_duplicate": "template", "template_draft_preview": "", "template_draft_check": "",
}  # fmt: skip
OTHER = {
    "preview_document",
    "change",
    "activity",
    "stored_email",
    "stored_document",
    "template_version",
    "template_restore",
    "template_changes",
    "template_starter",
    "template_attachment",
    "template_attachment_remove",
    "bounce_detail",  # in tests/campaigns/bounces
    "bounce_revert",
    "bounce_of_item",
}  # further arguments
TABLES = (
    Campaign,
    MassEmail,
    EmailTemplate,
    TemplateVersion,
    TrackingUrl,
    QueueItem,
    TargetList,
    Membership,
    AuditEntry,
)


def url_of(name: str, world: World) -> str:
    about = {**READ, **EDIT, **ACT}[name]
    return reverse(f"campaigns:{name}", args=[getattr(world, about).pk] if about else [])


@pytest.fixture(scope="module")
def _world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with kept(django_db_blocker, make_world) as made:
        yield made


@pytest.fixture
def world(_world: World, db: None) -> World:
    return _world


def test_every_page_is_in_one_of_the_tables() -> None:
    names = set(get_resolver("campaigns.urls").reverse_dict)
    assert {name for name in names if isinstance(name, str)} == {*READ, *EDIT, *ACT, *OTHER}


@pytest.mark.parametrize("name", [*READ, *EDIT])
def test_marketers_and_administrators_see_every_page(
    name: str, world: World, as_marketer: Client, as_administrator: Client
) -> None:
    assert as_marketer.get(url_of(name, world)).status_code == 200
    assert as_administrator.get(url_of(name, world)).status_code == 200


@pytest.mark.parametrize("name", READ)
def test_viewers_read(name: str, world: World, as_viewer: Client) -> None:
    assert as_viewer.get(url_of(name, world)).status_code == 200


@pytest.mark.parametrize("name", EDIT)
def test_viewers_do_not_get_the_forms(name: str, world: World, as_viewer: Client) -> None:
    assert as_viewer.get(url_of(name, world)).status_code == 403


@pytest.mark.parametrize("name", [*READ, *EDIT, *ACT])
def test_a_viewer_who_posts_changes_nothing(name: str, world: World, as_viewer: Client) -> None:
    before = everything_in(*TABLES)
    assert as_viewer.post(url_of(name, world), {"name": "x"}).status_code in (403, 405)
    assert everything_in(*TABLES) == before


@pytest.mark.parametrize("name", [*READ, *EDIT, *ACT])
def test_a_stranger_is_sent_to_the_login(name: str, world: World, client: Client) -> None:
    before = everything_in(*TABLES)
    for answer in (client.get(url_of(name, world)), client.post(url_of(name, world), {"name": "x"})):
        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse("crm:login"))
    assert everything_in(*TABLES) == before


@pytest.mark.parametrize("name", [*READ, *EDIT])
def test_looking_changes_nothing(name: str, world: World, as_marketer: Client) -> None:
    before = everything_in(*TABLES)
    as_marketer.get(url_of(name, world))
    assert everything_in(*TABLES) == before


@pytest.mark.parametrize("name", ACT)
def test_acting_needs_a_post_with_the_token(name: str, world: World, as_marketer: Client) -> None:
    assert as_marketer.get(url_of(name, world)).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = as_marketer.cookies
    assert strict.post(url_of(name, world)).status_code == 403


@pytest.mark.parametrize("name", [name for name, about in {**READ, **EDIT}.items() if about])
def test_what_is_not_there_is_404(name: str, as_marketer: Client, db: None) -> None:
    assert as_marketer.get(reverse(f"campaigns:{name}", args=[987654])).status_code == 404


def test_viewers_are_not_offered_what_they_may_not_do(world: World, as_viewer: Client) -> None:
    for name in READ:
        answer = as_viewer.get(url_of(name, world))
        page = answer.getvalue().decode()  # of streamed ones too
        for verb in ("pause/", "/edit/", "remove/", "duplicate/", "schedule/", "send-test/"):
            assert f'{verb}"' not in page, (name, verb)


def test_a_way_back_to_another_site_is_not_taken(world: World, as_marketer: Client) -> None:
    for elsewhere in ("https://evil.example.com/", "//evil.example.com", "javascript:alert(1)"):
        answer = as_marketer.post(url_of("mass_email_pause", world), {"next": elsewhere})
        assert answer["Location"] == world.sending.get_absolute_url()


def test_only_administrators_are_sent_to_the_administration(
    world: World, as_marketer: Client, as_administrator: Client
) -> None:
    for name in ("mass_email_edit", "mass_email_schedule", "mass_email_detail"):
        address = reverse(f"campaigns:{name}", args=[world.draft.pk])
        assert reverse("crm:settings") not in as_marketer.get(address).content.decode()
        assert f'href="{reverse("crm:settings")}"' in as_administrator.get(address).content.decode()

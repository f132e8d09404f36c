"""*Ready to send?* says where the opt-out link is and how many tracking URLs there are."""

import pytest

from campaigns.checks import ready_checks
from campaigns.models import EmailTemplate
from crm.models import Settings
from tests.campaigns.pages_world import World, make_world


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def said(world: World, body: str) -> dict[str, str]:
    EmailTemplate.objects.filter(pk=world.template.pk).update(body=body)
    world.draft.template = EmailTemplate.objects.get(pk=world.template.pk)
    return {check.sentence: check.state for check in ready_checks(world.draft)}


def test_an_own_opt_out_link_is_seen_and_a_missing_one_is_added(world: World) -> None:
    own = said(world, "<p>Hi</p><a href='{optOutUrl}'>no more</a>")
    assert own["The opt-out link is in the template."] == "ok"
    assert said(world, "<p>Hi</p>")["The opt-out link is added at the end."] == "ok"


def test_without_any_opt_out_link_it_warns(world: World) -> None:
    settings = Settings.load()
    settings.disable_opt_out_link = True
    settings.save(update_fields=["disable_opt_out_link"])
    assert said(world, "<p>Hi</p>")["The template has no opt-out link, and none is added."] == "warning"


def test_tracking_urls_are_counted(world: World) -> None:
    code = world.tracking_url.placeholder
    assert said(world, f"<a href='{code}'>a</a><a href='{code}'>b</a>")["1 tracking URL, it exists"] == "ok"

"""Autosave of mass emails: drafts are written, conflicts told, scheduled ones left alone."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.models import MassEmail, MassEmailStatus
from crm.models import User
from tests.campaigns.pages_world import World, make_world


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def values(world: World, **changes: Any) -> dict[str, Any]:
    return {
        "name": "Last call", "template": world.template.pk, "target_lists": [world.target_list.pk],
        "excluding_target_lists": [world.excluding.pk], "start_at": "", "account": "", "from_address": "",
        "from_name": "", "reply_to_address": "", "reply_to_name": "", "version": 1, **changes,
    }  # fmt: skip


def post(client: Client, world: World, **changes: Any) -> Any:
    return client.post(reverse("campaigns:mass_email_autosave", args=[world.draft.pk]), values(world, **changes))


def test_a_draft_is_saved_and_its_version_counts_up(world: World, as_marketer: Client, marketer: User) -> None:
    answer = post(as_marketer, world, name="Very last call", target_lists=[])
    assert answer.json()["set"] == {"version": 2}
    assert answer.json()["said"].startswith("Saved at")
    world.draft.refresh_from_db()
    assert (world.draft.name, world.draft.version, world.draft.modified_by) == ("Very last call", 2, marketer)
    assert not world.draft.target_lists.exists()
    assert post(as_marketer, world, name="Again", version=2).json()["set"] == {"version": 3}


def test_what_is_stored_already_is_not_written_again(world: World, as_marketer: Client) -> None:
    post(as_marketer, world, from_name="Maya")
    assert post(as_marketer, world, from_name="Maya", version=2).json()["set"] == {"version": 2}


def test_a_stale_page_overwrites_nothing_and_is_told_who_and_what(
    world: World, as_marketer: Client, as_administrator: Client, administrator: User
) -> None:
    post(as_administrator, world, name="Theirs")
    answer = post(as_marketer, world, name="Mine", from_name="Maya")
    page = answer.content.decode()
    assert answer.status_code == 409
    assert administrator.get_username() in page or administrator.get_full_name() in page
    assert "Name, From Name" in page
    assert 'name="overwrite" value="2"' in page
    world.draft.refresh_from_db()
    assert (world.draft.name, world.draft.version) == ("Theirs", 2)
    assert post(as_marketer, world, name="Mine", overwrite=2).status_code == 200
    world.draft.refresh_from_db()
    assert (world.draft.name, world.draft.version) == ("Mine", 3)


def test_the_save_button_meets_the_same_conflict_and_keeps_what_was_typed(world: World, as_marketer: Client) -> None:
    post(as_marketer, world, name="Theirs")
    edit = reverse("campaigns:mass_email_edit", args=[world.draft.pk])
    answer = as_marketer.post(edit, values(world, name="Mine"))
    assert answer.status_code == 422
    assert 'value="Mine"' in answer.content.decode()
    assert 'name="overwrite" value="2"' in answer.content.decode()
    assert MassEmail.objects.get(pk=world.draft.pk).name == "Theirs"
    assert as_marketer.post(edit, values(world, name="Mine", overwrite="2")).status_code == 302
    assert MassEmail.objects.get(pk=world.draft.pk).name == "Mine"


@pytest.mark.parametrize(("changes", "words"), [({"name": ""}, "Name"), ({"from_address": "nobody"}, "From Address")])
def test_what_cannot_be_stored_is_named_and_nothing_is_written(
    changes: dict[str, str], words: str, world: World, as_marketer: Client
) -> None:
    answer = post(as_marketer, world, **{"reply_to_name": "R", **changes})
    assert answer.status_code == 422
    assert words in answer.json()["said"]
    world.draft.refresh_from_db()
    assert (world.draft.reply_to_name, world.draft.version) == ("", 1)


@pytest.mark.parametrize("status", [MassEmailStatus.PENDING, MassEmailStatus.IN_PROCESS, MassEmailStatus.COMPLETE])
def test_what_is_scheduled_or_sent_is_never_written_by_itself(
    status: MassEmailStatus, world: World, as_marketer: Client
) -> None:
    MassEmail.objects.filter(pk=world.draft.pk).update(status=status)
    answer = post(as_marketer, world, name="Half a wo", start_at="2050-01-01T09:00")
    assert answer.status_code == 409
    assert "not a Draft any more" in answer.content.decode()
    world.draft.refresh_from_db()
    assert world.draft.name == "Last call"


def test_the_first_autosave_of_a_new_one_makes_the_draft(world: World, as_marketer: Client, marketer: User) -> None:
    url = reverse("campaigns:mass_email_autosave_new", args=[world.campaign.pk])
    answer = as_marketer.post(url, values(world, name="Brand new", version="")).json()
    made = MassEmail.objects.get(name="Brand new")
    assert (made.status, made.campaign, made.assigned_user) == (MassEmailStatus.DRAFT, world.campaign, marketer)
    assert answer["page"] == reverse("campaigns:mass_email_edit", args=[made.pk])
    assert answer["set"] == {"version": made.version}
    assert as_marketer.post(url, values(world, name="")).status_code == 422


def test_the_checks_come_as_a_fragment(world: World, as_marketer: Client) -> None:
    page = as_marketer.get(reverse("campaigns:mass_email_checks", args=[world.draft.pk])).content.decode()
    assert page.lstrip().startswith("<section")
    assert "3 people" in page

"""Viewers read target lists and change nothing; strangers see nothing; nothing changes by GET."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from crm.models import AuditEntry
from targets.models import Membership, TargetList
from tests.factories import RecordFactory, TargetListFactory

READ = ["list", "detail", "panel", "opted_out", "about", "sync", "sync_preview"]
CHANGE = [
    "new", "edit", "remove", "duplicate", "select", "unlink", "unlink_all", "opt_out", "cancel_opt_out",
    "opt_out_members", "cancel_opt_out_members", "copy_members", "create_member", "combine", "categories",
    "categorise", "sync_edit", "sync_now",
]  # fmt: skip
ACTS_ONLY = {
    "duplicate", "unlink", "opt_out", "cancel_opt_out", "opt_out_members", "cancel_opt_out_members", "copy_members",
    "categorise", "sync_now",
}  # fmt: skip
BODY = {"name": "Evil", "scope": "all", "selected": "1", "forget": "on"}

Url = Callable[[str], str]


@pytest.fixture
def url(db: None) -> Url:
    target_list = TargetListFactory.create(records=RecordFactory.create_batch(2))
    member = target_list.memberships.first()
    assert member is not None
    arguments: dict[str, list[object]] = {
        "list": [], "new": [], "combine": [], "categories": [], "categorise": [],
        "create_member": [target_list.pk, "contacts"], "panel": [target_list.pk, "contacts"],
        "select": [target_list.pk, "contacts"],
        "opt_out": [target_list.pk, member.pk], "cancel_opt_out": [target_list.pk, member.pk],
    }  # fmt: skip
    return lambda name: reverse(f"targets:{name}", args=arguments.get(name, [target_list.pk]))


def everything() -> list[object]:
    return [list(model.objects.order_by("pk").values()) for model in (TargetList, Membership, AuditEntry)]


@pytest.mark.parametrize("name", CHANGE)
def test_viewers_change_nothing(as_viewer: Client, url: Url, name: str) -> None:
    before = everything()
    assert as_viewer.post(url(name), BODY).status_code == 403
    assert as_viewer.get(url(name)).status_code in {403, 405}
    assert everything() == before


@pytest.mark.parametrize("name", READ)
def test_viewers_read(as_viewer: Client, url: Url, name: str) -> None:
    response = as_viewer.get(url(name), follow=True)
    assert response.status_code == 200
    page = response.content.decode().split("<main")[1]
    assert '<form method="post"' not in page and 'name="selected"' not in page


@pytest.mark.parametrize("name", READ + CHANGE)
def test_strangers_are_sent_to_the_login(client: Client, url: Url, name: str) -> None:
    for method in (client.get, client.post):
        assert method(url(name))["Location"].startswith("/login/")


@pytest.mark.parametrize("name", READ + CHANGE)
def test_marketers_see_every_page_and_get_changes_nothing(as_marketer: Client, url: Url, name: str) -> None:
    before = everything()
    response = as_marketer.get(url(name), follow=True)
    assert response.status_code == (405 if name in ACTS_ONLY else 200)
    assert everything() == before

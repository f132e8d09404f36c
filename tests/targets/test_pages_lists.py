"""Target lists: found, made, changed, duplicated, removed."""

import pytest
from django.test import Client

from crm.models import AuditEntry, User
from targets.membership import opt_out
from targets.models import TargetList
from tests.factories import CampaignFactory, MassEmailFactory, RecordFactory, TargetListFactory


def text(client: Client, url: str) -> str:
    return client.get(url, follow=True).content.decode().split("<main")[1]


def test_lists_show_their_counts(as_viewer: Client) -> None:
    target_list = TargetListFactory.create(name="News", records=RecordFactory.create_batch(3))
    opt_out(target_list.memberships.all()[0])
    row = text(as_viewer, "/target-lists/").split(">News<")[1]
    assert 'data-label="Entry Count" class="num">3' in row and 'data-label="Opted Out Count" class="num">1' in row


def test_lists_are_searched_filtered_and_sorted(as_marketer: Client, marketer: User) -> None:
    TargetListFactory.create(name="Alpha", category="Events", assigned_user=marketer)
    TargetListFactory.create(name="Beta", records=[RecordFactory.create()])
    assert "Beta" not in text(as_marketer, "/target-lists/?q=alp")
    assert "Alpha" in text(as_marketer, "/target-lists/?q=event")
    assert "Beta" not in text(as_marketer, "/target-lists/?category=Events")
    assert "Beta" not in text(as_marketer, "/target-lists/?show=mine")
    page = text(as_marketer, "/target-lists/?sort=-entry_count")
    assert page.index("Beta") < page.index("Alpha")
    page = text(as_marketer, "/target-lists/?sort=evil&page=999")
    assert page.index("Alpha") < page.index("Beta")


def test_an_empty_page_says_what_a_target_list_is(as_marketer: Client) -> None:
    assert "who gets a mass email" in text(as_marketer, "/target-lists/")


def test_a_list_is_made_and_changed(as_marketer: Client, marketer: User) -> None:
    body = {"name": "News", "category": "EU", "assigned_user": str(marketer.pk), "description": "x"}
    response = as_marketer.post("/target-lists/new/", body)
    target_list = TargetList.objects.get()
    assert response["Location"] == f"/target-lists/{target_list.pk}/"
    assert (target_list.name, target_list.category, target_list.assigned_user) == ("News", "EU", marketer)
    as_marketer.post(f"/target-lists/{target_list.pk}/edit/", {**body, "name": "Newsletter"})
    assert AuditEntry.objects.get(action="target_list.changed").changes == {"name": ["News", "Newsletter"]}
    assert not target_list.is_internal
    as_marketer.post(f"/target-lists/{target_list.pk}/edit/", {**body, "is_internal": "on"})
    assert "Not shown to recipients" in text(as_marketer, f"/target-lists/{target_list.pk}/about/")
    assert TargetList.objects.get().is_internal


@pytest.mark.parametrize("name", ["", "x" * 201, "two\nlines"])
def test_a_bad_name_is_refused_at_its_field(as_marketer: Client, name: str) -> None:
    response = as_marketer.post("/target-lists/new/", {"name": name})
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["name"])
    assert not TargetList.objects.exists()


def test_a_name_is_shown_escaped(as_marketer: Client) -> None:
    target_list = TargetListFactory.create(name="<script>alert(1)</script>", category="<b>", description="<i>")
    for path in ("", f"{target_list.pk}/", f"{target_list.pk}/edit/", f"{target_list.pk}/remove/"):
        page = text(as_marketer, f"/target-lists/{path}")
        assert "<script>alert" not in page and '<b>"' not in page and "<i>" not in page


def test_a_list_opens_on_the_first_panel_with_members(as_viewer: Client) -> None:
    target_list = TargetListFactory.create()
    assert as_viewer.get(f"/target-lists/{target_list.pk}/")["Location"].endswith("/contacts/")
    target_list = TargetListFactory.create(records=[RecordFactory.create(kind="Lead")])
    assert as_viewer.get(f"/target-lists/{target_list.pk}/")["Location"].endswith("/leads/")


def test_a_duplicate_has_the_same_members_and_opt_outs(as_marketer: Client) -> None:
    target_list = TargetListFactory.create(name="News", records=RecordFactory.create_batch(3))
    opt_out(target_list.memberships.all()[0])
    response = as_marketer.post(f"/target-lists/{target_list.pk}/duplicate/")
    copy = TargetList.objects.get(name="News (copy)")
    assert response["Location"] == f"/target-lists/{copy.pk}/edit/"
    assert (copy.memberships.count(), copy.memberships.opted_out().count()) == (3, 1)


def test_removing_names_what_uses_the_list(as_marketer: Client) -> None:
    target_list = TargetListFactory.create(name="News", records=RecordFactory.create_batch(2))
    MassEmailFactory.create(name="Last call", lists=[target_list])
    MassEmailFactory.create(name="Not these", excluding=[target_list])
    MassEmailFactory.create(name="Something else")
    CampaignFactory.create(name="Autumn").target_lists.add(target_list)
    page = text(as_marketer, f"/target-lists/{target_list.pk}/remove/")
    assert all(name in page for name in ("Mass Emails", "Last call", "Not these", "Campaigns", "Autumn"))
    assert "Something else" not in page
    as_marketer.post(f"/target-lists/{target_list.pk}/remove/")
    assert not TargetList.objects.exists()
    assert AuditEntry.objects.get(action="target_list.removed").changes == {"members": 2}


def test_a_list_that_is_gone_is_not_found(as_marketer: Client) -> None:
    for path in ("", "edit/", "remove/", "contacts/", "opted-out/", "contacts/select/", "unlink-all/"):
        assert as_marketer.get(f"/target-lists/99/{path}").status_code == 404


def test_removing_speaks_of_one_as_of_one_and_of_nobody_not_at_all(as_marketer: Client) -> None:
    target_list = TargetListFactory.create(records=RecordFactory.create_batch(1))
    url = f"/target-lists/{target_list.pk}/remove/"
    assert "The list has 1 entry." in text(as_marketer, url) and "forgets" not in text(as_marketer, url)
    opt_out(target_list.memberships.get())
    assert "forgets that 1 of them opted out" in text(as_marketer, url)
    page = text(as_marketer, f"/target-lists/{target_list.pk}/unlink-all/")
    assert "The list has 1 entry." in page and "Unlink also the one who opted out" in page

"""What people keep of a list: columns, page size, saved filters."""

import pytest
from django.test import Client

from crm.models import AuditEntry, EntityField, ListSettings, SavedFilter, User
from tests.factories import RecordFactory

pytestmark = pytest.mark.django_db
SPAIN = "where=%7B%22all%22%3A%5B%5B%22f_country%22%2C%22is%22%2C%22Spain%22%5D%5D%7D"


@pytest.fixture(autouse=True)
def people() -> None:
    for name, country in [("Ines", "Spain"), ("Karim", "France")]:
        RecordFactory.create(first_name=name, last_name="X", values={"country": country})


def headings(client: Client) -> list[str]:
    return [heading.column.name for heading in client.get("/contacts/").context["list"].headings()]


def save(client: Client, name: str = "From Spain", **more: str) -> SavedFilter:
    client.post("/filters/new/contacts/", {"name": name, "query": SPAIN, "next": "/contacts/", **more})
    return SavedFilter.objects.get(name=name)


# ---- columns and page size


def test_chosen_columns_come_in_the_chosen_order_for_their_person_alone(as_marketer: Client, as_viewer: Client) -> None:
    before = headings(as_viewer)
    data = {"order": ["email", "f_city", "phone"], "column": ["f_city", "email"], "size": "50", "next": "/contacts/"}
    assert as_marketer.post("/filters/columns/contacts/", data)["Location"] == "/contacts/"
    assert headings(as_marketer) == ["name", "email", "f_city"]
    assert as_marketer.get("/contacts/").context["list"].page.paginator.per_page == 50
    assert headings(as_viewer) == before
    as_marketer.post("/filters/columns/contacts/", {"do": "reset"})
    assert headings(as_marketer) == before


def test_a_column_moves_by_its_buttons(as_viewer: Client) -> None:
    data = {"order": ["email", "phone"], "column": ["email", "phone"], "do": "up:phone"}
    as_viewer.post("/filters/columns/contacts/", data)
    assert headings(as_viewer) == ["name", "phone", "email"]


def test_unknown_columns_and_sizes_do_no_harm(as_viewer: Client) -> None:
    data = {"order": ["gone", "email"], "column": ["gone", "email"], "size": "100000", "next": "//evil.example/"}
    assert as_viewer.post("/filters/columns/contacts/", data)["Location"] == "/"
    assert headings(as_viewer) == ["name", "email"]
    assert as_viewer.get("/contacts/").context["list"].page.paginator.per_page == 20


# ---- saved filters


def test_a_state_is_saved_and_shown_with_its_count(as_marketer: Client) -> None:
    saved = save(as_marketer)
    listing = as_marketer.get(f"/contacts/?{saved.query}&saved={saved.pk}").context["list"]
    assert [line.row.first_name for line in listing.lines()] == ["Ines"]
    assert [(chip.label, chip.is_current) for chip in listing.kept.chips()] == [("From Spain", True)]
    answer = as_marketer.get("/contacts/", headers={"HX-Request": "true", "HX-Target": "list-saved"})
    assert '<span class="n">1</span>' in answer.content.decode()


def test_own_filters_are_private_and_shared_ones_are_seen_by_all(as_marketer: Client, as_viewer: Client) -> None:
    private, shared = save(as_marketer, "Mine"), save(as_marketer, "Ours", is_shared="on")
    page = as_viewer.get("/contacts/").content.decode()
    assert "Ours" in page and "Mine" not in page
    assert as_viewer.get(f"/filters/{private.pk}/").status_code == 404
    assert as_viewer.post(f"/filters/{shared.pk}/remove/").status_code == 403
    assert AuditEntry.objects.filter(action="saved_filter.shared", object_id=shared.pk).exists()


def test_viewers_save_for_themselves_only(as_viewer: Client) -> None:
    assert not save(as_viewer, is_shared="on").is_shared


def test_rename_update_and_remove(as_marketer: Client) -> None:
    saved = save(as_marketer)
    as_marketer.post(f"/filters/{saved.pk}/", {"name": "Spaniards", "next": "/contacts/"})
    as_marketer.post(f"/filters/{saved.pk}/update/", {"query": "q=ines", "next": "/contacts/"})
    saved.refresh_from_db()
    assert (saved.name, saved.query) == ("Spaniards", "q=ines")
    assert as_marketer.get(f"/contacts/?q=karim&saved={saved.pk}").context["list"].kept.is_changed
    as_marketer.post(f"/filters/{saved.pk}/remove/", {"next": "/contacts/"})
    assert not SavedFilter.objects.exists()


def test_the_list_opens_with_the_default_filter_and_all_stays_in_reach(as_marketer: Client) -> None:
    saved = save(as_marketer)
    as_marketer.post(f"/filters/{saved.pk}/", {"name": saved.name, "is_default": "on", "next": "/contacts/"})
    answer = as_marketer.get("/contacts/")
    assert answer["Location"] == f"/contacts/?{saved.query}&saved={saved.pk}"
    listing = as_marketer.get(answer["Location"]).context["list"]
    assert listing.shown_chips()[0].url == f"?{SPAIN}&show=all"
    assert as_marketer.get("/contacts/?show=all").status_code == 200
    as_marketer.post(f"/filters/{saved.pk}/remove/")
    assert ListSettings.objects.get().default_filter is None
    assert as_marketer.get("/contacts/").status_code == 200


@pytest.mark.parametrize("query", [SPAIN, "f_country=Spain", "f_status=New"])
def test_a_saved_filter_over_a_removed_field_says_so(as_marketer: Client, marketer: User, query: str) -> None:
    saved = SavedFilter.objects.create(owner=marketer, list_key="contacts", name="Old", query=query)
    EntityField.objects.filter(name__in=["country", "status"]).delete()
    answer = as_marketer.get(f"/contacts/?{query}&saved={saved.pk}")
    assert "This filter cannot be used as it is" in answer.content.decode()
    assert not answer.context["list"].lines()
    counted = as_marketer.get("/contacts/", headers={"HX-Request": "true", "HX-Target": "list-saved"})
    assert 'class="n"' not in counted.content.decode()


def test_a_filter_needs_a_name(as_marketer: Client) -> None:
    answer = as_marketer.post("/filters/new/contacts/", {"name": " ", "query": "q=x", "next": "/contacts/"})
    assert answer["Location"] == "/contacts/?q=x"
    assert not SavedFilter.objects.exists()

"""*Select*: search, filter, take ticked rows or all results; the server applies the query again."""

import pytest
from django.test import Client

from crm.models import AuditEntry, Record
from targets.models import Membership, TargetList
from tests.factories import RecordFactory, TargetListFactory


def person(name: str, email: str = "", **values: object) -> Record:
    return RecordFactory.create(first_name="", last_name=name, email=email, values=values)


def text(client: Client, target_list: TargetList, query: str = "") -> str:
    return client.get(f"/target-lists/{target_list.pk}/contacts/select/?{query}").content.decode().split("<main")[1]


def added(client: Client, target_list: TargetList, **body: object) -> str:
    return client.post(f"/target-lists/{target_list.pk}/contacts/select/", body, follow=True).content.decode()


def names(target_list: TargetList) -> set[str]:
    return set(target_list.memberships.values_list("record__name", flat=True))


def test_those_on_the_list_are_left_out(as_marketer: Client) -> None:
    target_list = TargetListFactory.create(records=[person("Anna")])
    assert "Everybody is on this list already" in text(as_marketer, target_list)
    person("Ben")
    page = text(as_marketer, target_list)
    assert "Ben" in page and "Anna" not in page


def test_only_records_of_the_type_are_offered(as_marketer: Client) -> None:
    RecordFactory.create(kind="Lead", first_name="", last_name="Lea")
    assert "Lea<" not in text(as_marketer, TargetListFactory.create())


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=ANN", {"Anna"}), ("q=ben%40", {"Ben"}), ("f_country=spa", {"Ben"}), ("show=no-email", {"Anna", "Cleo"}),
        ("show=listed", {"Ben"}), ("show=opted-out", {"Dora"}), ("show=invalid", {"Emil"}),
        ("show=evil", {"Anna", "Ben", "Cleo", "Dora", "Emil"}),
    ],
)  # fmt: skip
def test_search_and_filters_apply_to_the_page_and_to_all_results(
    as_marketer: Client, query: str, found: set[str]
) -> None:
    person("Anna"), person("Ben", "ben@example.com", country="Spain"), person("Cleo", country="France")
    dora, emil = person("Dora", "dora@example.com"), person("Emil", "emil@example.com")
    assert dora.email_address and emil.email_address
    dora.email_address.mark_opted_out("x"), emil.email_address.mark_invalid("x")
    target_list = TargetListFactory.create()
    page = text(as_marketer, target_list, query)
    assert {name for name in ("Anna", "Ben", "Cleo", "Dora", "Emil") if f">{name}<" in page} == found
    added(as_marketer, target_list, scope="all", query=query)
    assert names(target_list) == found


def test_ticked_rows_are_added_and_numbers_are_stated(as_marketer: Client) -> None:
    anna, ben, cleo = person("Anna"), person("Ben"), person("Cleo")
    target_list = TargetListFactory.create(records=[cleo])
    page = added(as_marketer, target_list, selected=[anna.pk, ben.pk, cleo.pk, "x"])
    assert "2 records were added." in page
    assert names(target_list) == {"Anna", "Ben", "Cleo"}
    assert AuditEntry.objects.get(action="target_list.added").changes == {"type": "Contact", "number": 2}


def test_records_of_another_type_are_not_added_through_this_page(as_marketer: Client) -> None:
    lead = RecordFactory.create(kind="Lead")
    target_list = TargetListFactory.create()
    assert "Nothing was selected." in added(as_marketer, target_list, selected=[lead.pk])
    assert not Membership.objects.exists()


def test_the_page_says_how_many_results_there_are(as_marketer: Client) -> None:
    RecordFactory.create_batch(23)
    assert "All 23 results" in text(as_marketer, TargetListFactory.create())


def test_an_unknown_type_is_not_found(as_marketer: Client) -> None:
    assert as_marketer.get(f"/target-lists/{TargetListFactory.create().pk}/evil/select/").status_code == 404

"""The filter builder: a form that works by submit buttons, and a URL that carries what it says."""

import json
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client

from crm.models import EntityField, Record
from targets.models import TargetList
from tests.factories import RecordFactory, TargetListFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> dict[str, Record]:
    rows = {"Ines": "Spain", "Karim": "France", "Siti": "Indonesia"}
    return {
        name: RecordFactory.create(first_name=name, last_name="X", values={"country": country})
        for name, country in rows.items()
    }


def where(*members: Any, mode: str = "all") -> dict[str, str]:
    return {"where": json.dumps({mode: members})}


def names(client: Client, query: dict[str, str]) -> set[str]:
    return {line.row.first_name for line in client.get("/contacts/", query).context["list"].lines()}


@pytest.mark.usefixtures("people")
def test_conditions_of_the_url_narrow_the_list_and_its_chips(as_viewer: Client) -> None:
    query = where(["f_country", "is", "spain"], ["first_name", "starts", "k"], mode="any")
    assert names(as_viewer, query) == {"Ines", "Karim"}
    assert as_viewer.get("/contacts/", query).context["list"].shown_chips()[0].count == 2
    assert names(as_viewer, where(["f_country", "is", "Spain"], mode="none")) == {"Karim", "Siti"}


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    "text",
    [
        '{"all":[["\\ud800","is"]]}', '{"all":[["f_country","\\udfff"]]}', '{"all":[["name","is","a\\ud800"]]}',
        '{"all":[["email_state","any",["\\ud800"]]]}', '{"\\ud800":[]}', '["\\ud83d","is"]',
    ],
)  # fmt: skip
def test_half_of_a_surrogate_pair_is_no_filter(text: str, as_viewer: Client) -> None:
    page = as_viewer.get("/contacts/", {"where": text})
    assert page.status_code == 200
    assert b"This filter cannot be read." in page.content and page.context["list"].lines() == []


@pytest.mark.usefixtures("people")
def test_each_condition_is_a_chip_that_leads_to_the_list_without_it(as_viewer: Client) -> None:
    query = where(["f_country", "is", "Spain"], ["email_state", "any", ["listed", "invalid"]])
    first, second = as_viewer.get("/contacts/", query).context["list"].applied
    assert (first.words, second.words) == ("Country is Spain", "Email state is any of Listed, Invalid")
    assert json.loads(QueryDict(first.url[1:])["where"]) == {"all": [["email_state", "any", ["listed", "invalid"]]]}


def test_applying_leads_to_a_short_url(as_viewer: Client) -> None:
    form = {
        "q": "x", "page": "3", "b.mode": "all", "b.0.field": "f_country", "b.0.was": "f_country", "b.0.op": "is",
        "b.0.v": "Spain", "b.1.field": "", "b.do": "apply",
    }  # fmt: skip
    answer = as_viewer.get("/contacts/", form)
    assert answer.status_code == 302
    assert QueryDict(answer["Location"].partition("?")[2]).dict() == {
        "q": "x",
        "where": '{"all":[["f_country","is","Spain"]]}',
    }


def test_rows_and_groups_are_added_and_removed_by_buttons(as_viewer: Client) -> None:
    form = {"b.mode": "any", "b.0.field": "name", "b.0.was": "name", "b.0.op": "is", "b.0.v": "Ines"}
    page = as_viewer.get("/contacts/", {**form, "b.do": "group:"}).context["list"]
    assert page.narrowing.data == {"any": [["name", "is", "Ines"], {"any": [["", ""]]}]}
    assert page.narrowing.is_open and not page.narrowing.text
    nested = {**form, "b.1.mode": "none", "b.1.0.field": "name", "b.1.0.was": "name", "b.1.0.op": "empty"}
    added = as_viewer.get("/contacts/", {**nested, "b.do": "add:1"}).context["list"].narrowing.data
    assert added["any"][1] == {"none": [["name", "empty"], ["", ""]]}
    removed = as_viewer.get("/contacts/", {**nested, "b.do": "remove:1.0"}).context["list"].narrowing.data
    assert removed["any"][1] == {"none": []}
    assert as_viewer.get("/contacts/", {**nested, "b.do": "remove:0"}).context["list"].narrowing.data == {
        "any": [{"none": [["name", "empty"]]}]
    }


def test_another_field_brings_its_own_operators(as_viewer: Client) -> None:
    form = {"b.mode": "all", "b.0.field": "created_at", "b.0.was": "name", "b.0.op": "is", "b.0.v": "x", "b.do": "show"}
    page = as_viewer.get("/contacts/", form, headers={"HX-Request": "true", "HX-Target": "list-builder"})
    assert page.context["list"].narrowing.data == {"all": [["created_at", "on"]]}
    assert 'type="date"' in page.content.decode() and "<html" not in page.content.decode()


def test_what_is_wrong_is_said_beside_its_row_and_nothing_is_applied(as_viewer: Client) -> None:
    form = {"b.mode": "all", "b.0.field": "created_at", "b.0.was": "created_at", "b.0.op": "on", "b.0.v": "soon"}
    answer = as_viewer.get("/contacts/", {**form, "b.do": "apply"})
    assert answer.status_code == 200
    assert "Created At: Enter a date." in answer.content.decode()
    assert answer.context["list"].narrowing.form.members[0].problem


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("where", ['{"all":[["f_gone","is","x"]]}', "nonsense", '{"all":[["f_country","is",""]]}'])
def test_a_broken_filter_shows_nothing_and_says_why(as_marketer: Client, where: str) -> None:
    answer = as_marketer.get("/contacts/", {"where": where})
    assert "This filter cannot be used as it is" in answer.content.decode()
    assert not answer.context["list"].lines()
    as_marketer.post("/contacts/remove/", {"scope": "all", "query": f"where={where}", "confirmed": "yes"})
    assert Record.objects.filter(entity_type__key="Contact").count() == 3


def test_a_removed_field_breaks_its_condition_aloud(as_viewer: Client, people: dict[str, Record]) -> None:
    query = where(["f_country", "is", "Spain"])
    assert names(as_viewer, query) == {"Ines"}
    EntityField.objects.filter(name="country").delete()
    assert "There is no field “f_country” any more." in as_viewer.get("/contacts/", query).content.decode()


def test_membership_and_accounts_can_be_asked_for(as_viewer: Client, people: dict[str, Record]) -> None:
    news: TargetList = TargetListFactory.create(name="News", records=[people["Ines"]])
    assert names(as_viewer, where(["target_list", "any", [str(news.pk)]])) == {"Ines"}
    assert names(as_viewer, where(["target_list", "none", [str(news.pk)]])) == {"Karim", "Siti"}
    acme = RecordFactory.create(kind="Account", first_name="", last_name="", name="Acme")
    Record.objects.filter(pk=people["Siti"].pk).update(account=acme)
    form = {"b.mode": "all", "b.0.field": "account", "b.0.was": "account", "b.0.op": "is", "b.0.v": "acme"}
    answer = as_viewer.get("/contacts/", {**form, "b.do": "apply"}, follow=True)
    assert {line.row.first_name for line in answer.context["list"].lines()} == {"Siti"}
    assert answer.context["list"].applied[0].words == f"Account is Acme #{acme.pk}"


def test_text_of_conditions_is_escaped(as_viewer: Client) -> None:
    page = as_viewer.get("/contacts/", where(["name", "contains", '"><script>alert(1)</script>'])).content.decode()
    assert "<script>alert" not in page

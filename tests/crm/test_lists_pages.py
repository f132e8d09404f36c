"""A list as a page and as a fragment."""

import re

import pytest
from django.test import Client

from tests.factories import RecordFactory

pytestmark = pytest.mark.django_db


def test_htmx_gets_the_results_alone_with_their_own_address(as_viewer: Client) -> None:
    RecordFactory.create(first_name="Ines", last_name="Rocha")
    answer = as_viewer.get(
        "/contacts/?q=ines&sort=&f_country=", headers={"HX-Request": "true", "HX-Target": "list-results"}
    )
    page = answer.content.decode()
    assert "Ines Rocha" in page
    assert "<html" not in page
    assert 'hx-swap-oob="true"' in page
    assert answer["HX-Push-Url"] == "/contacts/?q=ines"
    assert "HX-Target" in answer["Vary"]


def test_any_other_htmx_target_gets_the_page(as_viewer: Client) -> None:
    assert "<html" in as_viewer.get("/contacts/", headers={"HX-Request": "true"}).content.decode()


def test_without_script_the_form_has_a_button_and_pages_are_links(as_viewer: Client) -> None:
    RecordFactory.create_batch(21)
    page = as_viewer.get("/contacts/").content.decode()
    assert 'class="btn sm no-script"' in page
    assert 'href="?page=2"' in page
    assert "1–20 of 21" in page


def test_text_of_rows_is_escaped(as_marketer: Client) -> None:
    RecordFactory.create(first_name="<script>alert(1)</script>", last_name='"><img src=x>')
    page = as_marketer.get("/contacts/?q=%22%3E%3Cimg").content.decode()
    assert "<script>alert" not in page
    assert "<img" not in page


def test_an_empty_list_says_what_to_do_first(as_marketer: Client, as_viewer: Client) -> None:
    assert "No contacts yet" in as_marketer.get("/contacts/").content.decode()
    assert "/contacts/new/" not in as_viewer.get("/contacts/").content.decode()
    assert "Nothing matches" in as_marketer.get("/contacts/?q=nobody").content.decode()


@pytest.mark.parametrize(
    ("query", "words", "way_out"),
    [
        ("q=no<body>", "Nothing found for “no&lt;body&gt;”.", "Clear"),
        ("show=opted-out", "Nothing is in “Opted Out”.", "Show everything"),
        ("q=nobody&show=opted-out", "No row fits this search and these filters.", "Clear"),
        ("f_country=Peru", "No row fits this search and these filters.", "Clear"),
    ],
)
def test_a_list_where_nothing_matches_says_why_and_has_one_way_out(
    as_marketer: Client, query: str, words: str, way_out: str
) -> None:
    RecordFactory.create()
    page = as_marketer.get(f"/contacts/?{query}").content.decode()
    assert words in page
    assert re.findall(r">(Clear|Show everything)</a>", page) == [way_out]


@pytest.mark.parametrize("rows", [3, 20])
def test_the_number_of_queries_does_not_grow_with_the_rows(
    as_marketer: Client, rows: int, django_assert_max_num_queries: object
) -> None:
    account = RecordFactory.create(kind="Account", name="Acme", first_name="", last_name="")
    RecordFactory.create_batch(rows, account=account)
    with django_assert_max_num_queries(14):  # type: ignore[operator]
        assert as_marketer.get("/contacts/").status_code == 200

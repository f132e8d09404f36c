"""ListPage: what a query string means, and what comes out of it."""

import pytest
from django.db import connection
from django.db.models import Q
from django.http import QueryDict
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from crm.lists import Chip, Column, Filter, ListPage
from crm.models import Record
from tests.factories import RecordFactory

pytestmark = pytest.mark.django_db


def listing(query: str = "", *, post: dict[str, object] | None = None, size: int = 20) -> ListPage[Record]:
    factory = RequestFactory()
    request = factory.get(f"/?{query}") if post is None else factory.post("/", post)
    return ListPage(
        request,
        Record.objects.filter(entity_type__key="Contact").select_related("entity_type"),
        label="Contacts",
        columns=[
            Column("name", "Name", sort=("name",), is_link=True),
            Column("phone", "Phone"),
            Column("shout", "Shout", value=lambda record: record.name.upper(), sort=("last_name", "first_name")),
        ],
        search=lambda rows, text: rows.filter(name__icontains=text),
        chips=[Chip("all", "All"), Chip("phone", "With phone", ~Q(phone=""))],
        filters=[
            Filter("language", "Language", lambda rows, code: rows.filter(language=code), lambda: [("fr", "French")]),
            Filter("text", "Text", lambda rows, text: rows.filter(description__contains=text)),
        ],
        order="name",
        size=size,
    )


@pytest.fixture
def people() -> list[Record]:
    return [
        RecordFactory.create(first_name=first, last_name="X", phone=phone, language=language)
        for first, phone, language in [("Ben", "1", "fr"), ("Ann", "", "fr"), ("Cai", "2", "")]
    ]


def names(page: ListPage[Record]) -> list[str]:
    return [line.row.first_name for line in page.lines()]


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["Ann", "Ben", "Cai"]),
        ("sort=-name", ["Cai", "Ben", "Ann"]),
        ("sort=phone", ["Ann", "Ben", "Cai"]),
        ("sort=password", ["Ann", "Ben", "Cai"]),
        ("q=be", ["Ben"]),
        ("q=%00be", ["Ben"]),
        ("show=phone", ["Ben", "Cai"]),
        ("show=unknown", ["Ann", "Ben", "Cai"]),
        ("language=fr", ["Ann", "Ben"]),
        ("language=fr%27--", ["Ann", "Ben", "Cai"]),
        ("language=fr&show=phone", ["Ben"]),
        ("page=99", ["Ann", "Ben", "Cai"]),
        ("page=-1", ["Ann", "Ben", "Cai"]),
        ("page=x", ["Ann", "Ben", "Cai"]),
    ],
)
def test_a_query_string_chooses_and_orders_rows(query: str, expected: list[str]) -> None:
    assert names(listing(query)) == expected


@pytest.mark.usefixtures("people")
def test_chips_count_within_search_and_filters() -> None:
    counts = {str(chip.label): chip.count for chip in listing("language=fr").shown_chips()}
    assert counts == {"All": 2, "With phone": 1}


@pytest.mark.usefixtures("people")
def test_equal_rows_never_stand_on_two_pages() -> None:
    Record.objects.update(name="Same")
    seen = [line.row.pk for number in (1, 2) for line in listing(f"page={number}", size=2).lines()]
    assert len(seen) == len(set(seen)) == 3


@pytest.mark.usefixtures("people")
def test_links_keep_the_query_and_lead_to_the_first_page() -> None:
    page = listing("q=n&language=fr&page=2&other=kept")
    chip = QueryDict(page.shown_chips()[1].url[1:])
    assert chip == QueryDict("q=n&language=fr&other=kept&show=phone")
    assert QueryDict(page.clear_url[1:]) == QueryDict("other=kept")
    assert page.carried == [("other", "kept")]


@pytest.mark.usefixtures("people")
def test_a_heading_turns_the_order_around() -> None:
    name, phone, shout = listing("sort=name").headings()
    assert (name.order, name.url) == ("ascending", "?sort=-name")
    assert phone.url == ""
    assert (shout.order, shout.url) == ("", "?sort=shout")


def test_only_ticked_rows_of_the_list_are_selected(people: list[Record]) -> None:
    stranger = RecordFactory.create(kind="Lead")
    post = {"selected": [people[0].pk, stranger.pk, "x", "9" * 40], "query": "q=ann"}
    assert list(listing(post=post).selected()) == [people[0]]


def test_all_results_means_the_query_of_the_page(people: list[Record]) -> None:
    page = listing(post={"scope": "all", "query": "language=fr&show=phone&page=3", "selected": [people[2].pk]})
    assert list(page.selected()) == [people[0]]
    assert page.selection_fields() == [("query", "language=fr&show=phone&page=3"), ("scope", "all")]


def test_nothing_ticked_selects_nothing(people: list[Record]) -> None:
    assert not listing(post={"query": ""}).selected().exists()


@pytest.mark.usefixtures("people")
def test_a_list_asks_the_database_for_rows_and_counts_only() -> None:
    page = listing("q=x&language=fr&show=phone")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        page.lines(), page.shown_chips(), page.headings(), page.total
    assert len(queries) <= 5  # the counts, the ids of the page, its rows; on PostgreSQL the ids of few results


def test_two_lists_of_one_page_keep_apart() -> None:
    request = RequestFactory().get("/?a_q=one&b_q=two")
    columns = [Column("name", "Name", sort=("name",))]
    first, second = (
        ListPage(
            request, Record.objects.all(), columns=columns, label="", search=lambda rows, text: rows, prefix=prefix
        )
        for prefix in ("a_", "b_")
    )
    assert (first.text, second.text) == ("one", "two")
    assert QueryDict(first.url(page=2)[1:]) == QueryDict("a_q=one&b_q=two&a_page=2")

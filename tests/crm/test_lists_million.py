"""What lets a list of a million records stand at once: parts in the order of an index, chips counted afterwards, and
short words that find beginnings."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client, RequestFactory

from crm.entities.finding import rows_of_people, search_records
from crm.entities.listing import record_list
from crm.lists import ListPage, counting
from crm.models import EmailAddress, EntityType, Record, User
from targets.models import Membership
from tests.factories import RecordFactory, TargetListFactory

pytestmark = pytest.mark.django_db
READY = {"HX-Request": "true", "HX-Target": "list-ready"}


def listing(user: User, query: str, size: int = 2) -> ListPage[Record]:
    request = RequestFactory().get(f"/contacts/?{query}")
    request.user = user
    found = record_list(request, EntityType.objects.prefetch_related("fields").get(key="Contact"))  # type: ignore[arg-type]
    found.size = size
    return found


@pytest.fixture
def people() -> None:
    for name, email, city in (
        ("Cai", "b@x.example", "Lima"),
        ("Ann", "", ""),
        ("Ben", "a@x.example", ""),
        ("Dan", "", "Bern"),
    ):
        RecordFactory.create(first_name=name, last_name="", email=email, values={"city": city} if city else {})


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("email", ["Ben", "Cai", "Ann", "Dan"]),
        ("-email", ["Cai", "Ben", "Ann", "Dan"]),
        ("f_city", ["Dan", "Cai", "Ann", "Ben"]),
        ("-f_city", ["Cai", "Dan", "Ann", "Ben"]),
        ("owner", ["Cai", "Ann", "Ben", "Dan"]),
    ],
)
@pytest.mark.parametrize("size", [1, 3])
@pytest.mark.parametrize("query", ["", "&q=x.example"])
def test_rows_without_a_value_come_last(sort: str, expected: list[str], size: int, query: str, marketer: User) -> None:
    wanted = [name for name in expected if not query or name in {"Ben", "Cai"}]
    found: list[str] = []
    for number in range(1, 5):
        page = listing(marketer, f"sort={sort}{query}&page={number}", size)
        if number <= page.page.paginator.num_pages:
            found += [line.row.first_name for line in page.lines()]
    assert found == wanted


@pytest.fixture
def low_ceiling(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """So that three rows are very many."""
    monkeypatch.setattr(counting, "CEILING", 2)
    yield


@pytest.mark.usefixtures("people", "low_ceiling")
def test_chips_of_very_many_rows_are_counted_when_the_page_stands(as_marketer: Client) -> None:
    page = as_marketer.get("/contacts/")
    assert [chip.count for chip in page.context["list"].shown_chips()] == [3, None, None, None, None]  # more than two
    assert 'id="list-ready" hx-get="/contacts/?"' in page.content.decode()
    after = as_marketer.get("/contacts/", headers=READY)
    assert [chip.count for chip in after.context["list"].shown_chips()] == [4, 2, 0, 0, 2]
    assert "<html" not in after.content.decode()


@pytest.mark.usefixtures("people")
def test_chips_of_a_short_list_are_counted_with_it(as_marketer: Client) -> None:
    page = as_marketer.get("/contacts/")
    assert [chip.count for chip in page.context["list"].shown_chips()] == [4, 2, 0, 0, 2]
    assert 'id="list-ready">' in page.content.decode()


@pytest.mark.parametrize(
    ("text", "found"),
    [("be", True), ("ro", True), ("en", False), ("ja", True), ("ac", True), ("cm", False), ("34", True), ("cme", True)],
)
def test_one_or_two_letters_find_beginnings_of_words(text: str, found: bool) -> None:
    RecordFactory.create(first_name="Ben", last_name="Roca", email="jan@acme.example", phone="+34 600 1")
    assert search_records(Record.objects.filter(entity_type__key="Contact"), text).exists() is found


def test_rows_of_people_are_found_by_name_and_by_another_condition() -> None:
    made = RecordFactory.create_batch(3)
    members = Membership.objects.filter(target_list=TargetListFactory.create(records=made))
    name = made[0].name
    assert [row.record_id for row in rows_of_people(members, name)] == [made[0].pk]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="the plans of PostgreSQL")
@pytest.mark.parametrize(
    "sort", ["name", "-name", "email", "-email", "phone", "created_at", "-created_at", "modified_at"]
)
def test_postgresql_reads_the_first_page_in_the_order_of_an_index(sort: str, marketer: User) -> None:
    part = listing(marketer, f"sort={sort}")._matching()[0]
    nodes = plan(part.values_list("pk", flat=True)[:20]).replace("Incremental Sort", "")  # of the ids of one address
    assert "Sort  (" not in nodes


@pytest.mark.skipif(connection.vendor != "postgresql", reason="the plans of PostgreSQL")
@pytest.mark.parametrize("word", ["ab", "abc", "ines"])
def test_postgresql_finds_names_and_addresses_by_their_trigrams(word: str) -> None:
    found = plan(EmailAddress.objects.filter(pk__in=[]) | EmailAddress.objects.filter(normalized__icontains="abc"))
    assert "address_trigrams" in found
    assert "record_name_trigrams" in plan(search_records(Record.objects.all(), word).values("pk"))


def plan(rows: object) -> str:
    """With the choice narrowed to what is wanted at a million rows: so few as here would be read one and all."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
    return str(rows.explain())  # type: ignore[attr-defined]

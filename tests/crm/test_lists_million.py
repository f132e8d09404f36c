"""What lets a list of a million records stand at once: parts in the order of an index, chips counted afterwards, and
short words that find beginnings."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client, RequestFactory

from crm.criteria import parse, to_q
from crm.entities.criteria import fields_of
from crm.entities.finding import rows_of_people, search_records
from crm.entities.listing import record_list
from crm.lists import ListPage, counting, fetching, found, page
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
    names: list[str] = []
    for number in range(1, 5):
        one = listing(marketer, f"sort={sort}{query}&page={number}", size)
        if number <= one.page.paginator.num_pages:
            names += [line.row.first_name for line in one.lines()]
    assert names == wanted


@pytest.mark.parametrize(("sort", "expected"), [("account", "Ben Dan Ann Cai"), ("-account", "Dan Ben Ann Cai")])
def test_people_come_in_the_order_of_their_accounts(sort: str, expected: str, marketer: User) -> None:
    alfa, zeta = (RecordFactory.create(kind="Account", first_name="", name=name) for name in ("Alfa", "Zeta"))
    for name, account in (("Ann", None), ("Ben", alfa), ("Cai", None), ("Dan", zeta)):
        RecordFactory.create(first_name=name, last_name="", account=account)
    pages = [listing(marketer, f"sort={sort}&page={number}") for number in (1, 2)]
    assert [line.row.first_name for page in pages for line in page.lines()] == expected.split()


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("q=x.example", [2, 2, 0, 0, 0]),
        ("q=x.example&show=listed", [2, 2, 0, 0, 0]),
        ("show=no-email", [4, 2, 0, 0, 2]),
        ("q=an&show=no-email", [1, 0, 0, 0, 1]),
        ("q=nobody", [0, 0, 0, 0, 0]),
    ],
)
def test_chips_count_what_search_and_filters_leave(query: str, expected: list[int], marketer: User) -> None:
    found = listing(marketer, query)
    assert [chip.count for chip in found.shown_chips()] == expected
    present = dict(zip([chip.name for chip in found.chips], expected, strict=True))[found.asked("show") or "all"]
    assert found.total == present and len(found.lines()) == min(present, 2)


@pytest.fixture
def very_many(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """So that three rows are very many, and the two that stand first in a list are looked at first."""
    for module in (counting, fetching, found, page):
        for name, value in (("CEILING", 2), ("MANY", 3), ("WALK", 2)):
            if hasattr(module, name):
                monkeypatch.setattr(module, name, value)
    yield


@pytest.mark.usefixtures("very_many")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("q=x.example", "Ben Dan"), ("q=x.example&sort=-name", "Fay Eva"), ("q=x.example&sort=email", "Fay Eva"),
        ("q=x.example&sort=f_city", "Eva Ben"), ("show=listed", "Ben Dan"), ("q=x.example&show=listed", "Ben Dan"),
    ],
)  # fmt: skip
def test_very_many_results_begin_where_the_list_does(query: str, expected: str, marketer: User) -> None:
    for name, email, city in (
        ("Fay", "a@x.example", ""), ("Ann", "", ""), ("Dan", "d@x.example", ""), ("Cai", "", ""),
        ("Eva", "c@x.example", "Bern"), ("Ben", "f@x.example", "Lima"),
    ):  # fmt: skip
        RecordFactory.create(first_name=name, last_name="", email=email, values={"city": city} if city else {})
    pages = [listing(marketer, f"{query}&page={number}", size=1) for number in (1, 2)]
    assert [line.row.first_name for one in pages for line in one.lines()] == expected.split()
    assert pages[0].total == 3 and pages[0].is_cut


@pytest.mark.usefixtures("very_many")
def test_the_bulk_bar_knows_that_all_of_very_many_are_selected(marketer: User) -> None:
    RecordFactory.create_batch(4)
    shown = listing(marketer, "", size=1)
    text = render_to_string("includes/list_results.html", {"list": shown}, shown.request)
    assert shown.is_cut and 'name="scope" value="all" data-total="10,000+"' in text


@pytest.mark.usefixtures("very_many")
def test_a_chip_that_leaves_few_of_very_many_is_counted(marketer: User) -> None:
    for number in range(4):
        address = RecordFactory.create(first_name=f"P{number}", email=f"p{number}@x.example").email_address
    address.mark_invalid("550")
    assert [chip.count for chip in listing(marketer, "show=invalid").shown_chips()] == [None, None, None, 1, None]
    searched = listing(marketer, "q=x.example&show=invalid")
    assert searched.total == 1 and [line.row.first_name for line in searched.lines()] == ["P3"]


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


@pytest.mark.skipif(connection.vendor != "postgresql", reason="the plans of PostgreSQL")
@pytest.mark.parametrize(("field", "operator", "value"), [("f_city", "is", "Lima"), ("f_country", "contains", "ort")])
def test_postgresql_finds_values_of_fields_by_their_trigrams(
    field: str, operator: str, value: str, marketer: User
) -> None:
    fields = fields_of(EntityType.objects.prefetch_related("fields").get(key="Contact"), marketer)
    condition = to_q(parse({"all": [[field, operator, value]]}, fields), fields)
    assert "record_values_trigrams" in plan(Record.objects.filter(condition))


def plan(rows: object) -> str:
    """With the choice narrowed to what is wanted at a million rows: so few as here would be read one and all."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
    return str(rows.explain())  # type: ignore[attr-defined]

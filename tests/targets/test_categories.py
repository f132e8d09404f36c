"""Categories: a tree written as paths, shown beside the lists, moved as a whole."""

import pytest
from django.test import Client

from crm.models import User
from targets.categories import branches, move, path_of
from targets.models import TargetList
from tests.factories import TargetListFactory

pytestmark = pytest.mark.django_db


def category_of(name: str) -> str:
    return TargetList.objects.get(name=name).category


def lists(**of: str) -> None:
    for name, category in of.items():
        TargetListFactory.create(name=name, category=category)


@pytest.mark.parametrize(("typed", "kept"), [("A/B", "A / B"), (" A //  B / ", "A / B"), ("/", ""), ("A", "A")])
def test_a_path_is_kept_in_one_form(typed: str, kept: str) -> None:
    assert path_of(typed) == kept


def test_the_tree_has_every_branch_with_what_is_below_it() -> None:
    lists(one="News / Europe / Spain", two="News / Europe", three="News", four="Events", five="News2", six="")
    assert [(branch.depth, branch.name, branch.lists) for branch in branches()] == [
        (0, "Events", 1), (0, "News", 3), (1, "Europe", 2), (2, "Spain", 1), (0, "News2", 1),
    ]  # fmt: skip


def test_a_branch_shows_the_lists_below_it_and_no_neighbour(as_viewer: Client) -> None:
    lists(spanish="News / Europe / Spain", newish="News2")
    page = as_viewer.get("/target-lists/?category=News").content.decode().split("<tbody")[1]
    assert "spanish" in page and "newish" not in page


@pytest.mark.parametrize(
    ("old", "new", "one", "two"),
    [
        ("A", "Z", "Z", "Z / A"), ("A", "A / B", "A / B", "A / B / A"), ("A", "", "", "A"), ("A / A", "B", "A", "B"),
        ("nothing", "Z", "A", "A / A"),
    ],
)  # fmt: skip
def test_moving_takes_all_below_along(marketer: User, old: str, new: str, one: str, two: str) -> None:
    lists(one="A", two="A / A", three="AB")
    move(old, new, marketer)
    assert (category_of("one"), category_of("two"), category_of("three")) == (one, two, "AB")


def test_the_page_moves_and_says_what_is_too_long(as_marketer: Client) -> None:
    lists(one="A", two="A / " + "x" * 100)
    url = "/target-lists/categories/"
    assert (
        "1 list was moved."
        in as_marketer.post(url, {"old": "A / " + "x" * 100, "new": "A / y"}, follow=True).content.decode()
    )
    lists(three="A / " + "x" * 100)
    assert as_marketer.post(url, {"old": "A", "new": "z" * 100}).status_code == 422
    assert category_of("one") == "A"


def test_lists_are_put_into_a_category_in_bulk(as_marketer: Client) -> None:
    lists(one="", two="Old", three="Old")
    chosen = list(TargetList.objects.filter(name__in=["one", "two"]).values_list("pk", flat=True))
    url, body = "/target-lists/categorise/", {"selected": chosen}
    assert "Move 2 lists to a category" in as_marketer.post(url, body).content.decode()
    as_marketer.post(url, {**body, "confirmed": "yes", "category": "New/Kind"})
    assert [category_of(name) for name in ("one", "two", "three")] == ["New / Kind", "New / Kind", "Old"]

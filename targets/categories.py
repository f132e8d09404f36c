"""Categories of target lists: a tree written as paths, `Newsletters / Europe / Spain`.

A category is there as long as a list is in it or below it, so nothing has to be made, emptied or removed beforehand.
"""

from collections import Counter
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Case, Count, Q, QuerySet, Value, When
from django.utils import timezone

from crm.audit import audit
from crm.models import User
from targets.models import TargetList

SEPARATOR = " / "
LONGEST = 120  # characters of a path, as TargetList.category has room for


@dataclass(frozen=True, slots=True)
class Branch:
    """`lists` counts those below it too. `depth` of a root is 0."""

    path: str
    lists: int

    @property
    def name(self) -> str:
        return self.path.rpartition(SEPARATOR)[2]

    @property
    def depth(self) -> int:
        return self.path.count(SEPARATOR)


def path_of(text: str) -> str:
    """How a path is kept, however its slashes were typed."""
    return SEPARATOR.join(filter(None, (part.strip() for part in text.split("/"))))


def within(path: str) -> Q:
    """The lists of a category and of those below it."""
    return Q(category=path) | Q(category__startswith=path + SEPARATOR)


def branches() -> list[Branch]:
    """The tree from top to bottom, each branch behind the one that it grows from."""
    rows = TargetList.objects.exclude(category="").order_by().values_list("category").annotate(Count("pk"))
    counts: Counter[tuple[str, ...]] = Counter()
    for path, number in rows:
        parts = tuple(path.split(SEPARATOR))
        for depth in range(1, len(parts) + 1):
            counts[parts[:depth]] += number
    return [Branch(SEPARATOR.join(parts), counts[parts]) for parts in sorted(counts, key=_alphabetic)]


def _alphabetic(parts: tuple[str, ...]) -> list[str]:
    return [part.casefold() for part in parts]


def trail(path: str) -> list[Branch]:
    """The way from the root to a category."""
    parts = path.split(SEPARATOR) if path else []
    return [Branch(SEPARATOR.join(parts[:depth]), 0) for depth in range(1, len(parts) + 1)]


def move(old: str, new: str, user: User) -> int:
    """Rename a category with all below it; "" dissolves it. How many lists this moved; ValueError when it got too long.

    What was below a dissolved category moves up to its place.
    """
    with transaction.atomic():
        moved = TargetList.objects.select_for_update().filter(within(old))
        paths = set(moved.values_list("category", flat=True))
        targets = {path: path_of(new + SEPARATOR + path[len(old) :]) for path in paths}
        if any(len(target) > LONGEST for target in targets.values()):
            raise ValueError(new)
        whens = [When(category=path, then=Value(target)) for path, target in targets.items()]
        number = moved.update(category=Case(*whens), modified_at=timezone.now()) if whens else 0
        audit(user, "target_list.category_moved", None, category=[old, new], lists=number)
    return number


def categorise(lists: QuerySet[TargetList], path: str, user: User) -> int:
    """Put lists into a category, or with "" into none."""
    number = lists.exclude(category=path).update(category=path, modified_at=timezone.now())
    if number:
        audit(user, "target_list.categorised", None, category=path, lists=number)
    return number

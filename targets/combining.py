"""Merging, intersecting and subtracting target lists, and duplicating one: set-based, into a new list or another one.

    combination = Combination(Way.SUBTRACT, [customers, complainers])
    combination.records().count()                        # first the number
    combination.into(target_list, replace=False)         # a Match, which says the difference and carries it out

Who opted out of a list that the result comes from has opted out of the result. Entries that the list has already stay
as they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

from django.db import models
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm.audit import audit
from crm.models import Record, User
from targets.matching import Match, Removal
from targets.models import Membership, Source, TargetList


class Way(models.TextChoices):
    MERGE = "merge", gettext_lazy("Merge: everybody on any of them")
    INTERSECT = "intersect", gettext_lazy("Intersect: only those who are on all of them")
    SUBTRACT = "subtract", gettext_lazy("Subtract: those on the first one who are on none of the others")


@dataclass(frozen=True, slots=True)
class Combination:
    """`lists` in their order: of a subtraction the first one is what is subtracted from."""

    way: Way
    lists: Sequence[TargetList]

    def records(self) -> "QuerySet[Record]":
        first, *others = self.lists
        if self.way is Way.MERGE:
            return Record.objects.filter(_on(*self.lists))
        join = _both if self.way is Way.INTERSECT else _without
        return reduce(join, others, Record.objects.filter(_on(first)))

    def into(self, target_list: TargetList, *, replace: bool) -> Match:
        """`replace` takes off everybody else, but for those who opted out of the list."""
        carried = self.lists[:1] if self.way is Way.SUBTRACT else self.lists
        return Match(
            target_list,
            [self.records()],
            Source.LIST,
            Removal.OTHERS if replace else Removal.NOBODY,
            opted_out_of=[one.pk for one in carried],
        )


def _on(*lists: TargetList) -> Exists:
    return Exists(Membership.objects.filter(record=OuterRef("pk"), target_list__in=[one.pk for one in lists]))


def _both(records: "QuerySet[Record]", target_list: TargetList) -> "QuerySet[Record]":
    return records.filter(_on(target_list))


def _without(records: "QuerySet[Record]", target_list: TargetList) -> "QuerySet[Record]":
    return records.filter(~_on(target_list))


def note(user: User, target_list: TargetList, combination: Combination, added: int, removed: int) -> None:
    """The trail of what was done."""
    audit(
        user, "target_list.combined", target_list, way=combination.way.value,
        lists=[one.pk for one in combination.lists], added=added, removed=removed,
    )  # fmt: skip


def done_text(added: int, removed: int) -> str:
    text = ngettext("%(number)s record was added.", "%(number)s records were added.", added) % {"number": added}
    if not removed:
        return text
    gone = ngettext("%(number)s record was taken off.", "%(number)s records were taken off.", removed)
    return f"{text} {gone % {'number': removed}}"


def suggested_name(combination: Combination) -> str:
    """Of a new list."""
    joints = {Way.MERGE: " + ", Way.INTERSECT: " ∩ ", Way.SUBTRACT: " − "}
    if len(combination.lists) == 1:
        return (_("%(name)s (copy)") % {"name": combination.lists[0]})[:200]
    return joints[combination.way].join(one.name for one in combination.lists)[:200]

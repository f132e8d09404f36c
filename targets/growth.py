"""How a target list became what it is: who of its members came when and from where, and who opted out."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, tzinfo

from django.db.models import Count

from crm.quarters import QuarterOf, moment_of
from targets.models import Membership, Source, TargetList

MONTHS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Month:
    """`members` are those at its end, of the people who are on the list today."""

    begins: date
    added: int
    opted_out: int
    members: int


@dataclass(frozen=True, slots=True)
class Growth:
    """The latest months in which something happened, oldest first, and where the members came from."""

    months: list[Month]
    sources: list[tuple[str, int]]

    @property
    def most(self) -> int:
        return max((month.members for month in self.months), default=0)


def growth_of(target_list: TargetList, zone: tzinfo) -> Growth:
    """Three statements, however long the list is."""
    added = _by_month(target_list, "created_at", zone)
    gone = _by_month(target_list, "opted_out_at", zone)
    months, members = [], 0
    for begins in sorted(added.keys() | gone.keys()):
        members += added[begins]
        months.append(Month(begins, added[begins], gone[begins], members))
    return Growth(months[-MONTHS_SHOWN:], _sources(target_list))


def _by_month(target_list: TargetList, moment: str, zone: tzinfo) -> Counter[date]:
    rows = Membership.objects.filter(target_list=target_list, **{f"{moment}__isnull": False}).order_by()
    found: Counter[date] = Counter()
    for index, number in rows.values_list(QuarterOf(moment)).annotate(Count("pk")):
        found[moment_of(int(index)).astimezone(zone).date().replace(day=1)] += number
    return found


def _sources(target_list: TargetList) -> list[tuple[str, int]]:
    rows = Membership.objects.filter(target_list=target_list).order_by().values_list("source").annotate(n=Count("pk"))
    return [(str(Source(source).label), number) for source, number in rows.order_by("-n")]

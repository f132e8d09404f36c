"""Bringing a target list in step with what some queries find: set-based, in portions, repeatable at any time.

    match = Match(target_list, [report_records(one) for one in reports], Source.REPORT, Removal.OTHERS)
    match.missing().count, match.surplus().count        # the difference, before anything is done
    for done in match.carry_out(): …                     # each portion is a transaction of its own

The difference is found by one query for each side; some thousand records at a time then come with an INSERT … SELECT or
go with a DELETE. So nobody waits long for the database, and a run that was killed is simply run again: it finds what is
left. Who opted out of the list is never taken off by this: the fact would be lost, and the next run would mail them.
"""

import json
import logging
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import IntegrityError, OperationalError, connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone

from crm.models import Record
from targets.models import Source, TargetList

logger = logging.getLogger(__name__)
PORTION = 20_000  # records: well under a second of the database
AT_A_TIME = 10_000  # rows read from a cursor
ATTEMPTS = 3

Sql = tuple[str, list[Any]]

# A record starts as Opted Out when it, or its address, opted out of the list or of a list that the records come from.
# What is joined are the opt-outs of the portion alone: with those of the whole list PostgreSQL, which believes it to be
# as short as it was, compares each with each. The order keeps two runs at once from waiting for one another.
_ADD = """
INSERT INTO targets_membership (target_list_id, record_id, source, created_at, opted_out_at, opted_out_mass_email)
SELECT %s, chosen.id, %s, %s, gone.opted_out_at, gone.opted_out_mass_email
FROM crm_record chosen LEFT JOIN (
    SELECT id, MIN(opted_out_at) AS opted_out_at, MIN(opted_out_mass_email) AS opted_out_mass_email FROM (
        SELECT c.id, m.opted_out_at, m.opted_out_mass_email
        FROM crm_record c JOIN crm_record r ON r.email_address_id = c.email_address_id
        JOIN targets_membership m ON m.record_id = r.id
        WHERE m.target_list_id IN ({lists}) AND m.opted_out_at IS NOT NULL AND c.id {among}
        UNION ALL SELECT m.record_id, m.opted_out_at, m.opted_out_mass_email FROM targets_membership m
        WHERE m.target_list_id IN ({lists}) AND m.opted_out_at IS NOT NULL AND m.record_id {among}
    ) found GROUP BY id
) gone ON gone.id = chosen.id
WHERE 1 = 1 AND chosen.id {among} ORDER BY chosen.id
ON CONFLICT (target_list_id, record_id) DO NOTHING
"""
# The conditions on the membership stand in the DELETE itself: PostgreSQL looks at them again after waiting for somebody
# who is just opting out.
_REMOVE = "DELETE FROM targets_membership WHERE target_list_id = %s AND {removable} AND record_id {among}"
_MEMBERS = "SELECT m.record_id FROM targets_membership m WHERE m.target_list_id = %s"
_NOBODY = "SELECT id FROM crm_record WHERE 1 = 0"


class Removal(Enum):
    """Which members that no query finds are taken off."""

    NOBODY = "1 = 0"
    BROUGHT = f"opted_out_at IS NULL AND source = '{Source.REPORT.value}'"
    OTHERS = "opted_out_at IS NULL"


@dataclass(frozen=True, slots=True)
class Difference:
    """Records on one side only, as SQL that selects their ids."""

    sql: str
    parameters: list[Any]

    @property
    def count(self) -> int:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT COUNT(*) FROM ({self.sql}) difference", self.parameters)
            return int(cursor.fetchone()[0])

    def records(self) -> "QuerySet[Record]":
        return Record.objects.filter(pk__in=RawSQL(self.sql, self.parameters))

    def ids(self) -> "array[int]":
        """Eight bytes each: a million of them are no burden."""
        found = array("q")
        with connection.cursor() as cursor:
            cursor.execute(f"{self.sql} ORDER BY 1", self.parameters)
            while rows := cursor.fetchmany(AT_A_TIME):
                found.extend(row[0] for row in rows)
        return found


@dataclass(frozen=True, slots=True)
class Done:
    """What one portion did."""

    added: int = 0
    removed: int = 0


@dataclass(frozen=True, slots=True)
class Match:
    """`queries` find the records that are wanted; `opted_out_of`: further lists whose opt-outs come along.

    `at` stands on everybody whom this brings: those of one run can be told from all others.
    """

    target_list: TargetList
    queries: Sequence[QuerySet[Record]]
    source: Source
    removal: Removal = Removal.NOBODY
    opted_out_of: Sequence[int] = ()
    at: datetime = field(default_factory=timezone.now)

    def missing(self) -> Difference:
        """Those who are wanted and not on the list."""
        wanted, parameters = self._wanted()
        return Difference(f"{wanted} EXCEPT {_MEMBERS}", [*parameters, self.target_list.pk])

    def surplus(self) -> Difference:
        """Those on the list whom nobody wants and who are taken off."""
        if self.removal is Removal.NOBODY:
            return Difference(_NOBODY, [])
        wanted, parameters = self._wanted()
        sql = f"{_MEMBERS} AND {self.removal.value} EXCEPT SELECT * FROM ({wanted}) wanted"
        return Difference(sql, [self.target_list.pk, *parameters])

    def carry_out(self) -> Iterator[Done]:
        coming, going = self.missing().ids(), self.surplus().ids()
        for ids in _portions(coming):
            yield Done(added=_again(*self._add(ids)))
        for ids in _portions(going):
            yield Done(removed=_again(*self._remove(ids)))
        if connection.vendor == "postgresql" and len(coming) + len(going) > PORTION:
            _execute("ANALYZE targets_membership", [])  # or else it plans for the list as it was, and takes minutes

    def _add(self, ids: Sequence[int]) -> Sql:
        among, parameter = _among(ids)
        now = connection.ops.adapt_datetimefield_value(self.at)
        lists = ",".join(str(int(pk)) for pk in (self.target_list.pk, *self.opted_out_of))
        given = [self.target_list.pk, self.source.value, now, parameter, parameter, parameter]
        return _ADD.format(among=among, lists=lists), given

    def _remove(self, ids: Sequence[int]) -> Sql:
        among, parameter = _among(ids)
        return _REMOVE.format(removable=self.removal.value, among=among), [self.target_list.pk, parameter]

    def _wanted(self) -> Sql:
        parts = [part for part in map(_ids_of, self.queries) if part] or [(_NOBODY, [])]
        return " UNION ".join(sql for sql, _values in parts), [value for _sql, values in parts for value in values]


def _portions(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), PORTION):
        yield ids[start : start + PORTION]


def _ids_of(rows: QuerySet[Record]) -> Sql | None:
    try:
        sql, parameters = rows.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return None
    return sql, list(parameters)


def _among(ids: Sequence[int]) -> tuple[str, object]:
    """The ids, which are sorted, as one parameter."""
    if connection.vendor == "postgresql":
        return "= ANY(%s)", list(ids)
    return "IN (SELECT value FROM json_each(%s))", json.dumps(list(ids))


def _again(sql: str, parameters: list[Any]) -> int:
    """A record that vanishes in the midst of it, or two who wait for one another: the portion is done once more."""
    for attempt in range(1, ATTEMPTS):
        try:
            return _execute(sql, parameters)
        except (IntegrityError, OperationalError):
            logger.warning("A portion of memberships failed, attempt %s", attempt, exc_info=True)
    return _execute(sql, parameters)


def _execute(sql: str, parameters: list[Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return int(cursor.rowcount)

"""Who gets a mass email, decided by one set-based query over integer ids, and why everybody else does not.

The order of the reasons is the order of the arithmetic that marketers see:
on the lists − excluded − opted out − invalid − no address − duplicates = people.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from crm.models import Record

Sql = tuple[str, list[object]]
# For one statement over a whole audience: the joins stay in memory up to some million people.
MUCH_MEMORY = "SET LOCAL jit = off; SET LOCAL work_mem = '128MB'"

# Joins, not `IN (SELECT …)`: a subquery that does not fit into PostgreSQL's work_mem is read once per person.
_JUDGED = """
WITH member AS ({members}), barred AS (
    SELECT DISTINCT m.record_id, r.email_address_id
    FROM targets_membership m JOIN crm_record r ON r.id = m.record_id WHERE m.target_list_id IN ({excluding})
), barred_address AS (
    SELECT DISTINCT email_address_id FROM barred WHERE email_address_id IS NOT NULL
), judged AS (
    SELECT m.record_id, r.email_address_id, CASE
        WHEN b.record_id IS NOT NULL OR x.email_address_id IS NOT NULL THEN 'excluded'
        WHEN a.opted_out_at IS NOT NULL AND {respect} THEN 'opted_out'
        WHEN m.out_of_lists = 1 AND {respect} THEN 'opted_out_of_lists'
        WHEN a.invalid_at IS NOT NULL THEN 'invalid'
        WHEN r.email_address_id IS NULL THEN 'no_address'
        ELSE '' END AS reason
    FROM member m JOIN crm_record r ON r.id = m.record_id LEFT JOIN crm_emailaddress a ON a.id = r.email_address_id
    LEFT JOIN barred b ON b.record_id = m.record_id
    LEFT JOIN barred_address x ON x.email_address_id = r.email_address_id
)
"""
_REASONS = """
SELECT record_id, email_address_id, CASE
    WHEN reason = '' AND ROW_NUMBER() OVER (PARTITION BY email_address_id, reason ORDER BY record_id) > 1
    THEN 'duplicate' ELSE reason END AS reason
FROM judged
"""
_COUNTS = """
SELECT reason, SUM(n), COUNT(*)
FROM (SELECT reason, COUNT(*) AS n FROM judged GROUP BY reason, email_address_id) addresses GROUP BY reason
"""
# On one list a record is once.
_OF_ONE_LIST = """
    SELECT record_id, CASE WHEN opted_out_at IS NULL THEN 0 ELSE 1 END AS out_of_lists
    FROM targets_membership WHERE target_list_id = {lists}
"""
_OF_LISTS = """
    SELECT record_id, MIN(CASE WHEN opted_out_at IS NULL THEN 0 ELSE 1 END) AS out_of_lists
    FROM targets_membership WHERE target_list_id IN ({lists}) GROUP BY record_id
"""

# The same rules for people already in a queue, asked again immediately before they are mailed: q is a queue item, r its
# record and a its address, both from outer joins. Memberships are looked up by their record, whatever the database
# believes of the lists, which may be long: the plus and the LIMIT say so to PostgreSQL, which otherwise reads a whole
# list for every thousand people, and the CROSS JOIN to SQLite (200 people against 100,000 excluded took 2.3 s).
_REASON_NOW = """CASE
    WHEN r.id IS NULL THEN 'erased'
    WHEN a.id IS NULL THEN 'no_address'
    WHEN r.email_address_id IS NULL OR r.email_address_id <> q.email_address_id THEN 'address_changed'
    WHEN (SELECT 1 FROM targets_membership m
          WHERE m.record_id = r.id AND m.target_list_id + 0 IN ({excluding}) LIMIT 1) IS NOT NULL THEN 'excluded'
    WHEN (SELECT 1 FROM crm_record x CROSS JOIN targets_membership m
          WHERE x.email_address_id = a.id AND m.record_id = x.id AND m.target_list_id + 0 IN ({excluding}) LIMIT 1)
        IS NOT NULL THEN 'excluded'
    WHEN a.opted_out_at IS NOT NULL AND {respect} THEN 'opted_out'
    WHEN (SELECT 1 FROM targets_membership m
          WHERE m.record_id = r.id AND m.target_list_id + 0 IN ({lists}) LIMIT 1) IS NULL THEN 'not_listed'
    WHEN {respect} AND (SELECT 1 FROM targets_membership m WHERE m.record_id = r.id
                        AND m.target_list_id + 0 IN ({lists}) AND m.opted_out_at IS NULL LIMIT 1) IS NULL
        THEN 'opted_out_of_lists'
    WHEN a.invalid_at IS NOT NULL THEN 'invalid'
    ELSE '' END"""


def _ids(numbers: Iterable[int]) -> str:
    """A list for IN (…): integers only, and never empty, which would be a syntax error."""
    return ",".join(str(int(number)) for number in numbers) or "NULL"


@dataclass(frozen=True, slots=True)
class AudienceCounts:
    """People per reason; `people` get the mail, and on_lists = people + all the others."""

    on_lists: int = 0
    excluded: int = 0
    opted_out: int = 0
    opted_out_of_lists: int = 0
    invalid: int = 0
    no_address: int = 0
    duplicates: int = 0
    people: int = 0


@dataclass(frozen=True, slots=True)
class Audience:
    """The records of some target lists less those of the excluding lists."""

    list_ids: Sequence[int]
    excluding_ids: Sequence[int] = ()
    ignore_opt_outs: bool = False

    def _parts(self) -> dict[str, str]:
        return {
            "lists": _ids(dict.fromkeys(self.list_ids)),
            "excluding": _ids(self.excluding_ids),
            "respect": "1 = 0" if self.ignore_opt_outs else "1 = 1",
        }

    def sql(self) -> str:
        """A SELECT of (record_id, email_address_id, reason): one row per record on the lists, reason '' for people."""
        return self._judged() + _REASONS

    def _judged(self) -> str:
        parts = self._parts()
        members = (_OF_ONE_LIST if len(set(self.list_ids)) == 1 else _OF_LISTS).format(**parts)
        return _JUDGED.format(members=members, **parts)

    def counts(self) -> AudienceCounts:
        """A second or two per million on PostgreSQL: it looks at every member."""
        with transaction.atomic(), connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute(MUCH_MEMORY)
            cursor.execute(self._judged() + _COUNTS)
            found = {reason: (int(records), addresses) for reason, records, addresses in cursor.fetchall()}
        records, people = found.pop("", (0, 0))
        others = {reason: number for reason, (number, _addresses) in found.items()}
        duplicates = records - people
        return AudienceCounts(on_lists=records + sum(others.values()), people=people, duplicates=duplicates, **others)

    def opted_out_of(self, counts: AudienceCounts) -> int:
        """How many of the people of `counts`, which are this audience's own, have opted out and get it all the same."""
        if not self.ignore_opt_outs or not counts.people:
            return 0
        return counts.people - replace(self, ignore_opt_outs=False).counts().people

    def records(self, reason: str = "") -> "QuerySet[Record]":
        """The records behind one number of the arithmetic; '' are the people who get the mail."""
        chosen = RawSQL(f"SELECT record_id FROM ({self.sql()}) audience WHERE reason = %s", [reason])
        return Record.objects.filter(pk__in=chosen)

    def reason_now(self) -> str:
        """An SQL expression: why queue item q with record r and address a is not mailed as of now, '' when it is."""
        return _REASON_NOW.format(**self._parts())

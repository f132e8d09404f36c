"""Who is on a target list, and who opted out of it: set-based verbs.

An opt-out is the wish of a person, and a person is an email address: where two records share one address, opting out
one of them on a list opts out the other on that list, and a record that comes to the list later with an address that
opted out there starts as Opted Out, as does a member that gets such an address.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone

from crm.entities.readdressing import register_readdressed
from crm.models import EntityType, Record
from crm.packed import packed, unpacked
from targets.models import Membership, Source, TargetList
from targets.models.lists import MembershipQuerySet

# WHERE 1 = 1 is for SQLite: without it ON CONFLICT after a SELECT reads as a join.
_ADD = """
INSERT INTO targets_membership (target_list_id, record_id, source, created_at, opted_out_at, opted_out_mass_email)
SELECT %s, chosen.id, %s, %s, gone.opted_out_at, gone.opted_out_mass_email
FROM crm_record chosen LEFT JOIN (
    SELECT r.email_address_id, MIN(m.opted_out_at) AS opted_out_at, MIN(m.opted_out_mass_email) AS opted_out_mass_email
    FROM targets_membership m JOIN crm_record r ON r.id = m.record_id
    WHERE m.target_list_id = %s AND m.opted_out_at IS NOT NULL AND r.email_address_id IS NOT NULL
    GROUP BY r.email_address_id
) gone ON gone.email_address_id = chosen.email_address_id
WHERE 1 = 1 AND chosen.id IN ({chosen})
ON CONFLICT (target_list_id, record_id) DO NOTHING
"""

# The same for a portion of records, told by their ids: only the opt-outs of their own addresses are looked at. The
# order of the joins is the one that SQLite keeps.
_ADD_IDS = """
WITH chosen AS MATERIALIZED (
    SELECT r.id, r.email_address_id FROM ({told}) AS told CROSS JOIN crm_record r WHERE r.id = told.id
), gone AS MATERIALIZED (
    SELECT c.email_address_id, MIN(m.opted_out_at) AS opted_out_at, MIN(m.opted_out_mass_email) AS opted_out_mass_email
    FROM chosen c CROSS JOIN crm_record r CROSS JOIN targets_membership m
    WHERE r.email_address_id = c.email_address_id AND m.target_list_id = %s AND m.record_id = r.id
    AND m.opted_out_at IS NOT NULL
    GROUP BY c.email_address_id
)
INSERT INTO targets_membership (target_list_id, record_id, source, created_at, opted_out_at, opted_out_mass_email)
SELECT %s, chosen.id, %s, {moment}, gone.opted_out_at, gone.opted_out_mass_email
FROM chosen LEFT JOIN gone ON gone.email_address_id = chosen.email_address_id
WHERE 1 = 1
ON CONFLICT (target_list_id, record_id) DO NOTHING
RETURNING record_id
"""

# The copy may be half done, and the list may get members meanwhile.
_COPY = """
INSERT INTO targets_membership (target_list_id, record_id, source, created_at, opted_out_at, opted_out_mass_email)
SELECT %s, record_id, source, %s, opted_out_at, opted_out_mass_email
FROM targets_membership WHERE target_list_id = %s AND record_id > %s AND record_id <= %s
ON CONFLICT (target_list_id, record_id) DO NOTHING
"""

# Among members of one list: those who have an address now that opted out of it through another record.
_CATCH_UP = """
UPDATE targets_membership SET opted_out_at = gone.opted_out_at, opted_out_mass_email = gone.opted_out_mass_email
FROM (
    SELECT m.target_list_id, c.id, MIN(m.opted_out_at) AS opted_out_at,
        MIN(m.opted_out_mass_email) AS opted_out_mass_email
    FROM crm_record c JOIN crm_record r ON r.email_address_id = c.email_address_id
    JOIN targets_membership m ON m.record_id = r.id
    WHERE c.id IN ({records}) AND m.opted_out_at IS NOT NULL
    GROUP BY m.target_list_id, c.id
) gone
WHERE targets_membership.target_list_id = gone.target_list_id AND targets_membership.record_id = gone.id
AND targets_membership.opted_out_at IS NULL
"""
LAST = 2**63 - 1


def add_records(target_list: TargetList, records: QuerySet[Record], source: Source = Source.SELECTION) -> int:
    """Put the records on the list in one statement; how many are new. Those already there stay as they are."""
    plain = records if records.query.is_sliced else records.order_by()  # order costs time and means nothing here
    try:
        chosen, parameters = plain.values("pk").query.sql_with_params()
    except EmptyResultSet:
        return 0
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(_ADD.format(chosen=chosen), [target_list.pk, source.value, now, target_list.pk, *parameters])
        return int(cursor.rowcount)


def add_ids(target_list: TargetList, records: Collection[int], source: Source) -> set[int]:
    """The same for some thousand records; the ids of those who are new on the list."""
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    moment = "CAST(%s AS timestamptz)" if connection.vendor == "postgresql" else "%s"
    sql = _ADD_IDS.format(told=unpacked(id="bigint"), moment=moment)
    with connection.cursor() as cursor:
        cursor.execute(sql, [packed([pk] for pk in records), target_list.pk, target_list.pk, source.value, now])
        return {pk for (pk,) in cursor.fetchall()}


def copy_members(source_list: TargetList, target_list: TargetList, after: int = 0, until: int = LAST) -> int:
    """Put everybody of one list on another one; who opted out stays opted out. The ids of records say which part."""
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(_COPY, [target_list.pk, now, source_list.pk, after, until])
        return int(cursor.rowcount)


def unlink(target_list: TargetList, records: QuerySet[Record], *, keep_opted_out: bool = False) -> int:
    """Take the records off the list; the number of those who were on it. `keep_opted_out` holds for those too who opt
    out at this very moment: it is a condition of the DELETE."""
    members = _among(target_list, records)
    return _delete(members.listed() if keep_opted_out else members)


def opted_out_among(target_list: TargetList, records: QuerySet[Record]) -> int:
    """How many of the records are on the list as Opted Out."""
    return _among(target_list, records).opted_out().count()


def unlink_all(target_list: TargetList, keep_opted_out: bool, entity_type: EntityType | None = None) -> int:
    """Empty the list, or a panel of it: how many left."""
    return _delete(leaving(target_list, keep_opted_out, entity_type))


def leaving(target_list: TargetList, keep_opted_out: bool, entity_type: EntityType | None = None) -> MembershipQuerySet:
    """Whom *Unlink all* takes off. With `keep_opted_out` adding them all again mails nobody who opted out."""
    members = _members(target_list)
    if entity_type:
        members = members.filter(record__entity_type=entity_type)
    return members.listed() if keep_opted_out else members


def opt_out(membership: Membership, mass_email_id: int | None = None) -> bool:
    """Opt this member out of its list, with every record of the same address; False when it was opted out before."""
    values = {"opted_out_at": timezone.now(), "opted_out_mass_email": mass_email_id}
    return bool(_members_alike(membership).listed().update(**values))


def opt_out_all(target_list: TargetList, members: QuerySet[Membership], at: datetime | None = None) -> int:
    """Opt these members out of the list, with every record of the same addresses; how many entries this changed."""
    moment = at or timezone.now()
    return _alike(target_list, members).listed().update(opted_out_at=moment, opted_out_mass_email=None)


def cancel_opt_out_all(target_list: TargetList, members: QuerySet[Membership]) -> int:
    """The opposite of `opt_out_all`, for every record of the same addresses too."""
    rows = _alike(target_list, members).opted_out()
    return rows.update(opted_out_at=None, opted_out_mass_email=None)


def cancel_opt_out(membership: Membership) -> bool:
    """The opposite of `opt_out`; False when nobody was opted out."""
    changed = _members_alike(membership).opted_out().update(opted_out_at=None, opted_out_mass_email=None)
    return bool(changed)


def catch_up_opt_outs(records: Collection[int]) -> int:
    """Opt records that got another address out of the lists that this address opted out of; how many entries."""
    with connection.cursor() as cursor:
        cursor.execute(_CATCH_UP.format(records=",".join(str(int(pk)) for pk in records)))
        return int(cursor.rowcount)


def opt_out_of_lists(email_address_id: int, list_ids: Iterable[int], mass_email_id: int | None) -> list[int]:
    """Opt the address out of the lists, with every record that has it; the ids of the lists that this changed."""
    values = {"opted_out_at": timezone.now(), "opted_out_mass_email": mass_email_id}
    return [pk for pk in list_ids if _members_of(email_address_id, pk).listed().update(**values)]


def opt_in_to_lists(email_address_id: int, list_ids: Iterable[int]) -> list[int]:
    """*Subscribe again*: cancel the opt-outs of an address on the lists; the ids of the lists that changed."""
    values = {"opted_out_at": None, "opted_out_mass_email": None}
    return [pk for pk in list_ids if _members_of(email_address_id, pk).opted_out().update(**values)]


def _members(target_list: TargetList) -> MembershipQuerySet:
    return Membership.objects.filter(target_list=target_list)


def _among(target_list: TargetList, records: QuerySet[Record]) -> MembershipQuerySet:
    return _members(target_list).filter(record_id__in=records.values("pk"))


def _members_of(email_address_id: int, list_id: int) -> MembershipQuerySet:
    """The memberships of an address on a list, without a join: the condition on opted_out_at must stay in the UPDATE
    itself, where PostgreSQL looks at it again after waiting for another transaction."""
    records = Record.objects.filter(email_address_id=email_address_id).values("pk")
    return Membership.objects.filter(target_list_id=list_id, record_id__in=records)


def _members_alike(membership: Membership) -> MembershipQuerySet:
    address_id = Record.objects.values_list("email_address_id", flat=True).get(pk=membership.record_id)
    if address_id is None:
        return Membership.objects.filter(pk=membership.pk)
    return _members_of(address_id, membership.target_list_id)


def _alike(target_list: TargetList, members: QuerySet[Membership]) -> MembershipQuerySet:
    """These members of the list, and those who share an address with one of them."""
    chosen = members.order_by()
    same = Record.objects.filter(
        email_address__in=chosen.filter(record__email_address__isnull=False).values("record__email_address")
    )
    return _members(target_list).filter(Q(pk__in=chosen.values("pk")) | Q(record__in=same.values("pk")))


def _delete(members: MembershipQuerySet) -> int:
    return members.delete()[0]


register_readdressed(catch_up_opt_outs)

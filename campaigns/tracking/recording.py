"""One visit as rows: the hit, the log row that is there once, and the counters that follow from it."""

from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection
from django.db.backends.utils import CursorWrapper

from campaigns.models import Action

_HIT = """
INSERT INTO campaigns_hit (queue_item_id, mass_email_id, link_id, is_machine, why_machine, user_agent, at)
VALUES (%s, %s, %s, %s, %s, %s, %s)
"""
_LOG = """
INSERT INTO campaigns_logrecord (campaign_id, mass_email_id, queue_item_id, record_id, email_address_id, address,
    action, link_id, tracking_url_id, bounce, is_machine, is_test, detail, at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, '', %s, %s, %s, %s)
ON CONFLICT DO NOTHING RETURNING id
"""
_TRACKED = """
UPDATE campaigns_trackingurl SET click_count = click_count + 1, people_count = people_count + {written} WHERE id = %s
"""
# A person who follows several links is one who clicked. The words about the action are those of the index.
_CLICKED = """
UPDATE campaigns_massemail SET clicked_count = clicked_count + 1 WHERE id = %s AND {written} > 0 AND NOT EXISTS (
    SELECT 1 FROM campaigns_logrecord WHERE queue_item_id = %s AND action = 3 AND action IN (1, 2, 3, 6)
        AND is_machine = FALSE AND link_id <> %s)
"""
_OPENED = "UPDATE campaigns_massemail SET opened_count = opened_count + 1 WHERE id = %s AND {written} > 0"
# Counted in the database: how many log rows this statement wrote, none for a repetition.
_WRITTEN = "(SELECT COUNT(*) FROM written)"
# The same, and asked for only after a counter has counted.
_WRITTEN_AFTER = "(SELECT COUNT(*) FROM written WHERE (SELECT COUNT(*) FROM {before}) >= 0)"


class Step(NamedTuple):
    """SQL, in which {written} stands for that number, and its parameters. `is_for_first`: it changes nothing else."""

    sql: str
    told: list[Any]
    is_for_first: bool = False


class Recorded(NamedTuple):
    """What somebody did with a mail: `action` is Opened (no link: 0, None) or Clicked. `machine`: the word for the
    machine that it was, "" for a person."""

    action: Action
    item_id: int
    mass_email_id: int
    campaign_id: int
    record_id: int | None
    address_id: int | None
    address: str
    link_id: int
    tracking_url_id: int | None
    is_test: bool
    machine: str
    detail: str
    user_agent: str


def record(told: Recorded, now: datetime) -> None:
    """Within a transaction. Twice counts once. Raises DatabaseError."""
    moment = connection.ops.adapt_datetimefield_value(now)
    hit = Step(_HIT, [told.item_id, told.mass_email_id, told.link_id, bool(told.machine), told.machine[:40],
                      _storable(told.user_agent)[:200], moment])  # fmt: skip
    log = Step(_LOG, [told.campaign_id, told.mass_email_id, told.item_id, told.record_id, told.address_id,
                      told.address, told.action, told.link_id, told.tracking_url_id, bool(told.machine),
                      told.is_test, told.detail[:500], moment])  # fmt: skip
    counters = [] if told.machine or told.is_test else _counters(told)
    with connection.cursor() as cursor:
        (_at_once if connection.vendor == "postgresql" else _one_by_one)(cursor, hit, log, counters)


def _counters(told: Recorded) -> list[Step]:
    """The row of the mass email, which everybody writes to, comes last: after that of the tracking URL, as whoever
    changes both has it, so that nobody waits in a circle."""
    if told.action is Action.OPENED:
        return [Step(_OPENED, [told.mass_email_id], is_for_first=True)]
    clicked = Step(_CLICKED, [told.mass_email_id, told.item_id, told.link_id], is_for_first=True)
    return [Step(_TRACKED, [told.tracking_url_id]), clicked]


def _at_once(cursor: CursorWrapper, hit: Step, log: Step, counters: list[Step]) -> None:
    """The parts of a statement run as they ask for each other, and else in no order of ours: so each counter asks for
    the one before it."""
    parts, written = [f"hit AS ({hit.sql})", f"written AS ({log.sql})"], _WRITTEN
    for number, step in enumerate(counters):
        parts.append(f"counter{number} AS ({step.sql.format(written=written)} RETURNING id)")
        written = _WRITTEN_AFTER.format(before=f"counter{number}")
    told = [value for step in (hit, log, *counters) for value in step.told]
    cursor.execute(f"WITH {', '.join(parts)} SELECT 1", told)


def _one_by_one(cursor: CursorWrapper, hit: Step, log: Step, counters: list[Step]) -> None:
    cursor.execute(hit.sql, hit.told)
    cursor.execute(log.sql, log.told)
    written = len(cursor.fetchall())
    for step in counters:
        if written or not step.is_for_first:
            cursor.execute(step.sql.format(written=written), step.told)


def _storable(text: str) -> str:
    """What every database takes."""
    return text.replace("\0", " ")

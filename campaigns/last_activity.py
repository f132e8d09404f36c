"""What the members of a target list did last, for its panels."""

from collections.abc import Collection

from django.db.models import Max

from campaigns.models import LogRecord
from targets.last_activity import Activity


def last_activity(record_ids: Collection[int]) -> dict[int, Activity]:
    """Record id → its newest event, tests and machines aside. Two queries over the index of a person's events."""
    events = LogRecord.objects.filter(record_id__in=record_ids, is_machine=False, is_test=False)
    newest = events.order_by().values_list("record_id").annotate(Max("id"))
    rows = LogRecord.objects.filter(pk__in=[pk for _record, pk in newest])
    return {row.record_id: Activity(row.get_action_display(), row.at) for row in rows if row.record_id}

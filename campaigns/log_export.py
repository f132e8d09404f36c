"""The campaign log as rows of a table, however long it is."""

from collections.abc import Iterator

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.log_search import LogRow, with_names
from campaigns.models import LogRecord

ROWS_AT_A_TIME = 2000


def heading() -> list[str]:
    return [
        _("Date"), _("Action"), _("Name"), _("Email Address"), _("Mass Email"), _("Tracking URL"), _("Bounce"),
        _("Data"), _("Machine"),
    ]  # fmt: skip


def log_rows(events: QuerySet[LogRecord]) -> Iterator[list[str]]:
    """Newest first, in batches that each begin after the last: nothing is held open while the reader is slow."""
    rows = events.order_by("-id")
    batch = list(rows[:ROWS_AT_A_TIME])
    while batch:
        yield from (_cells(row) for row in with_names(batch))
        batch = list(rows.filter(pk__lt=batch[-1].pk)[:ROWS_AT_A_TIME])


def _cells(row: LogRow) -> list[str]:
    event = row.event
    return [
        timezone.localtime(event.at).isoformat(sep=" ", timespec="seconds"),
        event.get_action_display(),
        str(row.record) if row.record else "",
        event.address,
        row.mass_email.name if row.mass_email else "",
        row.tracking_url.name if row.tracking_url else "",
        event.get_bounce_display(),
        event.detail,
        str(_("yes")) if event.is_machine else "",
    ]

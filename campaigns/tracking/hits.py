"""Counting clicks and opens: from a request to a visit, from a visit to the log."""

from collections.abc import Mapping
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from campaigns.log import log_click, log_open
from campaigns.models import Hit, Link, QueueItem
from campaigns.tracking.machine import BURST_SECONDS, Visit, why_machine


def count_click(item_id: int, link: Link, method: str, headers: Mapping[str, str]) -> None:
    """Log that the recipient of a queue item followed a link. Where the item is gone nobody is left to count for.

    Raises DatabaseError.
    """
    with transaction.atomic():
        if item := QueueItem.objects.filter(pk=item_id).first():
            visit = _visit(item, method, headers, link)
            log_click(item, link, why_machine(visit), headers.get("user-agent", ""))


def count_open(item_id: int, method: str, headers: Mapping[str, str]) -> None:
    """Log that the open pixel of a queue item was loaded. Raises DatabaseError."""
    with transaction.atomic():
        if item := QueueItem.objects.filter(pk=item_id).first():
            visit = _visit(item, method, headers, None)
            log_open(item, why_machine(visit), headers.get("user-agent", ""))


def _visit(item: QueueItem, method: str, headers: Mapping[str, str], link: Link | None) -> Visit:
    sent = item.sent_at or item.attempted_at  # the first click may come before the outcome is written
    return Visit(
        method=method,
        headers=headers,
        is_open=link is None,
        seconds_since_sent=(timezone.now() - sent).total_seconds() if sent else None,
        links_before=_links_before(item, link) if link else 0,
    )


def _links_before(item: QueueItem, link: Link) -> int:
    recent = Hit.objects.filter(queue_item_id=item.pk, at__gte=timezone.now() - timedelta(seconds=BURST_SECONDS))
    return recent.exclude(link_id__in=(0, link.pk)).values("link_id").distinct().count()

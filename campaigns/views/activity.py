"""The timeline of one record: a panel on its page, and a page of its own with filter and older events."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from campaigns.activity import Activity, activity_of
from campaigns.log_search import ACTIONS
from campaigns.models import Action
from campaigns.views.pages import page_or_part
from crm.access import Request, reader
from crm.models import Record

BIGGEST_ID = 2**63 - 1


@reader
@require_safe
def activity(request: Request, type: str, pk: int) -> HttpResponse:
    """/contacts/<pk>/activity/?action=clicked&before=123"""
    rows = Record.objects.select_related("entity_type")
    record = get_object_or_404(rows, pk=pk, entity_type__slug=type)
    action, before = ACTIONS.get(request.GET.get("action", "")), request.GET.get("before", "")
    known = int(before) if before.isdecimal() and len(before) < 19 else 0
    context = {"record": record, **activity_context(record, activity_of(record, action, known), action, known)}
    return page_or_part(request, ("timeline", "campaigns/timeline.html"), "campaigns/activity.html", context)


def activity_context(record: Record, found: Activity, action: Action | None = None, before: int = 0) -> dict[str, Any]:
    url = reverse("campaigns:activity", args=[record.entity_type.slug, record.pk])
    slug = next((slug for slug, one in ACTIONS.items() if one == action), "")
    chips = [{"label": _("All"), "count": found.total, "url": url, "is_current": action is None}]
    for name, one in ACTIONS.items():
        if found.counts.get(one) or one == action:
            count = found.counts.get(one, 0)
            chips.append(
                {"label": one.label, "count": count, "url": f"{url}?action={name}", "is_current": one == action}
            )
    kept: dict[str, str | int] = {"action": slug} if slug else {}
    older = f"{url}?{urlencode({**kept, 'before': found.before})}" if found.before else ""
    newest = f"{url}?{urlencode(kept)}" if before else ""
    return {"timeline": found, "timeline_chips": chips, "older": older, "newest": newest}

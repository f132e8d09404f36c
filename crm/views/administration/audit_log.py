"""The audit log: who changed what, read only."""

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from crm.access import Request, administrator
from crm.models import AuditEntry

PER_PAGE = 50


@administrator
@require_safe
def audit_log(request: Request) -> HttpResponse:
    query = request.GET.get("q", "").strip()
    entries = AuditEntry.objects.all()
    if query:
        entries = entries.filter(
            Q(action__icontains=query) | Q(object_label__icontains=query) | Q(user_name__icontains=query)
        )
    page = Paginator(entries, PER_PAGE).get_page(request.GET.get("page"))
    rows = [(entry, [_shown(*change) for change in entry.changes.items()]) for entry in page]
    return render(request, "administration/audit_log.html", {"page": page, "rows": rows, "query": query})


def _shown(name: str, change: object) -> tuple[str, str]:
    """A field and "before → after", or the one value that tells it all."""
    if isinstance(change, list) and len(change) == 2:
        before, after = ("—" if value in (None, "") else str(value) for value in change)
        return name, f"{before} → {after}"
    return name, str(change)

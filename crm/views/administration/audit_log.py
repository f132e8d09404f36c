"""The audit log: who changed what, read only."""

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from crm.access import Request, administrator
from crm.history import line_of
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
    rows = [line_of(entry, {}, {}) for entry in page]
    return render(request, "administration/audit_log.html", {"page": page, "rows": rows, "query": query})

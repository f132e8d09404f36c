"""The audit log, read only."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from crm.access import Request, administrator
from crm.listings.audit_log import entry_list


@administrator
@require_safe
def audit_log(request: Request) -> HttpResponse:
    return entry_list(request).render("administration/audit_log.html")

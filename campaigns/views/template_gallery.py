"""The gallery: every template as a small picture of its mail."""

from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from campaigns.models import EmailTemplate, TemplateStatus
from campaigns.views.pages import page_of, searched
from crm.access import Request, reader

PICTURES = 12


@reader
@require_safe
def gallery(request: Request) -> HttpResponse:
    rows = EmailTemplate.objects.defer("body", "text_body").annotate(used=Count("mass_emails")).order_by("name", "id")
    if text := searched(request):
        rows = rows.filter(Q(name__icontains=text) | Q(subject__icontains=text))
    else:
        rows = rows.filter(status=TemplateStatus.ACTIVE)
    return render(request, "campaigns/template_gallery.html", {"page": page_of(request, rows, PICTURES), "q": text})

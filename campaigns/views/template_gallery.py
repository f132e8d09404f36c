"""The gallery: every template as a small picture of its mail, found as in the list."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from campaigns.views.lists import templates_of
from crm.access import Request, reader

PICTURES = 12


@reader
@require_safe
def gallery(request: Request) -> HttpResponse:
    return render(request, "campaigns/template_gallery.html", {"list": templates_of(request, size=PICTURES)})

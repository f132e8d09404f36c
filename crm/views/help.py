"""Help: the way of a mass email in a few steps, the keyboard, and where to look when nothing is sent."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from crm.access import Request, reader


@reader
@require_safe
def help_page(request: Request) -> HttpResponse:
    return render(request, "crm/help.html")

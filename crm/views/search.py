"""Search over everything that apps have registered."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from crm.access import Request, reader
from crm.navigation import found


@reader
@require_safe
def search(request: Request) -> HttpResponse:
    text = " ".join(request.GET.get("q", "").replace("\0", "").split())[:200]
    hits = found(request, text) if text else []
    return render(request, "crm/search.html", {"search_text": text, "hits": hits})

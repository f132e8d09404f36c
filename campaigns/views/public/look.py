"""The colour and the logo of the recipient pages. Their addresses carry the number of the change, so they are kept."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from campaigns.models import RecipientPages
from campaigns.recipient_pages import style_sheet

KEPT = {"Cache-Control": "public, max-age=31536000, immutable", "Content-Security-Policy": "default-src 'none'"}


@login_not_required
@require_safe
def look(request: HttpRequest, name: str) -> HttpResponse:
    pages = RecipientPages.load()
    if name == "style.css":
        return HttpResponse(style_sheet(pages.accent), content_type="text/css", headers=KEPT)
    if name == "logo" and pages.logo_type:
        return HttpResponse(bytes(pages.logo), content_type=pages.logo_type, headers=KEPT)
    raise Http404

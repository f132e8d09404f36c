"""The colour and the logo of the recipient pages. Their addresses carry the number of the change, so they are kept."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from campaigns.models import RecipientPages
from campaigns.recipient_pages import style_sheet

KEPT = {"Cache-Control": "public, max-age=31536000, immutable", "Content-Security-Policy": "default-src 'none'"}


@login_not_required
@require_safe
def style(request: HttpRequest) -> HttpResponse:
    return HttpResponse(style_sheet(RecipientPages.load().accent), content_type="text/css", headers=KEPT)


@login_not_required
@require_safe
def logo(request: HttpRequest) -> HttpResponse:
    pages = RecipientPages.objects.filter(pk=1).first()
    if pages is None or not pages.logo_type:
        raise Http404
    return HttpResponse(bytes(pages.logo), content_type=pages.logo_type, headers=KEPT)

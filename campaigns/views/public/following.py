"""Clicks, opens, and the mail as a web page."""

import logging

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from campaigns.tracking.destination import location, message_html
from campaigns.tracking.hits import Destination, count_open, destination_of, follow
from campaigns.tracking.tokens import BadToken, Purpose, read
from campaigns.views.public.page import bad_link, recipient_page, show
from campaigns.web_version import html_for

log = logging.getLogger(__name__)

# One transparent pixel (GIF89a).
PIXEL = bytes.fromhex("47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b")
# The mail's own styles and pictures from anywhere; no scripts, no forms, an origin of its own. Links may open new tabs.
MAIL_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src * data:; "
    "style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"
)


@recipient_page("GET", "HEAD")
def click(request: HttpRequest, token: str) -> HttpResponse:
    """Log the click, then redirect or show the message. The link was frozen when the mail was sent: it outlives all
    that it came from, and a click that cannot be logged still leads there."""
    item_id, link_id = read(Purpose.CLICK, token)
    try:
        found = follow(item_id, link_id, request.method or "", _headers(request))
    except DatabaseError:
        log.exception("A click on link %s of queue item %s could not be logged.", link_id, item_id)
        found = destination_of(link_id)
    if found is None:
        return bad_link(request)
    if found.message:
        return _message(request, found)
    if not (target := location(found.url)):
        return bad_link(request)
    return HttpResponse(status=302, headers={"Location": target})


def _message(request: HttpRequest, found: Destination) -> HttpResponse:
    html = message_html(found.message)
    context = {"message": html, "has_heading": "<h1>" in html}
    return show(request, "public/message.html", context, language=found.language)


@recipient_page("GET", "HEAD")
def open_pixel(request: HttpRequest, token: str) -> HttpResponse:
    """Always the same picture, so that nobody learns which tokens exist."""
    try:
        (item_id,) = read(Purpose.OPEN, token)
        count_open(item_id, request.method or "", _headers(request))
    except BadToken:
        log.debug("An open with an unknown token.")
    except DatabaseError:
        log.exception("An open could not be logged.")
    return HttpResponse(PIXEL, content_type="image/gif", headers={"Content-Length": str(len(PIXEL))})


@recipient_page("GET", "HEAD")
def web_version(request: HttpRequest, token: str) -> HttpResponse:
    """The mail as it was sent to this person."""
    (item_id,) = read(Purpose.WEB_VERSION, token)
    if (html := html_for(item_id)) is None:
        return bad_link(request)
    return HttpResponse(html, headers={"Content-Security-Policy": MAIL_POLICY})


def _headers(request: HttpRequest) -> dict[str, str]:
    return {name.lower(): value for name, value in request.headers.items()}

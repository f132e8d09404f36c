"""What somebody wrote, when their session ended before it was sent: it waits in the page until they are signed in.

The fields go as a query string through a hidden field of the page for signing in. Only what a page of this site has
sent is kept, so nobody can be made to send a stranger's form, and never a password or a file.
"""

import re
from urllib.parse import urlsplit

from django.http import HttpRequest, QueryDict
from django.utils.http import url_has_allowed_host_and_scheme

MOST = 1_000_000  # characters
_PRIVATE = re.compile("password|secret|api_key|csrfmiddlewaretoken")
_OF_BUTTONS = {"next"}


def written(request: HttpRequest) -> str:
    """The fields of a POST as a query string; "" when nothing is worth keeping, or it came from elsewhere."""
    if request.FILES or not _is_ours(request):
        return ""
    kept = QueryDict(mutable=True)
    for name, values in request.POST.lists():
        if not _PRIVATE.search(name):
            kept.setlist(name, values)
    text = kept.urlencode()
    return text if set(kept) - _OF_BUTTONS and len(text) <= MOST else ""


def fields(again: str) -> list[tuple[str, str]]:
    """(name, value) of what `written` kept."""
    return [(name, value) for name, values in QueryDict(again).lists() for value in values]


def page_before(request: HttpRequest) -> str:
    """The page of this site that was posted from: the address of a POST alone is often no page."""
    asked = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(asked, {request.get_host()}, require_https=request.is_secure()):
        return "/"
    parts = urlsplit(asked)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _is_ours(request: HttpRequest) -> bool:
    """Browsers name the origin of every POST, and no page can make them name another."""
    return request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"

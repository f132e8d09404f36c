"""What somebody wrote, when their session ended before it was sent: it waits in the page until they are signed in.

The fields go as a query string through a hidden field of the page for signing in. Only what a page of this site has
sent is kept, so nobody can be made to send a stranger's form, and never a password, a key or a file: these are asked
for again before the form is sent.
"""

import re
from urllib.parse import urlsplit

from django.http import HttpRequest, QueryDict
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

MOST = 1_000_000  # characters
SECRETS: dict[str, str | Promise] = {  # fields that nobody may look at, and what they are called
    "password": _("Password"),
    "repeated": _("Password again"),
    "client_secret": _("Client secret"),
    "api_key": _("API key"),
    "api_second_key": _("Secret key"),
    "signing_key": _("Signing key"),
    "private_key": _("Private key"),
}
_PRIVATE = re.compile("password|secret|_key$")  # Django's own fields of passwords, and what may come
_TOKEN = "csrfmiddlewaretoken"
_OF_BUTTONS = {"next"}
_SECRET, _FILE = "?secret", "?file"  # what was left out, beside the fields: no page calls a field so


def written(request: HttpRequest) -> str:
    """The fields of a POST as a query string, and the names of what is not kept; "" when nothing is worth keeping, or
    it came from elsewhere."""
    if not _is_ours(request):
        return ""
    kept, secrets = QueryDict(mutable=True), []
    for name, values in request.POST.lists():
        if not is_secret(name) and name != _TOKEN:
            kept.setlist(name, values)
        elif name != _TOKEN and any(values):
            secrets.append(name)
    if not set(kept) - _OF_BUTTONS:
        return ""
    kept.setlist(_SECRET, secrets)
    kept.setlist(_FILE, [f"{name}:{file.name}" for name, files in request.FILES.lists() for file in files])
    text = kept.urlencode()
    return text if len(text) <= MOST else ""


def is_secret(name: str) -> bool:
    return name in SECRETS or bool(_PRIVATE.search(name))


def fields(again: str) -> list[tuple[str, str]]:
    """(name, value) of what `written` kept."""
    kept = QueryDict(again).lists()
    return [(name, value) for name, values in kept for value in values if name not in (_SECRET, _FILE)]


def left_out(again: str) -> tuple[list[str], dict[str, str]]:
    """What was not kept and is to be given again: the fields of secrets; field → name of its file."""
    kept = QueryDict(again)
    files = (text.partition(":") for text in kept.getlist(_FILE))
    return [name for name in kept.getlist(_SECRET) if is_secret(name)], {field: name for field, _colon, name in files}


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

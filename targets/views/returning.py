"""Back to the page that a button stands on."""

from django.http import HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme

from crm.access import Request


def back(request: Request, otherwise: str) -> HttpResponseRedirect:
    """To the posted `next` when it leads to this very Herald, else to the URL `otherwise`."""
    url = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(url, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        return HttpResponseRedirect(url)
    return redirect(otherwise)

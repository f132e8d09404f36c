"""The door of Undo: the button of a toast posts its token here."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from crm.access import Request, marketer
from crm.undo import NotUndoable, take_back


@marketer
@require_POST
def undo(request: Request) -> HttpResponse:
    try:
        messages.success(request, take_back(request.user, request.POST.get("token", "")))
    except NotUndoable as refusal:
        messages.error(request, str(refusal))
    asked = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(asked, {request.get_host()}, require_https=request.is_secure())
    return redirect(asked if safe else "crm:home")

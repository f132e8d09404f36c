"""Sandbox mail: what was sent without the internet, as its recipients would see it."""

import re

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST, require_safe

from crm.access import Request, marketer, reader
from crm.audit import audit
from crm.listings.sandbox import sandbox_list
from crm.mail.sandbox import store
from crm.mail.sandbox.behaviours import BEHAVIOURS
from crm.mail.sandbox.reading import in_new_tabs
from crm.models import EmailAccount

TABS = ("html", "text", "source", "headers")
# No script, no form, no network but our own pictures; links may open a new tab, which is a normal one.
MAIL_POLICY = (
    "default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; frame-ancestors 'self'; base-uri 'none'; "
    "form-action 'none'; sandbox allow-popups allow-popups-to-escape-sandbox"
)
INERT = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})  # shown; everything else is downloaded


@reader
@require_safe
def messages_kept(request: Request) -> HttpResponse:
    context = {"kept": store.count(), "behaviours": BEHAVIOURS, "system": EmailAccount.objects.system()}
    return sandbox_list(request).render("sandbox/list.html", context)


@reader
@require_safe
def sandbox_message(request: Request, key: str) -> HttpResponse:
    message = _read(key)
    there = {"html": bool(message.html), "text": bool(message.text)}
    tab = request.GET.get("tab", "")
    if tab not in TABS or not there.get(tab, True):
        tab = next(name for name in TABS if there.get(name, True))
    tabs = [name for name in TABS if there.get(name, True)]
    return render(request, "sandbox/message.html", {"message": message, "tab": tab, "tabs": tabs})


@reader
@require_safe
@xframe_options_sameorigin
def sandbox_part(request: Request, key: str, part: str) -> HttpResponse:
    """The HTML of a message for its frame, or by number one of its attachments."""
    response = _html(key) if part == "html" else _attachment(key, part)
    response.headers["Content-Security-Policy"] = MAIL_POLICY
    return response


@marketer
@require_POST
def sandbox_remove(request: Request) -> HttpResponse:
    chosen = sandbox_list(request)
    number = store.delete([line.key for line in chosen.selected()])
    if number:
        audit(request.user, "sandbox.removed", number=number)
    _tell(request, number)
    return redirect(reverse("crm:sandbox_list") + chosen.url())


@marketer
@require_POST
def sandbox_delete_all(request: Request) -> HttpResponse:
    number = store.delete_all()
    audit(request.user, "sandbox.emptied", number=number)
    _tell(request, number)
    return redirect("crm:sandbox_list")


def _tell(request: Request, number: int) -> None:
    deleted = ngettext("%(number)s message was deleted.", "%(number)s messages were deleted.", number)
    messages.success(request, deleted % {"number": number})


def _read(key: str) -> store.StoredMessage:
    try:
        return store.read(key)
    except store.UnknownMessage as error:
        raise Http404(_("This message is not kept any more.")) from error


def _html(key: str) -> HttpResponse:
    """The HTML part as it was sent, but for two things: links open a new tab, and cid: pictures come from here."""
    message = _read(key)
    html = message.html
    for part in message.parts:
        if part.content_id:
            html = html.replace(f"cid:{part.content_id}", reverse("crm:sandbox_part", args=[key, str(part.number)]))
    return HttpResponse(in_new_tabs(html))


def _attachment(key: str, number: str) -> HttpResponse:
    try:
        part, content = store.part(key, int(number))
    except (ValueError, store.UnknownMessage) as error:
        raise Http404(_("This message is not kept any more.")) from error
    shown = part.content_type in INERT
    response = HttpResponse(content, content_type=part.content_type if shown else "application/octet-stream")
    if not shown:
        name = re.sub(r"[^\w .-]", "_", part.filename) or "attachment"
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response

"""A mail that was stored when it was sent: as the person got it, but that looking at it counts for nobody."""

import zlib
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from campaigns.copies import inert_html, inert_text
from campaigns.models import MassEmail, QueueItem, StoredEmail
from campaigns.views.preview import DOCUMENT_POLICY, as_document
from crm.access import Request, reader
from crm.mail.sandbox.reading import Readable, in_new_tabs, take_apart
from crm.models import Record

TABS = ("html", "text", "source")
# Links lead to their targets, as in the mail, and open a tab of their own.
POLICY = f"{DOCUMENT_POLICY} allow-popups allow-popups-to-escape-sandbox"


@reader
@require_safe
def stored_email(request: Request, pk: int) -> HttpResponse:
    """/mass-emails/stored/<pk>/?tab=text"""
    mail = _read(pk)
    there = {"html": bool(mail.html), "text": bool(mail.text), "source": bool(mail.html)}
    tabs = [name for name in TABS if there[name]] or ["text"]
    tab = request.GET.get("tab", "")
    context = {
        "pk": pk, "tabs": tabs, "tab": tab if tab in tabs else tabs[0], "parts": mail.parts,
        "text": inert_text(mail.text), "source": inert_html(mail.html), **_told(mail), **_about(pk),
    }  # fmt: skip
    return render(request, "campaigns/stored_email.html", context)


@reader
@require_safe
def stored_document(request: Request, pk: int) -> HttpResponse:
    """Its HTML, for the frame of the page."""
    response = as_document(in_new_tabs(inert_html(_read(pk).html)))
    response["Content-Security-Policy"] = POLICY
    return response


def _read(pk: int) -> Readable:
    return take_apart(zlib.decompress(get_object_or_404(StoredEmail, pk=pk).message))


def _told(mail: Readable) -> dict[str, str]:
    """What its header fields say."""
    fields = dict(mail.headers)
    return {"subject": fields.get("Subject", ""), "sender": fields.get("From", ""), "recipient": fields.get("To", "")}


def _about(pk: int) -> dict[str, Any]:
    """Who got it, when and through which mass email: None where that is deleted."""
    item = QueueItem.objects.filter(pk=pk).first()
    if item is None:
        return {"item": None, "mass_email": None, "record": None}
    mass_email = MassEmail.objects.select_related("campaign").filter(pk=item.mass_email_id).first()
    record = Record.objects.select_related("entity_type").filter(pk=item.record_id or 0).first()
    return {"item": item, "mass_email": mass_email, "record": record}

"""Previews: the panel beside the editor, and the rendered mail as a document that can run nothing."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from campaigns.content.content import Content
from campaigns.content.content import render as render_part
from campaigns.copies import inert_html
from campaigns.models import Campaign, EmailTemplate, FrozenMassEmail, MassEmail
from campaigns.models.template import Composition
from campaigns.preview import in_the_dark, in_the_light, preview
from campaigns.views.audience import ids_in
from campaigns.views.editor import sender_name, viewed
from campaigns.views.pages import page_or_part, searched
from campaigns.web_version import first_sent, html_for
from crm.access import Request, reader
from crm.models import Record

# The document has its own policy: images may load, styles of the mail apply, nothing runs, nothing is sent. `sandbox`
# holds also when it is opened directly, outside the frame.
DOCUMENT_POLICY = (
    "default-src 'none'; img-src * data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'; sandbox"
)


def as_document(html: str) -> HttpResponse:
    """A mail for a frame: answers with DOCUMENT_POLICY in place of the policy of the site."""
    response = HttpResponse(html)
    response["Content-Security-Policy"] = DOCUMENT_POLICY
    response["X-Frame-Options"] = "SAMEORIGIN"
    response["Referrer-Policy"] = "no-referrer"
    return response


def text_document(text: str, language: str = "en") -> HttpResponse:
    return as_document(render_to_string("campaigns/text_document.html", {"text": text, "language": language}))


def mail_document(
    composition: Composition, campaign: Campaign | None, record: Record | None, request: Request
) -> HttpResponse:
    """The mail as `record` gets it: HTML, `part=dark` in dark mode, `source` as source, `text` (and for plain-text
    templates) the text."""
    values = request.GET if request.method == "GET" else request.POST
    mail = preview(composition, campaign, record, worst_case=bool(values.get("worst")))
    return part_of(mail.html, mail.text, values.get("part", ""))


def part_of(html: str, text: str, part: str) -> HttpResponse:
    if not html or part == "text":
        return text_document(text)
    if part == "source":
        return text_document(html)
    return as_document(in_the_dark(html) if part == "dark" else in_the_light(html))


@reader
@require_safe
def campaign_preview(request: Request, pk: int) -> HttpResponse:
    """The panel for a template, lists and a person named in the query; a whole page without htmx."""
    campaign = get_object_or_404(Campaign, pk=pk)
    template = EmailTemplate.objects.filter(pk__in=ids_in(request, "template")).first()
    person = next(iter(ids_in(request, "record")), None)
    shown = viewed(
        campaign, template, ids_in(request, "target_lists"), person, bool(request.GET.get("worst")), searched(request)
    )
    sender = sender_name(request.GET.get("from_name", "")[:120], next(iter(ids_in(request, "account")), ""))
    context = {"campaign": campaign, "viewed": shown, "sender_name": sender}
    return page_or_part(request, ("preview", "campaigns/preview_panel.html"), "campaigns/preview_page.html", context)


@reader
@require_safe
def campaign_document(request: Request, pk: int) -> HttpResponse:
    campaign = get_object_or_404(Campaign, pk=pk)
    template = get_object_or_404(EmailTemplate, pk=next(iter(ids_in(request, "template")), 0))
    return mail_document(template, campaign, record_in(request), request)


@reader
@require_safe
def mass_email_preview(request: Request, pk: int) -> HttpResponse:
    """The mail of a mass email: as frozen when sending began, before that as it would be sent now."""
    mass_email = get_object_or_404(MassEmail.objects.select_related("campaign", "template"), pk=pk)
    frozen = None if mass_email.is_editable else FrozenMassEmail.objects.filter(pk=pk).first()
    if frozen is not None:
        return _frozen_document(frozen, request.GET.get("part", ""))
    if mass_email.template is None:
        return text_document("")
    return mail_document(mass_email.template, mass_email.campaign, record_in(request), request)


def _frozen_document(frozen: FrozenMassEmail, part: str) -> HttpResponse:
    content = Content.from_json(frozen.content)
    text = render_part(content.text, named)
    if content.html is None or part == "text":
        return text_document(text)
    first = first_sent(frozen)
    sent = html_for(first.pk) if first else None
    return part_of(inert_html(sent) if sent else render_part(content.html, named), text, part)


def named(placeholder: str) -> str:
    """Frozen content without a person: every placeholder shows its name."""
    return f"{{{placeholder}}}"


def record_in(request: Request) -> Record | None:
    values: Any = request.GET if request.method == "GET" else request.POST
    pk = values.get("record", "")
    return Record.objects.for_list().filter(pk=int(pk)).first() if pk.isdecimal() and len(pk) < 18 else None

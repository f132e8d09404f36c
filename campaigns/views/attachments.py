"""Attachments of an email template: add, download, remove. The section is a page's part, or the page without script."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns.attachments import attach, detach, total_size
from campaigns.forms.attachments import AttachmentForm
from campaigns.models import Attachment, EmailTemplate
from crm.access import Request, marketer, reader

# Whatever a file is, nothing of it runs here, not even in a browser that guesses types.
NOTHING = "default-src 'none'; frame-ancestors 'none'; sandbox"


@marketer
@require_http_methods(["GET", "HEAD", "POST"])
def template_attachments(request: Request, pk: int) -> HttpResponse:
    template = get_object_or_404(EmailTemplate, pk=pk)
    if request.method != "POST":
        return _section(request, template, AttachmentForm(template=template))
    form = AttachmentForm(request.POST, request.FILES, template=template)
    if not form.is_valid():
        return _section(request, template, form)
    file = form.cleaned_data["file"]
    attach(template, request.user, file.name, form.mime_type, file.read())
    return _changed(request, template, _("“%(name)s” was attached.") % {"name": file.name})


@marketer
@require_POST
def template_attachment_remove(request: Request, pk: int, attachment: int) -> HttpResponse:
    row = get_object_or_404(Attachment.objects.select_related("template"), pk=attachment, template_id=pk)
    detach(row, request.user)
    return _changed(request, row.template, _("“%(name)s” was removed.") % {"name": row.name})


@reader
@require_safe
def template_attachment(request: Request, pk: int, attachment: int) -> HttpResponse:
    row = get_object_or_404(Attachment.objects.select_related("file"), pk=attachment, template_id=pk)
    response = HttpResponse(bytes(row.file.content), content_type="application/octet-stream")
    response["Content-Disposition"] = content_disposition_header(True, row.name) or "attachment"
    response["Content-Security-Policy"] = NOTHING
    return response


def _changed(request: Request, template: EmailTemplate, sentence: str) -> HttpResponse:
    if request.headers.get("HX-Request"):  # the text beside it may have changes that nobody saved yet
        return _section(request, template, AttachmentForm(template=template))
    messages.success(request, sentence)
    return redirect(f"{reverse('campaigns:template_edit', args=[template.pk])}#attachments")


def _section(request: Request, template: EmailTemplate, form: AttachmentForm) -> HttpResponse:
    context = {"template": template, "attachment_form": form, "attached": attached(template)}
    if request.headers.get("HX-Request"):
        return render(request, "campaigns/template_attachments.html", context)
    return render(request, "campaigns/attachments_page.html", context, status=422 if form.errors else 200)


def attached(template: EmailTemplate) -> dict[str, object]:
    """What campaigns/template_attachments.html shows."""
    return {"files": template.attachments.select_related("file").defer("file__content"), "total": total_size(template)}

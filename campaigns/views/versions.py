"""Versions of a template: look at one, make it the present one again."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from campaigns.content.changes import changed_lines
from campaigns.models import COMPOSITION_FIELDS, EmailTemplate, TemplateVersion
from campaigns.template_drafts import label_of
from campaigns.templates_store import TemplateChanged, restore
from campaigns.views.preview import mail_document, record_in
from crm.access import Request, marketer, reader
from crm.criteria import Fields, keyed
from crm.lists import Column, ListPage, asking


@reader
@require_safe
def version_list(request: Request, pk: int) -> HttpResponse:
    template = get_object_or_404(EmailTemplate, pk=pk)
    page = ListPage(
        request,
        TemplateVersion.objects.filter(template=template).select_related("saved_by").defer("body", "text_body"),
        label=_("Versions"),
        columns=[
            Column("number", _("Version"), sort=("number",), template="campaigns/cell_version.html"),
            Column("subject", _("Subject"), sort=("subject",), look="wide"),
            Column("saved_at", _("Saved"), sort=("saved_at",), template="includes/cell_when.html", look="muted nowrap"),
            Column("saved_by", _("By"), sort=("saved_by__first_name", "saved_by__username")),
        ],
        search=lambda rows, text: rows.filter(subject__icontains=text),
        search_hint=_("Subject"),
        criteria=_fields,
        row_menu="campaigns/version_row_menu.html",
        kept_as="template-versions",
        order="-number",
    )
    return page.render("campaigns/template_versions.html", {"template": template})


def _fields() -> Fields:
    return keyed([
        asking.text("subject", _("Subject")),
        asking.user("saved_by", _("By"), "saved_by_id"),
        asking.moment("saved_at", _("Saved")),
    ])  # fmt: skip


@reader
@require_safe
def version_preview(request: Request, pk: int, number: int) -> HttpResponse:
    version = get_object_or_404(TemplateVersion, template_id=pk, number=number)
    return mail_document(version, None, record_in(request), request)


@reader
@require_safe
def changes_view(request: Request, pk: int, number: int) -> HttpResponse:
    """What restoring this version would change: the present one against it, field by field."""
    version = get_object_or_404(TemplateVersion.objects.select_related("template", "saved_by"), template_id=pk,
                                number=number)  # fmt: skip
    template = version.template
    names = [name for name in COMPOSITION_FIELDS if getattr(version, name) != getattr(template, name)]
    changes = [
        {"label": label_of(name),
         "lines": changed_lines(getattr(version, name), getattr(template, name))}
        for name in names
    ]  # fmt: skip
    context = {"template": template, "version": version, "changes": changes}
    return render(request, "campaigns/template_changes.html", context)


@marketer
@require_POST
def restore_view(request: Request, pk: int, number: int) -> HttpResponse:
    version = get_object_or_404(TemplateVersion.objects.select_related("template"), template_id=pk, number=number)
    try:
        restore(version, request.user)
    except TemplateChanged:
        messages.error(request, _("Somebody saved the template meanwhile. Look at it and try again."))
    else:
        messages.success(request, _("Version %(number)s is the present one again.") % {"number": number})
    return redirect("campaigns:template_edit", pk)

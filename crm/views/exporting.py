"""The export of a list: what to export as what, the file at once or a task that writes it, and one's own files."""

import tempfile
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from crm.access import Request, reader
from crm.audit import audit
from crm.exports import Table, open_table
from crm.exports.keeping import begin_export, forget, path_of
from crm.exports.writing import CONTENT_TYPES, file_name, write_table
from crm.forms.exporting import ExportForm
from crm.lists import Column, ListPage, Nothing
from crm.models import ExportFile, ExportFormat
from crm.task_notices import watch

AT_ONCE = 5000  # rows that a person waits for


def export(request: Request, kind: str, given: dict[str, Any], kept: list[tuple[str, str]]) -> HttpResponseBase:
    """The answer to every export: options first, then (a format was chosen) the file, or the page of its task.

    `given` are the parameters of the source, `kept` the fields that the options carry along to come here again. Who
    may only read asks with GET and gets any file at once: there is nothing of theirs that a worker could work on.
    """
    table, asked = open_table(kind, request.user, given), request.POST if request.method == "POST" else request.GET
    if not table.number:
        is_choice = request.method == "POST" and "format" not in asked
        messages.error(request, _("Nothing was selected.") if is_choice else _("There is nothing to export."))
        return redirect(table.back)
    form = ExportForm(asked if "format" in asked else None, table=table)
    is_long = table.number > AT_ONCE and request.user.can_edit
    if not (form.is_bound and form.is_valid()) or (is_long and request.method != "POST"):
        context = {"table": table, "form": form, "kept": kept, "is_long": is_long}
        return render(request, "crm/export.html", context, status=422 if form.errors else 200)
    audit(request.user, table.action, table.about, **table.told, number=table.number)
    choice = {"format": form.cleaned_data["format"], "columns": form.cleaned_data["columns"]}
    if not is_long:
        return _at_once(table, ExportFormat(choice["format"]), choice["columns"])
    task = begin_export(request.user, kind, given, choice, table)
    watch(request, task)
    return redirect(task)


def _at_once(table: Table, format: ExportFormat, columns: list[str]) -> FileResponse:
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the answer closes it
    write_table(file, table, columns, format)
    file.seek(0)
    answer = FileResponse(file, as_attachment=True, filename=file_name(table, format))
    answer["Content-Type"] = CONTENT_TYPES[format]
    return answer


@reader
@require_safe
def export_list(request: Request) -> HttpResponse:
    """One's own files."""
    files = ListPage(
        request,
        ExportFile.objects.filter(owner=request.user),
        label=_("Your exports"),
        columns=[
            Column("name", _("Name"), template="crm/cell_export.html", sort=("name",)),
            Column("rows", _("Rows"), template="includes/cell_number.html", sort=("rows",), look="num"),
            Column("octets", _("Size"), template="crm/cell_octets.html", sort=("octets",), look="num"),
            Column("created_at", _("Created At"), template="includes/cell_when.html", sort=("id",), look="muted"),
            Column("expires_at", _("Expires"), template="includes/cell_when.html", sort=("expires_at",), look="muted"),
        ],
        search=lambda rows, text: rows.filter(name__icontains=text),
        search_hint=_("Name"),
        row_menu="crm/export_row_menu.html",
        kept_as="exports",
        order="-created_at",
        nothing=Nothing(
            _("No exported files"),
            _("Long lists are exported in the background. The files are kept here for some days, for you alone."),
            "download",
        ),
    )
    return files.render("crm/exports.html")


def _own(request: Request, pk: int) -> ExportFile:
    """Nobody else's, whatever their role: what is in a file is what its owner may see."""
    return get_object_or_404(ExportFile, pk=pk, owner=request.user)


@reader
@require_safe
def export_download(request: Request, pk: int) -> FileResponse:
    file = _own(request, pk)
    path = path_of(file)
    if file.is_expired or not path.exists():
        raise Http404("The file has expired.")
    format = ExportFormat(file.format)
    answer = FileResponse(path.open("rb"), as_attachment=True, filename=file.name)
    answer["Content-Type"] = CONTENT_TYPES[format]
    return answer


@reader
@require_POST
def export_remove(request: Request, pk: int) -> HttpResponse:
    file = _own(request, pk)
    forget(file)
    messages.success(request, _("“%(name)s” was removed.") % {"name": file})
    return redirect("crm:export_list")

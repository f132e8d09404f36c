"""What a report is good for: a file, a target list, a filter of its list, a card on Home."""

from django.contrib import messages
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm.access import Request, marketer, reader
from crm.audit import audit
from crm.exports.writing import CONTENT_TYPES
from crm.models import ExportFormat
from crm.views.exporting import export
from targets.bulk import begin_filling
from targets.forms.target_list import ChooseListForm
from targets.models import Report, TargetList
from targets.reports import ReportError, report_records
from targets.reports.files import REPORT, grid_file
from targets.reports.keeping import filter_of
from targets.reports.showing import shown_result, table_of
from targets.target_lists import save_list
from targets.views.reports import seen


@marketer
@require_http_methods(["GET", "HEAD", "POST"])
def report_export(request: Request, pk: int) -> HttpResponseBase:
    """Of a list its records, as the query string of its page narrows and sorts them; of a grid every group."""
    report = seen(request, pk)
    try:
        if report.is_grid:
            return _grid_file(request, report)
        return export(request, REPORT, {"report": pk, "query": request.GET.urlencode()}, [])
    except ReportError as error:
        messages.error(request, str(error))
        return redirect(report)


def _grid_file(request: Request, report: Report) -> HttpResponseBase:
    """POST alone says as what."""
    format = request.POST.get("format", "")
    if format not in ExportFormat.values:
        return redirect(report)
    file = grid_file(table_of(request, report), report.name, ExportFormat(format))
    audit(request.user, "report.exported", report)
    name = f"{slugify(report.name) or 'report'}.{format}"
    return FileResponse(file, as_attachment=True, filename=name, content_type=CONTENT_TYPES[ExportFormat(format)])


@marketer
@require_http_methods(["GET", "HEAD", "POST"])
def report_target_list(request: Request, pk: int) -> HttpResponse:
    """GET asks for the list, a new one or one that there is; POST fills it in the background."""
    report = seen(request, pk)
    try:
        number = report_records(report).count()
    except ReportError as error:
        messages.error(request, str(error))
        return redirect(report)
    posted = request.POST if request.method == "POST" else None
    form = ChooseListForm(posted, initial={"new_name": report.name})
    if form.is_valid():
        target_list = form.cleaned_data["target_list"] or TargetList(
            name=form.cleaned_data["new_name"], assigned_user=request.user
        )
        if target_list.pk is None:
            save_list(target_list, request.user)
        return redirect(begin_filling(request.user, target_list, report, number))
    context = {"form": form, "report": report, "number": number}
    return render(request, "targets/reports/target_list.html", context, status=422 if form.errors else 200)


@reader
@require_POST
def report_filter(request: Request, pk: int) -> HttpResponse:
    """Keeps the report as a filter of its list, for this person, and shows it there."""
    report = seen(request, pk)
    try:
        saved = filter_of(report, request.user)
    except ReportError as error:
        messages.error(request, str(error))
        return redirect(report)
    messages.success(request, _("“%(name)s” is a filter of this list now.") % {"name": saved})
    list_page = report.entity_type.get_absolute_url() if report.entity_type else report.get_absolute_url()
    return redirect(f"{list_page}?{saved.query}&saved={saved.pk}")


@reader
@require_safe
def report_card(request: Request, pk: int) -> HttpResponse:
    """The result in short, which Home asks for once it stands: a slow report keeps nobody waiting."""
    report = seen(request, pk)
    return render(request, "targets/reports/card.html", {"report": report, "result": shown_result(request, report)})

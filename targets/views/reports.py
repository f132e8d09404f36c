"""Reports: all of them, one, its editor, duplicate, remove, pin."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm.access import Request, marketer, reader
from crm.models import EntityType
from targets.forms.report import ColumnChoice, ReportForm
from targets.models import Report, ReportKind
from targets.reports import pages
from targets.reports.editor import CriteriaEditor
from targets.reports.keeping import duplicate, followers_of, pin, remove, save_report
from targets.reports.questions import new_report, questions
from targets.reports.showing import shown_result
from targets.views.returning import back


def seen(request: Request, pk: int) -> Report:
    rows = Report.objects.visible_to(request.user).select_related("entity_type", "owner")
    return get_object_or_404(rows, pk=pk)


def editable(request: Request, pk: int) -> Report:
    report = seen(request, pk)
    if not report.may_be_edited_by(request.user):
        raise PermissionDenied
    return report


@reader
@require_safe
def report_list(request: Request) -> HttpResponse:
    return pages.reports(request).render("targets/reports/list.html")


@reader
@require_safe
def report_detail(request: Request, pk: int) -> HttpResponse:
    """The report with its result as it is now."""
    report = seen(request, pk)
    result = shown_result(request, report)
    context = {
        "report": report,
        "result": result,
        "may_edit": report.may_be_edited_by(request.user),
        "is_pinned": report.pinned_by.filter(pk=request.user.pk).exists(),
    }
    if result.listing is not None:
        return result.listing.render("targets/reports/detail.html", context)
    return render(request, "targets/reports/detail.html", context)


@marketer
@require_http_methods(["GET", "HEAD", "POST"])
def report_new(request: Request) -> HttpResponse:
    """`?type=contacts&kind=grid` opens the form, `&question=…` fills it in; without them the page asks for them."""
    types = EntityType.objects.prefetch_related("fields")
    entity_type = types.filter(slug=request.GET.get("type", "")).first()
    kind = request.GET.get("kind", "")
    if entity_type is None or kind not in ReportKind.values:
        context = {"types": types, "questions": questions(types)}
        return render(request, "targets/reports/new.html", context)
    return _form(request, new_report(entity_type, kind, request.user, request.GET.get("question", "")))


@marketer
@require_http_methods(["GET", "HEAD", "POST"])
def report_edit(request: Request, pk: int) -> HttpResponse:
    report = editable(request, pk)
    if report.entity_type is None:
        messages.error(request, _("The entity type of this report was removed."))
        return redirect(report)
    return _form(request, report)


def _form(request: Request, report: Report) -> HttpResponse:
    """Buttons within the form (`b.do`, `do` up and down) bring it again as it is; `do=preview` shows the result."""
    if request.headers.get("HX-Target") == CriteriaEditor.builder_id:
        return _builder(request, report)
    posted = request.POST if request.method == "POST" else None
    editor, columns = CriteriaEditor(report, posted), ColumnChoice(report, posted)
    form = ReportForm(posted, instance=report)
    verb = posted.get("do", "save").partition(":")[0] if posted is not None else ""
    is_whole = form.is_valid() and not editor.problems
    if editor.is_building or verb in {"up", "down"}:
        form.errors.clear()
    elif is_whole:
        report.criteria, report.columns = editor.criteria, [] if report.is_grid else columns.chosen
        if verb == "save":
            save_report(report, request.user)
            messages.success(request, _("Saved."))
            return redirect(report)
    result = shown_result(request, report) if is_whole and verb == "preview" else None
    context = {"form": form, "report": report, "editor": editor, "columns": columns, "result": result}
    has_problems = bool(form.errors or editor.problems)
    return render(request, "targets/reports/form.html", context, status=422 if posted and has_problems else 200)


def _builder(request: Request, report: Report) -> HttpResponse:
    """The filter builder alone, for htmx."""
    context = {"report": report, "editor": CriteriaEditor(report, request.GET)}
    response = render(request, "targets/reports/builder.html", context)
    patch_vary_headers(response, ["HX-Target"])
    return response


@marketer
@require_POST
def report_duplicate(request: Request, pk: int) -> HttpResponse:
    copy = duplicate(seen(request, pk), request.user)
    messages.success(request, _("“%(name)s” asks the same. Give it a name.") % {"name": copy})
    return redirect("targets:report_edit", copy.pk)


@marketer
@require_http_methods(["GET", "HEAD", "POST"])
def report_remove(request: Request, pk: int) -> HttpResponse:
    """GET asks, with what follows the report; POST removes."""
    report = editable(request, pk)
    if request.method != "POST":
        context = {"report": report, "followers": followers_of(report), "pins": report.pinned_by.count()}
        return render(request, "targets/reports/remove.html", context)
    remove(report, request.user)
    messages.success(request, _("“%(name)s” was removed.") % {"name": report})
    return redirect("targets:report_list")


@reader
@require_POST
def report_pin(request: Request, pk: int) -> HttpResponse:
    """Everybody pins for themselves; `pinned` empty unpins."""
    report, is_pinned = seen(request, pk), bool(request.POST.get("pinned"))
    pin(report, request.user, is_pinned=is_pinned)
    messages.success(request, _("Pinned on Home.") if is_pinned else _("No longer on Home."))
    return back(request, report.get_absolute_url())

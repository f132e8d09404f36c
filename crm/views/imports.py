"""Import: the file, what its columns mean, the number to confirm; then the result, what was refused, the way back."""

from collections.abc import Iterator
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm.access import Request, marketer
from crm.audit import audit
from crm.csv_text import csv_response
from crm.forms.imports import SetupForm, UploadForm
from crm.imports import reverting, running
from crm.imports.checking import look_at
from crm.imports.destinations import destination
from crm.imports.fields import can_import, import_fields
from crm.imports.limits import limits
from crm.imports.listing import import_list as list_of_imports
from crm.imports.listing import refused_rows
from crm.imports.plan import Plan, plan_of
from crm.imports.rows import FieldsGone
from crm.imports.taking import keep_plan, preview, repeated_headings, reread, take
from crm.imports.tidying import discard
from crm.imports.upload import ImportUpload, is_too_large
from crm.imports.workbook import BadFile
from crm.middleware import before_body
from crm.models import EntityType, Fate, Import, ImportedRow, ImportStatus, Record, User

MOST_KEPT = 100
SAMPLES = 3
CONTENT_TOO_LARGE = 413


def _import(request: Request, pk: int) -> Import:
    """Drafts are their owner's business."""
    batch = get_object_or_404(Import.objects.select_related("entity_type", "owner", "task"), pk=pk)
    if batch.status == ImportStatus.DRAFT and batch.owner_id != request.user.pk:
        raise Http404("Somebody else's draft.")
    return batch


@marketer
@require_safe
def import_list(request: Request) -> HttpResponse:
    types = [one for one in EntityType.objects.all() if can_import(one)]
    return list_of_imports(request).render("imports/list.html", {"types": types})


@marketer
def _refuse(request: Request, type: str) -> HttpResponseBase:
    return _ask_for_file(request, _type_to_import(type), UploadForm(), _too_large(), CONTENT_TOO_LARGE)


def _take_in(request: HttpRequest, type: str) -> HttpResponseBase | None:
    """A file that is too large is refused by what the browser says of it, before it is sent; of others than marketers
    nothing is kept."""
    if request.method == "POST" and is_too_large(request):
        return _refuse(cast(Request, request), type)  # which asks who it is
    if isinstance(request.user, User) and request.user.can_edit:
        request.upload_handlers = [ImportUpload(request)]
    return None


def _type_to_import(slug: str) -> EntityType:
    entity_type = get_object_or_404(EntityType, slug=slug)
    if not can_import(entity_type):
        raise Http404("Users are made in Administration: each is a login.")
    return entity_type


@before_body(_take_in)
@marketer
@require_http_methods(["GET", "HEAD", "POST"])
def import_new(request: Request, type: str) -> HttpResponseBase:
    """Step 1: the file."""
    entity_type = _type_to_import(type)
    (upload,) = request.upload_handlers
    assert isinstance(upload, ImportUpload)
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if upload.is_too_large:
        return _ask_for_file(request, entity_type, UploadForm(), _too_large(), CONTENT_TOO_LARGE)
    if not form.is_valid() or upload.path is None:
        upload.discard()
        return _ask_for_file(request, entity_type, form, "", 422 if form.is_bound else 200)
    try:
        batch = take(entity_type, request.user, upload.path, form.cleaned_data["file"].name)
    except BadFile as reason:
        return _ask_for_file(request, entity_type, UploadForm(), str(reason), 422)
    return redirect("crm:import_setup", pk=batch.pk)


def _ask_for_file(
    request: Request, entity_type: EntityType, form: UploadForm, problem: str, status: int
) -> HttpResponse:
    context = {"form": form, "entity_type": entity_type, "problem": problem, "limits": limits(), "step": 1}
    return render(request, "imports/new.html", {**context, "megabytes": limits().octets // 1024**2}, status=status)


def _too_large() -> str:
    return _("The file is larger than %(number)s MB. Cut it into several files.") % {
        "number": limits().octets // 1024**2
    }


@marketer
@require_http_methods(["GET", "HEAD", "POST"])
def import_setup(request: Request, pk: int) -> HttpResponse:
    """Step 2: how the file is read, which column is what, what to do. `read` reads it again as chosen, and
    so does Next where that was changed: what its columns mean is then to be looked at first."""
    batch = _import(request, pk)
    if batch.status != ImportStatus.DRAFT:
        return redirect(batch)
    plan, problem = plan_of(batch), ""
    posted = request.POST if request.method == "POST" else None
    form = SetupForm(batch, plan, import_fields(batch.entity_type), posted)
    if posted is not None:
        valid = form.is_valid()
        try:
            if "read" in posted or form.reads_otherwise():
                keep_plan(batch, form.carried(reread(batch, form.reading_plan())))
                if "read" not in posted:
                    messages.info(request, _("The file was read again: check what is in the columns."))
                return redirect("crm:import_setup", pk=batch.pk)
            if valid:
                keep_plan(batch, form.new_plan())
                return redirect("crm:import_confirm", pk=batch.pk)
        except BadFile as reason:
            problem = str(reason)
    return _ask_for_meaning(request, batch, plan, form, problem)


def _ask_for_meaning(request: Request, batch: Import, plan: Plan, form: SetupForm, problem: str) -> HttpResponse:
    rows, places = preview(batch, plan), range(len(plan.labels))
    whole = [row.cells for row in rows if not row.problem]
    samples = [[cells[place] for cells in whole if "".join(cells[place : place + 1]).strip()] for place in places]
    context: dict[str, Any] = {
        "batch": batch,
        "entity_type": batch.entity_type,
        "plan": plan,
        "form": form,
        "problem": problem,
        "rows": rows,
        "columns": [(column, sample[:SAMPLES]) for column, sample in zip(form.columns(), samples, strict=True)],
        "repeated": repeated_headings(batch, plan),
        "step": 2,
    }
    return render(request, "imports/setup.html", context, status=422 if form.errors or problem else 200)


@marketer
@require_http_methods(["GET", "HEAD", "POST"])
def import_confirm(request: Request, pk: int) -> HttpResponse:
    """Step 3: the number of rows, what a look at the first ones says, and the button."""
    batch = _import(request, pk)
    if batch.status != ImportStatus.DRAFT or not batch.row_count:
        return redirect("crm:import_detail" if batch.status != ImportStatus.DRAFT else "crm:import_setup", pk=pk)
    if request.method == "POST":
        try:
            return redirect(running.start(batch, request.user))
        except running.NotStarted:
            return redirect(batch)
        except FieldsGone as reason:
            return _set_up_again(request, batch, str(reason))
    plan = plan_of(batch)
    try:
        look = look_at(batch, plan)
    except FieldsGone as reason:
        return _set_up_again(request, batch, str(reason))
    except ValidationError as error:
        told = {"reason": " ".join(error.messages)}
        return _set_up_again(request, batch, _("A default value cannot be used: %(reason)s") % told)
    return render(request, "imports/confirm.html", _about_plan(batch, plan) | {"look": look, "step": 3})


def _set_up_again(request: Request, batch: Import, reason: str) -> HttpResponse:
    messages.error(request, reason)
    return redirect("crm:import_setup", pk=batch.pk)


def _about_plan(batch: Import, plan: Plan) -> dict[str, Any]:
    known, place = import_fields(batch.entity_type), destination()
    about = place.about(plan.target_list) if place and plan.target_list.isdecimal() else None
    return {
        "batch": batch,
        "entity_type": batch.entity_type,
        "plan": plan,
        "mapped": [
            (label, known[key].label) for label, key in zip(plan.labels, plan.mapping, strict=False) if key in known
        ],
        "match": [known[key].label for key in plan.match if key in known],
        "list_name": about[0] if about else plan.new_list if plan.target_list else "",
    }


@marketer
@require_safe
def import_detail(request: Request, pk: int) -> HttpResponse:
    """The result."""
    batch = _import(request, pk)
    if batch.status == ImportStatus.DRAFT:
        return redirect("crm:import_setup", pk=pk)
    place = destination()
    kept = list(ImportedRow.objects.filter(batch=batch, fate=Fate.KEPT).order_by("number")[:MOST_KEPT])
    records = Record.objects.select_related("entity_type", "email_address").in_bulk([row.record_id for row in kept])
    context = {
        "batch": batch,
        "entity_type": batch.entity_type,
        "target_list": place.about(batch.target_list) if place and batch.target_list else None,
        "kept": [(row, records.get(row.record_id)) for row in kept],
        "why_not": reverting.why_not(batch),
        "result_text": running.result_text(batch),
        "reverted_text": reverting.reverted_text(batch),
        "is_stuck": batch.status_is_live and (batch.task is None or batch.task.is_finished),
    }
    return refused_rows(request, batch).render("imports/detail.html", context)


@marketer
@require_safe
def import_refused(request: Request, pk: int) -> StreamingHttpResponse:
    """The refused rows as they stood in the file, with the reason before them: to be mended and imported again."""
    batch = _import(request, pk)
    audit_name = _("%(file)s refused") % {"file": batch.file_name.rpartition(".")[0] or batch.file_name}
    labels = plan_of(batch).labels
    return csv_response(audit_name, [_("Row"), _("Column"), _("Reason"), *labels], _refused_lines(batch))


def _refused_lines(batch: Import) -> Iterator[list[object]]:
    for row in batch.refusals.order_by("number").iterator(chunk_size=1000):
        yield [row.number, row.column, row.reason, *row.cells]


@marketer
@require_http_methods(["GET", "HEAD", "POST"])
def import_revert(request: Request, pk: int) -> HttpResponse:
    """GET says what will happen; POST begins."""
    batch = _import(request, pk)
    if request.method == "POST":
        try:
            return redirect(reverting.start_revert(batch, request.user))
        except reverting.NotRevertible as reason:
            messages.error(request, str(reason))
            return redirect(batch)
    if reverting.why_not(batch):
        return redirect(batch)
    return render(request, "imports/revert.html", {"batch": batch, "entity_type": batch.entity_type})


@marketer
@require_POST
def import_continue(request: Request, pk: int) -> HttpResponse:
    """After its task ended without it: a new one goes on from where the import stands."""
    batch = _import(request, pk)
    if not batch.status_is_live or (batch.task and not batch.task.is_finished):
        return redirect(batch)
    try:
        if batch.status == ImportStatus.REVERTING:
            return redirect(reverting.go_on(batch, request.user))
        return redirect(running.go_on(batch, request.user))
    except (running.NotStarted, reverting.NotRevertible):
        return redirect(batch)  # whose page says that somebody is at work


@marketer
@require_POST
def import_discard(request: Request, pk: int) -> HttpResponse:
    """A draft that nobody wants."""
    batch = _import(request, pk)
    if batch.status == ImportStatus.DRAFT:
        audit(request.user, "import.discarded", batch)
        discard(batch)
        messages.success(request, _("The import was discarded. Nothing was changed."))
        return redirect(batch.entity_type)
    return redirect(batch)

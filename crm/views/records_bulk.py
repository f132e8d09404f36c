"""Bulk acts on records: export, remove, edit a field. What changes something asks with the number first, and with more
than a hundred it runs behind."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from crm.access import Request, marketer
from crm.background import begin
from crm.entities import bulk
from crm.entities.export import RECORDS
from crm.entities.listing import record_list
from crm.entities.saving import remove_records
from crm.forms.bulk import EditFieldForm, fields_to_edit
from crm.lists import ListPage
from crm.lists.posted import everything, fields_of, selection_of
from crm.models import EntityType, Record
from crm.views.exporting import export


def _selection(request: Request, type: str) -> tuple[EntityType, ListPage[Record], QuerySet[Record], int]:
    entity_type = get_object_or_404(EntityType.objects.prefetch_related("fields"), slug=type)
    listing = record_list(request, entity_type)
    chosen = listing.selected()
    return entity_type, listing, chosen, chosen.count()


def _nothing(request: Request, entity_type: EntityType) -> HttpResponse:
    messages.error(request, _("Nothing was selected."))
    return redirect(entity_type)


@marketer
@require_http_methods(["GET", "HEAD", "POST"])
def records_export(request: Request, type: str) -> HttpResponseBase:
    """The chosen records as a file; with GET all results of the list in the state of the query string."""
    entity_type = get_object_or_404(EntityType, slug=type)
    posted = request.method == "POST"
    selection = selection_of(request) if posted else everything(request.GET.urlencode())
    return export(request, RECORDS, {"type": entity_type.key, "selection": selection}, fields_of(selection))


@marketer
@require_POST
def records_remove(request: Request, type: str) -> HttpResponse:
    """The first POST asks with the number, the second one (`confirmed`) removes."""
    entity_type, listing, chosen, number = _selection(request, type)
    if not number:
        return _nothing(request, entity_type)
    if "confirmed" not in request.POST:
        context = {"entity_type": entity_type, "number": number, "kept": listing.selection_fields()}
        return render(request, "crm/records_remove.html", context)
    if bulk.is_long(number):
        title = _("Remove %(number)s records (%(type)s)") % {"number": number, "type": entity_type.plural}
        return redirect(
            begin(bulk.REMOVE, title, request.user, total=number, parameters=bulk.parameters(entity_type, request))
        )
    removed = remove_records(chosen, request.user)
    messages.success(request, bulk.removed_text(removed)) if removed else _refused(request)
    return redirect(entity_type)


def _refused(request: Request) -> None:
    messages.error(request, _("These records belong to logins: nothing was removed."))


@marketer
@require_POST
def records_edit(request: Request, type: str) -> HttpResponse:
    """Three steps without script: choose the field, give the value with the number in sight, done."""
    entity_type, listing, chosen, number = _selection(request, type)
    if not number:
        return _nothing(request, entity_type)
    name = request.POST.get("field", "")
    form = _form(request, entity_type, name) if name else None
    if form is not None and form.is_bound and form.is_valid():
        return _change(request, entity_type, chosen, number, form)
    context = {
        "entity_type": entity_type,
        "number": number,
        "kept": listing.selection_fields(),
        "fields_to_edit": fields_to_edit(entity_type),
        "form": form,
    }
    return render(request, "crm/records_edit.html", context, status=422 if form and form.errors else 200)


def _form(request: Request, entity_type: EntityType, name: str) -> EditFieldForm:
    try:
        return EditFieldForm(entity_type, name, request.POST if "confirmed" in request.POST else None)
    except LookupError as error:
        raise Http404("No such field.") from error


def _change(
    request: Request, entity_type: EntityType, chosen: QuerySet[Record], number: int, form: EditFieldForm
) -> HttpResponse:
    if bulk.is_long(number):
        posted = request.POST.getlist("value")
        value = posted if len(posted) > 1 else "".join(posted)
        given = bulk.parameters(entity_type, request, field=form.name, value=value)
        title = _("Change %(number)s records (%(type)s)") % {"number": number, "type": entity_type.plural}
        return redirect(begin(bulk.UPDATE, title, request.user, total=number, parameters=given))
    changed = bulk.update_records(
        Record.objects.filter(pk__in=chosen.values("pk")), form.name, form.cleaned_data["value"]
    )
    bulk.note_update(request.user, entity_type, form.name, changed)
    messages.success(request, bulk.updated_text(changed))
    return redirect(entity_type)

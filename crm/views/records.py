"""Records of every entity type: list, page, form, removal, flags of the address."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm.access import Request, marketer, reader
from crm.entities.details import details_of
from crm.entities.email_state import Flag, change_flag, states_of
from crm.entities.forms import RecordForm
from crm.entities.links import suggestions
from crm.entities.listing import record_list as list_of
from crm.entities.related import linked_to
from crm.entities.saving import RecordInUse, consequences, remove_record, save_record
from crm.models import EntityType, Record
from crm.navigation import record_panels

MOST_SHARING = 10
DONE = {
    Flag.OPT_OUT: gettext_noop("%(address)s is opted out. No marketing email goes to it."),
    Flag.CANCEL_OPT_OUT: gettext_noop("The opt-out of %(address)s is canceled."),
    Flag.MARK_INVALID: gettext_noop("%(address)s is marked invalid. No email goes to it."),
    Flag.MARK_VALID: gettext_noop("%(address)s is no longer marked invalid."),
}


def _type(slug: str) -> EntityType:
    return get_object_or_404(EntityType.objects.prefetch_related("fields"), slug=slug)


def _record(entity_type: EntityType, pk: int) -> Record:
    rows: QuerySet[Record] = Record.objects.of_type(entity_type).for_list()
    record = get_object_or_404(rows, pk=pk)
    record.entity_type = entity_type  # which knows its fields already
    return record


@reader
@require_safe
def record_list(request: Request, type: str) -> HttpResponse:
    entity_type = _type(type)
    return list_of(request, entity_type).render("crm/record_list.html", {"entity_type": entity_type})


@reader
@require_safe
def record_detail(request: Request, type: str, pk: int) -> HttpResponse:
    entity_type = _type(type)
    record = _record(entity_type, pk)
    address = record.email_address
    shared = address.shared_by().exclude(pk=pk).select_related("entity_type") if address else Record.objects.none()
    sharing = list(shared[: MOST_SHARING + 1])
    context = {
        "entity_type": entity_type,
        "record": record,
        "details": details_of(record, list(entity_type.fields.all())),
        "states": states_of(address),
        "sharing": sharing[:MOST_SHARING],
        "more_share": len(sharing) > MOST_SHARING,
        "panels": record_panels(request, record),
    }
    return render(request, "crm/record_detail.html", context)


@reader
@require_safe
def record_related(request: Request, type: str, pk: int) -> HttpResponse:
    """The records whose link fields lead here; for htmx the part alone."""
    entity_type = _type(type)
    record = _record(entity_type, pk)
    name = "crm/related_groups.html" if request.headers.get("HX-Request") else "crm/related_page.html"
    return render(request, name, {"entity_type": entity_type, "record": record, "groups": linked_to(record)})


@marketer
@require_http_methods(["GET", "HEAD", "POST"])
def record_new(request: Request, type: str) -> HttpResponse:
    entity_type = _type(type)
    if entity_type.key == "User":
        raise Http404("Users are made in Administration: each is a login.")
    return _form(request, entity_type, Record(entity_type=entity_type, owner=request.user))


@marketer
@require_http_methods(["GET", "HEAD", "POST"])
def record_edit(request: Request, type: str, pk: int) -> HttpResponse:
    entity_type = _type(type)
    return _form(request, entity_type, _record(entity_type, pk))


def _form(request: Request, entity_type: EntityType, record: Record) -> HttpResponse:
    title = str(record) if record.pk else ""
    form = RecordForm(request.POST if request.method == "POST" else None, instance=record, entity_type=entity_type)
    if form.is_valid():
        saved = save_record(form, request.user)
        messages.success(request, _("Saved.") if record.pk else _("“%(name)s” was created.") % {"name": saved})
        return redirect(saved)
    context = {"form": form, "entity_type": entity_type, "record": record, "title": title}
    return render(request, "crm/record_form.html", context, status=422 if form.errors else 200)


@marketer
@require_http_methods(["GET", "HEAD", "POST"])
def record_remove(request: Request, type: str, pk: int) -> HttpResponse:
    """GET asks, with what goes with it; POST removes."""
    entity_type = _type(type)
    record = _record(entity_type, pk)
    if request.method == "POST":
        try:
            remove_record(record, request.user)
        except RecordInUse as reason:
            messages.error(request, str(reason))
            return redirect(record)
        messages.success(request, _("“%(name)s” was removed.") % {"name": record})
        return redirect(entity_type)
    context = {"entity_type": entity_type, "record": record, "consequences": consequences(record)}
    return render(request, "crm/record_remove.html", context)


@marketer
@require_POST
def record_address_flag(request: Request, type: str, pk: int) -> HttpResponse:
    """Mark or unmark the address of a record: `flag` names what, `why` may say for what reason."""
    record = _record(_type(type), pk)
    flag = request.POST.get("flag", "")
    if record.email_address is None or flag not in list(Flag):
        raise Http404("No address, or no such flag.")
    changed = change_flag(record.email_address, Flag(flag), request.user, request.POST.get("why", "").strip()[:200])
    if changed:
        messages.success(request, _(DONE[Flag(flag)]) % {"address": record.email_address})
    else:
        messages.info(request, _("It was so already."))
    return redirect(record)


@reader
@require_safe
def record_suggest(request: Request, type: str) -> HttpResponse:
    """Names for a datalist. htmx says which input asks; by hand the parameter is `q`."""
    entity_type = _type(type)
    text = request.GET.get(request.headers.get("HX-Trigger-Name", "q"), "").replace("\0", "").strip()[:100]
    names = suggestions(entity_type, text) if text else []
    return render(request, "crm/suggestions.html", {"names": names})

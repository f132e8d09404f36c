"""Entity Manager: the entity types, their order in the navigation, and their panels on target lists."""

from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm.access import Request, administrator
from crm.entities.dependents import dependents_of
from crm.entities.kinds import KINDS
from crm.entities.order import Move, moved
from crm.entities.placeholders import computed_placeholders
from crm.entities.shaping import done_text, take_type_away
from crm.entities.types import (
    TypeRefused,
    arrange_panels,
    create_type,
    fields_to_come,
    fields_to_convert,
    move_type,
    save_type,
    successors,
)
from crm.forms.administration_entities import EntityTypeForm, RemoveTypeForm
from crm.models import EntityField, EntityType, FieldKind, Record

FORM = require_http_methods(["GET", "HEAD", "POST"])


@administrator
@require_safe
def entity_list(request: Request) -> HttpResponse:
    records = dict(Record.objects.values_list("entity_type").annotate(number=Count("pk")).order_by())
    fields = dict(EntityField.objects.values_list("entity_type").annotate(number=Count("pk")).order_by())
    rows = [(one, fields.get(one.pk, 0), records.get(one.pk, 0)) for one in EntityType.objects.all()]
    return render(request, "administration/entities/list.html", {"rows": rows})


@administrator
@require_safe
def entity_detail(request: Request, pk: int) -> HttpResponse:
    entity_type = get_object_or_404(EntityType, pk=pk)
    fields = [(field, KINDS[FieldKind(field.kind)]) for field in entity_type.fields.all()]
    context = {
        "entity_type": entity_type,
        "fields": fields,
        "number": entity_type.records.count(),
        "computed": [one for one in computed_placeholders() if one.is_of(entity_type.key)],
    }
    return render(request, "administration/entities/detail.html", context)


@administrator
@FORM
def entity_new(request: Request) -> HttpResponse:
    form = EntityTypeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            create_type(form.instance, request.user)
        except TypeRefused as reason:
            form.add_error(None, str(reason))
        else:
            messages.success(
                request, _("“%(type)s” is there. Now give it its fields.") % {"type": form.instance.plural}
            )
            return redirect("crm:entity_detail", form.instance.pk)
    return _form(request, form, None)


@administrator
@FORM
def entity_edit(request: Request, pk: int) -> HttpResponse:
    entity_type = get_object_or_404(EntityType, pk=pk)
    form = EntityTypeForm(request.POST if request.method == "POST" else None, instance=entity_type)
    if form.is_valid():
        save_type(form.instance, request.user)
        messages.success(request, _("Saved."))
        return redirect("crm:entity_detail", pk)
    return _form(request, form, EntityType.objects.get(pk=pk))


def _form(request: Request, form: EntityTypeForm, entity_type: EntityType | None) -> HttpResponse:
    context = {"form": form, "entity_type": entity_type}
    return render(request, "administration/entities/form.html", context, status=422 if form.errors else 200)


@administrator
@require_POST
def entity_move(request: Request, pk: int) -> HttpResponse:
    move_type(get_object_or_404(EntityType, pk=pk), move_asked(request), request.user)
    return redirect("crm:entity_list")


def move_asked(request: Request) -> Move:
    """Raises Http404 for a direction that there is not."""
    try:
        return Move(request.POST.get("to", ""))
    except ValueError as error:
        raise Http404("No such direction.") from error


@administrator
@FORM
def entity_panels(request: Request) -> HttpResponse:
    """The panels of target lists. Each arrow saves what is ticked too, so nothing that was set gets lost."""
    types = list(EntityType.objects.order_by("panel_position", "position", "id"))
    if request.method != "POST":
        return render(request, "administration/entities/panels.html", {"types": types})
    order, shown = [one.pk for one in types], {one.pk for one in types if f"shown_{one.pk}" in request.POST}
    pk, _colon, to = request.POST.get("move", "").partition(":")
    if pk.isdecimal() and to in list(Move):
        order = moved(order, int(pk), Move(to))
    arrange_panels(order, shown, request.user)
    messages.success(request, _("Saved."))
    return redirect("crm:entity_panels")


@administrator
@FORM
def entity_remove(request: Request, pk: int) -> HttpResponse:
    """GET names what depends on the type; POST needs to be told what becomes of its records."""
    entity_type = get_object_or_404(EntityType, pk=pk)
    number = entity_type.records.count()
    data = request.POST if request.method == "POST" else None
    form = RemoveTypeForm(data, entity_type=entity_type, has_records=bool(number))
    if form.is_valid():
        name = entity_type.plural
        try:
            task = take_type_away(entity_type, form.chosen, request.user)
        except TypeRefused as reason:
            messages.error(request, str(reason))
            return redirect("crm:entity_detail", pk)
        if task is not None:
            return redirect(task)
        messages.success(request, f"{name}: {done_text(number, form.chosen)}")
        return redirect("crm:entity_list")
    context = {"form": form, "entity_type": entity_type, "number": number, **_consequences(entity_type)}
    return render(request, "administration/entities/remove.html", context, status=422 if form.errors else 200)


def _consequences(entity_type: EntityType) -> dict[str, Any]:
    coming = [(one, fields_to_come(entity_type, one)) for one in successors(entity_type)]
    changing = [(one, fields_to_convert(entity_type, one)) for one in successors(entity_type)]
    return {
        "dependents": dependents_of(entity_type),
        "coming": [pair for pair in coming if pair[1]],
        "changing": [pair for pair in changing if pair[1]],
    }

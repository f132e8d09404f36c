"""The fields of an entity type: a new one by its kind, its form, its place, another kind, its end."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm.access import Request, administrator
from crm.entities.dependents import dependents_of, with_value
from crm.entities.kinds import KINDS
from crm.entities.rewriting import outlook, usual_values, with_choice
from crm.entities.shaping import give_kind, keep_field, take_field_away
from crm.entities.type_fields import FieldRefused, create_field, move_field
from crm.entities.words import label_of
from crm.forms.administration_entity_fields import WITH_CHOICES, ChoiceFatesForm, FieldForm, KindForm
from crm.models import BackgroundTask, EntityField, EntityType, FieldKind
from crm.views.administration.entities import FORM, move_asked

MOST_USUAL = 50  # values of a text that a new choice begins with


@administrator
@FORM
def entity_field_new(request: Request, pk: int) -> HttpResponse:
    """Without `?kind=` the gallery of kinds, then the form that fits the kind."""
    entity_type = get_object_or_404(EntityType, pk=pk)
    kind = request.GET.get("kind", "")
    if kind not in FieldKind.values:
        return render(request, "administration/entities/kinds.html", {"entity_type": entity_type, "kinds": _gallery()})
    field = EntityField(entity_type=entity_type, kind=kind)
    form = FieldForm(request.POST if request.method == "POST" else None, field=field)
    if form.is_valid():
        try:
            create_field(form.field, request.user)
        except FieldRefused as reason:
            form.add_error(None, str(reason))
        else:
            messages.success(request, _("“%(field)s” was created.") % {"field": form.field.label})
            return redirect("crm:entity_detail", pk)
    return _form(request, form, "")


@administrator
@FORM
def entity_field(request: Request, pk: int) -> HttpResponse:
    """The form of a field. Choices that go while records have them are asked about, one by one."""
    field, known = _field(pk), _field(pk)
    form = FieldForm(request.POST if request.method == "POST" else None, field=field)
    if not form.is_valid():
        return _form(request, form, label_of(known))
    gone = _gone(known, form.field) if field.kind in WITH_CHOICES else {}
    fates = ChoiceFatesForm(request.POST if "confirmed" in request.POST else None, gone=gone, left=form.field.options)
    if gone and not fates.is_valid():
        return _ask(request, known, fates)
    return _told(request, known, keep_field(form.field, request.user, fates.fates() if gone else {}), _("Saved."))


def _gone(known: EntityField, changed: EntityField) -> dict[str, int]:
    """Choices that are no longer offered, each with how many records have it; those of nobody are not asked about."""
    missing = [str(one) for one in known.options if one not in changed.options]
    return {one: number for one in missing if (number := with_choice(known, one))}


def _ask(request: Request, field: EntityField, fates: ChoiceFatesForm) -> HttpResponse:
    kept = [(name, value) for name, values in request.POST.lists() for value in values if name[:5] != "fate_"]
    kept = [(name, value) for name, value in kept if name not in {"csrfmiddlewaretoken", "confirmed"}]
    context = {"field": field, "entity_type": field.entity_type, "form": fates, "kept": kept}
    return render(request, "administration/entities/choices.html", context)


@administrator
@require_POST
def entity_field_move(request: Request, pk: int) -> HttpResponse:
    field = _field(pk)
    move_field(field, move_asked(request), request.user)
    return redirect("crm:entity_detail", field.entity_type_id)


@administrator
@FORM
def entity_field_kind(request: Request, pk: int) -> HttpResponse:
    """The gallery of kinds; then what the change would do to the values that there are; with `confirmed` it is done."""
    field = _field(pk)
    kind = request.GET.get("kind", "")
    if field.is_builtin or kind not in FieldKind.values or kind == field.kind:
        others = [one for one in _gallery() if one[0] != field.kind]
        context = {"field": field, "entity_type": field.entity_type, "kinds": others}
        return render(request, "administration/entities/kinds.html", context)
    form = KindForm(request.POST if request.method == "POST" else _initial(field, kind), field=field, kind=kind)
    if not form.is_valid():
        return _outlook(request, field, kind, form, None)
    new = form.changed(field, kind)
    seen = outlook(field, new)
    if "confirmed" not in request.POST or (seen.lost and "agreed" not in request.POST):
        return _outlook(request, field, kind, form, seen)
    try:
        task = give_kind(field, new, request.user)
    except FieldRefused as reason:
        messages.error(request, str(reason))
        return redirect("crm:entity_field", pk)
    return _told(request, field, task, _("“%(field)s” has its new kind.") % {"field": field.label})


def _initial(field: EntityField, kind: str) -> dict[str, Any]:
    """What the settings of the new kind begin with, so that the first look already says what would happen."""
    found = {name: shown.initial for name, shown in KindForm(None, field=field, kind=kind).fields.items()}
    if "choices" in found:
        found["choices"] = "\n".join(field.options if field.kind in WITH_CHOICES else usual_values(field, MOST_USUAL))
    return found


def _outlook(request: Request, field: EntityField, kind: str, form: KindForm, seen: Any) -> HttpResponse:
    context = {
        "field": field, "entity_type": field.entity_type, "kind": FieldKind(kind), "words": KINDS[FieldKind(kind)],
        "form": form, "seen": seen, "must_agree": "confirmed" in request.POST,
    }  # fmt: skip
    return render(request, "administration/entities/kind.html", context, status=422 if form.errors else 200)


@administrator
@FORM
def entity_field_remove(request: Request, pk: int) -> HttpResponse:
    """GET names what depends on the field; POST takes it away."""
    field = _field(pk)
    if request.method != "POST":
        context = {
            "field": field,
            "entity_type": field.entity_type,
            "dependents": dependents_of(field.entity_type, field),
        }
        return render(request, "administration/entities/field_remove.html", context)
    name = label_of(field)
    try:
        task = take_field_away(field, request.user)
    except FieldRefused as reason:
        messages.error(request, str(reason))
        return redirect("crm:entity_field", pk)
    return _told(request, field, task, _("“%(field)s” was removed.") % {"field": name})


def _field(pk: int) -> EntityField:
    return get_object_or_404(EntityField.objects.select_related("entity_type"), pk=pk)


def _gallery() -> list[tuple[str, str, Any]]:
    return [(kind.value, str(kind.label), words) for kind, words in KINDS.items()]


def _told(request: Request, field: EntityField, task: BackgroundTask | None, done: str) -> HttpResponse:
    """Where the person goes on: to the work that is left, or back to the type."""
    if task is not None:
        return redirect(task)
    messages.success(request, done)
    return redirect("crm:entity_detail", field.entity_type_id)


def _form(request: Request, form: FieldForm, title: str) -> HttpResponse:
    field = form.field
    context = {
        "form": form,
        "field": field,
        "entity_type": field.entity_type,
        "kind": KINDS[FieldKind(field.kind)],
        "title": title,
        "with_value": with_value(field).count() if field.pk else 0,
    }
    return render(request, "administration/entities/field.html", context, status=422 if form.errors else 200)

"""Putting records on target lists: *Select* from a list's panel, *Add to target list* from the records themselves."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from crm.access import Request, marketer
from crm.audit import audit
from crm.entities import bulk
from crm.entities.listing import record_list
from crm.models import EntityType, Record
from targets.bulk import begin_adding, begin_unlinking, take_off, taken_off_text
from targets.candidates import candidates
from targets.forms.target_list import ChooseListForm, ChooseListToLeaveForm
from targets.membership import add_records
from targets.models import Source, TargetList
from targets.target_lists import save_list
from targets.views.returning import back


@marketer
@require_http_methods(["GET", "HEAD", "POST"])
def select(request: Request, pk: int, type: str) -> HttpResponse:
    """GET shows what the query finds; POST adds the ticked ones, or with scope=all everything it finds now."""
    target_list, entity_type = get_object_or_404(TargetList, pk=pk), get_object_or_404(EntityType, slug=type)
    found = candidates(request, target_list, entity_type)
    if request.method == "POST":
        wanted = found.selected().count()
        if bulk.is_long(wanted):
            return redirect(begin_adding(request, target_list, entity_type, wanted))
        _tell(request, wanted, _add(request, target_list, entity_type, found.selected()))
        return redirect("targets:panel", pk, type)
    return found.render("targets/select.html", {"target_list": target_list, "entity_type": entity_type})


@marketer
@require_POST
def add_selected(request: Request, type: str) -> HttpResponse:
    """The bulk action of a record list: the first POST asks for the target list, the second one (`confirmed`) adds."""
    entity_type = get_object_or_404(EntityType, slug=type)
    listing = record_list(request, entity_type)
    chosen = listing.selected()
    number = chosen.count()
    if not number:
        messages.error(request, _("Nothing was selected."))
        return redirect(entity_type)
    form = ChooseListForm(request.POST if "confirmed" in request.POST else None)
    if form.is_valid():
        target_list = form.cleaned_data["target_list"] or TargetList(
            name=form.cleaned_data["new_name"], assigned_user=request.user
        )
        if target_list.pk is None:
            save_list(target_list, request.user)
        if bulk.is_long(number):
            return redirect(begin_adding(request, target_list, entity_type, number))
        _tell(request, number, _add(request, target_list, entity_type, chosen))
        return back(request, reverse("targets:panel", args=[target_list.pk, type]))
    context = {"form": form, "entity_type": entity_type, "number": number, "kept": listing.selection_fields()}
    return render(request, "targets/add_selected.html", context, status=422 if form.errors else 200)


@marketer
@require_POST
def unlink_selected(request: Request, type: str) -> HttpResponse:
    """The bulk action of a record list that takes records off a target list: asks for the list, then unlinks."""
    entity_type = get_object_or_404(EntityType, slug=type)
    listing = record_list(request, entity_type)
    chosen = listing.selected()
    number = chosen.count()
    if not number:
        messages.error(request, _("Nothing was selected."))
        return redirect(entity_type)
    form = ChooseListToLeaveForm(request.POST if "confirmed" in request.POST else None)
    if form.is_valid():
        target_list = form.cleaned_data["target_list"]
        if bulk.is_long(number):
            return redirect(begin_unlinking(request, target_list, entity_type, number))
        unlinked, kept = take_off(target_list, chosen)
        if unlinked:
            audit(request.user, "target_list.unlinked", target_list, type=entity_type.key, number=unlinked)
        messages.success(request, taken_off_text(unlinked, kept))
        return redirect("targets:panel", target_list.pk, type)
    context = {"form": form, "entity_type": entity_type, "number": number, "kept": listing.selection_fields()}
    return render(request, "targets/unlink_selected.html", context, status=422 if form.errors else 200)


def _add(request: Request, target_list: TargetList, entity_type: EntityType, records: QuerySet[Record]) -> int:
    added = add_records(target_list, records, Source.SELECTION)
    if added:
        audit(request.user, "target_list.added", target_list, type=entity_type.key, number=added)
    return added


def _tell(request: Request, wanted: int, added: int) -> None:
    """How many of the selected records came to the list, and how many were there before."""
    if not wanted:
        messages.error(request, _("Nothing was selected."))
        return
    text = ngettext("%(number)s record was added.", "%(number)s records were added.", added) % {"number": added}
    if there := wanted - added:
        before = ngettext("%(number)s was on the list already.", "%(number)s were on the list already.", there)
        text = f"{text} {before % {'number': there}}"
    messages.success(request, text)

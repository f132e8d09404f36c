"""*Copy to list…* on a panel, and *Duplicate*."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm.access import Request, marketer
from crm.models import EntityType
from targets import panels, works
from targets.forms.target_list import ChooseListForm
from targets.models import TargetList
from targets.target_lists import save_list


@marketer
@require_POST
def copy_members(request: Request, pk: int) -> HttpResponse:
    """The first POST asks for the list, the second one (`confirmed`) copies the selected members of `?type=…`."""
    source = get_object_or_404(TargetList, pk=pk)
    entity_type = get_object_or_404(EntityType, slug=request.GET.get("type", ""))
    page = panels.members(request, source, entity_type)
    number = page.selected().count()
    if not number:
        messages.error(request, _("Nothing was selected."))
        return redirect("targets:panel", pk, entity_type.slug)
    form = ChooseListForm(request.POST if "confirmed" in request.POST else None)
    if not form.is_valid():
        context = {"form": form, "target_list": source, "entity_type": entity_type, "number": number}
        context["kept"] = page.selection_fields()
        return render(request, "targets/copy_members.html", context, status=422 if form.errors else 200)
    target_list = form.cleaned_data["target_list"] or TargetList(
        name=form.cleaned_data["new_name"], assigned_user=request.user
    )
    if target_list.pk is None:
        save_list(target_list, request.user)
    done = works.copy_selected(request, source, entity_type, target_list)
    if isinstance(done, str):
        messages.success(request, done)
        return redirect("targets:panel", target_list.pk, entity_type.slug)
    return redirect(done)


@marketer
@require_POST
def duplicate(request: Request, pk: int) -> HttpResponse:
    copy, task = works.duplicate(request.user, get_object_or_404(TargetList, pk=pk))
    if task:
        return redirect(task)
    messages.success(request, _("“%(name)s” has the same members. Give it a name.") % {"name": copy})
    return redirect("targets:edit", copy.pk)

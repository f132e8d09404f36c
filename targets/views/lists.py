"""Target lists: all of them, one, form, duplicate, remove."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from crm.access import Request, marketer, reader
from crm.models import EntityType
from targets import pages
from targets.categories import branches
from targets.forms.target_list import TargetListForm
from targets.models import TargetList
from targets.target_lists import remove, save_list, users_of


@reader
@require_safe
def target_lists(request: Request) -> HttpResponse:
    context = {"branches": branches(), "category": request.GET.get("category", "")}
    return pages.target_lists(request).render("targets/lists.html", context)


@marketer
def target_list_new(request: Request) -> HttpResponse:
    return _form(request, TargetList(assigned_user=request.user))


@marketer
def target_list_edit(request: Request, pk: int) -> HttpResponse:
    return _form(request, get_object_or_404(TargetList, pk=pk))


@reader
@require_safe
def target_list_detail(request: Request, pk: int) -> HttpResponse:
    """The list opens on the first panel that has members, else on the first one."""
    target_list = get_object_or_404(TargetList, pk=pk)
    types = EntityType.objects.for_panels()
    first = types.filter(records__memberships__target_list=target_list).first() or types.first()
    if first is None:
        return redirect("targets:opted_out", pk)
    return redirect("targets:panel", pk, first.slug)


@marketer
def target_list_remove(request: Request, pk: int) -> HttpResponse:
    target_list = get_object_or_404(TargetList.objects.with_counts(), pk=pk)
    if request.method != "POST":
        return render(request, "targets/remove.html", {"target_list": target_list, "users": users_of(target_list)})
    remove(target_list, request.user)
    messages.success(request, _("“%(name)s” was removed.") % {"name": target_list})
    return redirect("targets:list")


def _form(request: Request, target_list: TargetList) -> HttpResponse:
    form = TargetListForm(request.POST if request.method == "POST" else None, instance=target_list)
    if form.is_valid():
        save_list(form.instance, request.user)
        messages.success(request, _("Saved."))
        return redirect("targets:detail", form.instance.pk)
    context = {"form": form, "target_list": target_list, "branches": branches()}
    return render(request, "targets/form.html", context, status=422 if form.errors else 200)

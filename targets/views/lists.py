"""Target lists: all of them, one, form, duplicate, remove."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from crm.access import Request, marketer, reader
from crm.models import EntityType
from targets import pages
from targets.forms.target_list import TargetListForm
from targets.models import TargetList
from targets.target_lists import duplicate, remove, save_list, users_of


@reader
@require_safe
def target_lists(request: Request) -> HttpResponse:
    return pages.target_lists(request).render("targets/lists.html")


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
@require_POST
def target_list_duplicate(request: Request, pk: int) -> HttpResponse:
    copy = duplicate(get_object_or_404(TargetList, pk=pk), request.user)
    messages.success(request, _("“%(name)s” has the same members. Give it a name.") % {"name": copy})
    return redirect("targets:edit", copy.pk)


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
    context = {"form": form, "target_list": target_list, "categories": pages.categories()}
    return render(request, "targets/form.html", context, status=422 if form.errors else 200)

"""The panels of a target list and what can be done to its members."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm.access import Request, marketer, reader
from crm.audit import audit
from crm.lists.posted import everything, fields_of, selection_of
from crm.models import EntityType, Record
from crm.undo import offer
from crm.views.exporting import export
from targets import origins, pages
from targets.exports import MEMBERS
from targets.growth import growth_of
from targets.membership import cancel_opt_out, opt_out, opt_out_all, unlink, unlink_all
from targets.models import Membership, TargetList
from targets.onward import ways_from
from targets.target_lists import users_of
from targets.undoing import MOST_UNDONE, Gone, members_before
from targets.views.returning import back


@reader
@require_safe
def panel(request: Request, pk: int, type: str) -> HttpResponse:
    """The members of one entity type."""
    return _panel(request, get_object_or_404(TargetList, pk=pk), get_object_or_404(EntityType, slug=type))


@reader
@require_safe
def opted_out(request: Request, pk: int) -> HttpResponse:
    """Everybody who opted out of this list, of all types."""
    return _panel(request, get_object_or_404(TargetList, pk=pk), None)


@reader
@require_safe
def about(request: Request, pk: int) -> HttpResponse:
    """Growth, where the list is used, and its facts."""
    target_list = get_object_or_404(TargetList.objects.select_related("assigned_user"), pk=pk)
    context = {
        **_header(target_list),
        "growth": growth_of(target_list, timezone.get_current_timezone()),
        "users": users_of(target_list),
    }
    return render(request, "targets/about.html", context)


@marketer
@require_POST
def opt_out_members(request: Request, pk: int) -> HttpResponse:
    """Opt the chosen members out of this list: the ticked ones of the panel `?type=…`, or all of its results."""
    target_list, slug = get_object_or_404(TargetList, pk=pk), request.GET.get("type", "")
    entity_type = get_object_or_404(EntityType, slug=slug) if slug else None
    number = opt_out_all(target_list, pages.members(request, target_list, entity_type).selected())
    if number:
        audit(request.user, "target_list.opted_out", target_list, number=number)
        text = ngettext("%(number)s entry is opted out.", "%(number)s entries are opted out.", number)
        messages.success(request, text % {"number": number})
    else:
        messages.info(request, _("Nobody else was opted out."))
    return back(request, reverse("targets:panel", args=[pk, slug]) if slug else reverse("targets:opted_out", args=[pk]))


@marketer
@require_http_methods(["GET", "HEAD", "POST"])
def export_members(request: Request, pk: int) -> HttpResponseBase:
    """The chosen members of the panel `?type=…` as a file; with GET all of them."""
    target_list, slug = get_object_or_404(TargetList, pk=pk), request.GET.get("type", "")
    if slug:
        get_object_or_404(EntityType, slug=slug)
    selection = selection_of(request) if request.method == "POST" else everything("")
    given = {"list": target_list.pk, "type": slug, "selection": selection}
    return export(request, MEMBERS, given, fields_of(selection))


@marketer
@require_POST
def opt_out_member(request: Request, pk: int, membership: int) -> HttpResponse:
    member = _member(pk, membership)
    if opt_out(member):
        audit(request.user, "target_list.opt_out", member.target_list, record=member.record_id)
        at = Membership.objects.values_list("opted_out_at", flat=True).get(pk=member.pk)
        told = _("%(name)s opted out of this list.") % {"name": member.record}
        offer(request, told, "target_list.opt_out", membership=member.pk, at=at.isoformat() if at else "")
    return back(request, reverse("targets:detail", args=[pk]))


@marketer
@require_POST
def cancel_opt_out_member(request: Request, pk: int, membership: int) -> HttpResponse:
    member = _member(pk, membership)
    if cancel_opt_out(member):
        audit(request.user, "target_list.opt_out_canceled", member.target_list, record=member.record_id)
        told, through = _("%(name)s is listed again.") % {"name": member.record}, member.opted_out_mass_email
        offer(request, told, "target_list.cancel_opt_out", membership=member.pk, mass_email=through)
    return back(request, reverse("targets:detail", args=[pk]))


@marketer
@require_POST
def unlink_members(request: Request, pk: int) -> HttpResponse:
    """Take members off the list: the ticked ones of the panel `?type=…`, or with scope=all all of its results.

    All results spare those who opted out, unless they are what was looked at: added again, they would get mail again.
    """
    target_list, slug = get_object_or_404(TargetList, pk=pk), request.GET.get("type", "")
    entity_type = get_object_or_404(EntityType, slug=slug) if slug else None
    members = pages.members(request, target_list, entity_type)
    chosen, spared = members.selected(), 0
    if request.POST.get("scope") == "all" and members.chip and members.chip.name != "opted-out":
        spared = chosen.exclude(opted_out_at=None).count()
        chosen = chosen.filter(opted_out_at=None)
    before = members_before(chosen.order_by()[: MOST_UNDONE + 1])
    number = unlink(target_list, Record.objects.filter(pk__in=chosen.order_by().values("record_id")))
    if number:
        audit(request.user, "target_list.unlinked", target_list, number=number)
    _tell_unlinked(request, number, spared, target_list, before if number == len(before) <= MOST_UNDONE else None)
    return back(request, reverse("targets:panel", args=[pk, slug] if slug else [pk, "opted-out"]))


@marketer
def unlink_everybody(request: Request, pk: int) -> HttpResponse:
    target_list = get_object_or_404(TargetList.objects.with_counts(), pk=pk)
    if request.method != "POST":
        return render(request, "targets/unlink_all.html", {"target_list": target_list})
    number = unlink_all(target_list, keep_opted_out="forget" not in request.POST)
    audit(request.user, "target_list.unlinked_all", target_list, number=number)
    _tell_unlinked(request, number)
    return redirect("targets:detail", pk)


def _panel(request: Request, target_list: TargetList, entity_type: EntityType | None) -> HttpResponse:
    members = pages.members(request, target_list, entity_type)
    through = {row.opted_out_mass_email for row in members.page if row.opted_out_mass_email}
    context = {**_header(target_list), "entity_type": entity_type, "origins": origins.named(through)}
    return members.render("targets/detail.html", context)


def _header(target_list: TargetList) -> dict[str, Any]:
    """What stands above every panel."""
    tabs = pages.tabs(target_list)
    return {
        "target_list": target_list,
        "entry_count": sum(number for shown_type, number in tabs if shown_type),
        "opted_out_count": tabs[-1][1],
        "tabs": tabs,
        "onward": ways_from(target_list),
    }


def _member(pk: int, membership: int) -> Membership:
    rows = Membership.objects.select_related("target_list", "record__email_address")
    return get_object_or_404(rows, pk=membership, target_list=pk)


def _tell_unlinked(
    request: Request, number: int, spared: int = 0, target_list: TargetList | None = None, before: Gone | None = None
) -> None:
    """With the list and its members before, Undo is offered."""
    if spared:
        kept = ngettext("%(number)s who opted out was kept.", "%(number)s who opted out were kept.", spared)
        messages.info(request, kept % {"number": spared})
    if not number and not spared:
        messages.error(request, _("Nothing was selected."))
        return
    done = ngettext("%(number)s record was unlinked.", "%(number)s records were unlinked.", number)
    if target_list is None or not before:
        messages.success(request, done % {"number": number})
    else:
        offer(request, done % {"number": number}, "target_list.unlink", target_list=target_list.pk, members=before)

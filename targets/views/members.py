"""The panels of a target list and what can be done to its members."""

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
from crm.models import EntityType
from crm.undo import offer
from crm.views.exporting import export
from targets import last_activity, origins, panels
from targets.bulk import kept_text
from targets.exports import MEMBERS
from targets.growth import growth_of
from targets.member_acts import Act, begin, carry_out, chosen, done_text
from targets.membership import cancel_opt_out, opt_out, opt_out_all
from targets.models import Membership, TargetList
from targets.target_lists import users_of
from targets.undoing import MOST_UNDONE, Gone, members_before
from targets.views.header import header
from targets.views.returning import back
from targets.works import empty


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
        **header(target_list),
        "here": "about",
        "growth": growth_of(target_list, timezone.get_current_timezone()),
        "users": users_of(target_list),
    }
    return render(request, "targets/about.html", context)


@marketer
@require_POST
def opt_out_members(request: Request, pk: int) -> HttpResponse:
    """Opt the chosen members out of this list: the ticked ones of the panel `?type=…`, or all of its results."""
    target_list, entity_type = _of_panel(request, pk)
    found = chosen(request, target_list, entity_type, Act.OPT_OUT)
    if (number := found.members.count()) > MOST_UNDONE:
        return redirect(begin(request, target_list, entity_type, Act.OPT_OUT, number))
    at = timezone.now()
    changed = opt_out_all(target_list, found.members, at)
    if changed:
        audit(request.user, Act.OPT_OUT.value, target_list, number=changed)
        told = done_text(Act.OPT_OUT, changed)
        offer(request, told, "target_list.opt_out_all", target_list=target_list.pk, at=at.isoformat())
    else:
        messages.info(request, _("Nobody else was opted out."))
    return back(request, _panel_url(target_list, entity_type))


@marketer
@require_POST
def cancel_opt_out_members(request: Request, pk: int) -> HttpResponse:
    """The first POST asks, with the number: these people said that they want no mail. `confirmed` cancels."""
    target_list, entity_type = _of_panel(request, pk)
    found = chosen(request, target_list, entity_type, Act.CANCEL)
    number = found.members.count()
    if not number:
        messages.error(request, _("Nothing was selected."))
        return redirect(_panel_url(target_list, entity_type))
    if "confirmed" not in request.POST:
        kept = panels.members(request, target_list, entity_type).selection_fields()
        context = {"target_list": target_list, "number": number, "kept": kept, "panel": _panel_url(target_list, None)}
        return render(request, "targets/cancel_opt_outs.html", context)
    if number > MOST_UNDONE:
        return redirect(begin(request, target_list, entity_type, Act.CANCEL, number))
    changed = carry_out(target_list, found.members, Act.CANCEL)
    audit(request.user, Act.CANCEL.value, target_list, number=changed)
    messages.success(request, done_text(Act.CANCEL, changed))
    return redirect(_panel_url(target_list, entity_type))


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
    """Take members off the list: the ticked ones of the panel `?type=…`, or with scope=all all of its results."""
    target_list, entity_type = _of_panel(request, pk)
    found = chosen(request, target_list, entity_type, Act.UNLINK)
    before = members_before(found.members.order_by()[: MOST_UNDONE + 1])
    if len(before) > MOST_UNDONE:
        number = found.members.count()
        return redirect(begin(request, target_list, entity_type, Act.UNLINK, number))
    number = carry_out(target_list, found.members, Act.UNLINK, keep_opted_out=found.keeps_opted_out)
    if number:
        audit(request.user, Act.UNLINK.value, target_list, number=number)
    _tell_unlinked(request, number, found.spared, target_list, before)
    return back(request, _panel_url(target_list, entity_type))


@marketer
@require_http_methods(["GET", "HEAD", "POST"])
def unlink_everybody(request: Request, pk: int) -> HttpResponse:
    """Of the whole list, or of the panel `?type=…`. GET asks."""
    target_list, entity_type = _of_panel(request, pk)
    if request.method != "POST":
        rows = panels.members_of(target_list, entity_type) if entity_type else target_list.memberships.all()
        context = {
            "target_list": target_list,
            "entity_type": entity_type,
            "entry_count": rows.count(),
            "opted_out_count": rows.exclude(opted_out_at=None).count(),
        }
        return render(request, "targets/unlink_all.html", context)
    done = empty(request.user, target_list, entity_type, keep_opted_out="forget" not in request.POST)
    if not isinstance(done, int):
        return redirect(done)
    _tell_unlinked(request, done)
    return redirect(_panel_url(target_list, entity_type) if entity_type else target_list)


def _of_panel(request: Request, pk: int) -> tuple[TargetList, EntityType | None]:
    """The list, and the type that `?type=…` names."""
    slug = request.GET.get("type", "")
    return get_object_or_404(TargetList, pk=pk), get_object_or_404(EntityType, slug=slug) if slug else None


def _panel_url(target_list: TargetList, entity_type: EntityType | None) -> str:
    if entity_type is None:
        return reverse("targets:opted_out", args=[target_list.pk])
    return reverse("targets:panel", args=[target_list.pk, entity_type.slug])


def _panel(request: Request, target_list: TargetList, entity_type: EntityType | None) -> HttpResponse:
    members = panels.members(request, target_list, entity_type)
    through = {row.opted_out_mass_email for row in members.page if row.opted_out_mass_email}
    context = {
        **header(target_list),
        "entity_type": entity_type,
        "here": entity_type.slug if entity_type else "opted-out",
        "origins": origins.named(through),
        "activities": last_activity.latest(list(members.page)),
    }
    return members.render("targets/detail.html", context)


def _member(pk: int, membership: int) -> Membership:
    rows = Membership.objects.select_related("target_list", "record__email_address")
    return get_object_or_404(rows, pk=membership, target_list=pk)


def _tell_unlinked(
    request: Request, number: int, spared: int = 0, target_list: TargetList | None = None, before: Gone | None = None
) -> None:
    """With the list and its members before, Undo is offered."""
    if spared:
        messages.info(request, kept_text(spared))
    if not number and not spared:
        messages.error(request, _("Nothing was selected."))
        return
    done = ngettext("%(number)s record was unlinked.", "%(number)s records were unlinked.", number)
    if target_list is None or not before or len(before) != number:
        messages.success(request, done % {"number": number})
    else:
        offer(request, done % {"number": number}, "target_list.unlink", target_list=target_list.pk, members=before)

"""Suppressions: the list, whether an address is among them, adding and lifting one."""

from typing import cast

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from crm.access import Request, administrator
from crm.addresses.suppressions import find, lift, suppress
from crm.forms.administration_addresses import LookUpForm, ReasonForm, SuppressForm, bound
from crm.lists import Column, ListPage, Nothing
from crm.models import Suppression


@administrator
@require_safe
def suppression_list(request: Request) -> HttpResponse:
    look_up = LookUpForm(request.GET if "address" in request.GET else None)
    asked = look_up.cleaned_data["address"] if look_up.is_bound and look_up.is_valid() else ""
    page = ListPage(
        request,
        Suppression.objects.all(),
        label=_("Suppressions"),
        columns=[
            Column("digest", _("Entry"), value=str, template="administration/cell_suppression.html"),
            Column("reason", _("Reason"), sort=("reason",), look="wide"),
            Column("created_at", _("Since"), sort=("id",), template="includes/cell_when.html", look="nowrap muted"),
        ],
        search=lambda rows, text: rows.filter(reason__icontains=text),
        search_hint=_("Reason"),
        row_menu="administration/suppression_row_menu.html",
        kept_as="suppressions",
        order="-created_at",
        nothing=Nothing(
            _("No suppressions"),
            _("A removed address that had opted out is kept as a keyed hash: when it comes back, it is opted out."),
            "shield",
        ),
    )
    context = {"look_up": look_up, "asked": asked, "found": find(asked) if asked else None}
    return page.render("administration/suppressions.html", context)


@administrator
@require_http_methods(["GET", "HEAD", "POST"])
def suppression_new(request: Request) -> HttpResponse:
    form = SuppressForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        address, why = form.cleaned_data["address"], form.cleaned_data["why"]
        if suppress(address, request.user, why):
            messages.success(request, _("%(address)s is suppressed.") % {"address": address})
        else:
            messages.info(request, _("It was so already."))
        return redirect("crm:suppression_list")
    return render(request, "administration/suppression_new.html", {"form": form}, status=422 if form.errors else 200)


@administrator
@require_http_methods(["GET", "HEAD", "POST"])
def suppression_lift(request: Request, pk: int) -> HttpResponse:
    """GET asks for the reason, POST lifts."""
    suppression = get_object_or_404(Suppression, pk=pk)
    form = bound(ReasonForm, request.POST)
    if form.is_valid():
        lift(suppression, request.user, cast(str, form.cleaned_data["why"]))
        messages.success(request, _("The suppression is lifted."))
        return redirect("crm:suppression_list")
    context = {"form": form, "suppression": suppression}
    return render(request, "administration/suppression_lift.html", context, status=422 if form.errors else 200)

"""Email addresses: the list, one with its history, marking and unmarking, removing those that no record has."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm.access import Request, administrator
from crm.addresses import flags
from crm.addresses.export import ADDRESSES
from crm.addresses.listing import LABELS, address_list
from crm.addresses.suppressions import find
from crm.entities.bulk import is_long
from crm.entities.email_state import Flag, states_of
from crm.forms.administration_addresses import ReasonForm, address_in, bound
from crm.history import history_of
from crm.lists.posted import everything, fields_of, selection_of
from crm.models import EmailAddress
from crm.navigation import address_panels
from crm.task_notices import watch
from crm.views.exporting import export

SHOWN = 5  # of the addresses that a page asks about
RECORDS_SHOWN = 50


@administrator
@require_safe
def addresses(request: Request) -> HttpResponse:
    page = address_list(request)
    suppression = find(page.text) if page.text and address_in(page.text) else None
    return page.render("administration/addresses.html", {"suppression": suppression})


@administrator
@require_safe
def address_detail(request: Request, pk: int) -> HttpResponse:
    address = get_object_or_404(EmailAddress, pk=pk)
    records = address.shared_by().select_related("entity_type", "account").order_by("name", "pk")
    context = {
        "address": address,
        "states": states_of(address),
        "records": records[:RECORDS_SHOWN],
        "record_count": records.count(),
        "suppression": find(address.address),
        "panels": address_panels(request, address),
        "history": history_of([address]),
        "acts": [(flag, icon, label()) for flag, (icon, label) in LABELS.items() if _may(address, flag)],
    }
    return render(request, "administration/address.html", context)


def _may(address: EmailAddress, flag: Flag) -> bool:
    column, is_set = flags.COLUMN[flag]
    return (getattr(address, f"{column}_at") is None) == is_set


@administrator
@require_POST
def address_mark(request: Request, flag: str) -> HttpResponse:
    """The first POST asks for a reason, with the number and what follows; the second one (`confirmed`) does it."""
    if flag not in list(Flag):
        raise Http404("No such flag.")
    wanted, chosen = Flag(flag), address_list(request).selected()
    changing = flags.to_change(chosen, wanted)
    number, form = changing.count(), bound(ReasonForm, request.POST)
    if not number:
        messages.info(request, _("Nothing to change: nothing was selected, or it was so already."))
        return redirect(_back(request, chosen))
    if not form.is_valid():
        return _ask(request, wanted, changing, number, form)
    why = form.cleaned_data["why"]
    if is_long(number):
        task = flags.begin_marking(request.user, selection_of(request), wanted, why, number)
        watch(request, task)
        return redirect(task)
    back = _back(request, chosen)
    messages.success(request, flags.changed_text(flags.mark_all(changing, wanted, request.user, why)))
    return redirect(back)


def _ask(request: Request, flag: Flag, rows: QuerySet[EmailAddress], number: int, form: ReasonForm) -> HttpResponse:
    context = {
        "form": form,
        "number": number,
        "shown": rows.order_by("normalized")[:SHOWN],
        "left": max(0, number - SHOWN),
        "title": LABELS[flag][1]().rstrip("…"),
        "consequences": flags.consequences(flag),
        "kept": fields_of(selection_of(request)),
    }
    return render(request, "administration/address_mark.html", context, status=422 if form.errors else 200)


def _back(request: Request, chosen: QuerySet[EmailAddress]) -> str:
    """To the page of the one address that was chosen, else to the list as it was."""
    picked = list(chosen[:2]) if request.POST.get("scope") != "all" else []
    if len(picked) == 1:
        return picked[0].get_absolute_url()
    return reverse("crm:address_list") + address_list(request).url()


@administrator
@require_POST
def address_remove(request: Request) -> HttpResponse:
    """Only those that no record has: asks with the number, then (`confirmed`) removes."""
    chosen = address_list(request).selected()
    orphans = flags.orphans(chosen)
    number = orphans.count()
    if not number:
        messages.error(request, _("Nothing was removed: every selected address is one of a record."))
        return redirect("crm:address_list")
    if "confirmed" not in request.POST:
        context = {"number": number, "kept_back": chosen.count() - number, "kept": fields_of(selection_of(request))}
        return render(request, "administration/addresses_remove.html", context)
    if is_long(number):
        task = flags.begin_removing(request.user, selection_of(request), number)
        watch(request, task)
        return redirect(task)
    messages.success(request, flags.removed_text(flags.remove_orphans(orphans, request.user)))
    return redirect("crm:address_list")


@administrator
@require_http_methods(["GET", "HEAD", "POST"])
def address_export(request: Request) -> HttpResponseBase:
    """The chosen addresses as a file; with GET all results of the list in the state of the query string."""
    posted = request.method == "POST"
    selection = selection_of(request) if posted else everything(request.GET.urlencode())
    return export(request, ADDRESSES, {"selection": selection}, fields_of(selection))

"""*Select*: find records of one type and put them on the list, ticked ones or all results."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.access import Request, marketer
from crm.audit import audit
from crm.models import EntityType
from targets.candidates import candidates
from targets.membership import add_records
from targets.models import Membership, Source, TargetList


@marketer
def select(request: Request, pk: int, type: str) -> HttpResponse:
    """GET shows what the query string finds; POST adds the ticked ones, or with scope=all everything found now."""
    target_list, entity_type = get_object_or_404(TargetList, pk=pk), get_object_or_404(EntityType, slug=type)
    found = candidates(request, target_list, entity_type)
    if request.method == "POST":
        wanted = found.selected().count()
        added = add_records(target_list, found.selected(), Source.SELECTION)
        if added:
            audit(request.user, "target_list.added", target_list, type=entity_type.key, number=added)
        tell_added(request, wanted, added)
        return redirect("targets:panel", pk, type)
    members = Membership.objects.filter(target_list=target_list, record__in=[record.pk for record in found.page])
    here = {member.record_id: member for member in members}
    return found.render("targets/select.html", {"target_list": target_list, "entity_type": entity_type, "here": here})


def tell_added(request: Request, wanted: int, added: int) -> None:
    """How many of the selected records came to the list, and how many were there before."""
    if not wanted:
        messages.error(request, _("Nothing was selected."))
        return
    text = ngettext("%(number)s record was added.", "%(number)s records were added.", added) % {"number": added}
    if there := wanted - added:
        before = ngettext("%(number)s was on the list already.", "%(number)s were on the list already.", there)
        text = f"{text} {before % {'number': there}}"
    messages.success(request, text)

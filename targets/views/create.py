"""*Create* on a panel of a target list: a record that is at once a member."""

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crm.access import Request, marketer
from crm.audit import audit
from crm.entities.forms import RecordForm
from crm.entities.saving import save_record
from crm.models import EntityType, Record
from targets.membership import add_records
from targets.models import TargetList


@marketer
@require_http_methods(["GET", "HEAD", "POST"])
def create_member(request: Request, pk: int, type: str) -> HttpResponse:
    target_list = get_object_or_404(TargetList, pk=pk)
    entity_type = get_object_or_404(EntityType.objects.prefetch_related("fields"), slug=type)
    if entity_type.key == "User":
        raise Http404("Users are made in Administration: each is a login.")
    record = Record(entity_type=entity_type, owner=request.user)
    form = RecordForm(request.POST if request.method == "POST" else None, instance=record, entity_type=entity_type)
    if form.is_valid():
        _save(request, form, target_list)
        return redirect("targets:panel", pk, type)
    context = {"form": form, "entity_type": entity_type, "record": record, "target_list": target_list}
    return render(request, "targets/create_member.html", context, status=422 if form.errors else 200)


def _save(request: Request, form: RecordForm, target_list: TargetList) -> None:
    with transaction.atomic():
        record = save_record(form, request.user)
        add_records(target_list, Record.objects.filter(pk=record.pk))
        audit(request.user, "target_list.added", target_list, record=record.pk, number=1)
    if target_list.memberships.filter(record=record, opted_out_at__isnull=False).exists():
        text = _("“%(name)s” was created. The address has opted out of this list, and stays so.")
    else:
        text = _("“%(name)s” was created and is on the list.")
    messages.success(request, text % {"name": record})

"""Bounces: the list, one with its evidence, and Revert."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from campaigns.bounces.act import revert
from campaigns.bounces.listing import bounce_list
from campaigns.bounces.words import reason_in_words
from campaigns.models import BounceMessage, BounceReport, MassEmail, QueueItem
from campaigns.models.bounce import APPLIED
from crm.access import Request, marketer, reader
from crm.models import EmailAddress, Record

SOURCE_SHOWN = 64 * 1024  # characters


@reader
@require_safe
def bounces(request: Request) -> HttpResponse:
    return bounce_list(request).render("campaigns/bounce_list.html")


@reader
@require_safe
def bounce_detail(request: Request, pk: int) -> HttpResponse:
    report = get_object_or_404(BounceReport, pk=pk)
    message = BounceMessage.objects.filter(pk=report.message_key).first() if report.message_key else None
    context = {
        "bounce": report,
        "reason": reason_in_words(report.reason),
        "record": Record.objects.filter(pk=report.record_id or 0).first(),
        "mass_email": MassEmail.objects.filter(pk=report.mass_email_id or 0).first(),
        "item": QueueItem.objects.filter(pk=report.queue_item_id or 0).first(),
        "email_address": EmailAddress.objects.filter(pk=report.email_address_id or 0).first(),
        "message": message,
        "source": _readable(message.raw) if message else "",
    }
    return render(request, "campaigns/bounce_detail.html", context)


@reader
@require_safe
def bounce_of_item(request: Request, pk: int) -> HttpResponse:
    """What the log and the queue link to: the newest report about a queue item, one with consequences if there is."""
    reports = BounceReport.objects.filter(queue_item_id=pk).order_by("-pk")
    report = reports.filter(decision__in=APPLIED).first() or reports.first()
    if report is None:
        raise Http404
    return redirect(report)


@marketer
@require_POST
def bounce_revert(request: Request, pk: int) -> HttpResponse:
    report = get_object_or_404(BounceReport, pk=pk)
    if revert(report, request.user):
        messages.success(request, _("Reverted: %(address)s may be mailed again.") % {"address": report.address})
    else:
        messages.error(request, _("There is nothing to revert."))
    return redirect(reverse("campaigns:bounce_detail", args=[pk]))


def _readable(raw: bytes) -> str:
    """Octets of unknown origin as text: UTF-8 where it is, and nothing that moves the cursor or turns text round."""
    text = raw[:SOURCE_SHOWN].decode("utf-8", "replace").replace("\r\n", "\n")
    return "".join(one if one in "\n\t" or one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in text)

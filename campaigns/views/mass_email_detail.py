"""The page of one mass email: state, numbers, what was sent, and the queue."""

from typing import Any

from django.db.models import Count, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from campaigns.audience import audience_of
from campaigns.bounces import guard
from campaigns.checks import ready_checks
from campaigns.content.content import Content
from campaigns.content.content import render as render_part
from campaigns.lifecycle import with_may_retry
from campaigns.models import FrozenMassEmail, MassEmail, MassEmailStatus, QueueItem, QueueStatus, Reason
from campaigns.progress import Progress, progress
from campaigns.sender import written
from campaigns.statistics import mass_email_numbers
from campaigns.views.campaign_detail import strip_of
from campaigns.views.editor import ready, sender_of, subtractions, terms_of, viewed
from campaigns.views.pages import page_of, page_or_part, searched
from campaigns.views.preview import named
from campaigns.views.queue_list import STATES, counts_of, matching, offered, queue_list, with_names
from campaigns.web_version import first_sent, subject_for
from crm.access import Request, reader
from crm.models import Settings, User

ROWS_OF_PAGE = 50
ROWS_OF_PANEL = 10


def _all() -> "QuerySet[MassEmail]":
    return MassEmail.objects.select_related("campaign", "template", "account", "assigned_user")


def _of(pk: int) -> MassEmail:
    return get_object_or_404(_all(), pk=pk)


@reader
@require_safe
def detail(request: Request, pk: int) -> HttpResponse:
    mass_email = get_object_or_404(with_may_retry(_all()), pk=pk)
    state = progress(mass_email)
    has_queue = state.total > 0
    context: dict[str, Any] = {
        "mass_email": mass_email, "campaign": mass_email.campaign, "state": state, "has_queue": has_queue,
        "strip": strip_of(mass_email, state), "page_url": request.get_full_path(),
        "numbers": mass_email_numbers(mass_email, state, Settings.load().open_tracking),
        "target_lists": list(mass_email.target_lists.all()),
        "excluding_target_lists": list(mass_email.excluding_target_lists.all()),
        "frozen": (frozen := _frozen(mass_email)), "sender": frozen["from"] if frozen else sender_of(mass_email),
        "reputation": guard.warning(mass_email),
    }  # fmt: skip
    context |= (
        _queue_context(request, mass_email, state, ROWS_OF_PANEL) if has_queue else _planned(mass_email, request.user)
    )
    return render(request, "campaigns/mass_email_detail.html", context)


def _planned(mass_email: MassEmail, user: User) -> dict[str, Any]:
    """Before the queue exists: the arithmetic counted from the lists, the mail as it would be sent, and the checks."""
    audience = audience_of(mass_email)
    counts = audience.counts()
    door = f"{reverse('campaigns:mass_email_audience', args=[mass_email.pk])}?"
    lists = list(mass_email.target_lists.values_list("pk", flat=True))
    return {
        "counts": counts, "terms": terms_of(subtractions(counts), door), "door": door,
        "opted_out": audience.opted_out_of(counts),
        "viewed": viewed(mass_email.campaign, mass_email.template, lists, None, worst=False),
        **(ready(ready_checks(mass_email, user)) if mass_email.is_editable else {}),
    }  # fmt: skip


def _frozen(mass_email: MassEmail) -> dict[str, str] | None:
    row = None if mass_email.is_editable else FrozenMassEmail.objects.filter(pk=mass_email.pk).first()
    if row is None:
        return None
    first = first_sent(row)  # whom the frame below shows as well
    told = subject_for(row, mass_email.campaign, first) if first else None
    return {
        "subject": told or render_part(Content.from_json(row.content).subject, named),
        "from": written((row.sender.get("from_name", ""), row.sender.get("from_address", ""))),
        "template": row.template_name, "version": str(row.template_version),
    }  # fmt: skip


@reader
@require_safe
def progress_strip(request: Request, pk: int) -> HttpResponse:
    """Looks again every few seconds while something is being sent. When that is over, the page of the mass email comes
    anew; on any other page the strip says so and stays still."""
    mass_email = _of(pk)
    page_url = request.htmx.current_url_abs_path or mass_email.get_absolute_url()  # type: ignore[attr-defined]
    response = render(request, "campaigns/progress_strip.html", {"strip": strip_of(mass_email), "page_url": page_url})
    is_over = mass_email.status not in (MassEmailStatus.PENDING, MassEmailStatus.IN_PROCESS)
    if is_over and page_url == mass_email.get_absolute_url():
        response["HX-Refresh"] = "true"
    return response


@reader
@require_safe
def queue(request: Request, pk: int) -> HttpResponse:
    """Everybody considered: /queue/?state=failed&reason=mailbox_full&q=…; for htmx on the page of the mass email, its
    panel alone."""
    mass_email = _of(pk)
    state = progress(mass_email)
    context: dict[str, Any] = {"mass_email": mass_email, "campaign": mass_email.campaign, "state": state}
    if request.headers.get("HX-Target") == "queue":
        context |= _queue_context(request, mass_email, state, ROWS_OF_PAGE)
        return page_or_part(request, ("queue", "campaigns/queue_panel.html"), "campaigns/queue_panel.html", context)
    return queue_list(request, mass_email, state).render("campaigns/queue.html", context)


def _queue_context(request: Request, mass_email: MassEmail, state: Progress, size: int) -> dict[str, Any]:
    chosen, reason = request.GET.get("state", ""), request.GET.get("reason", "")
    text = searched(request)
    page = page_of(request, matching(mass_email, chosen, reason, text), size)
    page.object_list = with_names(page.object_list)
    door = f"{reverse('campaigns:mass_email_queue', args=[mass_email.pk])}?state=skipped"
    skipped = _left_out(mass_email) if state.skipped else {}
    return {
        "queue_page": page, "queue_state": chosen, "queue_reason": reason, "queue_q": text, "state": state,
        "queue_reason_label": Reason(reason).label if reason in Reason.values else "",
        "queue_chips": _chips(mass_email, chosen, state),
        "terms": terms_of(skipped, door),
    }  # fmt: skip


def _left_out(mass_email: MassEmail) -> dict[str, int]:
    rows = QueueItem.objects.filter(mass_email_id=mass_email.pk, status=QueueStatus.SKIPPED, is_test=False)
    return dict(rows.order_by().values_list("reason").annotate(Count("id")))


def _chips(mass_email: MassEmail, chosen: str, state: Progress) -> list[dict[str, Any]]:
    url, counts = reverse("campaigns:mass_email_queue", args=[mass_email.pk]), counts_of(state)
    chips = [{"label": _("All"), "count": state.total, "url": url, "is_current": chosen not in STATES}]
    return chips + [
        {"label": STATES[key][0], "count": counts[key], "url": f"{url}?state={key}", "is_current": chosen == key}
        for key in offered(counts, chosen)
    ]

"""Health: the page for administrators, and one line of JSON for monitoring."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from crm.access import Request, administrator
from crm.health import State, answers, forget_hint, worst
from crm.health_checks import SILENT
from crm.models import Beat, JobStatus, ScheduledJob
from crm.navigation import health_panels


@administrator
@require_safe
def health(request: Request) -> HttpResponse:
    forget_hint()
    found = answers()
    findings = [finding for answer in found for finding in answer.findings]
    context = {
        "answers": found,
        "errors": sum(finding.state == State.ERROR for finding in findings),
        "warnings": sum(finding.state == State.WARNING for finding in findings),
        "jobs": [(job, job.runs.first()) for job in ScheduledJob.objects.all()],
        "panels": health_panels(request),
        "checked_at": timezone.localtime(),
    }
    return render(request, "crm/health.html", context)


@login_not_required
@require_safe
def health_json(request: HttpRequest) -> JsonResponse:
    """200 as long as pages are served; how things stand is beside, for whoever wants an alert of it.

    No login and therefore no details: the states of the questions, no sentence, no address.
    """
    worker = Beat.objects.filter(role="worker", seen_at__gt=timezone.now() - SILENT).exists()
    active = ScheduledJob.objects.filter(key="send_mass_emails", status=JobStatus.ACTIVE).exists()
    found = answers()
    state = worst(finding for answer in found for finding in answer.findings)
    told = {answer.topic.value: answer.state.value for answer in found}
    answer = JsonResponse(
        {"status": "ok", "health": state, "topics": told, "worker": worker, "send_mass_emails": active}
    )
    answer["Cache-Control"] = "no-store"
    return answer

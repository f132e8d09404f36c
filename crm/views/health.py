"""For monitoring: does this Herald live? No login, no details that help a stranger."""

from datetime import timedelta

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from crm.models import Beat, JobStatus, ScheduledJob

SILENT = timedelta(minutes=3)


@login_not_required
@require_safe
def health_json(request: HttpRequest) -> JsonResponse:
    """200 as long as pages are served; the worker's state stands beside, for whoever wants an alert of it."""
    worker = Beat.objects.filter(role="worker", seen_at__gt=timezone.now() - SILENT).exists()
    active = ScheduledJob.objects.filter(key="send_mass_emails", status=JobStatus.ACTIVE).exists()
    answer = JsonResponse({"status": "ok", "worker": worker, "send_mass_emails": active})
    answer["Cache-Control"] = "no-store"
    return answer

"""Background work: the list, and the progress of one."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from crm.access import Request, reader
from crm.listings.tasks import task_list, tasks_seen_by
from crm.task_notices import finished, forget, watched

STOP_POLLING = 286  # htmx: swap, and do not ask again


@reader
@require_safe
def tasks(request: Request) -> HttpResponse:
    return task_list(request).render("administration/tasks.html")


@reader
def task_detail(request: Request, pk: int) -> HttpResponse:
    """The page, or for htmx the part that changes; for the owner, and for administrators."""
    task = get_object_or_404(tasks_seen_by(request.user), pk=pk)
    if task.is_finished:
        forget(request, task)
    if not request.headers.get("HX-Request"):
        return render(request, "administration/task.html", {"task": task})
    status = STOP_POLLING if task.is_finished else 200
    return render(request, "administration/task_progress.html", {"task": task}, status=status)


@reader
@require_safe
def task_notices(request: Request) -> HttpResponse:
    """What is done since the last look, as notices, and what asks again while something else is watched."""
    notices = finished(request)
    context = {"finished_tasks": notices, "watched_tasks": watched(request)}
    return render(request, "includes/task_notices_asked.html", context)

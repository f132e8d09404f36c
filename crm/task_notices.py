"""Tells people that background work which they began is done, on whatever page they are then.

    watch(request, task)                # in the view that began it

What is watched stands in the session, so a page of somebody who waits for nothing asks the database nothing. Pages
show the notice when they are made; one that is open asks for it every few seconds (crm.views.background_tasks).
"""

from django.http import HttpRequest

from crm.models import BackgroundTask, TaskStatus

KEY = "watched_tasks"
MOST = 20


def watch(request: HttpRequest, task: BackgroundTask) -> None:
    request.session[KEY] = [*watched(request), task.pk][-MOST:]


def watched(request: HttpRequest) -> list[int]:
    return list(request.session.get(KEY, [])) if hasattr(request, "session") else []


def forget(request: HttpRequest, task: BackgroundTask) -> None:
    """It has been seen elsewhere."""
    if task.pk in watched(request):
        request.session[KEY] = [pk for pk in watched(request) if pk != task.pk]


def finished(request: HttpRequest) -> list[BackgroundTask]:
    """What is done since the last look; each is told once."""
    pks = watched(request)
    if not pks or not request.user.is_authenticated:
        return []
    found = list(BackgroundTask.objects.filter(pk__in=pks, owner=request.user.pk).order_by("pk"))
    done = [task for task in found if task.status in {TaskStatus.SUCCESS, TaskStatus.FAILED}]
    request.session[KEY] = [task.pk for task in found if task not in done]
    return done

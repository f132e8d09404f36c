"""The list of background tasks: one's own, and for administrators everybody's."""

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from crm.access import Request
from crm.criteria import Fields, keyed
from crm.lists import Chip, Column, ListPage, Nothing, asking
from crm.models import BackgroundTask, TaskStatus, User


def tasks_seen_by(user: User) -> QuerySet[BackgroundTask]:
    tasks = BackgroundTask.objects.select_related("owner")
    return tasks if user.is_administrator else tasks.filter(owner=user)


def task_list(request: Request) -> ListPage[BackgroundTask]:
    sees_all = request.user.is_administrator
    return ListPage(
        request,
        tasks_seen_by(request.user),
        label=_("Background tasks"),
        columns=_columns(sees_all=sees_all),
        search=lambda rows, text: rows.filter(Q(title__icontains=text) | Q(error__icontains=text)),
        search_hint=_("Title"),
        criteria=lambda: _fields(sees_all=sees_all),
        chips=[
            Chip("all", _("All")),
            *([Chip("mine", _("Only My"), Q(owner=request.user))] if sees_all else []),
            *(Chip(status, label, Q(status=status)) for status, label in TaskStatus.choices),
        ],
        kept_as="background-tasks",
        order="-created_at",
        nothing=Nothing(
            _("Nothing yet"), _("Long work, such as an import, goes on in the background and is listed here."), "loader"
        ),
    )


def _columns(*, sees_all: bool) -> list[Column]:
    moment = "includes/cell_when.html"
    return [
        Column("title", _("Title"), sort=("title",), is_link=True),
        Column("status", _("Status"), template="includes/cell_status.html", sort=("status",)),
        Column("progress", _("Progress"), str, "administration/cell_task_progress.html"),
        Column("result", _("Result"), lambda task: task.error or task.result.get("text"), look="wide"),
        *([Column("owner", _("User"), sort=("owner__username",), look="muted")] if sees_all else []),
        Column("created_at", _("Created At"), template=moment, sort=("id",), look="nowrap muted"),
        Column("finished_at", _("Finished"), template=moment, sort=("finished_at",), look="nowrap muted",
               is_optional=True, is_sparse=True),
    ]  # fmt: skip


def _fields(*, sees_all: bool) -> Fields:
    return keyed([
        asking.text("title", _("Title")),
        asking.choice("status", _("Status"), TaskStatus.choices),
        asking.text("error", _("Error")),
        *([asking.user("owner", _("User"), "owner_id")] if sees_all else []),
        asking.moment("created_at", _("Created At")),
        asking.moment("finished_at", _("Finished")),
    ])  # fmt: skip

"""The audit log: who changed what."""

from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.db.models import Q
from django.utils.translation import gettext as _

from crm.access import Request
from crm.criteria import Field, Fields, Kind, keyed, where
from crm.lists import Chip, Column, ListPage, Nothing, asking
from crm.models import AuditEntry
from crm.trail import Reader, action_text, who_did


def entry_list(request: Request) -> ListPage[AuditEntry]:
    return ListPage(
        request,
        AuditEntry.objects.select_related("user"),
        label=_("Audit Log"),
        columns=_columns(),
        search=_search,
        search_hint=_("Action, object or user"),
        criteria=_fields,
        chips=[
            Chip("all", _("All")),
            Chip("mine", _("Only My"), Q(user=request.user)),
            Chip("herald", _("By Herald"), Q(user_name="")),
        ],
        kept_as="audit-log",
        order="-at",
        size=50,
        nothing=Nothing(_("Nothing yet"), icon="history"),
    )


def _search(rows: Any, text: str) -> Any:
    """Also the action as it is shown, which the database does not know."""
    used = AuditEntry.objects.order_by().values_list("action", flat=True).distinct()
    meant = [action for action in used if text.casefold() in action_text(action).casefold()]
    return rows.filter(Q(action__in=meant) | Q(action__icontains=text) | Q(object_label__icontains=text) | _by(text))


def _by(text: str) -> Q:
    names = Q(user__first_name__icontains=text) | Q(user__last_name__icontains=text)
    return names | Q(user_name__icontains=text)


def _columns() -> list[Column]:
    readers: list[Reader] = []

    def look_up(entries: Sequence[Any]) -> None:
        readers[:] = [Reader(entries)]

    return [
        Column("at", _("When"), sort=("id",), template="includes/cell_when.html", look="nowrap", is_indexed=True),
        Column("user_name", _("User"), who_did, sort=("user_name",)),
        Column("action", _("Action"), lambda entry: action_text(entry.action), sort=("action",)),
        Column("object_label", _("Object"), _kind_of, "administration/cell_object.html", ("object_label",), "wide"),
        Column("object_type", _("Type"), _kind_of, is_optional=True, look="muted"),
        Column("changes", _("Changes"), lambda entry: readers[0].changes(entry),
               "administration/cell_changes.html", look="wide", look_up=look_up),
    ]  # fmt: skip


def _fields() -> Fields:
    return keyed([
        asking.moment("at", _("When")),
        asking.user("user", _("User"), "user_id"),
        asking.text("user_name", _("User name")),
        Field("action", _("Action"), Kind.CHOICE, where.choice("action"), _actions),
        asking.text("object_label", _("Object")),
        Field("object_type", _("Type"), Kind.CHOICE, where.choice("object_type"), _kinds),
    ])  # fmt: skip


def _kinds() -> Sequence[tuple[str, str]]:
    """The types that something was written about."""
    found = AuditEntry.objects.exclude(object_type="").order_by("object_type").values_list("object_type", flat=True)
    return sorted(((kind, _named(kind)) for kind in found.distinct()), key=lambda one: one[1])


def _actions() -> Sequence[tuple[str, str]]:
    """What was done, with the type of thing: several things are created."""
    found = dict(AuditEntry.objects.order_by("action").values_list("action", "object_type").distinct())
    named = ((action, f"{_named(kind)}: " if kind else "", action_text(action)) for action, kind in found.items())
    return sorted(((action, f"{kind}{text}") for action, kind, text in named), key=lambda one: one[1])


def _kind_of(entry: AuditEntry) -> str:
    return _named(entry.object_type) if entry.object_type else ""


def _named(kind: str) -> str:
    """What people call a model; a type that there is no more, by its bare name."""
    try:
        return str(apps.get_model(kind)._meta.verbose_name)
    except (LookupError, ValueError):
        return kind

"""The audit log: who changed what."""

from collections.abc import Sequence

from django.apps import apps
from django.db.models import Q
from django.utils.translation import gettext as _

from crm.access import Request
from crm.criteria import Field, Fields, Kind, keyed, where
from crm.history import line_of
from crm.lists import Chip, Column, ListPage, Nothing, asking
from crm.models import AuditEntry


def entry_list(request: Request) -> ListPage[AuditEntry]:
    return ListPage(
        request,
        AuditEntry.objects.all(),
        label=_("Audit Log"),
        columns=_columns(),
        search=lambda rows, text: rows.filter(
            Q(action__icontains=text) | Q(object_label__icontains=text) | Q(user_name__icontains=text)
        ),
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


def _columns() -> list[Column]:
    return [
        Column("at", _("When"), sort=("id",), template="includes/cell_when.html", look="nowrap", is_indexed=True),
        Column("user_name", _("User"), sort=("user_name",)),
        Column("action", _("Action"), sort=("action",), template="administration/cell_code.html"),
        Column("object_label", _("Object"), sort=("object_label",), look="wide"),
        Column("object_type", _("Type"), _kind_of, is_optional=True, look="muted"),
        Column("changes", _("Changes"), lambda entry: line_of(entry, {}, {}).changes,
               "administration/cell_changes.html", look="wide"),
    ]  # fmt: skip


def _fields() -> Fields:
    return keyed([
        asking.moment("at", _("When")),
        asking.user("user", _("User"), "user_id"),
        asking.text("user_name", _("User name")),
        asking.text("action", _("Action")),
        asking.text("object_label", _("Object")),
        Field("object_type", _("Type"), Kind.CHOICE, where.choice("object_type"), _kinds),
    ])  # fmt: skip


def _kinds() -> Sequence[tuple[str, str]]:
    """The types that something was written about."""
    found = AuditEntry.objects.exclude(object_type="").order_by("object_type").values_list("object_type", flat=True)
    return sorted(((kind, _named(kind)) for kind in found.distinct()), key=lambda one: one[1])


def _kind_of(entry: AuditEntry) -> str:
    return _named(entry.object_type) if entry.object_type else ""


def _named(kind: str) -> str:
    """What people call a model; a type that there is no more, by its bare name."""
    try:
        return str(apps.get_model(kind)._meta.verbose_name)
    except (LookupError, ValueError):
        return kind

"""The list of target lists, said once for its page, its htmx fragment and its bulk actions."""

from django.db.models import F, Q
from django.db.models.lookups import IsNull
from django.urls import reverse
from django.utils.translation import gettext as _

from crm.access import Request
from crm.criteria import Field, Fields, Kind, keyed, where
from crm.lists import BulkAction, Chip, Column, Filter, ListPage, Nothing
from crm.models import User
from targets.categories import branches, within
from targets.models import TargetList


def target_lists(request: Request) -> ListPage[TargetList]:
    """Every target list with its counts."""
    editor = request.user.can_edit
    return ListPage(
        request,
        TargetList.objects.with_counts().select_related("assigned_user"),
        label=_("Target Lists"),
        kept_as="target-lists",
        criteria=_list_fields,
        columns=_list_columns(),
        search=lambda rows, text: rows.filter(
            Q(name__icontains=text) | Q(category__icontains=text) | Q(description__icontains=text)
        ),
        search_hint=_("Search target lists"),
        chips=[Chip("all", _("All")), Chip("mine", _("Only My"), Q(assigned_user=request.user))],
        filters=[Filter("category", _("Category"), lambda rows, name: rows.filter(within(name)), category_choices)],
        bulk=_list_acts() if editor else (),
        row_menu="targets/list_menu.html" if editor else "",
        order="name",
        nothing=Nothing(
            _("No target lists yet"),
            _("A target list says who gets a mass email, for example everybody who wants the newsletter."),
            "target-arrow",
            reverse("targets:new") if editor else "",
            _("Create Target List"),
        ),
    )


def _people() -> list[tuple[str, str]]:
    return [(str(user.pk), user.get_full_name() or user.username) for user in User.objects.order_by("username")]


def _list_fields() -> Fields:
    owner = where.one_of(F("assigned_user_id"), Q(IsNull(F("assigned_user_id"), True)), int)
    texts = {"name": _("Name"), "category": _("Category"), "description": _("Description")}
    return keyed([
        *(Field(key, label, Kind.TEXT, where.text(key)) for key, label in texts.items()),
        Field("owner", _("Assigned User"), Kind.CHOICE, owner, _people),
        Field("entry_count", _("Entry Count"), Kind.NUMBER, where.number("entry_count")),
        Field("opted_out_count", _("Opted Out Count"), Kind.NUMBER, where.number("opted_out_count")),
        Field("created_at", _("Created At"), Kind.MOMENT, where.moment("created_at")),
    ])  # fmt: skip


def _list_columns() -> list[Column]:
    number, moment = "includes/cell_number.html", "includes/cell_when.html"
    return [
        Column("name", _("Name"), template="targets/cell_list.html", sort=("name",)),
        Column("entry_count", _("Entry Count"), template=number, sort=("entry_count",), look="num"),
        Column("opted_out_count", _("Opted Out Count"), template=number, sort=("opted_out_count",), look="num"),
        Column("assigned_user", _("Assigned User"), look="muted"),
        Column("created_at", _("Created At"), template=moment, sort=("created_at",), look="muted"),
    ]


def _list_acts() -> list[BulkAction]:
    return [
        BulkAction(_("Combine…"), reverse("targets:combine"), "switch-horizontal"),
        BulkAction(_("Move to category…"), reverse("targets:categorise"), "folder"),
    ]


def category_choices() -> list[tuple[str, str]]:
    return [(branch.path, branch.path) for branch in branches()]

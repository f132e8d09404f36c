"""Target lists and their members, each list said once for its page, its htmx fragment and its bulk actions."""

from django.db.models import F, Q
from django.db.models.lookups import IsNull
from django.urls import reverse
from django.utils.translation import gettext as _

from crm.access import Request
from crm.criteria import Field, Fields, Kind, keyed, where
from crm.entities.finding import rows_of_people
from crm.lists import BulkAction, Chip, Column, Filter, ListPage, Nothing
from crm.models import EntityType, User
from targets.counting import type_counts
from targets.models import Membership, TargetList
from targets.models.lists import MembershipQuerySet


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
        filters=[Filter("category", _("Category"), lambda rows, name: rows.filter(category=name), category_choices)],
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


def categories() -> list[str]:
    names = TargetList.objects.exclude(category="").order_by("category").values_list("category", flat=True)
    return list(names.distinct())


def category_choices() -> list[tuple[str, str]]:
    return [(name, name) for name in categories()]


# ---- members


def members_of(target_list: TargetList, entity_type: EntityType | None) -> MembershipQuerySet:
    """The members of one type, or of all types those who opted out."""
    members = Membership.objects.filter(target_list=target_list)
    return members.filter(record__entity_type=entity_type) if entity_type else members.opted_out()


def tabs(target_list: TargetList) -> list[tuple[EntityType | None, int]]:
    """(type, number of members) for every type with a panel or with members here; the last one, None, is Opted Out."""
    counts = type_counts(target_list)
    types = EntityType.objects.for_panels(also=counts)
    return [*((row, counts.get(row.pk, 0)) for row in types), (None, members_of(target_list, None).count())]


def members(request: Request, target_list: TargetList, entity_type: EntityType | None) -> ListPage[Membership]:
    """One panel of a target list."""
    editor = request.user.can_edit
    related = ("target_list", "record__entity_type", "record__email_address", "record__account")
    return ListPage(
        request,
        members_of(target_list, entity_type).select_related(*related),
        label=entity_type.plural if entity_type else _("Opted Out"),
        name="members",
        kept_as=f"members-{entity_type.slug if entity_type else 'opted-out'}",
        columns=_member_columns(entity_type),
        search=rows_of_people,
        search_hint=_("Name or address"),
        chips=_member_chips() if entity_type else (),
        bulk=_member_acts(target_list, entity_type) if editor else (),
        row_menu="targets/member_menu.html",
        order="name",
        nothing=_no_members(target_list, entity_type, editor),
    )


def _member_columns(entity_type: EntityType | None) -> list[Column]:
    about = (
        Column("account", _("Account"), value=lambda row: row.record.account, template="targets/cell_account.html")
        if entity_type
        else Column("type", _("Type"), value=lambda row: row.record.entity_type.singular)
    )
    return [
        Column("name", _("Name"), value=str, template="targets/cell_member.html", sort=("record__name",)),
        about,
        Column(
            "email", _("Email"), value=lambda row: row.record.email_address, template="targets/cell_address.html",
            sort=("record__email_address__normalized",), is_sparse=True,
        ),
        Column("status", _("Target Status"), template="targets/cell_status.html", value=lambda row: row.target_status),
        Column("added", _("Added"), template="targets/cell_added.html", value=lambda row: row.created_at, sort=("pk",)),
    ]  # fmt: skip


def _member_chips() -> list[Chip]:
    return [
        Chip("all", _("All")),
        Chip("listed", _("Listed"), Q(opted_out_at=None)),
        Chip("opted-out", _("Opted Out"), Q(opted_out_at__isnull=False)),
    ]


def _member_acts(target_list: TargetList, entity_type: EntityType | None) -> list[BulkAction]:
    """Of those who opted out already, nobody can be opted out again."""
    panel = f"?type={entity_type.slug}" if entity_type else ""
    unlink = BulkAction(_("Unlink"), reverse("targets:unlink", args=[target_list.pk]) + panel, "x")
    opt_out = BulkAction(_("Opt Out"), reverse("targets:opt_out_members", args=[target_list.pk]) + panel, "user-off")
    export = BulkAction(_("Export…"), reverse("targets:export", args=[target_list.pk]) + panel, "download")
    return [opt_out, unlink, export] if entity_type else [unlink, export]


def _no_members(target_list: TargetList, entity_type: EntityType | None, editor: bool) -> Nothing:
    if entity_type is None:
        return Nothing(
            _("Nobody opted out of this list"),
            _("Who unsubscribes from a mass email to this list is shown here, with when and through which one."),
            "user-off",
        )
    return Nothing(
        _("No %(types)s on this list yet") % {"types": entity_type.plural},
        _("Search and filter, then tick some of them or take all results at once."),
        entity_type.icon,
        reverse("targets:select", args=[target_list.pk, entity_type.slug]) if editor else "",
        _("Select"),
    )

"""The panels of a target list: its members of one type, or everybody who opted out of it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from crm.access import Request
from crm.criteria import Field, Fields, Kind, keyed, where
from crm.entities.criteria import fields_of
from crm.entities.finding import rows_of_people
from crm.entities.forms import has_account
from crm.lists import BulkAction, Chip, Column, Filter, ListPage, Nothing
from crm.models import EntityType, Record, User
from targets.counting import type_counts
from targets.models import Membership, Source, TargetList
from targets.models.lists import MembershipQuerySet

Where = Callable[[str, Any], Q]


def members_of(target_list: TargetList, entity_type: EntityType | None) -> MembershipQuerySet:
    """The members of one type, or of all types those who opted out."""
    members = Membership.objects.filter(target_list=target_list)
    return members.filter(record__entity_type=entity_type) if entity_type else members.opted_out()


def tabs(target_list: TargetList) -> list[tuple[EntityType | None, int]]:
    """(type, number of members) for every type with a panel or with members here; the last one, None, is Opted Out."""
    types = list(EntityType.objects.in_order_of_panels())
    counts = type_counts(target_list, [row.pk for row in types])
    shown = [(row, counts.get(row.pk, 0)) for row in types if row.on_target_lists or row.pk in counts]
    return [*shown, (None, members_of(target_list, None).count())]


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
        columns=_columns(entity_type),
        search=rows_of_people,
        search_hint=_("Name or address"),
        filters=[] if entity_type else [_type_filter()],
        criteria=(lambda: criteria(entity_type, request.user)) if entity_type else None,
        chips=_chips() if entity_type else (),
        bulk=_acts(target_list, entity_type) if editor else (),
        row_menu="targets/member_menu.html",
        order="name",
        nothing=_nobody(target_list, entity_type, editor),
    )


# ---- what the filter builder may ask


def criteria(entity_type: EntityType, user: User) -> Fields:
    """How they came to the list, and all that can be asked about a record of the type."""
    heading = _("On this list")
    own = [
        Field("added", _("Added"), Kind.MOMENT, where.moment("created_at"), heading=heading),
        Field("left", _("Opted Out"), Kind.MOMENT, where.moment("opted_out_at"), heading=heading),
        Field("source", _("Came by"), Kind.CHOICE, _source, lambda: Source.choices, heading, operators=("any", "none")),
    ]
    of_record = fields_of(entity_type, user).values()
    return keyed([*(replace(field, where=_of_record(field.where)) for field in of_record), *own])


def _source(operator: str, value: Any) -> Q:
    return Q(source__in=value)


def _of_record(asked: Where) -> Where:
    """EXISTS and not IN: turned around, PostgreSQL still answers for a million with one join."""
    return lambda operator, value: Q(Exists(Record.objects.filter(asked(operator, value), pk=OuterRef("record_id"))))


def _type_filter() -> Filter:
    return Filter(
        "type",
        _("Type"),
        lambda rows, slug: rows.filter(record__entity_type__slug=slug),
        lambda: [(row.slug, row.plural) for row in EntityType.objects.all()],
    )


# ---- what it shows


def _columns(entity_type: EntityType | None) -> list[Column]:
    return [
        Column("name", _("Name"), value=str, template="targets/cell_member.html", sort=("record__name",)),
        *_about(entity_type),
        Column(
            "email", _("Email"), value=lambda row: row.record.email_address, template="targets/cell_address.html",
            sort=("record__email_address__normalized",), look="wide",
        ),
        Column("status", _("Target Status"), template="targets/cell_status.html", value=lambda row: row.target_status),
        Column(
            "last_activity", _("Last activity"), value=lambda row: row.record_id, template="targets/cell_activity.html",
            look="nowrap muted",
        ),
        Column(
            "added", _("Added"), template="targets/cell_added.html", value=lambda row: row.created_at,
            sort=("pk",), look="nowrap muted",
        ),
        Column("source", _("Came by"), value=lambda row: row.get_source_display(), look="muted", is_optional=True),
    ]  # fmt: skip


def _about(entity_type: EntityType | None) -> list[Column]:
    if entity_type is None:
        return [Column("type", _("Type"), value=lambda row: row.record.entity_type.singular)]
    if not has_account(entity_type):
        return []
    return [Column("account", _("Account"), value=lambda row: row.record.account, template="targets/cell_account.html")]


def _chips() -> list[Chip]:
    return [
        Chip("all", _("All")),
        Chip("listed", _("Listed"), Q(opted_out_at=None)),
        Chip("opted-out", _("Opted Out"), Q(opted_out_at__isnull=False)),
    ]


def _acts(target_list: TargetList, entity_type: EntityType | None) -> list[BulkAction]:
    """Of those who opted out already, nobody can be opted out again; whose opt-outs are canceled is looked at first."""
    panel = f"?type={entity_type.slug}" if entity_type else ""

    def act(label: str, name: str, icon: str) -> BulkAction:
        return BulkAction(label, reverse(f"targets:{name}", args=[target_list.pk]) + panel, icon)

    copy, unlink = act(_("Copy to list…"), "copy_members", "target-arrow"), act(_("Unlink"), "unlink", "x")
    export = act(_("Export…"), "export", "download")
    if entity_type:
        return [copy, act(_("Opt Out"), "opt_out_members", "user-off"), unlink, export]
    return [act(_("Cancel Opt-Out…"), "cancel_opt_out_members", "user-check"), unlink, export]


def _nobody(target_list: TargetList, entity_type: EntityType | None, editor: bool) -> Nothing:
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

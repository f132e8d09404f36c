"""*Select*: the records of one entity type, searched and filtered, that may come to a target list."""

from collections.abc import Callable, Iterable

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from crm.access import Request
from crm.lists import BulkAction, Chip, Column, Filter, ListPage, Nothing
from crm.models import EntityField, EntityType, FieldKind, Record
from targets.models import Membership, TargetList

Rows = QuerySet[Record]


def candidates(request: Request, target_list: TargetList, entity_type: EntityType) -> ListPage[Record]:
    """Those who are not on the list yet, or everybody."""
    here = Q(pk__in=Membership.objects.filter(target_list=target_list).values("record_id"))
    select_url = reverse("targets:select", args=[target_list.pk, entity_type.slug])
    return ListPage(
        request,
        Record.objects.of_type(entity_type).for_list(),
        label=entity_type.plural,
        name="found",
        columns=_columns(),
        search=lambda rows, text: rows.search(text),
        search_hint=_("Name or address"),
        chips=[Chip("new", _("Not on this list"), ~here), Chip("all", _("All"))],
        filters=[Filter("email", _("Email"), _in_email_state, _email_states), *map(_filter, entity_type.fields.all())],
        bulk=[BulkAction(_("Add to the list"), select_url, "user-plus")],
        order="name",
        nothing=Nothing(_("No %(types)s yet") % {"types": entity_type.plural}, icon=entity_type.icon),
    )


def _columns() -> list[Column]:
    address, moment = "targets/cell_address.html", "includes/cell_when.html"
    return [
        Column("name", _("Name"), template="targets/cell_record.html", sort=("name",)),
        Column("account", _("Account"), look="muted"),
        Column("email_address", _("Email"), template=address, sort=("email_address__normalized",)),
        Column("created_at", _("Created At"), template=moment, sort=("created_at",), look="muted"),
    ]


def _email_states() -> list[tuple[str, str]]:
    mailable, none = ("mailable", _("Can be mailed")), ("none", _("No address"))
    return [mailable, none, ("opted_out", _("Opted Out")), ("invalid", _("Invalid"))]


def _in_email_state(rows: Rows, state: str) -> Rows:
    flagged = Q(email_address__opted_out_at__isnull=False) | Q(email_address__invalid_at__isnull=False)
    conditions = {
        "mailable": Q(email_address__isnull=False) & ~flagged,
        "none": Q(email_address__isnull=True),
        "opted_out": Q(email_address__opted_out_at__isnull=False),
        "invalid": Q(email_address__invalid_at__isnull=False),
    }
    return rows.filter(conditions[state])


def _filter(field: EntityField) -> Filter:
    """A field's own filter: one of its options, ticked or not, or text that it contains."""
    label = str(_(field.label)) if field.is_builtin else field.label
    return Filter(f"f-{field.name}", label, lambda rows, value: rows.filter(_condition(field, value)), _choices(field))


def _choices(field: EntityField) -> Callable[[], Iterable[tuple[str, str]]] | None:
    if field.kind == FieldKind.CHECKBOX:
        return lambda: [("yes", _("Yes")), ("no", _("No"))]
    if field.kind in (FieldKind.CHOICE, FieldKind.CHOICES):
        return lambda: [(option, option) for option in map(str, field.options)]
    return None


def _condition(field: EntityField, value: str) -> Q:
    key = f"values__{field.name}"
    if field.kind == FieldKind.CHECKBOX:
        missing = ~Q(values__has_key=field.name)  # a box that was never shown counts as not ticked
        return Q(**{key: True}) if value == "yes" else missing | Q(**{key: False})
    if field.kind == FieldKind.CHOICE:
        return Q(**{key: value})
    return Q(**{f"{key}__icontains": value})

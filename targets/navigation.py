"""What target lists add to the shell: the menu item, Create, search, a first step, and a panel on every record."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.access import Request
from crm.models import Record
from crm.navigation import (
    Found,
    NavItem,
    Panel,
    RecordBulkAction,
    Section,
    Step,
    editors,
    register,
    register_record_bulk_action,
    register_record_panel,
    register_search,
    register_step,
)
from targets import origins
from targets.models import Membership, TargetList

HITS = 5


def lists_of(request: Request, record: Record) -> Panel:
    """The target lists that a record is on, with its status on each."""
    rows = (
        Membership.objects.filter(record=record)
        .select_related("target_list", "record__entity_type")
        .order_by("target_list__name")
    )
    through = origins.named({row.opted_out_mass_email for row in rows if row.opted_out_mass_email})
    members = [(row, through.get(row.opted_out_mass_email or 0)) for row in rows]
    context = {"members": members, "record": record}
    return Panel(_("Target Lists"), "targets/record_panel.html", context, order=20, name="target-lists")


def first_list(request: Request) -> Step:
    return Step(
        _("Make a target list"),
        _("It says who gets a mass email. Select people by search and filters."),
        TargetList.objects.filter(memberships__isnull=False).exists(),
        url=reverse("targets:new") if request.user.can_edit else "",
        button=_("Create Target List"),
        order=40,
    )


def find_lists(request: Request, text: str) -> list[Found]:
    rows = TargetList.objects.filter(name__icontains=text).order_by("name")[:HITS]
    return [Found(row.name, row.get_absolute_url(), _("Target List"), "target-arrow", row.category) for row in rows]


register(
    Section.AUDIENCE,
    NavItem(gettext_lazy("Target Lists"), "targets:list", "target-arrow", 10, dock=gettext_lazy("Audience"), key="l"),
)
register(Section.CREATE, NavItem(gettext_lazy("Target List"), "targets:new", "target-arrow", 40, visible=editors))
register_record_panel(lists_of)
register_record_bulk_action(
    RecordBulkAction(gettext_lazy("Add to target list…"), "targets:add_selected", "target-arrow", 10)
)
register_record_bulk_action(
    RecordBulkAction(gettext_lazy("Remove from target list…"), "targets:unlink_selected", "user-minus", 20)
)
register_step(first_list)
register_search(find_lists)

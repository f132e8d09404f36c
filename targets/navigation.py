"""What target lists and reports add to the shell: menu items, Create, search, a first step, a panel on every record,
pinned reports on Home."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.access import Request
from crm.models import EmailAddress, Record
from crm.navigation import (
    Found,
    NavItem,
    Panel,
    RecordBulkAction,
    Section,
    Step,
    editors,
    first_few,
    register,
    register_address_panel,
    register_home_panel,
    register_record_bulk_action,
    register_record_panel,
    register_search,
    register_step,
)
from targets import origins
from targets.models import Membership, Report, TargetList

HITS = 5
MOST_PINNED = 6
MOST_OPT_OUTS = 50
MOST_OFFERED = 200  # lists that a record can be put on from its page; the others are found in the lists


def lists_of(request: Request, record: Record) -> Panel:
    """The target lists that a record is on, with its status on each."""
    rows = (
        Membership.objects.filter(record=record)
        .select_related("target_list", "record__entity_type")
        .order_by("target_list__name")
    )
    through = origins.named({row.opted_out_mass_email for row in rows if row.opted_out_mass_email})
    members = [(row, through.get(row.opted_out_mass_email or 0)) for row in rows]
    others = TargetList.objects.exclude(pk__in=[row.target_list_id for row, _origin in members]).order_by("name")
    context = {"members": members, "record": record, "others": others[:MOST_OFFERED] if request.user.can_edit else []}
    return Panel(_("Target Lists"), "targets/record_panel.html", context, order=20, name="target-lists")


def opt_outs_of(request: Request, address: EmailAddress) -> Panel | None:
    """The target lists that an address opted out of one by one; None where it did not."""
    rows = (
        Membership.objects.opted_out()
        .filter(record__email_address=address)
        .select_related("target_list", "record__entity_type")
        .order_by("-opted_out_at")[:MOST_OPT_OUTS]
    )
    members = list(rows)
    if not members:
        return None
    through = origins.named({row.opted_out_mass_email for row in members if row.opted_out_mass_email})
    context = {"members": [(row, through.get(row.opted_out_mass_email or 0)) for row in members]}
    return Panel(_("Opted out of target lists"), "targets/address_panel.html", context, 20, "target-lists")


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
    named = TargetList.objects.filter(name__icontains=text).order_by("name")
    rows, more = first_few(named, HITS, reverse("targets:list"), text)
    return [
        Found(row.name, row.get_absolute_url(), _("Target Lists"), "target-arrow", row.category, more) for row in rows
    ]


def pinned_reports(request: Request) -> Panel | None:
    """What the person pinned; each card asks for its result by itself."""
    reports = list(Report.objects.visible_to(request.user).filter(pinned_by=request.user)[:MOST_PINNED])
    if not reports:
        return None
    return Panel(_("Reports"), "targets/reports/home.html", {"reports": reports}, 40, "reports")


def find_reports(request: Request, text: str) -> list[Found]:
    named = Report.objects.visible_to(request.user).filter(name__icontains=text).order_by("name")
    rows, more = first_few(named, HITS, reverse("targets:report_list"), text)
    return [
        Found(row.name, row.get_absolute_url(), _("Reports"), "chart-bar", row.get_kind_display(), more) for row in rows
    ]


register(
    Section.AUDIENCE,
    NavItem(gettext_lazy("Target Lists"), "targets:list", "target-arrow", 10, dock=gettext_lazy("Audience"), key="l"),
)
register(Section.CREATE, NavItem(gettext_lazy("Target List"), "targets:new", "target-arrow", 40, visible=editors))
register_record_panel(lists_of)
register_address_panel(opt_outs_of)
register_record_bulk_action(
    RecordBulkAction(gettext_lazy("Add to target list…"), "targets:add_selected", "target-arrow", 10)
)
register_record_bulk_action(
    RecordBulkAction(gettext_lazy("Remove from target list…"), "targets:unlink_selected", "user-minus", 20)
)
register(
    Section.INSIGHT,
    NavItem(gettext_lazy("Reports"), "targets:report_list", "chart-bar", 10, dock=gettext_lazy("Reports"), key="r"),
)
register(Section.CREATE, NavItem(gettext_lazy("Report"), "targets:report_new", "chart-bar", 45, visible=editors))
register_home_panel(pinned_reports)
register_search(find_reports)
register_step(first_list)
register_search(find_lists)

"""What the core itself puts into the shell."""

from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm import first_steps
from crm.access import Request
from crm.entities.finding import search_records, some
from crm.entities.history import record_history
from crm.entities.related import contacts_of, link_fields_to
from crm.health import Finding, State, answers, has_problem
from crm.models import EmailAccount, EntityType, Record
from crm.navigation import (
    Found,
    NavItem,
    Panel,
    Section,
    administrators,
    editors,
    register,
    register_items,
    register_need,
    register_record_panel,
    register_search,
    register_step,
)

MOST_HITS = 20
KEYS = {"Contact": "o", "Lead": "d", "Account": "a"}  # after g

register(Section.HOME, NavItem(_("Home"), "crm:home", "home", 0, active_prefixes=("/",), dock=_("Home"), key="h"))


def _entity_types(request: Request) -> list[NavItem]:
    """Colleagues are an entity type too, and are found under Administration → Users."""
    return [
        NavItem(
            kind.plural,
            "crm:record_list",
            kind.icon,
            50 + kind.position,
            args=(kind.slug,),
            key=KEYS.get(kind.key, ""),
            tone=kind.tone,
        )
        for kind in EntityType.objects.exclude(key="User")
    ]


def _new_records(request: Request) -> list[NavItem]:
    return [
        NavItem(kind.singular, "crm:record_new", kind.icon, 500 + kind.position, args=(kind.slug,))
        for kind in EntityType.objects.exclude(key="User")
    ]


def _sandbox_has_the_mail(request: Request) -> bool:
    system = EmailAccount.objects.system()
    return system is not None and system.is_sandbox


def _contacts_of_account(request: Request, record: Record) -> Panel | None:
    """The people of a company, by name; the first of many."""
    if record.entity_type.key != "Account":
        return None
    groups = contacts_of(record)
    return Panel(gettext("Contacts"), "crm/related.html", {"groups": groups, "of_account": True}, 10, "contacts")


def _links_to(request: Request, record: Record) -> Panel | None:
    """Where link fields lead here: asked for by the page when it is there, for no index knows them."""
    if not link_fields_to(record.entity_type):
        return None
    return Panel(gettext("Related records"), "crm/related_later.html", {"record": record}, 15, "related")


def _history(request: Request, record: Record) -> Panel:
    lines = record_history(record, record.entity_type.fields.all())
    return Panel(gettext("History"), "crm/history_panel.html", {"history": lines}, 90, "history")


def _trouble(request: Request) -> list[Finding]:
    """For administrators, who alone can mend it: what is red on Health."""
    if not request.user.is_administrator:
        return []
    found = [finding for answer in answers(with_slow=False) for finding in answer.findings]
    return [finding for finding in found if finding.state == State.ERROR]


def _find_records(request: Request, text: str) -> list[Found]:
    found = some(Record.objects.all(), search_records(Record.objects.all(), text))
    rows = list(found.select_related("entity_type", "email_address").order_by("name", "pk")[: MOST_HITS + 1])
    return [_hit(row, text if len(rows) > MOST_HITS else "") for row in rows[:MOST_HITS]]


def _hit(row: Record, rest: str) -> Found:
    kind = row.entity_type
    more = f"{reverse('crm:record_list', args=[kind.slug])}?{urlencode({'q': rest})}" if rest else ""
    return Found(str(row), row.get_absolute_url(), kind.plural, kind.icon, _address(row), more)


def _address(record: Record) -> str:
    return record.email_address.address if record.email_address else ""


for panel in (_contacts_of_account, _links_to, _history):
    register_record_panel(panel)
for step in (first_steps.smtp, first_steps.mailbox, first_steps.site_url, first_steps.job, first_steps.records):
    register_step(step)
register_search(_find_records)
register_items(Section.AUDIENCE, _entity_types)
register_items(Section.CREATE, _new_records)
register_need(_trouble)
register(Section.AUDIENCE, NavItem(_("Imports"), "crm:import_list", "upload", 300, visible=editors))
register(
    Section.FOOT,
    NavItem(
        _("Health"),
        "crm:health",
        "heartbeat",
        50,
        visible=administrators,
        alarm=lambda _request: has_problem(),
        key="s",
    ),
)
register(Section.FOOT, NavItem(_("Sandbox mail"), "crm:sandbox_list", "inbox", 10, visible=_sandbox_has_the_mail))
register(
    Section.FOOT,
    NavItem(
        _("Administration"),
        "crm:administration",
        "settings",
        90,
        active_prefixes=("/admin/", "/users/", "/tasks/"),
        visible=administrators,
    ),
)

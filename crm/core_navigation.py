"""What the core itself puts into the shell."""

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.access import Request
from crm.entities.listing import search_records
from crm.models import EmailAccount, EntityType, Mailbox, Record
from crm.navigation import (
    Found,
    NavItem,
    Panel,
    Section,
    Step,
    administrators,
    register,
    register_items,
    register_record_panel,
    register_search,
    register_step,
)

MOST_CONTACTS = 50
MOST_HITS = 20

register(Section.HOME, NavItem(_("Home"), "crm:home", "home", 0, active_prefixes=("/",), dock=_("Home")))


def _entity_types(request: Request) -> list[NavItem]:
    """Colleagues are an entity type too, and are found under Administration → Users."""
    return [
        NavItem(kind.plural, "crm:record_list", kind.icon, 50 + kind.position, args=(kind.slug,))
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
    people = record.contacts.select_related("entity_type", "email_address").order_by("name", "pk")[:MOST_CONTACTS]
    return Panel(gettext("Contacts"), "crm/account_contacts.html", {"people": people}, 10, "contacts")


def _first_records(request: Request) -> Step:
    """People, not counting colleagues, who have records by themselves."""
    people = EntityType.objects.get(key="Contact")
    return Step(
        gettext("Add contacts"),
        gettext("Everybody who is to get email is a record: a contact, a lead or an account."),
        Record.objects.exclude(entity_type__key="User").exists(),
        reverse("crm:record_new", args=[people.slug]),
        gettext("Create Contact"),
        30,
    )


def _smtp(request: Request) -> Step | None:
    """For administrators only: nobody else can do it."""
    if not request.user.is_administrator:
        return None
    system = EmailAccount.objects.system()
    note = gettext("Your own mail server or provider: until then nothing leaves this computer, the sandbox keeps it.")
    is_done = system is not None and not system.is_sandbox
    url = reverse("crm:email_account_list")
    return Step(
        gettext("Connect SMTP"),
        system.email_address if is_done and system else note,
        is_done,
        url,
        gettext("Email Accounts"),
        10,
        is_optional=True,
    )


def _mailbox(request: Request) -> Step | None:
    """For administrators, once mail really leaves: the sandbox reads its bounces from the start."""
    system = EmailAccount.objects.system()
    if not request.user.is_administrator or system is None or system.is_sandbox:
        return None
    return Step(
        gettext("Read bounces"),
        gettext("Name the mailbox that bounces come back to: addresses that do not exist are then not mailed again."),
        Mailbox.objects.active().filter(account__is_sandbox=False).exists(),
        reverse("crm:email_account_mailbox", args=[system.pk]),
        gettext("Mailbox"),
        15,
        is_optional=True,
    )


def _find_records(request: Request, text: str) -> list[Found]:
    rows = search_records(Record.objects.select_related("entity_type", "email_address"), text).order_by("name", "pk")
    return [
        Found(str(row), row.get_absolute_url(), row.entity_type.singular, row.entity_type.icon, _address(row))
        for row in rows[:MOST_HITS]
    ]


def _address(record: Record) -> str:
    return record.email_address.address if record.email_address else ""


register_record_panel(_contacts_of_account)
register_step(_first_records)
register_step(_smtp)
register_step(_mailbox)
register_search(_find_records)
register_items(Section.AUDIENCE, _entity_types)
register_items(Section.CREATE, _new_records)
register(Section.FOOT, NavItem(_("Sandbox mail"), "crm:sandbox_list", "inbox", 10, visible=_sandbox_has_the_mail))
register(
    Section.FOOT,
    NavItem(
        _("Administration"), "crm:administration", "settings", 90, active_prefixes=("/admin/",), visible=administrators
    ),
)

"""What the core itself puts into the shell."""

from django.utils.translation import gettext_lazy as _

from crm.access import Request
from crm.models import EmailAccount, EntityType
from crm.navigation import NavItem, Section, administrators, register, register_items

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


register_items(Section.AUDIENCE, _entity_types)
register_items(Section.CREATE, _new_records)
register(Section.FOOT, NavItem(_("Sandbox mail"), "crm:sandbox_list", "inbox", 10, visible=_sandbox_has_the_mail))
register(
    Section.FOOT,
    NavItem(
        _("Administration"), "crm:administration", "settings", 90, active_prefixes=("/admin/",), visible=administrators
    ),
)

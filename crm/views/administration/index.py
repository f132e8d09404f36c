"""The Administration page: every item with one line about how things stand."""

from django.conf import settings as django_settings
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm.access import Request, administrator
from crm.administration import Item, register, sections
from crm.lists import CEILING
from crm.lists.counting import capped_counts
from crm.mail.sandbox import store
from crm.models import (
    AuditEntry,
    BackgroundTask,
    EmailAccount,
    EmailAddress,
    EntityType,
    JobStatus,
    Mailbox,
    ScheduledJob,
    Settings,
    Suppression,
    User,
)

OPTED_OUT, INVALID = Q(opted_out_at__isnull=False), Q(invalid_at__isnull=False)


@administrator
def administration(request: Request) -> HttpResponse:
    """The items whose title or state contains `q`."""
    wanted = request.GET.get("q", "").strip().casefold()
    found = [
        (section, [(item, state) for item, state in items if wanted in f"{item.title} {state}".casefold()])
        for section, items in sections()
    ]
    shown = [(section, items) for section, items in found if items]
    return render(request, "administration/index.html", {"sections": shown, "query": request.GET.get("q", "")})


def _settings_state() -> str:
    row = Settings.load()
    site_url = row.site_url or django_settings.SITE_URL or _("Site URL is not set")
    return f"{site_url} · {row.get_language_display()} · {row.time_zone}"


def _outbound_state() -> str:
    row = Settings.load()
    verp = _("VERP on") if row.use_verp else _("VERP off")
    opens = _("open tracking on") if row.open_tracking else _("open tracking off")
    return _("%(number)s per hour") % {"number": f"{row.max_per_hour:,}"} + f" · {verp} · {opens}"


def _accounts_state() -> str:
    system = EmailAccount.objects.system()
    if system is None:
        return _("No system account: nothing can be sent")
    if system.is_sandbox:
        return _("The sandbox takes all mail: nothing leaves this computer")
    return _("%(name)s sends") % {"name": system.name}


def _jobs_state() -> str:
    active = ScheduledJob.objects.filter(status=JobStatus.ACTIVE).count()
    return ngettext("%(number)s active job", "%(number)s active jobs", active) % {"number": active}


def _tasks_state() -> str:
    newest = BackgroundTask.objects.first()
    return f"{newest.title} · {newest.get_status_display()}" if newest else _("Nothing yet")


def _mailboxes_state() -> str:
    mailboxes = list(Mailbox.objects.active())
    if failed := [str(mailbox) for mailbox in mailboxes if mailbox.last_error]:
        return _("Cannot be read: %(names)s") % {"names": ", ".join(failed)}
    number = len(mailboxes)
    return ngettext("%(number)s mailbox is read", "%(number)s mailboxes are read", number) % {"number": number}


def _entities_state() -> str:
    custom = [entity_type.plural for entity_type in EntityType.objects.filter(is_builtin=False)]
    return ", ".join(custom[:5]) + (" …" if len(custom) > 5 else "") if custom else _("No types of your own yet")


def _users_state() -> str:
    number = User.objects.filter(is_active=True).count()
    return ngettext("%(number)s active user", "%(number)s active users", number) % {"number": number}


def _audit_state() -> str:
    newest = AuditEntry.objects.first()
    return f"{newest.object_label or newest.action} · {newest.user_name or 'Herald'}" if newest else _("Nothing yet")


def _addresses_state() -> str:
    opted_out, invalid = capped_counts([EmailAddress.objects.filter(flag) for flag in (OPTED_OUT, INVALID)])
    numbers = [f"{CEILING:,}+" if number > CEILING else f"{number:,}" for number in (opted_out, invalid)]
    return _("%(opted_out)s opted out · %(invalid)s invalid") % {"opted_out": numbers[0], "invalid": numbers[1]}


def _suppressions_state() -> str:
    number = Suppression.objects.count()
    return ngettext("%(number)s entry", "%(number)s entries", number) % {"number": f"{number:,}"}


def _sandbox_state() -> str:
    number = store.count()
    return ngettext("%(number)s message kept", "%(number)s messages kept", number) % {"number": number}


SYSTEM, EMAIL, PEOPLE = gettext_lazy("System"), gettext_lazy("Email"), gettext_lazy("People")
CUSTOMIZATION = gettext_lazy("Customization")
for item in (
    Item(SYSTEM, gettext_lazy("Settings"), "crm:settings", "settings", _settings_state, 10),
    Item(SYSTEM, gettext_lazy("Scheduled Jobs"), "crm:job_list", "clock", _jobs_state, 20),
    Item(SYSTEM, gettext_lazy("Background tasks"), "crm:task_list", "loader", _tasks_state, 25),
    Item(EMAIL, gettext_lazy("Outbound Emails"), "crm:outbound_emails", "mail-fast", _outbound_state, 30),
    Item(EMAIL, gettext_lazy("Email Accounts"), "crm:email_account_list", "at", _accounts_state, 40),
    Item(EMAIL, gettext_lazy("Bounce rules"), "crm:bounce_rules", "mail-x", _mailboxes_state, 45),
    Item(EMAIL, gettext_lazy("Email Addresses"), "crm:address_list", "address-book", _addresses_state, 46),
    Item(EMAIL, gettext_lazy("Suppressions"), "crm:suppression_list", "shield", _suppressions_state, 47),
    Item(EMAIL, gettext_lazy("Sandbox mail"), "crm:sandbox_list", "inbox", _sandbox_state, 50),
    Item(PEOPLE, gettext_lazy("Users"), "crm:user_list", "users", _users_state, 60),
    Item(PEOPLE, gettext_lazy("Audit Log"), "crm:audit_log", "history", _audit_state, 70),
    Item(CUSTOMIZATION, gettext_lazy("Entity Manager"), "crm:entity_list", "table", _entities_state, 80),
):
    register(item)

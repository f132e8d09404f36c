"""The first steps on Home that are about Herald itself. Each detects from data whether it is done.

What only administrators can do is optional: it keeps nobody from trying everything out with the sandbox. Others are
told to ask.
"""

from django.urls import reverse
from django.utils.translation import gettext as _

from crm import health_checks
from crm.access import Request
from crm.health import State
from crm.models import EmailAccount, EntityType, JobStatus, Mailbox, Record, ScheduledJob, Settings
from crm.navigation import Step


def _of_administrator(
    request: Request, title: str, note: str, is_done: bool, url: str, button: str, order: int
) -> Step:
    asked = f"{note} {_('Ask an administrator.')}"
    may = request.user.is_administrator
    return Step(title, note if may or is_done else asked, is_done, url if may else "", button, order, is_optional=True)


def smtp(request: Request) -> Step:
    system = EmailAccount.objects.system()
    note = _("Your own mail server or provider: until then nothing leaves this computer, the sandbox keeps it.")
    is_done = system is not None and not system.is_sandbox
    told = system.email_address if system and is_done else note
    url = reverse("crm:email_account_list")
    return _of_administrator(request, _("Connect SMTP"), told, is_done, url, _("Email Accounts"), 10)


def mailbox(request: Request) -> Step | None:
    """Once mail really leaves: the sandbox reads its bounces from the start."""
    system = EmailAccount.objects.system()
    if system is None or system.is_sandbox:
        return None
    note = _("Name the mailbox that bounces come back to: addresses that do not exist are then not mailed again.")
    is_done = Mailbox.objects.active().filter(account__is_sandbox=False).exists()
    url = reverse("crm:email_account_mailbox", args=[system.pk])
    return _of_administrator(request, _("Read bounces"), note, is_done, url, _("Mailbox"), 15)


def site_url(request: Request) -> Step:
    """Done when Health has nothing to say against it."""
    is_done = all(finding.state == State.OK for finding in health_checks.site_url())
    note = _("The address under which recipients reach Herald: links begin with it.")
    told = Settings.load().base_url if is_done else note
    return _of_administrator(request, _("Set the Site URL"), told, is_done, reverse("crm:settings"), _("Settings"), 20)


def job(request: Request) -> Step | None:
    """Active from the start; a step only where somebody switched it off."""
    if ScheduledJob.objects.filter(key="send_mass_emails", status=JobStatus.ACTIVE).exists():
        return None
    note = _("The job Send Mass Emails is Inactive: nothing is sent.")
    return _of_administrator(
        request, _("Activate the job"), note, False, reverse("crm:job_list"), _("Scheduled Jobs"), 25
    )


def records(request: Request) -> Step:
    """People, not counting colleagues, who have records by themselves."""
    people = EntityType.objects.get(key="Contact")
    url = reverse("crm:record_new", args=[people.slug]) if request.user.can_edit else ""
    return Step(
        _("Add contacts"),
        _("Everybody who is to get email is a record: a contact, a lead or an account."),
        Record.objects.exclude(entity_type__key="User").exists(),
        url,
        _("Create Contact"),
        30,
    )

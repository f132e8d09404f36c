"""*Ready to send?*: what must be right before a mass email may start, each with evidence and a link that mends it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from django.conf import settings as django_settings
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.attachments import total_size
from campaigns.audience import audience_of
from campaigns.composing import compose, errors_of
from campaigns.content.placeholders import PERSON_FIELDS, split
from campaigns.models import Campaign, CampaignStatus, MassEmail
from campaigns.sending.freeze import CannotStart, account_of, from_of
from crm.models import Base, Beat, DkimKey, JobStatus, ScheduledJob, Settings, User

State = Literal["ok", "warning", "error"]
MANY_OCTETS = 1024 * 1024  # of attachments, above which a mass email is slow and suspect to filters
SILENT = timedelta(minutes=3)  # a worker that gave no sign of life for so long is not there


@dataclass(frozen=True, slots=True)
class Check:
    """One finding. An error blocks scheduling; `field` names the form field that it belongs to."""

    state: State
    sentence: str
    evidence: str = ""
    field: str = ""
    fix_url: str = ""
    fix_label: str = ""


Finding = Callable[[MassEmail], Iterator[Check]]


def ready_checks(mass_email: MassEmail, user: User | None = None) -> list[Check]:
    """All findings, in the order of the page: what, who, when, from, and the machine behind it. With `user` also
    whether they may send it."""
    found = [check for finding in FINDINGS for check in finding(mass_email)]
    return [*_permission(mass_email.campaign, user), *found] if user else found


def _permission(campaign: Campaign, user: User) -> Iterator[Check]:
    if campaign.is_informational and user.can_edit and not user.may_send_informational:
        yield Check("error", _("You may not send informational email, which also goes to opted-out people."))


def _campaign(mass_email: MassEmail) -> Iterator[Check]:
    campaign = mass_email.campaign
    fix = reverse("campaigns:edit", args=[campaign.pk])
    if not campaign.sends_email:
        yield Check("error", _("A campaign of this type does not send email."), field="campaign", fix_url=fix)
    if campaign.status == CampaignStatus.INACTIVE:
        yield Check(
            "error", _("The campaign is Inactive and does not send."), field="campaign", fix_url=fix,
            fix_label=_("Edit campaign"),
        )  # fmt: skip


def _template(mass_email: MassEmail) -> Iterator[Check]:
    template = mass_email.template
    if template is None:
        yield Check("error", _("Choose an email template."), field="template")
        return
    fix = {"fix_url": reverse("campaigns:template_edit", args=[template.pk]), "fix_label": _("Edit template")}
    content, problems = compose(template, mass_email.campaign)
    for problem in problems:
        line = _("Line %(line)s") % {"line": problem.line} if problem.line else ""
        yield Check(problem.severity, str(problem.message), line, "template", **fix)
    if not errors_of(problems):
        yield Check("ok", _("The template has no errors."), template.name)
        yield from _opt_out_link(mass_email, f"{template.body}{template.text_body}", fix)
        if count := len(content.links):
            words = ngettext("%(n)s tracking URL, it exists", "%(n)s tracking URLs, all exist", count) % {"n": count}
            yield Check("ok", words)


def _opt_out_link(mass_email: MassEmail, written: str, fix: dict[str, str]) -> Iterator[Check]:
    names = {piece.name for piece in split(written) if not isinstance(piece, str)}
    if mass_email.campaign.is_informational:
        if names & {"optOutUrl", "optOutLink", "preferencesUrl"}:
            yield Check("warning", _("Informational email goes without an opt-out link, but the template has one."),
                        "", "template", **fix)  # fmt: skip
    elif names & {"optOutUrl", "optOutLink"}:
        yield Check("ok", _("The opt-out link is in the template."))
    elif Settings.load().disable_opt_out_link:
        yield Check("warning", _("The template has no opt-out link, and none is added."), "", "template", **fix)
    else:
        yield Check("ok", _("The opt-out link is added at the end."))


def _attachments(mass_email: MassEmail) -> Iterator[Check]:
    """Servers say how much they take: better told now than by a refusal for everybody."""
    template = mass_email.template
    octets = total_size(template) if template else 0
    if template is None or not octets:
        return
    encoded = octets * 78 // 57  # base64 with its line ends
    fix = f"{reverse('campaigns:template_edit', args=[template.pk])}#attachments"
    count = template.attachments.count()
    sentence = ngettext("%(count)s attachment", "%(count)s attachments", count) % {"count": count}
    most = _server_size(mass_email)
    if most and encoded > most:
        evidence = _("%(size)s in the mail, and the mail server takes %(most)s.")
        told = evidence % {"size": filesizeformat(encoded), "most": filesizeformat(most)}
        yield Check("error", _("The attachments are too large."), told, "template", fix, _("Edit template"))
    elif octets > MANY_OCTETS:
        told = _("Every recipient gets %(size)s. A link to the web arrives sooner and can be counted.")
        yield Check("warning", sentence, told % {"size": filesizeformat(encoded)}, "template", fix, _("Edit template"))
    else:
        yield Check("ok", sentence, filesizeformat(octets))


def _server_size(mass_email: MassEmail) -> int | None:
    try:
        return account_of(mass_email).server_size
    except CannotStart:
        return None  # said by another check


def _fallbacks(mass_email: MassEmail) -> Iterator[Check]:
    """{Person.firstName} stays empty for companies: say how many they are when there is no fallback."""
    if mass_email.template is None:
        return
    written = f"{mass_email.template.subject}\n{mass_email.template.body}"
    bare = sorted(
        {
            piece.source
            for piece in split(written)
            if not isinstance(piece, str) and not piece.fallback and piece.name in _PERSONAL
        }
    )
    companies = audience_of(mass_email).records().filter(entity_type__base=Base.COMPANY).count() if bare else 0
    if companies:
        sentence = ngettext(
            "%(count)s target is a company", "%(count)s targets are companies", companies
        ) % {"count": companies}  # fmt: skip
        evidence = _("%(placeholders)s stays empty for them; add a fallback such as {Person.firstName|there}.")
        yield Check("warning", sentence, evidence % {"placeholders": ", ".join(bare)}, "template")


_PERSONAL = {f"Person.{name}" for name in PERSON_FIELDS - {"name", "emailAddress"}}


def _audience(mass_email: MassEmail) -> Iterator[Check]:
    counts = audience_of(mass_email).counts()
    if not counts.on_lists:
        yield Check("error", _("The target lists are empty. Choose a list with people on it."), field="target_lists")
    elif not counts.people:
        yield Check(
            "error", _("Nobody on the target lists can get this email: all are excluded, opted out or invalid."),
            field="target_lists", fix_url=reverse("campaigns:mass_email_audience", args=[mass_email.pk]),
            fix_label=_("Review"),
        )  # fmt: skip
    else:
        yield Check("ok", ngettext("%(count)s person", "%(count)s people", counts.people) % {"count": counts.people})


def _date(mass_email: MassEmail) -> Iterator[Check]:
    if mass_email.start_at is None:
        yield Check("error", _("Enter the Date Start."), field="start_at")
    elif mass_email.start_at < timezone.now() - timedelta(hours=1):
        yield Check("error", _("Date Start is in the past. Choose a time from now on."), field="start_at")


def _account(mass_email: MassEmail) -> Iterator[Check]:
    try:
        account = account_of(mass_email)
    except CannotStart as refusal:
        yield Check("error", str(refusal), field="account")
        return
    if account.is_backing_off or account.last_error:
        yield Check("warning", _("The email account has trouble."), account.last_error, "account")
    elif account.is_sandbox:
        sentence = _("Mail goes to the sandbox: nobody outside gets it.")
        yield Check("ok", sentence, fix_url=reverse("crm:sandbox_list"), fix_label=_("Open"))
    else:
        yield Check("ok", _("Email account: %(name)s") % {"name": account.name})


def _dkim(mass_email: MassEmail) -> Iterator[Check]:
    """A signature of another domain than the From address's proves nothing to DMARC."""
    try:
        account = account_of(mass_email)
    except CannotStart:
        return
    key = DkimKey.objects.filter(account=account, is_signing=True).first()
    if key is None:
        return
    sender = from_of(mass_email, account, Settings.load())[1].rpartition("@")[2].lower()
    if sender == key.domain or sender.endswith(f".{key.domain}"):
        yield Check("ok", _("Mails are signed for %(domain)s.") % {"domain": key.domain}, key.record_name)
    else:
        sentence = _("Mails are signed for %(domain)s, but they come from %(sender)s.")
        yield Check("warning", sentence % {"domain": key.domain, "sender": sender}, field="from_address")


def _site(mass_email: MassEmail) -> Iterator[Check]:
    settings = Settings.load()
    if not settings.site_url and not django_settings.SITE_URL:
        yield Check(
            "warning", _("Site URL is not set: links lead to %(url)s.") % {"url": settings.base_url},
            fix_url=reverse("crm:settings"), fix_label=_("Settings"),
        )  # fmt: skip


def _job(mass_email: MassEmail) -> Iterator[Check]:
    job = ScheduledJob.objects.filter(key="send_mass_emails").first()
    if job is None or job.status != JobStatus.ACTIVE:
        yield Check(
            "error", _("The scheduled job Send Mass Emails is not Active."), fix_url=reverse("crm:job_list"),
            fix_label=_("Scheduled Jobs"),
        )  # fmt: skip
    elif not worker_alive():
        yield _no_worker()
    else:
        yield Check("ok", _("The job Send Mass Emails is Active and the worker is alive."))


def _test(mass_email: MassEmail) -> Iterator[Check]:
    template = mass_email.template
    changed = max(template.modified_at, mass_email.created_at) if template else mass_email.created_at
    fix = {"fix_url": reverse("campaigns:mass_email_send_test", args=[mass_email.pk]), "fix_label": _("Send Test")}
    if mass_email.test_sent_at is None or mass_email.test_sent_at < changed:
        yield Check("warning", _("No test sent since the last change"), **fix)
    else:
        yield Check("ok", _("A test was sent since the last change."))


def _no_worker() -> Check:
    """Of one that never ran it cannot be said that it fell silent: Herald may just have started."""
    if Beat.objects.filter(role="worker").exists():
        return Check("warning", _("The worker gave no sign of life for some minutes: nothing is sent until it runs."))
    return Check("warning", _("The worker has not ticked yet"), _("It does within a minute of the start."))


def worker_alive() -> bool:
    return Beat.objects.filter(role="worker", seen_at__gt=timezone.now() - SILENT).exists()


FINDINGS: tuple[Finding, ...] = (
    _campaign, _template, _attachments, _fallbacks, _audience, _date, _account, _dkim, _site, _job, _test,
)  # fmt: skip

"""What is sent is fixed when sending starts: content, sender, links, lists."""

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from campaigns.attachments import freeze_attachments
from campaigns.composing import compose, errors_of
from campaigns.content.content import Content
from campaigns.models import Campaign, FrozenMassEmail, Link, MassEmail, TrackingUrl
from campaigns.people import person_of
from campaigns.sender import From, stands_in
from campaigns.sending.envelopes import EnvelopeMaker
from campaigns.sending.message import MessageError
from crm.mail.secrets import SecretUnreadable
from crm.models import EmailAccount, Mailbox, Settings
from targets.models import TargetList


class CannotStart(Exception):
    """Why a mass email cannot be sent, as a sentence for the person who scheduled it."""


def freeze(mass_email: MassEmail) -> FrozenMassEmail:
    """Write (or write again, before the start) the frozen form. Raises CannotStart."""
    if mass_email.template is None:
        raise CannotStart(_("The email template was deleted. Choose another one."))
    content, problems = compose(mass_email.template, mass_email.campaign)
    if errors := errors_of(problems):
        raise CannotStart(_("The email template has an error: %(error)s") % {"error": errors[0]})
    account, settings = account_of(mass_email), Settings.load()
    frozen, _created = FrozenMassEmail.objects.update_or_create(
        pk=mass_email.pk,
        defaults={
            "campaign_id": mass_email.campaign_id,
            "campaign_name": mass_email.campaign.name,
            "content": content.as_json(),
            "sender": _sender(mass_email, account, settings),
            "links": _links(mass_email, content),
            "target_lists": _names(mass_email, "target_lists"),
            "excluding_target_lists": _names(mass_email, "excluding_target_lists"),
            "campaign_lists": _names(mass_email.campaign, "target_lists"),
            "opt_out_entirely": mass_email.opt_out_entirely,
            "is_informational": mass_email.campaign.is_informational,
            "account_id": account.pk,
            "base_url": settings.base_url,
            "use_verp": settings.use_verp,
            "store_sent": mass_email.store_sent,
            "template_name": mass_email.template.name,
            "template_version": mass_email.template.version,
        },
    )
    freeze_attachments(frozen.pk, mass_email.template)
    _try(frozen)
    return frozen


def _try(frozen: FrozenMassEmail) -> None:
    """A sender or a subject that cannot be written would fail everybody: say so before anybody is touched."""
    try:
        maker = EnvelopeMaker(frozen, frozen.frozen_at)
        envelope = maker.make(person_of(None, "probe@example.com", maker.settings.language))
    except (MessageError, SecretUnreadable) as error:
        raise CannotStart(_("The email cannot be made: %(error)s") % {"error": error}) from error
    most = EmailAccount.objects.filter(pk=frozen.account_id or 0).values_list("server_size", flat=True).first()
    if most and len(envelope.data) > most:
        sentence = _("The email is too large: %(size)s with its attachments, and the mail server takes %(most)s.")
        raise CannotStart(sentence % {"size": filesizeformat(len(envelope.data)), "most": filesizeformat(most)})


def account_of(mass_email: MassEmail) -> EmailAccount:
    """The account that sends: the chosen one, else the system account. Raises CannotStart."""
    if mass_email.account is not None:
        if mass_email.account not in EmailAccount.objects.for_mass_email():
            raise CannotStart(_("The email account “%(name)s” is not active.") % {"name": mass_email.account})
        return mass_email.account
    account = EmailAccount.objects.system()
    if account is None:
        raise CannotStart(_("There is no active system account. An administrator sets it at Email Accounts."))
    return account


def from_of(mass_email: MassEmail, account: EmailAccount, settings: Settings) -> From:
    """`account` is the one that sends."""
    name, address = stands_in(account, mass_email.account_id is not None, settings)
    return mass_email.from_name or name, mass_email.from_address or address


def accept_what_is_gone(mass_email: MassEmail) -> None:
    """After a person saw the pause: lists that were deleted count no more, for a deleted account another one sends.

    Raises CannotStart when there is no other.
    """
    frozen = FrozenMassEmail.objects.filter(pk=mass_email.pk).first()
    if frozen is None:
        return
    known = {str(pk) for pk in TargetList.objects.values_list("pk", flat=True)}
    frozen.target_lists = {pk: name for pk, name in frozen.target_lists.items() if pk in known}
    frozen.excluding_target_lists = {pk: name for pk, name in frozen.excluding_target_lists.items() if pk in known}
    if not EmailAccount.objects.filter(pk=frozen.account_id or 0).exists():
        account = account_of(mass_email)
        frozen.account_id = account.pk
        frozen.sender["envelope_address"] = _envelope_address(account)
    frozen.save(update_fields=["target_lists", "excluding_target_lists", "account_id", "sender"])


def _envelope_address(account: EmailAccount) -> str:
    return account.envelope_address or account.email_address


def _opt_out_mailto(account: EmailAccount) -> str:
    """Where an opt-out may be mailed to: only an address whose mailbox is read. The account's own comes first."""
    readers = Mailbox.objects.active().exclude(opt_out_address="").order_by("pk")
    mailbox = readers.filter(account=account).first() or readers.first()
    return mailbox.opt_out_address if mailbox else ""


def _sender(mass_email: MassEmail, account: EmailAccount, settings: Settings) -> dict[str, str]:
    name, address = from_of(mass_email, account, settings)
    return {
        "from_address": address,
        "from_name": name,
        "reply_to_address": mass_email.reply_to_address,
        "reply_to_name": mass_email.reply_to_name,
        "envelope_address": _envelope_address(account),
        "extra_headers": account.extra_headers,
        "opt_out_mailto": _opt_out_mailto(account),
        "postal_address": settings.postal_address,
        "company": settings.company_name or settings.from_name,
    }


def _links(mass_email: MassEmail, content: Content) -> dict[str, int]:
    """Tracking code → Link id. An unchanged link keeps its row, so links of test mails stay the same."""
    links = {}
    for url in TrackingUrl.objects.filter(campaign_id=mass_email.campaign_id, code__in=content.links):
        wanted = {
            "mass_email_id": mass_email.pk,
            "tracking_url_id": url.pk,
            "code": url.code,
            "name": url.name,
            "url": url.url if url.action == "redirect" else "",
            "message": url.message if url.action != "redirect" else "",
        }
        # Not get_or_create: two tests at once may have made it twice, and either will do.
        link = Link.objects.filter(**wanted).order_by("pk").first() or Link.objects.create(**wanted)
        links[url.code] = link.pk
    return links


def _names(owner: MassEmail | Campaign, field: str) -> dict[str, str]:
    return {str(pk): name for pk, name in getattr(owner, field).values_list("pk", "name")}

"""The VERP probe: a mail to an address that does not exist. If its bounce comes home, everybody's does."""

import secrets
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.models import BounceProbe, BounceReport, QueueItem, QueueStatus
from campaigns.tracking.links import ReturnPaths
from campaigns.tracking.message_ids import MessageIds
from crm.audit import audit
from crm.mail.account_check import send_test_email
from crm.models import EmailAccount, User

GIVE_UP = timedelta(hours=1)


def suggested_address(account: EmailAccount) -> str:
    """At the account's own domain nobody else is bothered; the sandbox bounces what it is told to."""
    tag = secrets.token_hex(4)
    if account.is_sandbox:
        return f"bounce-hard.{tag}@example.com"
    return f"no-such-person-{tag}@{account.email_address.rpartition('@')[2]}"


def send_probe(account: EmailAccount, recipient: str, user: User) -> BounceProbe:
    """Send it now, with VERP and a Message-ID of ours. `recipient` is a parsed address."""
    with transaction.atomic():
        item = QueueItem.objects.create(mass_email_id=0, is_test=True, status=QueueStatus.SENT, attempts=1)
        probe = BounceProbe.objects.create(account_id=account.pk, queue_item_id=item.pk, address=recipient)
        audit(user, "email_account.probed", account, recipient=recipient)
    sender = ReturnPaths(account.envelope_address or account.email_address).of(item.pk)
    message_id = MessageIds(0, account.email_address.rpartition("@")[2]).of(item.pk)
    finding = send_test_email(account, recipient, sender, message_id)
    probe.is_accepted = finding.ok
    probe.said = f"{finding.sentence} {finding.said}".strip()[:1000]
    probe.save(update_fields=["is_accepted", "said"])
    return probe


def probe_state(probe: BounceProbe) -> tuple[str, str]:
    """(tone, sentence): what is known of it by now."""
    if not probe.is_accepted:
        return "warning", _("The server refused it at once, so nothing can come back. Such refusals count as bounces.")
    if probe.answered_at:
        report = BounceReport.objects.filter(pk=probe.report_id or 0).first()
        words = report.get_proof_display() if report else ""
        return "success", _("The bounce came home. It was recognised by: %(proof)s.") % {"proof": words}
    if timezone.now() - probe.sent_at > GIVE_UP:
        return "danger", _("No bounce came home within an hour. Is the return path's mailbox the one that is read?")
    return "info", _("Waiting for the bounce. The mailbox is read when the job runs.")

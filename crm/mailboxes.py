"""What administrators do with the mailbox of an email account: save, stop reading, test."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.audit import audit
from crm.changes import differences
from crm.mail.account_check import Finding
from crm.mail.mailbox import MailboxError
from crm.mail.mailbox_opening import opened
from crm.models import EmailAccount, Mailbox, User

AUDITED = (
    "is_active", "kind", "host", "port", "security", "sign_in", "username", "path", "folders", "fetch_since", "after",
    "move_to", "opt_out_address",
)  # fmt: skip
PATIENCE = 10.0  # seconds that somebody waits for the page
SHOWN = 40  # folders


def mailbox_of(account: EmailAccount) -> Mailbox:
    """The one that the account has, or a new one that is not stored."""
    return Mailbox.objects.filter(account=account).select_related("account").first() or Mailbox(account=account)


def save_mailbox(mailbox: Mailbox, user: User) -> None:
    """Store it; of the password the audit row says only whether there is one. It is tried again at once."""
    with transaction.atomic():
        before = Mailbox.objects.filter(pk=mailbox.pk).first() if mailbox.pk else None
        changes = differences(before, mailbox, AUDITED)
        if (before.secret if before else "") != mailbox.secret:
            changes["password"] = [bool(before and before.secret), bool(mailbox.secret)]
        mailbox.failures, mailbox.retry_at, mailbox.last_error = 0, None, ""
        mailbox.save()
        told = {name: [str(one) if isinstance(one, date) else one for one in pair] for name, pair in changes.items()}
        audit(user, f"mailbox.{'changed' if before else 'created'}", mailbox, **told)


def remove_mailbox(mailbox: Mailbox, user: User) -> None:
    """Nothing is read any more, and what was read is forgotten: an account that reads again begins anew."""
    with transaction.atomic():
        audit(user, "mailbox.removed", mailbox)
        mailbox.delete()


def check_mailbox(mailbox: Mailbox) -> Finding:
    """Connect, sign in, list the folders. Nothing is read."""
    try:
        with opened(mailbox, PATIENCE) as box:
            names = box.folder_names()
    except MailboxError as error:
        return Finding(False, _("The mailbox cannot be opened."), str(error))
    if missing := [name for name in mailbox.folder_names if name not in names]:
        sentence = _("The mailbox works, but it has no folder %(names)s.")
        return Finding(False, sentence % {"names": ", ".join(missing)}, _listed(names))
    sentence = ngettext(
        "The mailbox works. It has %(number)s folder.", "The mailbox works. It has %(number)s folders.", len(names)
    )
    return Finding(True, sentence % {"number": len(names)}, _listed(names))


def _listed(names: list[str]) -> str:
    return " · ".join(names[:SHOWN]) + (" …" if len(names) > SHOWN else "")

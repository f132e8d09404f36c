"""What administrators do with email accounts: save, make one the system account, remove."""

from django.db import transaction
from django.utils.translation import gettext as _

from crm.audit import audit
from crm.changes import differences
from crm.models import AccountStatus, EmailAccount, Settings, User

AUDITED = (
    "name", "status", "kind", "provider", "api_url", "api_option",
    "email_address", "from_name", "is_system", "is_for_mass_email", "envelope_address",
    "extra_headers", "smtp_host", "smtp_port", "smtp_security", "smtp_auth", "smtp_mechanism", "smtp_username",
    "max_per_hour", "max_per_second", "connections", "messages_per_connection",
)  # fmt: skip


class AccountInUse(Exception):
    """The account cannot go; the message says what to do first."""


def save_account(account: EmailAccount, user: User) -> None:
    """Store a new or changed account. The audit row names what changed, and of the password only that it did.

    A changed account starts with a clean circuit breaker. One that becomes the system account takes over from the one
    before in the same transaction; the sandbox then stands aside altogether.
    """
    with transaction.atomic():
        before = EmailAccount.objects.filter(pk=account.pk).first() if account.pk else None
        if account.is_system:
            _take_over(account)
        if before and (before.kind, before.smtp_host) != (account.kind, account.smtp_host):
            account.server_size = None
        account.failures, account.retry_at, account.last_error = 0, None, ""
        account.save()
        audit(user, f"email_account.{'changed' if before else 'created'}", account, **_changes(before, account))


def make_system(account: EmailAccount, user: User) -> None:
    """Let this account, which may be the sandbox, send everything that names no other."""
    account.is_system, account.status = True, AccountStatus.ACTIVE
    save_account(account, user)


def remove_account(account: EmailAccount, user: User) -> None:
    """Raises AccountInUse for the system account and for the sandbox."""
    if account.is_sandbox:
        raise AccountInUse(_("The sandbox account cannot be removed. It stands aside as soon as another is in place."))
    if account.is_system:
        raise AccountInUse(_("This is the system account. Make another account the system account first."))
    with transaction.atomic():
        audit(user, "email_account.removed", account, address=account.email_address)
        account.delete()


def remember_size(account: EmailAccount, size: int | None) -> None:
    """What the account's server takes at most, in octets, as its EHLO said (RFC 1870); 0 or None mean no limit.

    Written only where the stored account has the same host: the form that was tested may not have been saved."""
    rows = EmailAccount.objects.filter(pk=account.pk, smtp_host=account.smtp_host)
    rows.update(server_size=size or None)


def _take_over(account: EmailAccount) -> None:
    """Clear the place of the system account, which a constraint gives to one account only."""
    others = EmailAccount.objects.exclude(pk=account.pk)
    others.filter(is_system=True, is_sandbox=False).update(is_system=False)
    if account.is_sandbox:
        return
    sandbox = others.filter(is_sandbox=True)
    sandbox.update(is_system=False, is_for_mass_email=False)
    # The sandbox's own address means nothing to a real server: mail from it would be refused.
    defaults = Settings.objects.filter(from_address__in=sandbox.values("email_address"))
    defaults.update(from_address=account.email_address, from_name=account.from_name or account.name)


def _changes(before: EmailAccount | None, after: EmailAccount) -> dict[str, list[object]]:
    changes = differences(before, after, AUDITED)
    if (before.smtp_secret if before else "") != after.smtp_secret:
        changes["password"] = [bool(before and before.smtp_secret), bool(after.smtp_secret)]
    if (before.api_secret if before else "") != after.api_secret:
        changes["api_key"] = [bool(before and before.api_secret), bool(after.api_secret)]
    return changes

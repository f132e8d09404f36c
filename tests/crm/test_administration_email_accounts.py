"""Saving email accounts: the system account, the sandbox that stands aside, and passwords that nobody reads."""

import pytest
from django.db import IntegrityError, transaction

from crm.email_accounts import AccountInUse, make_system, remove_account, save_account
from crm.forms.administration_accounts import EmailAccountForm
from crm.models import AuditEntry, EmailAccount, Settings, User
from tests.factories import EmailAccountFactory

CANARY = "kanarienvogel-7391"


def filled(**changes: object) -> dict[str, object]:
    """What a browser posts for a fine account; None leaves a field out, as an unticked box does."""
    data = {
        "name": "Acme", "email_address": "news@acme.example.com", "from_name": "Acme", "envelope_address": "",
        "status": "active", "is_for_mass_email": "on", "smtp_host": "smtp.acme.example.com", "smtp_port": "",
        "smtp_security": "starttls", "smtp_auth": "on", "smtp_mechanism": "", "smtp_username": "news",
        "password": CANARY, "max_per_hour": "", "max_per_second": "", "connections": "4",
        "messages_per_connection": "100",
    }  # fmt: skip
    return {name: value for name, value in {**data, **changes}.items() if value is not None}


def saved(user: User, **changes: object) -> EmailAccount:
    form = EmailAccountForm(filled(**changes))
    assert form.is_valid(), form.errors
    save_account(form.instance, user)
    return EmailAccount.objects.get(pk=form.instance.pk)


def problems(account: EmailAccount | None = None, /, **changes: object) -> list[str]:
    """The fields that a form for the account complains about."""
    return list(EmailAccountForm(filled(**changes), instance=account).errors)


def sandbox() -> EmailAccount:
    return EmailAccount.objects.get(is_sandbox=True)


def test_the_password_is_stored_encrypted_and_audited_without_itself(administrator: User) -> None:
    account = saved(administrator)
    assert account.password == CANARY
    assert CANARY not in account.smtp_secret
    (entry,) = AuditEntry.objects.filter(action="email_account.created")
    assert entry.changes["password"] == [False, True]
    assert CANARY not in str(entry.changes) and account.smtp_secret not in str(entry.changes)


@pytest.mark.parametrize(("security", "port"), [("tls", 465), ("starttls", 587)])
def test_an_empty_port_is_the_usual_one(administrator: User, security: str, port: int) -> None:
    assert saved(administrator, smtp_security=security).smtp_port == port


def test_a_port_of_ones_own_stays(administrator: User) -> None:
    assert saved(administrator, smtp_port="2587").smtp_port == 2587


def test_an_empty_password_keeps_the_stored_one(administrator: User) -> None:
    account = saved(administrator)
    form = EmailAccountForm(filled(password="", name="Renamed"), instance=account)
    assert form.is_valid()
    save_account(form.instance, administrator)
    account.refresh_from_db()
    assert (account.name, account.password) == ("Renamed", CANARY)
    assert AuditEntry.objects.get(action="email_account.changed").changes == {"name": ["Acme", "Renamed"]}


def test_a_stored_password_does_not_follow_to_another_host(administrator: User) -> None:
    account = saved(administrator)
    assert "password" in problems(account, password="", smtp_host="evil.example.net")
    assert "password" not in problems(account, password="new", smtp_host="other.example.net")


def test_without_sign_in_no_credentials_are_kept(administrator: User) -> None:
    account = saved(administrator)
    form = EmailAccountForm(filled(smtp_auth=None, password="", smtp_security="none"), instance=account)
    assert form.is_valid(), form.errors
    save_account(form.instance, administrator)
    account.refresh_from_db()
    assert (account.smtp_secret, account.smtp_username) == ("", "")
    assert AuditEntry.objects.get(action="email_account.changed").changes["password"] == [True, False]


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("smtp_security", {"smtp_security": "none"}),
        ("smtp_username", {"smtp_username": ""}),
        ("password", {"password": ""}),
        ("smtp_host", {"smtp_host": "smtp.example.com:587"}),
        ("smtp_host", {"smtp_host": "https://smtp.example.com"}),
        ("smtp_host", {"smtp_host": "a b"}),
        ("smtp_port", {"smtp_port": "70000"}),
        ("smtp_port", {"smtp_port": "0"}),
        ("email_address", {"email_address": "почта@пример.рф"}),
        ("email_address", {"email_address": "a@example.com, b@example.com"}),
        ("from_name", {"from_name": "Acme\r\nBcc: all@example.com"}),
        ("from_name", {"from_name": "Acme\x0bx"}),
        ("smtp_username", {"smtp_username": "a\nb"}),
        ("envelope_address", {"envelope_address": "bounces"}),
        ("max_per_hour", {"max_per_hour": "0"}),
        ("connections", {"connections": "0"}),
        ("messages_per_connection", {"messages_per_connection": "0"}),
        ("status", {"is_system": "on", "status": "inactive"}),
    ],
)
def test_bad_input_is_refused_at_its_field(db: None, field: str, changes: dict[str, object]) -> None:
    assert problems(**changes) == [field]


def test_fields_that_are_not_on_the_form_are_ignored(db: None) -> None:
    form = EmailAccountForm(filled(is_sandbox="on", smtp_secret="x", failures="9"))
    assert form.is_valid()
    assert (form.instance.is_sandbox, form.instance.failures) == (False, 0)
    assert form.instance.password == CANARY


def test_a_new_system_account_lets_the_sandbox_stand_aside(administrator: User) -> None:
    account = saved(administrator, is_system="on")
    assert EmailAccount.objects.system() == account
    assert (sandbox().is_system, sandbox().is_for_mass_email) == (False, False)
    assert sandbox() not in EmailAccount.objects.for_mass_email()
    assert Settings.load().from_address == "news@acme.example.com"


def test_the_next_system_account_takes_over_from_the_last_and_leaves_the_sender_alone(administrator: User) -> None:
    first = saved(administrator, is_system="on")
    second = saved(administrator, name="Second", email_address="two@acme.example.com", is_system="on")
    assert list(EmailAccount.objects.filter(is_system=True)) == [second]
    assert first in EmailAccount.objects.for_mass_email()
    assert Settings.load().from_address == "news@acme.example.com"


def test_the_sandbox_can_be_called_back(administrator: User) -> None:
    account = saved(administrator, is_system="on")
    make_system(sandbox(), administrator)
    assert EmailAccount.objects.system() == sandbox()
    account.refresh_from_db()
    assert not account.is_system


def test_the_system_account_cannot_be_unticked_or_switched_off(administrator: User) -> None:
    account = saved(administrator, is_system="on")
    assert problems(account, password="", is_system=None) == ["is_system"]
    assert problems(account, password="", is_system="on", status="inactive") == ["status"]


def test_neither_system_account_nor_sandbox_can_be_removed(administrator: User) -> None:
    account = saved(administrator, is_system="on")
    for row in (account, sandbox()):
        with pytest.raises(AccountInUse):
            remove_account(row, administrator)
    make_system(sandbox(), administrator)
    account.refresh_from_db()
    remove_account(account, administrator)
    assert not EmailAccount.objects.filter(name="Acme").exists()
    assert AuditEntry.objects.filter(action="email_account.removed", object_label="Acme").exists()


def test_a_changed_account_is_tried_again_at_once(administrator: User) -> None:
    account = EmailAccountFactory.create(failures=9, last_error="535 wrong")
    save_account(account, administrator)
    account.refresh_from_db()
    assert (account.failures, account.retry_at, account.last_error) == (0, None, "")


def test_the_database_knows_only_one_system_account(db: None) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        EmailAccountFactory.create(is_system=True)

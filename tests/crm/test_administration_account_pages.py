"""The pages of email accounts, and a canary: no page, audit row or log line ever shows a password."""

import logging

import pytest
from django.test import Client

from crm.models import AuditEntry, EmailAccount
from tests.crm.test_administration_email_accounts import CANARY, filled
from tests.factories import EmailAccountFactory
from tests.smtp_server import Act, SmtpServer


def created(client: Client, **changes: object) -> EmailAccount:
    response = client.post("/admin/email-accounts/new/", filled(**changes))
    assert response.status_code == 302, response.context["form"].errors
    return EmailAccount.objects.latest("pk")


def for_server(server: SmtpServer, **changes: object) -> dict[str, object]:
    plain: dict[str, object] = {"smtp_auth": None, "smtp_security": "none", "password": "", "smtp_username": ""}
    return filled(smtp_host=server.host, smtp_port=str(server.port), **{**plain, **changes})


def test_the_password_is_shown_nowhere(as_administrator: Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    account = created(as_administrator, is_system="on")
    edit = f"/admin/email-accounts/{account.pk}/"
    pages = [
        as_administrator.get("/admin/"), as_administrator.get("/admin/email-accounts/"), as_administrator.get(edit),
        as_administrator.post(edit, filled(name="")), as_administrator.post(f"{edit}test/", filled(smtp_host="x y")),
        as_administrator.post(f"{edit}test/", filled(smtp_host="127.0.0.1", smtp_port="1", test="connection")),
        as_administrator.get("/admin/audit-log/"),
    ]  # fmt: skip
    for secret in (CANARY, account.smtp_secret):
        assert all(secret not in page.content.decode() for page in pages)
        assert secret not in caplog.text
        assert secret not in str(list(AuditEntry.objects.values()))
    assert "A password is stored" in pages[2].content.decode()


def test_test_connection_uses_what_the_form_says_and_saves_nothing(as_administrator: Client) -> None:
    account = EmailAccountFactory.create(smtp_port=1)
    with SmtpServer() as server:
        url = f"/admin/email-accounts/{account.pk}/test/"
        response = as_administrator.post(url, {**for_server(server), "test": "connection"})
        fragment = as_administrator.post(url, {**for_server(server), "test": "connection"}, HTTP_HX_REQUEST="true")
    assert "works." in response.content.decode() and "<html" in response.content.decode()
    assert "works." in fragment.content.decode() and "<html" not in fragment.content.decode()
    account.refresh_from_db()
    assert account.smtp_port == 1


def test_a_test_email_shows_the_reply_escaped(as_administrator: Client) -> None:
    account = EmailAccountFactory.create()
    with SmtpServer() as server:
        server.on("RCPT", Act("550 5.7.1 <script>alert(1)</script>"))
        body = {**for_server(server), "test": "send", "recipient": "ines@rocha.example.com"}
        page = as_administrator.post(f"/admin/email-accounts/{account.pk}/test/", body).content.decode()
    assert "The recipient was refused" in page and "&lt;script&gt;alert(1)" in page and "<script>alert" not in page


def test_a_test_email_needs_an_address(as_administrator: Client) -> None:
    account = EmailAccountFactory.create()
    with SmtpServer() as server:
        body = {**for_server(server), "test": "send", "recipient": "ines@"}
        response = as_administrator.post(f"/admin/email-accounts/{account.pk}/test/", body)
    assert response.status_code == 422
    assert server.connections == 0


def test_the_sandbox_account_has_no_fields_and_can_be_called_back(as_administrator: Client) -> None:
    created(as_administrator, is_system="on")
    sandbox = EmailAccount.objects.get(is_sandbox=True)
    page = as_administrator.get(f"/admin/email-accounts/{sandbox.pk}/").content.decode()
    assert "Stands aside" in page and "smtp_host" not in page
    as_administrator.post(f"/admin/email-accounts/{sandbox.pk}/", filled(name="Hacked"))
    sandbox.refresh_from_db()
    assert (sandbox.name, sandbox.smtp_host) == ("Sandbox", "sandbox")
    as_administrator.post(f"/admin/email-accounts/{sandbox.pk}/system/")
    assert EmailAccount.objects.system() == sandbox


def test_an_account_is_removed_after_a_question(as_administrator: Client) -> None:
    account = created(as_administrator)
    url = f"/admin/email-accounts/{account.pk}/remove/"
    assert "Remove “Acme”?" in as_administrator.get(url).content.decode()
    as_administrator.post(url)
    assert not EmailAccount.objects.filter(pk=account.pk).exists()


def test_the_system_account_is_not_removed(as_administrator: Client) -> None:
    account = created(as_administrator, is_system="on")
    page = as_administrator.post(f"/admin/email-accounts/{account.pk}/remove/", follow=True).content.decode()
    assert "Make another account the system account first." in page
    assert EmailAccount.objects.filter(pk=account.pk).exists()


def test_the_page_of_an_account_has_the_menu_of_its_row(as_administrator: Client) -> None:
    account = created(as_administrator)
    page = as_administrator.get(f"/admin/email-accounts/{account.pk}/").content.decode()
    assert "Make system account" in page and f"/admin/email-accounts/{account.pk}/remove/" in page
    assert (
        f"/admin/email-accounts/{account.pk}/remove/" in as_administrator.get("/admin/email-accounts/").content.decode()
    )

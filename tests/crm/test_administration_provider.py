"""An account that sends through a provider's API: its form, its checks, and keys that no page shows."""

import logging

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from crm.mail.account_check import check_connection, send_test_email
from crm.models import AuditEntry, EmailAccount
from tests.crm.test_administration_email_accounts import filled
from tests.factories import EmailAccountFactory
from tests.provider_server import Answer, ProviderServer

KEY = "key-canary-4711"
NEW = "/admin/email-accounts/new/"


def by_api(**changes: object) -> dict[str, object]:
    smtp = {"smtp_host": "", "smtp_auth": None, "password": "", "smtp_username": ""}
    return filled(**{"kind": "api", "provider": "postmark", "api_key": KEY, **smtp, **changes})


def created(client: Client, **changes: object) -> EmailAccount:
    response = client.post(NEW, by_api(**changes))
    assert response.status_code == 302, response.context["form"].errors
    return EmailAccount.objects.latest("pk")


def errors_of(client: Client, **changes: object) -> dict[str, list[str]]:
    response = client.post(NEW, by_api(**changes))
    assert response.status_code == 422
    errors: dict[str, list[str]] = response.context["form"].errors
    return errors


def test_an_account_by_api_key_is_made_and_sends_mass_emails(as_administrator: Client) -> None:
    account = created(as_administrator, is_for_mass_email="on")
    assert (account.kind, account.provider, account.api_key) == ("api", "postmark", KEY)
    assert account in EmailAccount.objects.for_mass_email()


def test_the_key_is_shown_nowhere(as_administrator: Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with ProviderServer("postmark") as server:
        account = created(as_administrator, api_url=server.url)
        edit = f"/admin/email-accounts/{account.pk}/"
        again = by_api(api_key="", api_url=server.url)
        pages = [
            as_administrator.get(edit), as_administrator.post(edit, by_api(name="")),
            as_administrator.post(f"{edit}test/", {**again, "test": "connection"}),
            as_administrator.get("/admin/email-accounts/"), as_administrator.get("/admin/audit-log/"),
        ]  # fmt: skip
    for secret in (KEY, account.api_secret):
        assert all(secret not in page.content.decode() for page in pages)
        assert secret not in caplog.text and secret not in str(list(AuditEntry.objects.values()))
    assert "A key is stored" in pages[0].content.decode()


def test_an_empty_key_keeps_the_stored_one_but_not_for_another_address(as_administrator: Client) -> None:
    account = created(as_administrator)
    page = f"/admin/email-accounts/{account.pk}/"
    assert as_administrator.post(page, by_api(api_key="", name="Renamed")).status_code == 302
    account.refresh_from_db()
    assert (account.name, account.api_key) == ("Renamed", KEY)
    for changes in ({"api_url": "https://evil.example.net/"}, {"provider": "resend"}):
        assert as_administrator.post(page, by_api(api_key="", **changes)).status_code == 422


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"provider": ""}, "provider"),
        ({"api_key": ""}, "api_key"),
        ({"api_key": "schlüssel"}, "api_key"),
        ({"api_key": "key with a space"}, "api_key"),
        ({"provider": "mailjet"}, "api_second_key"),
        ({"provider": "postal"}, "api_url"),
        ({"provider": "scaleway"}, "api_option"),
        ({"api_url": "http://api.example.net/"}, "api_url"),
        ({"api_url": "https://user:pass@api.example.net/"}, "api_url"),
        ({"api_url": "file:///etc/passwd"}, "api_url"),
    ],
)
def test_what_a_provider_cannot_do_without_is_asked_for(
    as_administrator: Client, changes: dict[str, object], field: str
) -> None:
    assert field in errors_of(as_administrator, **changes)


def test_test_connection_says_what_the_provider_said(as_administrator: Client) -> None:
    with ProviderServer("postmark") as server:
        account = created(as_administrator, api_url=server.url)
        page = f"/admin/email-accounts/{account.pk}/test/"
        body = {**by_api(api_key="", api_url=server.url), "test": "connection"}
        assert "Postmark knows this key." in as_administrator.post(page, body).content.decode()
        server.on(Answer(401, {"ErrorCode": 10, "Message": "<b>Bad</b> token"}))
        refused = as_administrator.post(page, body, HTTP_HX_REQUEST="true").content.decode()
    assert "does not accept this key" in refused and "&lt;b&gt;Bad&lt;/b&gt; token" in refused


def test_a_test_email_goes_through_the_provider(as_administrator: Client) -> None:
    with ProviderServer("brevo") as server:
        account = created(as_administrator, provider="brevo", api_url=server.url)
        body = {**by_api(provider="brevo", api_url=server.url), "test": "send", "recipient": "ines@rocha.example.com"}
        told = as_administrator.post(f"/admin/email-accounts/{account.pk}/test/", body).content.decode()
    assert "The server accepted the message to ines@rocha.example.com" in told
    assert server.messages[0].recipient == "ines@rocha.example.com"


def test_a_provider_that_is_not_there_is_said(as_administrator: Client) -> None:
    account = EmailAccountFactory.create(kind="api", provider="postmark", api_url="http://127.0.0.1:1/", api_key=KEY)
    body = {**by_api(api_key="", api_url="http://127.0.0.1:1/"), "test": "connection"}
    assert "Connecting failed" in as_administrator.post(
        f"/admin/email-accounts/{account.pk}/test/", body
    ).content.decode()  # fmt: skip


def test_back_to_smtp_forgets_the_key(as_administrator: Client) -> None:
    account = created(as_administrator)
    assert as_administrator.post(f"/admin/email-accounts/{account.pk}/", filled(kind="smtp")).status_code == 302
    account.refresh_from_db()
    assert (account.kind, account.api_secret, account.provider) == ("smtp", "", "")


@pytest.mark.parametrize("key", ["schlüssel-\u2026-canary", "two\nlines-canary"])
def test_a_stored_key_that_no_header_can_carry_is_said_without_showing_it(as_administrator: Client, key: str) -> None:
    with ProviderServer("brevo") as server:
        account = EmailAccountFactory.create(kind="api", provider="brevo", api_url=server.url, api_key=key)
        body = {**by_api(provider="brevo", api_key="", api_url=server.url), "test": "connection"}
        told = as_administrator.post(f"/admin/email-accounts/{account.pk}/test/", body).content.decode()
    assert "Signing in failed" in told and "cannot be used" in told
    assert "canary" not in told and server.messages == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "169.254.169.254", "10.0.0.8", "[::1]", "[fd00:ec2::254]"])
def test_an_address_inside_is_refused_at_its_field(as_administrator: Client, settings: Settings, host: str) -> None:
    settings.HERALD_ALLOW_PRIVATE_ADDRESSES = False
    (error,) = errors_of(as_administrator, api_url=f"https://{host}/v1/")["api_url"]
    assert host.strip("[]") in error and "HERALD_ALLOW_PRIVATE_ADDRESSES" in error
    settings.HERALD_ALLOW_PRIVATE_ADDRESSES = True
    created(as_administrator, api_url=f"https://{host}/v1/")


def test_an_address_inside_that_was_stored_before_is_not_asked(as_administrator: Client, settings: Settings) -> None:
    with ProviderServer("postmark") as server:
        account = created(as_administrator, api_url=server.url)
        settings.HERALD_ALLOW_PRIVATE_ADDRESSES = False
        assert not check_connection(account).ok
        assert not send_test_email(account, "ines@rocha.example.com").ok
    assert not server.asked

"""The pages of a DKIM key: made, published, checked, signing, replaced, removed; the private half is shown nowhere."""

import logging
import re

import dkim
import dns.rcode
import pytest
from django.test import Client, override_settings

from crm.dkim_setup import keep_key, make_key, set_signing
from crm.mail import dkim_record
from crm.mail.dkim_account import signer_for
from crm.mail.dkim_keys import Algorithm, new_key, pem_of, public_text
from crm.mail.secrets import SecretUnreadable
from crm.models import AuditEntry, DkimKey, EmailAccount, User
from tests.crm.name_server import name_server
from tests.factories import EmailAccountFactory
from tests.smtp_server import SmtpServer

FORM = {"domain": "mail.example.com", "selector": "herald1", "algorithm": "rsa", "private_key": ""}


@pytest.fixture
def account(db: None) -> EmailAccount:
    return EmailAccountFactory.create(email_address="news@mail.example.com")


def url(account: EmailAccount, more: str = "") -> str:
    return f"/admin/email-accounts/{account.pk}/dkim/{more}"


def key_of(account: EmailAccount) -> DkimKey:
    return DkimKey.objects.get(account=account)


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_a_key_is_made_and_its_record_shown(as_administrator: Client, account: EmailAccount, algorithm: str) -> None:
    response = as_administrator.post(url(account), {**FORM, "algorithm": algorithm})
    assert response.status_code == 302
    key = key_of(account)
    page = as_administrator.get(url(account)).content.decode()
    assert "herald1._domainkey.mail.example.com" in page
    assert f"v=DKIM1; k={algorithm}; p={key.public}" in page
    assert not key.is_signing and signer_for(account) is None


def test_the_suggestion_is_the_account_s_domain_and_a_new_selector(
    as_administrator: Client, account: EmailAccount, administrator: User
) -> None:
    assert 'value="mail.example.com"' in as_administrator.get(url(account)).content.decode()
    make_key(account, administrator, "example.com", "spring9", Algorithm.ED25519)
    page = as_administrator.get(url(account)).content.decode()
    assert 'value="spring10"' in page and 'value="example.com"' in page


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"domain": "example.net"}, "domain"),
        ({"domain": "il.example.com"}, "domain"),
        ({"domain": "x y"}, "domain"),
        ({"domain": "com;p="}, "domain"),
        ({"domain": "a" * 300}, "domain"),
        ({"selector": "a.b"}, "selector"),
        ({"selector": "-a"}, "selector"),
        ({"selector": "a; t=y"}, "selector"),
        ({"selector": "a\r\nX: y"}, "selector"),
        ({"algorithm": "dsa"}, "algorithm"),
        ({"private_key": "<script>alert(1)</script>"}, "private_key"),
    ],
)
def test_what_is_wrong_stands_at_its_field(
    as_administrator: Client, account: EmailAccount, changes: dict[str, str], field: str
) -> None:
    response = as_administrator.post(url(account), {**FORM, **changes})
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert "<script>alert" not in response.content.decode()
    assert not DkimKey.objects.exists()


def test_a_key_of_one_s_own_is_taken_and_shown_nowhere(
    as_administrator: Client, account: EmailAccount, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    private = new_key(Algorithm.ED25519)
    pem = pem_of(private)
    body = pem.splitlines()[1]
    wrong = as_administrator.post(url(account), {**FORM, "private_key": pem, "selector": "no good"})
    as_administrator.post(url(account), {**FORM, "private_key": pem})
    key = key_of(account)
    assert (key.algorithm, key.public, key.pem) == ("ed25519", public_text(private), pem)
    pages = [
        wrong, as_administrator.get(url(account)), as_administrator.get(account.get_absolute_url()),
        as_administrator.get("/admin/audit-log/"), as_administrator.post(url(account), {**FORM, "private_key": pem}),
    ]  # fmt: skip
    for secret in (body, key.secret):
        assert all(secret not in page.content.decode() for page in pages)
        assert secret not in caplog.text
        assert secret not in str(list(AuditEntry.objects.values()))
    assert body not in key.secret


def test_a_new_key_needs_a_new_selector(as_administrator: Client, account: EmailAccount, administrator: User) -> None:
    set_signing(make_key(account, administrator, "mail.example.com", "herald1", Algorithm.RSA), administrator, True)
    assert list(as_administrator.post(url(account), FORM).context["form"].errors) == ["selector"]
    as_administrator.post(url(account), {**FORM, "selector": "herald2"})
    assert key_of(account).selector == "herald2" and not key_of(account).is_signing


def check(client: Client, account: EmailAccount, records: dict[str, list[str]], rcode: int = dns.rcode.NXDOMAIN) -> str:
    with name_server(records, rcode) as server, override_settings(HERALD_DNS_SERVERS=[server]):
        return client.post(url(account, "check/")).content.decode()


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_the_check_finds_the_record_and_signing_begins(
    as_administrator: Client, account: EmailAccount, administrator: User, algorithm: Algorithm
) -> None:
    key = make_key(account, administrator, "mail.example.com", "herald1", algorithm)
    page = check(as_administrator, account, {key.record_name: ['"other=1"', key.record_in_strings]})
    assert "The record is published" in page and "Stop signing" in page
    assert key_of(account).is_signing


def test_the_check_says_what_is_wrong(
    as_administrator: Client, account: EmailAccount, administrator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = make_key(account, administrator, "mail.example.com", "herald1", Algorithm.ED25519)
    name = key.record_name
    assert "There is no DKIM record at" in check(as_administrator, account, {})
    assert "There is no DKIM record at" in check(as_administrator, account, {name: []})
    assert "There is no DKIM record at" in check(as_administrator, account, {name: ['"<b>v=spf1"']})
    assert "it has another key" in check(as_administrator, account, {name: ['"v=DKIM1; k=ed25519; p=AAAA"']})
    assert "it has another key" in check(as_administrator, account, {name: ['"v=DKIM1; p="']})
    assert "could not be asked" in check(as_administrator, account, {}, dns.rcode.SERVFAIL)
    monkeypatch.setattr(dkim_record, "PATIENCE", 0.5)
    with override_settings(HERALD_DNS_SERVERS=["127.0.0.1:9"]):
        assert "could not be asked" in as_administrator.post(url(account, "check/")).content.decode()
    assert not key_of(account).is_signing


def test_signing_can_begin_without_the_check_and_end(
    as_administrator: Client, account: EmailAccount, administrator: User
) -> None:
    make_key(account, administrator, "mail.example.com", "herald1", Algorithm.RSA)
    as_administrator.post(url(account, "signing/"), {"on": "1"})
    assert key_of(account).is_signing
    assert "Mails are signed for mail.example.com" in as_administrator.get(account.get_absolute_url()).content.decode()
    as_administrator.post(url(account, "signing/"))
    assert not key_of(account).is_signing
    as_administrator.post(url(account, "remove/"))
    assert not DkimKey.objects.exists()
    actions = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"dkim_key.created", "dkim_key.signing", "dkim_key.removed"} <= actions


@pytest.mark.parametrize("more", ["check/", "signing/", "remove/"])
def test_without_a_key_there_is_nothing_to_do(as_administrator: Client, account: EmailAccount, more: str) -> None:
    assert as_administrator.post(url(account, more)).status_code == 404
    assert as_administrator.get(url(account, more)).status_code == 405


@pytest.mark.parametrize("more", ["", "check/", "signing/", "remove/"])
def test_others_see_and_do_nothing(
    as_marketer: Client, as_viewer: Client, account: EmailAccount, administrator: User, more: str
) -> None:
    make_key(account, administrator, "mail.example.com", "herald1", Algorithm.ED25519)
    for client in (as_marketer, as_viewer):
        assert client.get(url(account, more)).status_code in (403, 405)
        assert client.post(url(account, more), FORM).status_code == 403
    assert DkimKey.objects.count() == 1


def test_the_test_email_of_an_account_is_signed(
    as_administrator: Client, account: EmailAccount, administrator: User
) -> None:
    key = keep_key(account, administrator, "mail.example.com", "herald1", new_key(Algorithm.ED25519))
    set_signing(key, administrator, True)
    signer = signer_for(account)
    assert signer is not None
    assert signer_for(account) is signer
    with SmtpServer() as server:
        form = {
            "name": "Acme", "email_address": account.email_address, "status": "active", "smtp_host": server.host,
            "smtp_port": str(server.port), "smtp_security": "none", "connections": "4", "messages_per_connection": "9",
            "test": "send", "recipient": "ines@rocha.example.com",
        }  # fmt: skip
        page = as_administrator.post(f"/admin/email-accounts/{account.pk}/test/", form).content.decode()
        assert "accepted the message" in page, re.findall("<p>.*</p>", page)
        (message,) = server.messages
    assert dkim.verify(message.data, dnsfunc=lambda name, timeout=5: key.record.encode())


def test_a_key_that_cannot_be_read_is_said_so(account: EmailAccount, administrator: User) -> None:
    make_key(account, administrator, "mail.example.com", "herald1", Algorithm.ED25519)
    DkimKey.objects.update(secret="rubbish", is_signing=True)
    with pytest.raises(SecretUnreadable):
        signer_for(account)

"""The page of the OAuth 2 sign-in: to the provider and back, with state and PKCE, and no secret on any page."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from crm.health_checks import mailboxes, sign_ins
from crm.models import AuditEntry, EmailAccount, Mailbox, OAuthGrant
from tests.crm.test_administration_email_accounts import filled
from tests.factories import EmailAccountFactory
from tests.token_server import CLIENT_ID, CLIENT_SECRET, TokenServer, granted

CALLBACK = "/admin/oauth/callback/"


@pytest.fixture
def tokens() -> Iterator[TokenServer]:
    with TokenServer() as server:
        yield server


@pytest.fixture
def account(db: None) -> EmailAccount:
    return EmailAccountFactory.create(email_address="maya@acme.example.com")


def page_of(account: EmailAccount) -> str:
    return f"/admin/email-accounts/{account.pk}/oauth/"


def saved(client: Client, account: EmailAccount, tokens: TokenServer, **changes: str) -> OAuthGrant:
    told = {
        "preset": "other", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "scope": "mail",
        "authorize_url": tokens.url.replace("/token", "/authorize"), "token_url": tokens.url, **changes,
    }  # fmt: skip
    response = client.post(page_of(account), told)
    assert response.status_code == 302, response.context["form"].errors
    return OAuthGrant.objects.get(account=account)


def asked(client: Client, account: EmailAccount) -> dict[str, str]:
    """What the link to the provider asks for."""
    address = client.get(page_of(account)).context["address"]
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def test_to_the_provider_and_back(as_administrator: Client, account: EmailAccount, tokens: TokenServer) -> None:
    grant = saved(as_administrator, account, tokens)
    told = asked(as_administrator, account)
    assert (told["client_id"], told["code_challenge_method"], told["scope"]) == (CLIENT_ID, "S256", "mail")
    assert told["redirect_uri"].endswith(CALLBACK)
    answer = as_administrator.get(CALLBACK, {"state": told["state"], "code": tokens.agree(told["code_challenge"])})
    assert answer.status_code == 302
    grant.refresh_from_db()
    assert grant.is_granted and grant.granted_at and grant.access_token in tokens.valid
    again = as_administrator.get(page_of(account)).content.decode()
    assert "Signed in" in again and "canary" not in again
    assert "canary" not in str(list(AuditEntry.objects.values()))


@pytest.mark.parametrize("state", ["", "guessed"])
def test_an_answer_that_nobody_asked_for_changes_nothing(
    as_administrator: Client, account: EmailAccount, tokens: TokenServer, state: str
) -> None:
    saved(as_administrator, account, tokens)
    told = asked(as_administrator, account)
    as_administrator.get(CALLBACK, {"state": state, "code": tokens.agree(told["code_challenge"])})
    assert tokens.asked == [] and not OAuthGrant.objects.get().is_granted


def test_a_state_is_good_for_one_answer(as_administrator: Client, account: EmailAccount, tokens: TokenServer) -> None:
    saved(as_administrator, account, tokens)
    told = asked(as_administrator, account)
    for _time in range(2):
        as_administrator.get(CALLBACK, {"state": told["state"], "code": tokens.agree(told["code_challenge"])})
    assert len(tokens.asked) == 1


def test_who_says_no_at_the_provider_is_told_so(
    as_administrator: Client, account: EmailAccount, tokens: TokenServer
) -> None:
    saved(as_administrator, account, tokens)
    told = asked(as_administrator, account)
    answer = as_administrator.get(
        CALLBACK, {"state": told["state"], "error": "access_denied", "error_description": "<b>no</b>"}, follow=True
    )
    text = answer.content.decode()
    assert "did not agree" in text and "&lt;b&gt;no&lt;/b&gt;" in text and "<b>no</b>" not in text


def test_the_endpoints_of_google_and_microsoft_are_known(as_administrator: Client, account: EmailAccount) -> None:
    for preset, host in (("google", "oauth2.googleapis.com"), ("microsoft", "login.microsoftonline.com")):
        told = {"preset": preset, "client_id": "x", "client_secret": "y"}
        assert as_administrator.post(page_of(account), told).status_code == 302
        assert host in OAuthGrant.objects.get().token_url
        OAuthGrant.objects.all().delete()


@pytest.mark.parametrize("address", ["http://login.example.net/token", "javascript:alert(1)", "https://"])
def test_secrets_travel_encrypted_only(as_administrator: Client, account: EmailAccount, address: str) -> None:
    told = {"preset": "other", "client_id": "x", "token_url": address, "authorize_url": address}
    response = as_administrator.post(page_of(account), told)
    assert response.status_code == 422 and {"token_url", "authorize_url"} <= set(response.context["form"].errors)


def test_a_stored_secret_is_not_handed_to_another_endpoint(
    as_administrator: Client, account: EmailAccount, tokens: TokenServer
) -> None:
    saved(as_administrator, account, tokens)
    told = {"preset": "other", "client_id": CLIENT_ID, "authorize_url": "https://evil.example.net/a",
            "token_url": "https://evil.example.net/t"}  # fmt: skip
    assert as_administrator.post(page_of(account), told).status_code == 422


def test_another_client_makes_an_old_agreement_void(
    as_administrator: Client, account: EmailAccount, tokens: TokenServer
) -> None:
    granted(tokens, account)
    grant = saved(as_administrator, account, tokens, client_id="another")
    assert not grant.is_granted


def test_the_token_is_tested_live(as_administrator: Client, account: EmailAccount, tokens: TokenServer) -> None:
    granted(tokens, account)
    check = f"{page_of(account)}check/"
    assert "The token is valid." in as_administrator.post(check, HTTP_HX_REQUEST="true").content.decode()
    OAuthGrant.objects.update(access_secret="", expires_at=None)
    tokens.trouble = (400, {"error": "invalid_grant"})
    assert "invalid_grant" in as_administrator.post(check).content.decode()


def test_health_names_a_sign_in_that_cannot_be_renewed_and_a_mailbox_that_cannot_be_read(
    account: EmailAccount, tokens: TokenServer
) -> None:
    granted(tokens, account, last_error="HTTP 400 invalid_grant")
    (found,) = sign_ins()
    assert account.name in str(found.sentence) and "invalid_grant" in str(found.evidence)
    Mailbox.objects.create(account=account, host="imap.example.com", last_error="no route", failures=2)
    assert any(one.state == "error" and "no route" in str(one.evidence) for one in mailboxes())


def test_it_can_be_removed(as_administrator: Client, account: EmailAccount, tokens: TokenServer) -> None:
    granted(tokens, account)
    as_administrator.post(f"{page_of(account)}remove/")
    assert not OAuthGrant.objects.exists()


def test_xoauth2_needs_no_password_in_the_form(as_administrator: Client) -> None:
    told = filled(smtp_mechanism="XOAUTH2", password="")
    assert as_administrator.post("/admin/email-accounts/new/", told).status_code == 302


def test_a_token_endpoint_inside_is_refused_at_its_field(
    as_administrator: Client, account: EmailAccount, tokens: TokenServer, settings: Settings
) -> None:
    """The page where people sign in is their browser's business: it may be inside."""
    settings.HERALD_ALLOW_PRIVATE_ADDRESSES = False
    told = {
        "preset": "other", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "scope": "mail",
        "authorize_url": "https://10.0.0.8/authorize", "token_url": tokens.url,
    }  # fmt: skip
    response = as_administrator.post(page_of(account), told)
    assert response.status_code == 422 and list(response.context["form"].errors) == ["token_url"]
    assert "127.0.0.1" in response.content.decode() and not tokens.asked

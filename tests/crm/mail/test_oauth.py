"""OAuth 2: tokens are renewed in time, by one process at a time, and what fails is the account's trouble."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.utils import timezone

from crm.mail import oauth
from crm.mail.mailbox import MailboxError
from crm.mail.mailbox_opening import opened
from crm.mail.oauth import Begun, OAuthClient, OAuthRefused, OAuthUnavailable, Tokens, exchange, refresh
from crm.mail.oauth_account import SignInFailed, fresh_token, keep, replaced_token
from crm.models import Mailbox, OAuthGrant, User
from crm.oauth import save_oauth
from tests.factories import EmailAccountFactory
from tests.imap_server import USER, imap_server
from tests.token_server import CLIENT_ID, CLIENT_SECRET, TokenServer, believed, granted
from tests.xoauth2_gate import XOAuth2Gate

waits = pytest.mark.skipif(
    connection.vendor == "sqlite", reason="SQLite in memory refuses a second thread instead of letting it wait"
)


def by_four_at_once(ask: Callable[[], str]) -> list[str]:
    """What each of four threads got, every one with a connection to the database of its own."""
    found: list[str] = []

    def run() -> None:
        try:
            found.append(ask())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return found


@pytest.fixture
def tokens() -> Iterator[TokenServer]:
    with TokenServer() as server:
        yield server


@pytest.fixture
def grant(db: None, tokens: TokenServer) -> OAuthGrant:
    return granted(tokens, EmailAccountFactory.create())


def test_a_code_is_traded_only_with_the_verifier_of_its_challenge(tokens: TokenServer) -> None:
    client, begun = OAuthClient(CLIENT_ID, CLIENT_SECRET, tokens.url, may_be_inside=True), Begun.new()
    assert exchange(client, tokens.agree(begun.challenge), "http://x/", begun.verifier).refresh == "refresh-1"
    with pytest.raises(OAuthRefused, match="invalid_grant"):
        exchange(client, tokens.agree(begun.challenge), "http://x/", "another verifier")


@pytest.mark.parametrize(
    ("trouble", "error"),
    [
        ((400, {"error": "invalid_grant"}), OAuthRefused),
        ((401, {"error": "invalid_client"}), OAuthRefused),
        ((400, {"error": "unauthorized_client"}), OAuthRefused),
        ((400, {"error": "invalid_request"}), OAuthUnavailable),
        ((200, {"token_type": "Bearer"}), OAuthUnavailable),
        ((200, "<html>Welcome</html>"), OAuthUnavailable),
        ((302, ""), OAuthUnavailable),
        ((403, "blocked by the firewall"), OAuthUnavailable),
        ((429, {"error": "slow_down"}), OAuthUnavailable),
        ((503, "later"), OAuthUnavailable),
    ],
)
def test_a_final_no_and_a_no_for_now(tokens: TokenServer, trouble: tuple[int, object], error: type[Exception]) -> None:
    tokens.trouble = trouble
    with pytest.raises(error):
        refresh(OAuthClient(CLIENT_ID, CLIENT_SECRET, tokens.url, may_be_inside=True), "refresh-0")


def test_a_token_server_that_is_away_says_so_without_secrets() -> None:
    with pytest.raises(OAuthUnavailable) as away:
        refresh(OAuthClient(CLIENT_ID, CLIENT_SECRET, "http://127.0.0.1:1/", may_be_inside=True), "refresh-canary")
    assert "canary" not in str(away.value)


@pytest.mark.parametrize("body", ["[" * 60_000, '{"access_token": "access", "padding": "' + "x" * 70_000 + '"}'])
def test_an_answer_that_no_token_server_gives_is_none(tokens: TokenServer, body: str) -> None:
    tokens.trouble = (200, body)
    with pytest.raises(OAuthUnavailable):
        refresh(OAuthClient(CLIENT_ID, CLIENT_SECRET, tokens.url, may_be_inside=True), "refresh-0")


def test_an_answer_that_comes_by_drops_is_not_waited_for(tokens: TokenServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would go on for ten seconds, each of its octets well within the time to wait for more."""
    monkeypatch.setattr(oauth, "LONGEST_ANSWER", 0.2)
    tokens.pause = 0.1
    with pytest.raises(OAuthUnavailable, match="does not end"):
        refresh(OAuthClient(CLIENT_ID, CLIENT_SECRET, tokens.url, may_be_inside=True), "refresh-0")


def test_a_token_is_asked_for_once_and_kept(grant: OAuthGrant, tokens: TokenServer) -> None:
    assert fresh_token(grant) == "access-canary-1"
    assert fresh_token(OAuthGrant.objects.get()) == "access-canary-1"
    assert len(tokens.asked) == 1


def test_it_is_renewed_before_it_ends_and_the_new_refresh_token_is_kept(grant: OAuthGrant, tokens: TokenServer) -> None:
    fresh_token(grant)
    OAuthGrant.objects.update(expires_at=timezone.now() + timedelta(minutes=5))
    assert fresh_token(OAuthGrant.objects.get()) == "access-canary-2"
    OAuthGrant.objects.update(expires_at=timezone.now())
    assert fresh_token(OAuthGrant.objects.get()) == "access-canary-3"
    assert [form["refresh_token"] for form in tokens.asked] == ["refresh-0", "refresh-1", "refresh-2"]


def test_nothing_secret_is_readable_in_the_database(grant: OAuthGrant) -> None:
    fresh_token(grant)
    stored = str(OAuthGrant.objects.values().get())
    assert "canary" not in stored and "refresh-1" not in stored


def test_a_token_that_is_still_good_outlives_a_server_that_is_away(grant: OAuthGrant, tokens: TokenServer) -> None:
    fresh_token(grant)
    OAuthGrant.objects.update(expires_at=timezone.now() + timedelta(minutes=5))
    tokens.trouble = (503, "later")
    assert fresh_token(OAuthGrant.objects.get()) == "access-canary-1"
    assert "503" in OAuthGrant.objects.get().last_error


def test_nobody_waits_for_a_token_while_the_old_one_is_good(grant: OAuthGrant, tokens: TokenServer) -> None:
    fresh_token(grant)
    soon = timezone.now() + timedelta(minutes=5)
    OAuthGrant.objects.update(expires_at=soon, refreshing_until=soon)
    assert fresh_token(OAuthGrant.objects.get()) == "access-canary-1"
    assert len(tokens.asked) == 1


def test_a_withdrawn_grant_is_told_and_forgotten_with_the_next_success(grant: OAuthGrant, tokens: TokenServer) -> None:
    tokens.trouble = (400, {"error": "invalid_grant", "error_description": "revoked"})
    with pytest.raises(SignInFailed, match="revoked"):
        fresh_token(grant)
    grant.refresh_from_db()
    assert "revoked" in grant.last_error and grant.refreshing_until is None
    tokens.trouble = None
    assert fresh_token(grant)
    grant.refresh_from_db()
    assert grant.last_error == ""


@waits
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_many_at_once_ask_once(tokens: TokenServer) -> None:
    """A refresh token that is used twice would be withdrawn."""
    granted(tokens, EmailAccountFactory.create())
    tokens.delay = 0.3
    found = by_four_at_once(lambda: fresh_token(OAuthGrant.objects.get()))
    assert found == ["access-canary-1"] * 4 and len(tokens.asked) == 1


@waits
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.parametrize("trouble", [None, (400, {"error": "invalid_grant"})])
def test_somebody_who_signs_in_while_a_token_is_renewed_wins(
    tokens: TokenServer, trouble: tuple[int, object] | None
) -> None:
    grant = granted(tokens, EmailAccountFactory.create())
    tokens.trouble = trouble
    tokens.may_answer.clear()
    found: list[str] = []

    def renew() -> None:
        try:
            found.append(fresh_token(OAuthGrant.objects.get()))
        finally:
            connections.close_all()

    thread = threading.Thread(target=renew)
    thread.start()
    while not OAuthGrant.objects.exclude(refreshing_until=None).exists():
        assert thread.is_alive()
        time.sleep(0.02)
    keep(grant, Tokens("access-new", "refresh-new", 3600))
    tokens.may_answer.set()
    thread.join(30)
    stored = OAuthGrant.objects.get()
    assert (stored.access_token, stored.refresh_token, stored.last_error) == ("access-new", "refresh-new", "")
    assert found == ["access-new"] and stored.refreshing_until is None


def test_an_old_page_that_is_saved_does_not_bring_old_tokens_back(
    grant: OAuthGrant, tokens: TokenServer, administrator: User
) -> None:
    fresh_token(OAuthGrant.objects.get())
    grant.scope = "mail"
    save_oauth(grant, administrator)
    stored = OAuthGrant.objects.get()
    assert (stored.scope, stored.refresh_token, stored.access_token) == ("mail", "refresh-1", "access-canary-1")


def test_a_mailbox_is_opened_with_the_same_token(db: None, tokens: TokenServer) -> None:
    account = EmailAccountFactory.create()
    granted(tokens, account)
    with imap_server() as server, XOAuth2Gate(server.port, tokens.valid) as gate:
        mailbox = Mailbox.objects.create(
            account=account, host="127.0.0.1", port=gate.port, security="none", sign_in="oauth2", username=USER
        )
        with opened(mailbox) as box:
            assert "INBOX" in box.folder_names()
        tokens.trouble = (400, {"error": "invalid_grant"})
        OAuthGrant.objects.update(expires_at=timezone.now())
        with pytest.raises(MailboxError, match="invalid_grant"), opened(mailbox):
            pass
        assert gate.refused == 0


def test_who_is_refused_later_with_the_same_token_finds_another_one_already(db: None, tokens: TokenServer) -> None:
    believed(tokens, EmailAccountFactory.create(), "access-stale")
    found = [replaced_token(OAuthGrant.objects.get(), "access-stale", "535 no") for _number in range(3)]
    assert found == ["access-canary-1"] * 3 and len(tokens.asked) == 1
    assert replaced_token(OAuthGrant.objects.get(), "access-canary-1", "535 no") == "access-canary-2"


@waits
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_many_who_are_refused_at_once_ask_once(tokens: TokenServer) -> None:
    believed(tokens, EmailAccountFactory.create(), "access-stale")
    tokens.delay = 0.3
    found = by_four_at_once(lambda: replaced_token(OAuthGrant.objects.get(), "access-stale", "535 no"))
    assert found == ["access-canary-1"] * 4 and len(tokens.asked) == 1


def test_a_mailbox_that_refuses_a_token_is_tried_again_with_another_one(db: None, tokens: TokenServer) -> None:
    account = EmailAccountFactory.create()
    grant = believed(tokens, account)
    with imap_server() as server, XOAuth2Gate(server.port, tokens.valid) as gate:
        mailbox = Mailbox.objects.create(
            account=account, host="127.0.0.1", port=gate.port, security="none", sign_in="oauth2", username=USER
        )
        with opened(mailbox) as box:
            assert "INBOX" in box.folder_names()
        grant.refresh_from_db()
        assert gate.refused == 1 and len(tokens.asked) == 1
        assert grant.refused_at and grant.refused_said.startswith("IMAP: ")
        with opened(mailbox):
            assert gate.refused == 1
        tokens.valid.clear()
        tokens.trouble = (400, {"error": "invalid_grant"})
        with pytest.raises(MailboxError, match="invalid_grant"), opened(mailbox):
            pass
        assert gate.refused == 2

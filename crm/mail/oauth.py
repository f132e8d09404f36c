"""OAuth 2 as a mail client needs it: authorisation code with PKCE (RFC 6749 section 4.1, RFC 7636), then refreshing.

Pure: no database, no Django. Tokens never stand in an error's text.
"""

import base64
import hashlib
import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import urlencode

import requests
from urllib3.exceptions import HTTPError

from crm.mail import outward

TIMEOUT = (5.0, 15.0)  # seconds to connect, and to wait for more of the answer
LONGEST_ANSWER = 45.0  # seconds until its end: who asks for a token has the right to for 90
MOST_OCTETS = 65536
SHORT_LIFE = 3600  # seconds, of a token whose answer names none (RFC 6749 section 5.1 only recommends it)
LONGEST_TEXT = 300
FINAL = frozenset({"invalid_grant", "invalid_client", "unauthorized_client"})  # RFC 6749 section 5.2


class OAuthError(Exception):
    """No token came; the text is what the server said, or what kept it from saying anything."""


class OAuthRefused(OAuthError):
    """A final no: the grant was withdrawn or ran out, or the client is unknown. Somebody has to sign in again."""


class OAuthUnavailable(OAuthError):
    """Not now: no answer, one that asks to come later, or one that does not say that it is for ever."""


@dataclass(frozen=True, slots=True)
class Preset:
    """The endpoints of one provider. `extra`: what its authorisation page needs to give a refresh token."""

    authorize_url: str
    token_url: str
    scope: str
    extra: dict[str, str] = field(default_factory=dict)


PRESETS: dict[str, Preset] = {
    "google": Preset(
        "https://accounts.google.com/o/oauth2/v2/auth",
        "https://oauth2.googleapis.com/token",
        "https://mail.google.com/",
        {"access_type": "offline", "prompt": "consent"},
    ),
    "microsoft": Preset(
        "https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
        "https://login.microsoftonline.com/common/oauth2/v2.0/token",
        "offline_access https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send",
        {"prompt": "select_account"},
    ),
}


@dataclass(frozen=True, slots=True)
class OAuthClient:
    """Who we are at the token endpoint. `secret` is "" for a public client; the endpoint lies out of our network unless
    it `may_be_inside`."""

    client_id: str
    secret: str = field(repr=False)
    token_url: str
    may_be_inside: bool = False


class Tokens(NamedTuple):
    """`refresh` is "" when the server keeps the old one valid; `lifetime` in seconds."""

    access: str
    refresh: str
    lifetime: int


class Begun(NamedTuple):
    """One authorisation that was begun: what must come back, and what proves that it was us."""

    state: str
    verifier: str

    @classmethod
    def new(cls) -> "Begun":
        return cls(secrets.token_urlsafe(24), secrets.token_urlsafe(48))

    @property
    def challenge(self) -> str:
        """S256 (RFC 7636 section 4.2)."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def authorization_url(
    authorize_url: str, client_id: str, scope: str, redirect_uri: str, begun: Begun, extra: dict[str, str]
) -> str:
    """Where a person signs in and agrees."""
    asked = {
        "response_type": "code", "client_id": client_id, "redirect_uri": redirect_uri, "scope": scope,
        "state": begun.state, "code_challenge": begun.challenge, "code_challenge_method": "S256", **extra,
    }  # fmt: skip
    return f"{authorize_url}{'&' if '?' in authorize_url else '?'}{urlencode(asked)}"


def exchange(client: OAuthClient, code: str, redirect_uri: str, verifier: str) -> Tokens:
    """The code that came back, for tokens. Raises OAuthError."""
    return _ask(client, grant_type="authorization_code", code=code, redirect_uri=redirect_uri, code_verifier=verifier)


def refresh(client: OAuthClient, refresh_token: str) -> Tokens:
    """A new access token (RFC 6749 section 6). Raises OAuthError."""
    return _ask(client, grant_type="refresh_token", refresh_token=refresh_token)


def _ask(client: OAuthClient, **form: str) -> Tokens:
    form["client_id"] = client.client_id
    if client.secret:
        form["client_secret"] = client.secret
    try:
        with requests.Session() if client.may_be_inside else outward.session() as session:
            status, body = _answer(session, client.token_url, form)
    except (requests.RequestException, HTTPError) as error:
        if any(map(outward.is_refused, outward.causes(error))):
            raise OAuthRefused("the token endpoint leads inward, where no provider is") from error
        raise OAuthUnavailable(f"{type(error).__name__}: the token server did not answer") from error
    told = _json_of(body)
    access = told.get("access_token")
    if status >= 400 or not isinstance(access, str) or not access:
        is_final = 400 <= status < 500 and status != 429 and told.get("error") in FINAL
        raise (OAuthRefused if is_final else OAuthUnavailable)(_said(status, told))
    return Tokens(access, str(told.get("refresh_token") or ""), _lifetime(told.get("expires_in")))


def _answer(session: requests.Session, url: str, form: dict[str, str]) -> tuple[int, bytes]:
    """The status, and a body that came to its end in time and is no longer than an answer with tokens can be.

    Raises OAuthUnavailable, requests.RequestException, HTTPError.
    """
    last_moment = time.monotonic() + LONGEST_ANSWER
    headers = {"Accept-Encoding": "identity"}
    with session.post(
        url, form, headers=headers, timeout=TIMEOUT, allow_redirects=False, auth=_no_auth, stream=True
    ) as answer:
        body = b""
        while piece := answer.raw.read1(MOST_OCTETS):
            body += piece
            if len(body) > MOST_OCTETS or time.monotonic() > last_moment:
                raise OAuthUnavailable(f"HTTP {answer.status_code}: the answer of the token server does not end")
        return answer.status_code, body


def _no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """The client is named in the form: a .netrc of the machine has no say."""
    return request


def _json_of(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _said(status: int, told: dict[str, Any]) -> str:
    words = [str(told[name]) for name in ("error", "error_description") if told.get(name)]
    return " ".join([f"HTTP {status}", *" ".join(words).split()])[:LONGEST_TEXT]


def _lifetime(told: object) -> int:
    try:
        seconds = int(str(told))
    except ValueError:
        return SHORT_LIFE
    return seconds if seconds > 0 else SHORT_LIFE

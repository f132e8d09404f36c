"""An OAuth 2 token endpoint on loopback: codes with PKCE, refresh tokens that change at every use, and trouble."""

import base64
import hashlib
import json
import threading
import time
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs

from django.utils import timezone

from crm.mail.secrets import encrypt
from crm.models import EmailAccount, OAuthGrant

CLIENT_ID, CLIENT_SECRET = "client-of-acme", "client-canary"


class TokenServer:
    """`valid` are the access tokens that a mail server may believe."""

    def __init__(self, lifetime: int = 3600) -> None:
        self.lifetime = lifetime
        self.valid: set[str] = set()
        self.refresh_token = "refresh-0"
        self.asked: list[dict[str, str]] = []
        self.trouble: tuple[int, Any] | None = None  # what is answered instead
        self.troubled_after = 0  # times that it is asked before
        self.delay = 0.0
        self.may_answer = threading.Event()  # cleared, everybody waits for their answer
        self.may_answer.set()
        self.pause = 0.0  # seconds after every octet of an answer
        self._codes: dict[str, str] = {}  # code → challenge
        self._lock = threading.Lock()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, args=[0.05], daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_told: object) -> None:
        self._http.shutdown()
        self._http.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}/token"

    def agree(self, challenge: str) -> str:
        """What the provider's page does when the person says yes: the code."""
        code = f"code-{len(self._codes)}"
        self._codes[code] = challenge
        return code

    def answer(self, form: dict[str, str]) -> tuple[int, Any]:
        time.sleep(self.delay)
        self.may_answer.wait(60)
        with self._lock:
            self.asked.append(form)
            if self.trouble and len(self.asked) > self.troubled_after:
                return self.trouble
            if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
                return 401, {"error": "invalid_client"}
            if not self._is_granted(form):
                return 400, {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}
            return 200, self._issued()

    def _is_granted(self, form: dict[str, str]) -> bool:
        if form["grant_type"] == "refresh_token":
            return form["refresh_token"] == self.refresh_token
        challenge = self._codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        return challenge == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def _issued(self) -> dict[str, Any]:
        number = len(self.asked)
        self.refresh_token, access = f"refresh-{number}", f"access-canary-{number}"
        self.valid.add(access)
        return {"access_token": access, "refresh_token": self.refresh_token, "expires_in": self.lifetime}


def granted(server: TokenServer, account: EmailAccount, **values: object) -> OAuthGrant:
    """A grant whose access token has ended."""
    grant = OAuthGrant(
        account=account, preset="other", client_id=CLIENT_ID, token_url=server.url, authorize_url=server.url,
        refresh_secret=encrypt(server.refresh_token), granted_at=timezone.now(), **values,
    )  # fmt: skip
    grant.plain_client_secret = CLIENT_SECRET
    grant.save()
    return grant


def believed(server: TokenServer, account: EmailAccount, access: str = "access-stale") -> OAuthGrant:
    """A grant whose access token is good for an hour, as far as Herald knows."""
    ends = timezone.now() + timedelta(hours=1)
    return granted(server, account, access_secret=encrypt(access), expires_at=ends)


def _handler(server: TokenServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            form = {name: values[0] for name, values in parse_qs(self.rfile.read(length).decode()).items()}
            status, told = server.answer(form)
            body = (told if isinstance(told, str) else json.dumps(told)).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            try:
                for octet in range(len(body)) if server.pause else ():
                    self.wfile.write(body[octet : octet + 1])
                    time.sleep(server.pause)
                self.wfile.write(b"" if server.pause else body)
            except ConnectionError:
                return  # the client went

        def log_message(self, *_told: object) -> None:
            return None

    return Handler

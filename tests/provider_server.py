"""A mail provider's HTTP API on loopback: answers a message as the provider does, or as a test tells it to."""

import json
import re
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

RECIPIENT = re.compile(r"[a-z0-9.]+@(?:[a-z]+\.)?example\.(?:com|net)")
DROP = -1  # as a status: close the connection without a word
SILENT = -2  # keep it open and say nothing


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as people read it: JSON unescaped, forms decoded."""
        kind = self.headers.get("content-type", "")
        if "multipart/form-data" in kind:
            mail = message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + self.body, policy=policy.HTTP)
            return "\n".join(_field(part) for part in mail.iter_parts() if isinstance(part, EmailMessage))
        text = self.body.decode()
        if text.startswith(("{", "[")):
            return json.dumps(json.loads(text), ensure_ascii=False).replace('\\"', '"')
        return "\n".join(f"{name}={value}" for name, values in parse_qs(text).items() for value in values)

    @property
    def recipient(self) -> str:
        """The first address that is not the sender's."""
        found = [one for one in RECIPIENT.findall(self.text) if not one.endswith("acme.example.com")]
        return found[0] if found else ""


def _field(part: EmailMessage) -> str:
    name = part.get_param("name", header="content-disposition")
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return f"{name}={part.get_filename() or ''} {payload.decode(errors='replace')}"


@dataclass(frozen=True, slots=True)
class Answer:
    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0


def success(provider: str, recipient: str) -> Answer:
    """What the provider says when it takes a message, from its own documentation."""
    answers: dict[str, Answer] = {
        "brevo": Answer(201, {"messageId": "<202611211200.1@smtp-relay.mailin.fr>"}),
        "mailersend": Answer(202, None, {"X-Message-Id": "5e42957d51f1d94a1070a733", "Content-Type": "text/html"}),
        "mailgun": Answer(200, {"id": "<20261121@mg.acme.example.com>", "message": "Queued. Thank you."}),
        "mailjet": Answer(
            200, {"Messages": [{"Status": "success", "To": [{"Email": recipient, "MessageID": 4, "MessageUUID": "1"}]}]}
        ),
        "mailtrap": Answer(200, {"success": True, "message_ids": ["0c7fd939-02cf-11ed-88c2-0a58a9feac02"]}),
        "mandrill": Answer(200, [{"email": recipient, "status": "sent", "_id": "abc123", "reject_reason": None}]),
        "postal": Answer(
            200, {"status": "success", "time": 0.1, "data": {"message_id": "x", "messages": {recipient: {"id": 1}}}}
        ),
        "postmark": Answer(
            200,
            {"To": recipient, "SubmittedAt": "2026-11-21T12:00:00Z", "MessageID": "1", "ErrorCode": 0, "Message": "OK"},
        ),
        "resend": Answer(200, {"id": "49a3999c-0ce1-4ea6-ab68-afcd6dc2e794"}),
        "scaleway": Answer(200, {"emails": [{"id": "a1", "mail_rcpt": recipient, "status": "new"}]}),
        "sendgrid": Answer(202),
        "sparkpost": Answer(
            200, {"results": {"total_rejected_recipients": 0, "total_accepted_recipients": 1, "id": "1166878748495052"}}
        ),
        "unisender_go": Answer(200, {"status": "success", "job_id": "1ZymBc-00041N-9X", "emails": [recipient]}),
    }  # fmt: skip
    return answers[provider]


class ProviderServer:
    """`with ProviderServer("postmark") as server:` then `server.url`, `server.on(…)`, `server.messages`.

    `certificate`: PEM with key and certificate, enables TLS; `show` changes it for later connections.
    """

    def __init__(self, provider: str, certificate: Path | None = None) -> None:
        self.provider = provider
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) if certificate else None
        self.asked: list[Asked] = []
        self.at: list[float] = []  # time.monotonic() of each POST
        self.busiest = 0  # requests at the same time
        self.delay = 0.0  # seconds before every answer
        self._busy = 0
        self._rules: list[tuple[Callable[[Asked], bool], Answer, list[int]]] = []
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._http.daemon_threads = True
        if self._tls and certificate:
            self.show(certificate)
            self._http.socket = self._tls.wrap_socket(
                self._http.socket, server_side=True, do_handshake_on_connect=False
            )
        self._thread = threading.Thread(target=self._http.serve_forever, args=[0.05], daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_told: object) -> None:
        self._ended.set()
        self._http.shutdown()
        self._http.server_close()

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self._http.server_port}/v1/"

    def show(self, certificate: Path) -> None:
        assert self._tls is not None, "a server without TLS shows no certificate"
        self._tls.load_cert_chain(certificate)

    @property
    def messages(self) -> list[Asked]:
        return [one for one in self.asked if one.method == "POST"]

    def on(self, answer: Answer, recipient: str = "", times: int = 1_000_000) -> None:
        """Answer so, `times` times, to messages for `recipient`, or to everything but HEAD."""
        self._rules.append((lambda one: not recipient or one.recipient == recipient, answer, [times]))

    def answer(self, asked: Asked) -> Answer:
        if asked.method == "HEAD":
            return Answer(404)
        with self._lock:
            for fits, answer, left in self._rules:
                if left[0] and fits(asked):
                    left[0] -= 1
                    return answer
        return success(self.provider, asked.recipient) if asked.method == "POST" else Answer(200, {"ok": True})

    def serve(self, asked: Asked) -> Answer:
        with self._lock:
            self.asked.append(asked)
            if asked.method == "POST":
                self.at.append(time.monotonic())
            self._busy += 1
            self.busiest = max(self.busiest, self._busy)
        try:
            answer = self.answer(asked)
            self._ended.wait(600 if answer.status == SILENT else answer.delay or self.delay)
            return answer
        finally:
            with self._lock:
                self._busy -= 1


def _handler(server: ProviderServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            path = urlsplit(self.path).path
            answer = server.serve(Asked(self.command, path, headers, self.rfile.read(length)))
            if answer.status < 0:
                self.close_connection = True
                return
            self._tell(answer)

        do_GET = do_HEAD = do_POST

        def _tell(self, answer: Answer) -> None:
            is_text = isinstance(answer.body, str)
            body = b"" if answer.body is None else (answer.body if is_text else json.dumps(answer.body)).encode()
            self.send_response(answer.status)
            for name, value in {"Content-Type": "application/json", **answer.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def log_message(self, *_told: object) -> None:
            return None

    return Handler

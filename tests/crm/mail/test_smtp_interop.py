"""The client against a server that others wrote: aiosmtpd, with STARTTLS and sign-in required."""

import ssl
from collections.abc import Iterator

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from crm.mail.smtp import Phase, Security, Server
from scripts.servers import free_port
from tests.certificates import Authority
from tests.crm.mail.conversation import DATA, envelope, stream


class Collector:
    """Keeps what arrives; offers PIPELINING, which aiosmtpd can do without saying so."""

    def __init__(self) -> None:
        self.received: list[tuple[str, bytes]] = []

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [*responses[:-1], "250-PIPELINING", responses[-1]]

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        self.received.append((envelope.rcpt_tos[0], envelope.content))
        return "250 OK"


@pytest.fixture
def collector(authority: Authority) -> Iterator[tuple[Collector, Server]]:
    def sign_in(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword) -> AuthResult:
        return AuthResult(success=data == LoginPassword(b"news", b"secret"))

    handler = Collector()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.certificate())
    controller = Controller(
        handler, "127.0.0.1", 0, tls_context=context, authenticator=sign_in, auth_required=True, require_starttls=True
    )
    controller.port = free_port()
    controller.start()
    server = Server("localhost", controller.port, Security.STARTTLS, "news", "secret", ca_file=str(authority.ca_file))
    yield handler, server
    controller.stop()


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_aiosmtpd_takes_a_stream_over_starttls_with_sign_in(
    collector: tuple[Collector, Server], mechanism: str
) -> None:
    handler, server = collector
    account = Server(server.host, server.port, server.security, "news", "secret", mechanism, ca_file=server.ca_file)
    names = [f"p{number}" for number in range(50)]
    attempts, _ = stream(account, [envelope(name) for name in names])
    assert {attempt.phase for attempt in attempts.values()} == {Phase.ACCEPTED}
    assert handler.received == [(f"{name}@example.com", DATA) for name in names]

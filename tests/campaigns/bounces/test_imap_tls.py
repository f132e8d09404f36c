"""IMAP inside TLS: only with a certificate that verifies, and never in the clear instead."""

import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from campaigns.bounces.checker import check_mailboxes
from crm.mail.imap import ImapBox, ImapServer
from crm.mail.mailbox import MailboxError
from crm.models import AfterHandling, Mailbox
from tests.campaigns.bounces.conftest import Sent
from tests.certificates import Authority
from tests.factories import EmailAccountFactory
from tests.imap_server import PASSWORD, USER, imap_server
from tests.imap_server import ImapServer as Running
from tests.tls_gate import TlsGate


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def server(authority: Authority) -> Iterator[Running]:
    certificate = str(authority.certificate())
    with imap_server("--cert", certificate, "--key", certificate) as running:
        yield running


def _at(server: Running, context: ssl.SSLContext | None = None, security: str = "starttls") -> ImapServer:
    return ImapServer("localhost", server.port, security, USER, PASSWORD, timeout=30, context=context)


def test_a_certificate_that_verifies(server: Running, authority: Authority) -> None:
    trusting = ssl.create_default_context(cafile=str(authority.ca_file))
    box = ImapBox(_at(server, trusting))
    assert "INBOX" in box.folder_names()
    box.close()


def test_a_certificate_that_nobody_vouches_for(server: Running) -> None:
    with pytest.raises(MailboxError, match="cannot be trusted"):
        ImapBox(_at(server))


@pytest.fixture
def gate(imap: Running, authority: Authority) -> Iterator[TlsGate]:
    """The same server, inside TLS from the first octet."""
    with TlsGate(imap.port, authority.certificate()) as gate:
        yield gate


@pytest.mark.usefixtures("db")
def test_a_mailbox_inside_tls_is_read(
    sent: Callable[..., Sent], imap: Running, gate: TlsGate, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Implicit TLS (RFC 8314), trusted as the computer trusts: by its store of authorities."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.ca_file))
    Mailbox.objects.all().delete()
    mailbox = Mailbox(
        account=EmailAccountFactory.create(), host="localhost", port=gate.port, security="tls", username=USER,
        after=AfterHandling.MARK_READ,
    )  # fmt: skip
    mailbox.password = PASSWORD
    mailbox.save()
    mail = sent()
    imap.deliver(mail.bounce())
    assert dict(check_mailboxes()) == {"read": 1, "hard": 1}
    assert mail.reload().address.invalid_at and list(imap.seen().values()) == [True]
    assert gate.opened == 1


def test_inside_tls_too_somebody_must_vouch_for_the_certificate(gate: TlsGate) -> None:
    server = ImapServer("localhost", gate.port, "tls", USER, PASSWORD, timeout=30)
    with pytest.raises(MailboxError, match="cannot be trusted"):
        ImapBox(server)
    assert gate.opened == 0


def test_a_server_that_speaks_no_tls(imap: Running) -> None:
    with pytest.raises(MailboxError):
        ImapBox(_at(imap))
    with pytest.raises(MailboxError):
        ImapBox(_at(imap, security="tls"))

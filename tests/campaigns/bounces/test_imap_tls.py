"""IMAP inside TLS: only with a certificate that verifies, and never in the clear instead."""

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from crm.mail.imap import ImapBox, ImapServer
from crm.mail.mailbox import MailboxError
from tests.certificates import Authority
from tests.imap_server import PASSWORD, USER, imap_server
from tests.imap_server import ImapServer as Running


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def server(authority: Authority) -> Iterator[Running]:
    certificate = str(authority.certificate())
    with imap_server("--cert", certificate, "--key", certificate) as running:
        yield running


def _at(server: Running, context: ssl.SSLContext | None = None, security: str = "starttls") -> ImapServer:
    return ImapServer("localhost", server.port, security, USER, PASSWORD, timeout=5, context=context)


def test_a_certificate_that_verifies(server: Running, authority: Authority) -> None:
    trusting = ssl.create_default_context(cafile=str(authority.ca_file))
    box = ImapBox(_at(server, trusting))
    assert "INBOX" in box.folder_names()
    box.close()


def test_a_certificate_that_nobody_vouches_for(server: Running) -> None:
    with pytest.raises(MailboxError, match="cannot be trusted"):
        ImapBox(_at(server))


def test_a_server_that_speaks_no_tls() -> None:
    with imap_server() as plain:
        with pytest.raises(MailboxError):
            ImapBox(_at(plain))
        with pytest.raises(MailboxError):
            ImapBox(_at(plain, security="tls"))

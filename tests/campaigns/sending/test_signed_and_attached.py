"""From the account's key and the template's file to the octets that the server gets."""

from collections.abc import Callable

import dkim
import pytest
from django.utils import timezone

from campaigns.attachments import attach
from campaigns.models import MassEmail
from campaigns.sending.envelopes import EnvelopeMaker
from campaigns.sending.freeze import CannotStart, freeze
from campaigns.sending.test_send import send_test
from crm.dkim_setup import make_key, set_signing
from crm.mail.dkim_keys import Algorithm
from crm.models import DkimKey, User
from tests.campaigns.sending.conftest import Run, states
from tests.campaigns.sending.message_parts import assert_fit_for_the_wire, parsed
from tests.smtp_server import SmtpServer

PDF = b"%PDF-1.7 " + bytes(range(256)) * 30


def signing(mass_email: MassEmail, user: User, algorithm: Algorithm) -> DkimKey:
    assert mass_email.account is not None
    key = make_key(mass_email.account, user, "acme.example.com", "herald1", algorithm)
    set_signing(key, user, True)
    return key


def verified(data: bytes, key: DkimKey) -> bool:
    return bool(dkim.verify(data, dnsfunc=lambda name, timeout=5: key.record.encode()))


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_a_signed_mass_email_with_an_attachment(
    due: Callable[..., MassEmail], run: Run, server: SmtpServer, administrator: User, algorithm: Algorithm
) -> None:
    mass_email = due(people=3)
    assert mass_email.template is not None
    attach(mass_email.template, administrator, "отчёт.pdf", "application/pdf", PDF)
    key = signing(mass_email, administrator, algorithm)
    run()
    assert states(mass_email) == {"SENT": 3}
    for received in server.messages:
        assert verified(received.data, key)
        names = received.data.partition(b"\r\n bh=")[0].split(b" h=")[1].replace(b"\r\n ", b"").rstrip(b";").split(b":")
        assert {b"list-unsubscribe", b"list-unsubscribe-post", b"feedback-id", b"list-id"} <= set(names)
        assert not verified(received.data.replace(b"One-Click", b"One-Clock"), key)
        assert_fit_for_the_wire(received.data.partition(b"\r\nDate:")[2])
        (attached,) = parsed(received.data).iter_attachments()
        assert (attached.get_filename(), attached.get_content()) == ("отчёт.pdf", PDF)


def test_a_test_mail_is_signed_too(due: Callable[..., MassEmail], server: SmtpServer, administrator: User) -> None:
    mass_email = due()
    key = signing(mass_email, administrator, Algorithm.ED25519)
    send_test(mass_email, administrator, [], ["ines@rocha.example.com"])
    (received,) = server.messages
    assert verified(received.data, key)


def test_a_running_mass_email_follows_when_signing_stops(due: Callable[..., MassEmail], administrator: User) -> None:
    mass_email = due()
    key = signing(mass_email, administrator, Algorithm.ED25519)
    maker = EnvelopeMaker(freeze(mass_email), timezone.now())
    assert maker.signer is not None
    set_signing(key, administrator, False)
    maker.renew(timezone.now())  # as the next portion does
    assert maker.signer is None


def test_a_key_that_cannot_be_read_is_said_before_anybody_is_touched(
    due: Callable[..., MassEmail], administrator: User
) -> None:
    mass_email = due()
    signing(mass_email, administrator, Algorithm.ED25519)
    DkimKey.objects.update(secret="rubbish")
    with pytest.raises(CannotStart, match="cannot be made"):
        freeze(mass_email)

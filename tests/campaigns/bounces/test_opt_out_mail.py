"""Opt-out by mail: the header offers it only when somebody reads it, and the mail does what it says."""

from base64 import b64encode
from collections.abc import Callable
from email import message_from_bytes
from email.policy import default

import pytest
from django.utils import timezone

from campaigns.bounces.checker import check_mailboxes
from campaigns.models import Action, FrozenMassEmail, LogRecord
from campaigns.people import person_of
from campaigns.sending.envelopes import EnvelopeMaker
from campaigns.sending.freeze import freeze
from campaigns.tracking.tokens import Purpose, make
from crm.models import Mailbox
from targets.models import Membership
from tests.campaigns.bounces.conftest import Sent, deliver


def _header(mail: Sent) -> tuple[str, bytes]:
    frozen = FrozenMassEmail.objects.get(pk=mail.mass_email.pk)
    octets = EnvelopeMaker(frozen, timezone.now()).make(person_of(None, "ana@example.com", "en")).data
    return str(message_from_bytes(octets, policy=default)["List-Unsubscribe"]), octets


def test_the_header_offers_mail_only_when_it_is_read(sent: Callable[..., Sent], maildir: Mailbox) -> None:
    mail = sent()
    assert "mailto" not in _header(mail)[0]
    Mailbox.objects.update(opt_out_address="opt-out@acme.example.com")
    freeze(mail.mass_email)
    value, octets = _header(mail)
    web, by_mail = (part.strip(" <>") for part in value.split(","))
    assert by_mail == f"mailto:opt-out@acme.example.com?subject=unsubscribe%20{web.rpartition('/')[2]}"
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in octets
    assert max(map(len, octets.split(b"\r\n"))) <= 998
    Mailbox.objects.update(is_active=False)
    freeze(mail.mass_email)
    assert "mailto" not in _header(mail)[0]


def _mail(subject: str) -> bytes:
    return f"From: anybody@example.net\nTo: opt-out@acme.example.com\nSubject: {subject}\n\n".encode()


def test_the_person_of_the_token_is_opted_out(sent: Callable[..., Sent], maildir: Mailbox) -> None:
    mail = sent()
    token = make(Purpose.OPT_OUT, mail.item.pk, mail.address.pk)
    deliver(maildir, _mail(f"unsubscribe {token}"))
    deliver(maildir, _mail(f"Unsubscribe\n {token}"))
    deliver(maildir, _mail(f"=?UTF-8?B?{b64encode(f'unsubscribe {token}'.encode()).decode()}?="))
    assert dict(check_mailboxes()) == {"read": 3, "opt_out": 3}
    assert Membership.objects.get().opted_out_at
    assert LogRecord.objects.filter(action=Action.OPTED_OUT).get().detail == "mailto"


@pytest.mark.parametrize(
    "subject", ["unsubscribe", "unsubscribe me please", "Re: unsubscribe {bad}", "unsubscribe {bad}"]
)
def test_other_mail_opts_nobody_out(sent: Callable[..., Sent], maildir: Mailbox, subject: str) -> None:
    mail = sent()
    token = make(Purpose.PREFERENCES, mail.item.pk, mail.address.pk)
    deliver(maildir, _mail(subject.format(bad=token)))
    assert dict(check_mailboxes()) == {"read": 1, "unknown": 1}
    assert Membership.objects.get().opted_out_at is None

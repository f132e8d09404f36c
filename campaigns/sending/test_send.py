"""*Send Test*: the same path as a real send, marked as a test, outside limits and statistics, answered at once."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.models import FrozenMassEmail, MassEmail, MassEmailStatus, QueueItem, QueueStatus
from campaigns.people import Person
from campaigns.sending.envelopes import EnvelopeMaker
from campaigns.sending.fleet import Ended, Fleet
from campaigns.sending.freeze import CannotStart, account_of, freeze
from campaigns.sending.outcomes import STATUS_OF, Outcome
from campaigns.sending.recipients import of_items
from campaigns.sending.signing_in import SecondSignIn
from campaigns.sending.stops import locked_status
from crm.audit import audit
from crm.mail.account_server import server_for
from crm.mail.outlets import AnyServer
from crm.mail.secrets import SecretUnreadable
from crm.mail.smtp import ConnectionFailed, Timeouts
from crm.models import EmailAccount, EmailAddress, Record, User

# A person waits for the page: shorter than RFC 5321 asks of a queue runner. A lost reply is shown as Uncertain.
PATIENCE = Timeouts(
    connect=10, tls=10, greeting=10, ehlo=10, auth=10, mail=10, rcpt=15, data=10, block=10, dot=20, quit=2
)
MOST_ADDRESSES = 20
MOST_SECONDS = 60


@dataclass(frozen=True, slots=True)
class TestResult:
    """What the server said about one address."""

    __test__ = False  # not a test class, whatever its name says to pytest

    address: str
    ok: bool
    reply: str


def send_test(
    mass_email: MassEmail, user: User, records: Sequence[Record], addresses: Sequence[str]
) -> list[TestResult]:
    """Send to some records and typed addresses now. Raises CannotStart, SecretUnreadable, ValidationError."""
    account = account_of(mass_email)
    server = _server(account)
    with transaction.atomic():
        frozen = _frozen(mass_email)
        items = _items(mass_email, records, addresses)
    maker = EnvelopeMaker(frozen, timezone.now(), is_test=True)
    people = of_items([item.pk for item in items], maker.references, maker.settings)
    ended = _send(account, server, maker, items, people)
    audit(user, "mass_email.test_sent", mass_email, count=len(items))
    MassEmail.objects.filter(pk=mass_email.pk).update(test_sent_at=timezone.now())
    return [_result(item, people[item.pk], ended[item.pk]) for item in items]


def _server(account: EmailAccount) -> AnyServer:
    try:
        return replace(server_for(account), timeouts=PATIENCE)
    except ConnectionFailed as failure:
        raise CannotStart(str(failure.attempt.reply or failure.attempt.error)) from failure


def _frozen(mass_email: MassEmail) -> FrozenMassEmail:
    """As it would be sent now; behind the lock, because what has begun to be sent must not be frozen anew."""
    editable = locked_status(mass_email.pk) in (MassEmailStatus.DRAFT, MassEmailStatus.PENDING)
    return freeze(mass_email) if editable else FrozenMassEmail.objects.get(pk=mass_email.pk)


def _items(mass_email: MassEmail, records: Sequence[Record], addresses: Sequence[str]) -> list[QueueItem]:
    targets: list[tuple[int | None, EmailAddress]] = [
        (record.pk, record.email_address) for record in records if record.email_address is not None
    ]
    targets += [(None, EmailAddress.objects.for_text(text)) for text in addresses]
    if not targets:
        raise ValidationError(_("Select at least one target with an email address."))
    if len(targets) > MOST_ADDRESSES:
        raise ValidationError(_("At most %(most)s addresses at a time."), params={"most": MOST_ADDRESSES})
    return [
        QueueItem.objects.create(
            mass_email_id=mass_email.pk, record_id=pk, email_address_id=address.pk, is_test=True,
            status=QueueStatus.SENDING, attempts=1,
        )
        for pk, address in {address.pk: (pk, address) for pk, address in targets}.values()
    ]  # fmt: skip


def _send(
    account: EmailAccount,
    server: AnyServer,
    maker: EnvelopeMaker,
    items: Sequence[QueueItem],
    people: dict[int, Person],
) -> dict[int, Outcome]:
    fleet = Fleet(server, 1, lambda item: None, lambda item, attempt: None)
    for item in items:
        fleet.feed(item.pk, partial(maker.make, people[item.pk]))
    ended, why = _ended(fleet, SecondSignIn(account))
    outcomes = {item.pk: Outcome.unmakeable(item.pk, why) for item in items}
    for one in ended:
        outcomes[one.item] = (
            Outcome.of(one.item, one.attempt) if one.attempt else Outcome.unmakeable(one.item, one.unmakeable)
        )
    return outcomes


def _ended(fleet: Fleet, second_sign_in: SecondSignIn) -> tuple[list[Ended], str]:
    """What ended, and why the rest did not. The fleet is closed, whatever happens."""
    ended: list[Ended] = []
    why = ""
    last_moment = time.monotonic() + MOST_SECONDS
    try:
        while not fleet.idle and time.monotonic() < last_moment:
            ended += fleet.run(1.0)
            if fleet.trouble is not None and not second_sign_in.mends(fleet):
                break
    except SecretUnreadable as error:
        why = str(error)
    finally:
        ended += fleet.close()
    trouble = str(fleet.trouble.reply or fleet.trouble.error) if fleet.trouble else ""
    return ended, why or trouble or _("The server did not answer in time.")


def _result(item: QueueItem, person: Person, outcome: Outcome) -> TestResult:
    """Keep the answer on the test item and tell it."""
    assert outcome.verdict is not None
    status = STATUS_OF[outcome.verdict.item]
    now = timezone.now()
    item.status = QueueStatus.FAILED if status in (QueueStatus.PENDING, QueueStatus.DEFERRED) else status
    item.reason = "" if status == QueueStatus.SENT else outcome.verdict.reason
    item.reply, item.attempted_at = outcome.reply, now
    item.sent_at = now if status == QueueStatus.SENT else None
    item.save(update_fields=["status", "reason", "reply", "attempted_at", "sent_at"])
    return TestResult(person.address, status == QueueStatus.SENT, outcome.reply)

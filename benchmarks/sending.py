"""What the sending benchmarks run inside the sender's process: Herald's own sending, and the plain loop beside it."""

import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from django.core.mail import EmailMultiAlternatives, get_connection
from django.db.models import Count, F
from django.template import Context, Template
from django.utils import timezone

from campaigns.models import (
    Action,
    FrozenMassEmail,
    LogRecord,
    MassEmail,
    Portion,
    PortionStatus,
    QueueItem,
    QueueStatus,
)
from campaigns.sending.deliver import send_portion
from campaigns.sending.portions import cut_portions
from campaigns.sending.queue import start
from campaigns.sending.sweep import sweep
from crm.models import EmailAddress, Record

LINK = "https://crm.example.com/t/AbCdEfGhIjKlMnOpQrStUvWx0123456789{{ item.pk }}"


@dataclass
class Spent:
    """Wall-clock and CPU seconds of this process and its children, and its largest size so far in MB."""

    seconds: float = 0.0
    cpu: float = 0.0
    peak: float = 0.0

    def answer(self, messages: int) -> dict[str, float]:
        return {"messages": messages, "seconds": self.seconds, "cpu": self.cpu, "peak": self.peak}


@contextmanager
def measured() -> Iterator[Spent]:
    spent = Spent()
    began, cpu = time.monotonic(), _cpu_seconds()
    yield spent
    spent.seconds, spent.cpu = time.monotonic() - began, _cpu_seconds() - cpu
    spent.peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _cpu_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def queue_up(mass_email_id: int) -> dict[str, float]:
    """Fill the queue: a part of its own, which benchmarks.queue_build looks at closely."""
    with measured() as spent:
        start(mass_email_id)
    return spent.answer(MassEmail.objects.get(pk=mass_email_id).total_count)


def send_everything(mass_email_id: int) -> dict[str, float]:
    """Herald: cut portions and send them, one after the other, until nothing is left."""
    before = _checked(mass_email_id, finished=False)
    with measured() as spent:
        send_on(mass_email_id)
    return spent.answer(_checked(mass_email_id) - before)


def send_on(mass_email_id: int) -> None:
    """Send what is left, also when it was paused because of too many doubts."""
    MassEmail.objects.filter(pk=mass_email_id).update(paused_at=None, pause_reason="")
    ready = Portion.objects.filter(status=PortionStatus.READY).order_by("pk").values_list("pk", flat=True)
    while cut_portions() or ready.exists():
        if not sum(send_portion(pk).total() for pk in list(ready.all())):
            found = MassEmail.objects.get(pk=mass_email_id)
            raise RuntimeError(f"Nothing goes out any more: {states()} {found.pause_reason}")


def take_over() -> int:
    """The sweeper, after the leases of those who were killed: how many portions they left."""
    past = timezone.now() - timedelta(seconds=1)
    left = Portion.objects.filter(status=PortionStatus.RUNNING).update(lease_until=past)
    sweep()
    return left


def states() -> dict[str, int]:
    found = QueueItem.objects.values_list("status").annotate(n=Count("pk"))
    return {QueueStatus(status).name: count for status, count in found}


def people_by_state() -> dict[str, list[str]]:
    """Every address of the queue, under the name of its state."""
    found: dict[str, list[str]] = {}
    addresses = dict(EmailAddress.objects.values_list("pk", "address"))
    for status, address in QueueItem.objects.values_list("status", "email_address_id"):
        found.setdefault(QueueStatus(status).name, []).append(addresses[address or 0])
    return found


def _checked(mass_email_id: int, *, finished: bool = True) -> int:
    """How many were sent. Raises AssertionError unless rows, log and counter all say the same."""
    sent = QueueItem.objects.filter(mass_email_id=mass_email_id, status=QueueStatus.SENT).count()
    logged = LogRecord.objects.filter(mass_email_id=mass_email_id, action=Action.SENT).count()
    mass_email = MassEmail.objects.get(pk=mass_email_id)
    if not sent == logged == mass_email.sent_count == (mass_email.total_count if finished else sent):
        raise AssertionError((sent, logged, mass_email.sent_count, mass_email.total_count, mass_email.pause_reason))
    return sent


def plain_loop(mass_email_id: int, port: int, count: int) -> dict[str, float]:
    """What a careful Django programmer writes first: one open connection, compiled templates, a row at a time."""
    mass_email = MassEmail.objects.select_related("template").get(pk=mass_email_id)
    assert mass_email.template is not None
    html, text = _templates(mass_email.template.body)
    items = QueueItem.objects.filter(mass_email_id=mass_email_id, status=QueueStatus.PENDING).order_by("pk")[:count]
    frozen = FrozenMassEmail.objects.get(pk=mass_email_id)
    mails = get_connection("django.core.mail.backends.smtp.EmailBackend", host="127.0.0.1", port=port, timeout=60)
    mails.open()
    with measured() as spent:
        for item in items.iterator(chunk_size=500):
            record = Record.objects.get(pk=item.record_id or 0)
            address = EmailAddress.objects.get(pk=item.email_address_id or 0)
            context = Context({"item": item, "person": record, "address": address})
            mail = EmailMultiAlternatives(
                f"News for {record.first_name}",
                text.render(context),
                "Acme <news@acme.example.com>",
                [address.address],
                headers={"List-Unsubscribe": f"<{LINK}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
                connection=mails,
            )
            mail.attach_alternative(html.render(context), "text/html")
            mail.send()
            item.status, item.sent_at, item.attempts = QueueStatus.SENT, timezone.now(), item.attempts + 1
            item.save(update_fields=["status", "sent_at", "attempts"])
            LogRecord.objects.create(
                campaign_id=frozen.campaign_id,
                mass_email_id=mass_email_id,
                queue_item_id=item.pk,
                record_id=record.pk,
                email_address_id=address.pk,
                address=address.address,
                action=Action.SENT,
            )
            MassEmail.objects.filter(pk=mass_email_id).update(sent_count=F("sent_count") + 1)
    mails.close()
    return spent.answer(count)


def _templates(body: str) -> tuple[Template, Template]:
    """The HTML as a Django template, and a text of the size that Herald makes from it."""
    html = body
    for ours, theirs in (
        ("{Person.name|friend}", "{{ person.name }}"),
        ("{Person.emailAddress}", "{{ address.address }}"),
        ("{optOutUrl}", LINK),
    ):
        html = html.replace(ours, theirs)
    while "{trackingUrl:" in html:
        before, _mark, rest = html.partition("{trackingUrl:")
        html = f"{before}{LINK}{rest.partition('}')[2]}"
    text = html
    while "<" in text:
        before, _open, rest = text.partition("<")
        text = before + rest.partition(">")[2]
    return Template(html), Template("{% autoescape off %}" + text + f"{LINK}\n{LINK}\n{LINK}" + "{% endautoescape %}")

"""One message per person out of the frozen mass email: the placeholders' values, the links, the envelope."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

from campaigns.attachments import frozen_attachments
from campaigns.content.content import Content, Slot
from campaigns.models import FrozenMassEmail, Link, QueueItem
from campaigns.people import DatePlaceholders, Person, PersonValues, Values, fields_by_name, language_of, load_records
from campaigns.sending.message import Recipient, Sender, Skeleton
from campaigns.tracking import links
from campaigns.tracking.tokens import Purpose, make
from crm.mail.dkim_account import signer_of
from crm.mail.header_fields import parse_headers
from crm.mail.smtp import Envelope
from crm.models import EmailAddress, Settings


def domain_of(address: str) -> str:
    return address.rpartition("@")[2].lower() or "localhost.localdomain"


def sender_of(frozen: FrozenMassEmail) -> Sender:
    told, number = frozen.sender, frozen.pk
    lists = ".".join(sorted(frozen.target_lists, key=int)[:4]) or "0"
    domain = domain_of(told["from_address"])
    return Sender(
        from_address=told["from_address"],
        from_name=told["from_name"],
        reply_to_address=told["reply_to_address"],
        reply_to_name=told["reply_to_name"],
        message_id_domain=domain,
        envelope_domain=domain_of(told["envelope_address"]),
        # Stable per set of lists, not per campaign, so that readers can sort by it (RFC 2919 §2).
        list_id=f"lists-{lists}.{domain}",
        feedback_id=f"{frozen.campaign_id}:{number}:{frozen.account_id or 0}:herald",
        extra_headers=tuple(parse_headers(told.get("extra_headers", ""))),
        marketing=not frozen.is_informational,
    )


def used_names(content: Content) -> frozenset[str]:
    parts = [content.subject, content.text, content.html or ()]
    return frozenset(piece.name for part in parts for piece in part if isinstance(piece, Slot))


class EnvelopeMaker:
    """Prepared once per portion; `make` costs a few look-ups and one substitution per person."""

    def __init__(self, frozen: FrozenMassEmail, now: datetime, is_test: bool = False) -> None:
        self.frozen = frozen
        self.now = now
        content = Content.from_json(frozen.content)
        self.content = replace(content, subject=("[Test] ", *content.subject)) if is_test else content
        self.skeleton = Skeleton(self.content, sender_of(frozen), frozen_attachments(frozen))
        self.signer = signer_of(frozen.account_id)
        self.base = frozen.base_url
        self.fields = fields_by_name()
        self.dates = DatePlaceholders(now)
        self.settings = Settings.load()
        self._plain_links = self._targets() if frozen.is_informational else {}
        self._urls = self._needed_urls(used_names(self.content))

    def people(self, items: Iterable[QueueItem]) -> dict[int, Person]:
        """Queue item id → person, in two queries."""
        items = list(items)
        records = load_records(item.record_id for item in items if item.record_id)
        addresses = EmailAddress.objects.in_bulk([item.email_address_id for item in items if item.email_address_id])
        found = {}
        for item in items:
            record = records.get(item.record_id or 0)
            address = addresses.get(item.email_address_id or 0)
            if address is not None:
                found[item.pk] = Person(record, address.address, language_of(record, self.settings))
        return found

    def make(self, item: QueueItem, person: Person) -> Envelope:
        """Raises MessageError when this one message cannot be made."""
        opt_out = links.opt_out(self.base, item.pk, item.email_address_id or 0)
        recipient = Recipient(
            address=person.address,
            name=person.display_name,
            values=self.values(item, person, opt_out),
            message_id=self._message_id(item),
            opt_out_url=None if self.frozen.is_informational else opt_out,
            now=self.now,
        )
        message = self.skeleton.build(recipient)
        if self.signer is not None:
            message = self.signer.sign(message)
        return Envelope(self._return_path(item), person.address, message)

    def values(self, item: QueueItem, person: Person, opt_out: str) -> Values:
        extra = dict(self.dates.in_language(person.language))
        extra["campaign.name"] = self.frozen.campaign_name
        extra["senderAddress"] = self.frozen.sender["postal_address"]
        extra["optOutUrl"] = opt_out
        for name, url_of in self._urls:
            extra[name] = url_of(item)
        return PersonValues(person, self.fields, extra)

    def _needed_urls(self, names: frozenset[str]) -> list[tuple[str, Callable[[QueueItem], str]]]:
        base = self.base
        makers: dict[str, Callable[[QueueItem], str]] = {
            "preferencesUrl": lambda item: links.preferences(base, item.pk, item.email_address_id or 0),
            "webVersionUrl": lambda item: links.web_version(base, item.pk),
            "openPixelUrl": lambda item: links.open_pixel(base, item.pk),
        }
        for code, link_id in self.frozen.links.items():
            makers[f"trackingUrl:{code}"] = self._click(link_id)
        return [(name, makers[name]) for name in sorted(names & makers.keys())]

    def _click(self, link_id: int) -> Callable[[QueueItem], str]:
        plain = self._plain_links.get(link_id, "")
        return lambda item: plain or links.click(self.base, item.pk, link_id)

    def _targets(self) -> dict[int, str]:
        """Informational email carries no tracking: its links lead straight to their targets."""
        return dict(Link.objects.filter(pk__in=self.frozen.links.values()).values_list("pk", "url"))

    def _message_id(self, item: QueueItem) -> str:
        """The same for every attempt of an item (RFC 5322 §3.6.4), and no guessing of neighbours from it."""
        proof = hashlib.blake2b(f"{self.frozen.base_url}:{item.pk}".encode(), digest_size=6).hexdigest()
        return f"<{item.mass_email_id}.{item.pk}.{proof}@{domain_of(self.frozen.sender['from_address'])}>"

    def _return_path(self, item: QueueItem) -> str:
        address: str = self.frozen.sender["envelope_address"]
        if not self.frozen.use_verp:
            return address
        local, _at, domain = address.rpartition("@")
        return f"{local}+{make(Purpose.BOUNCE, item.pk)}@{domain}"

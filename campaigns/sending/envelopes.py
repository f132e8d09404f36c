"""One message per person out of the frozen mass email: the placeholders' values, the links, the envelope."""

from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from campaigns.attachments import frozen_attachments
from campaigns.content.content import Content, used_names
from campaigns.models import FrozenMassEmail, Link
from campaigns.people import DatePlaceholders, Person, References
from campaigns.sending.message import Recipient, Sender, Skeleton
from campaigns.tracking.links import ItemLinks, ReturnPaths
from campaigns.tracking.message_ids import MessageIds
from crm.mail.dkim_account import signer_of
from crm.mail.header_fields import parse_headers
from crm.mail.smtp import Envelope
from crm.models import Settings


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
        opt_out_mailto=told.get("opt_out_mailto", ""),
        marketing=not frozen.is_informational,
    )


class _Moment(NamedTuple):
    """What the messages of one moment say about the date. `skeletons`, by language, have it in them already."""

    now: datetime
    dates: DatePlaceholders
    skeletons: dict[str, Skeleton]


class EnvelopeMaker:
    """Prepared once per mass email and portion; `make` costs a few look-ups and one substitution per person.

    `make` never asks the database: it runs where the connections are served, while another thread says how late it is.
    """

    def __init__(self, frozen: FrozenMassEmail, now: datetime, is_test: bool = False) -> None:
        self.frozen = frozen
        content = Content.from_json(frozen.content)
        self.content = replace(content, subject=("[Test] ", *content.subject)) if is_test else content
        self.skeleton = Skeleton(self.content, sender_of(frozen), frozen_attachments(frozen))
        self.settings = Settings.load()
        names = used_names(self.content)
        self.references = References(names)
        # Informational email carries no tracking: its links lead straight to their targets.
        self._links = ItemLinks(frozen.base_url, names, {} if frozen.is_informational else frozen.links)
        self._plain_links = _targets(frozen) if frozen.is_informational else {}
        self._return_paths = ReturnPaths(frozen.sender["envelope_address"]) if frozen.use_verp else None
        # The same for every attempt of an item (RFC 5322 §3.6.4).
        self._message_ids = MessageIds(frozen.pk, domain_of(frozen.sender["from_address"]))
        self.signer = signer_of(frozen.account_id)
        self.at(now)

    def renew(self, now: datetime) -> None:
        """From now on it is later. The account's DKIM key and the fields of the entity types are read anew too.

        Raises SecretUnreadable when that key fits none of the encryption keys.
        """
        self.references.learn()
        self.signer = signer_of(self.frozen.account_id)
        self.at(now)

    def at(self, now: datetime) -> None:
        """What the messages say about the date follows. Asks no database."""
        self._moment = _Moment(now, DatePlaceholders(now), {})

    @property
    def now(self) -> datetime:
        """The date of the messages that are made."""
        return self._moment.now

    def is_for(self, frozen: FrozenMassEmail) -> bool:
        """Whether this maker would make the same messages as a new one for `frozen`."""
        return _facts(self.frozen) == _facts(frozen)

    def make(self, person: Person) -> Envelope:
        """Raises MessageError when this one message cannot be made."""
        values = self._own_values(person)
        moment, signer = self._moment, self.signer
        recipient = Recipient(
            address=person.address,
            name=person.display_name,
            values=values.__getitem__,
            message_id=self._message_ids.of(person.item),
            opt_out_url=None if self.frozen.is_informational else values["optOutUrl"],
            now=moment.now,
        )
        skeleton = moment.skeletons.get(person.language) or self._skeleton_in(person.language, moment)
        message = skeleton.build(recipient)
        if signer is not None:
            message = signer.sign(message)
        # wire_ready: what a skeleton promises of its octets, and its tests hold it to.
        return Envelope(self._return_path(person.item), person.address, message, wire_ready=True)

    def values(self, person: Person) -> dict[str, str]:
        """Name → value, for every name that the content uses."""
        return self._own_values(person) | self._same_for_all(person.language, self._moment)

    def _own_values(self, person: Person) -> dict[str, str]:
        values = self.references.answers(person)
        self._links.add_to(values, person.item, person.address_id)
        return values

    def _skeleton_in(self, language: str, moment: _Moment) -> Skeleton:
        """What is the same for everybody who reads this language is in it already."""
        known = moment.skeletons[language] = self.skeleton.knowing(self._same_for_all(language, moment))
        return known

    def _same_for_all(self, language: str, moment: _Moment) -> dict[str, str]:
        return {
            **moment.dates.in_language(language),
            **self._plain_links,
            "campaign.name": self.frozen.campaign_name,
            "senderAddress": self.frozen.sender["postal_address"],
        }

    def _return_path(self, item: int) -> str:
        return self._return_paths.of(item) if self._return_paths else self.frozen.sender["envelope_address"]


def _targets(frozen: FrozenMassEmail) -> dict[str, str]:
    """Placeholder name → the target of a tracking URL."""
    urls = dict(Link.objects.filter(pk__in=frozen.links.values()).values_list("pk", "url"))
    return {f"trackingUrl:{code}": urls.get(pk, "") for code, pk in frozen.links.items()}


def _facts(frozen: FrozenMassEmail) -> dict[str, object]:
    return {field.attname: getattr(frozen, field.attname) for field in FrozenMassEmail._meta.concrete_fields}

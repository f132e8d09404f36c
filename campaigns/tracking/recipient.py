"""The person behind a link, as far as Herald still knows them: links work for ever, rows do not."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from campaigns.log import lists_of
from campaigns.models import FrozenMassEmail, QueueItem
from crm.models import EmailAddress, Record
from targets.models import Membership, TargetList


@dataclass(frozen=True, slots=True)
class Subscription:
    """A target list as its member sees it."""

    pk: int
    name: str
    description: str
    is_on: bool


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whatever is left of queue item, address, record and mass email: each of them may be None."""

    item_id: int
    address_id: int
    item: QueueItem | None
    address: EmailAddress | None
    record: Record | None
    frozen: FrozenMassEmail | None

    @property
    def language(self) -> str:
        return self.record.language if self.record else ""

    @property
    def masked(self) -> str:
        return self.address.masked if self.address else ""

    @property
    def is_test(self) -> bool:
        return self.item is not None and self.item.is_test

    @property
    def has_stopped_all(self) -> bool:
        return self.address is not None and self.address.opted_out_at is not None

    def list_ids(self) -> frozenset[int]:
        """The lists that an opt-out from this mail is about; none when it is about everything."""
        if self.frozen is None or self.frozen.opt_out_entirely:
            return frozenset()
        return frozenset(lists_of(self.frozen))

    def subscriptions(self) -> list[Subscription]:
        """The target lists that anybody with this address is on. Lists that only ever exclude people are not shown."""
        members = Membership.objects.filter(target_list=OuterRef("pk"), record__email_address_id=self.address_id)
        lists = TargetList.objects.filter(Exists(members)).exclude(pk__in=_only_excluding().values("pk"))
        rows = lists.annotate(is_on=Exists(members.filter(opted_out_at=None)))
        return [Subscription(*row) for row in rows.values_list("pk", "name", "description", "is_on")]

    def lists_to_leave(self, subscriptions: list[Subscription]) -> list[str]:
        """The names of this mail's lists that the person is on; none when the opt-out is about everything."""
        about = self.list_ids()
        return [row.name for row in subscriptions if row.pk in about and row.is_on]

    def left_lists(self, subscriptions: list[Subscription]) -> list[str]:
        """The names of this mail's lists that the person opted out of, as of now."""
        about = self.list_ids()
        return [row.name for row in subscriptions if row.pk in about and not row.is_on]

    def has_opted_out(self, subscriptions: list[Subscription]) -> bool:
        """Whether this mail's opt-out is in force: for everything, or for every list of the mail they are on."""
        about = self.list_ids()
        states = [row.is_on for row in subscriptions if row.pk in about]
        return self.has_stopped_all or (bool(states) and not any(states))


def _only_excluding() -> QuerySet[TargetList]:
    targeted = TargetList.objects.filter(Q(campaigns__isnull=False) | Q(mass_emails__isnull=False))
    excluding = Q(excluding_campaigns__isnull=False) | Q(excluding_mass_emails__isnull=False)
    return TargetList.objects.filter(excluding).exclude(pk__in=targeted.values("pk"))


def recipient_of(item_id: int, address_id: int) -> Recipient:
    item = QueueItem.objects.filter(pk=item_id).first()
    return Recipient(
        item_id=item_id,
        address_id=address_id,
        item=item,
        address=EmailAddress.objects.filter(pk=address_id).first(),
        record=Record.objects.filter(pk=item.record_id).first() if item and item.record_id else None,
        frozen=FrozenMassEmail.objects.filter(pk=item.mass_email_id).first() if item else None,
    )


def record_of_item(item_id: int) -> Record | None:
    """The record a queue item was sent to, for its language."""
    record_ids = QueueItem.objects.filter(pk=item_id).values("record_id")
    return Record.objects.filter(pk__in=record_ids).only("language").first()

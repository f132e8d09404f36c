"""The person behind a link, as far as Herald still knows them: links work for ever, rows do not."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from campaigns.audience import serving
from campaigns.models import FrozenMassEmail, QueueItem
from crm.models import EmailAddress, Record
from targets.models import Membership, TargetList

NEEDED = ("mass_email_id", "campaign_id", "opt_out_entirely", "target_lists", "campaign_lists")  # not the content


@dataclass(frozen=True, slots=True)
class Subscription:
    """A target list as its member sees it. `is_meant`: an opt-out from this mail is about it. One that `is_internal` is
    never named to them."""

    pk: int
    name: str
    description: str
    is_on: bool
    is_meant: bool = False
    is_internal: bool = False


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whatever is left of queue item, address and mass email: each of them may be None. `language` is the record's."""

    item_id: int
    address_id: int
    item: QueueItem | None
    address: EmailAddress | None
    language: str
    frozen: FrozenMassEmail | None

    @property
    def masked(self) -> str:
        return self.address.masked if self.address else ""

    @property
    def is_test(self) -> bool:
        return self.item is not None and self.item.is_test

    @property
    def has_stopped_all(self) -> bool:
        return self.address is not None and self.address.opted_out_at is not None

    def subscriptions(self) -> list[Subscription]:
        """The target lists that anybody with this address is on. Lists that only ever exclude people are not shown."""
        members = Membership.objects.filter(target_list=OuterRef("pk"), record__email_address_id=self.address_id)
        lists = TargetList.objects.filter(Exists(members)).exclude(pk__in=_only_excluding().values("pk"))
        rows = lists.annotate(is_on=Exists(members.filter(opted_out_at=None)), is_meant=Exists(self._meant()))
        fields = ("pk", "name", "description", "is_on", "is_meant", "is_internal")
        return [Subscription(*row) for row in rows.values_list(*fields)]

    def left_with(self, wanted: Sequence[int], unwanted: Sequence[int]) -> list[int]:
        """The internal lists that are left together with some unwanted ones, since they cannot be chosen by name: those
        that serve mails of the same campaigns, and all of them when no list is wanted any more."""
        if not unwanted:
            return []
        members = Membership.objects.filter(target_list=OuterRef("pk"), record__email_address_id=self.address_id)
        lists = TargetList.objects.filter(Exists(members), is_internal=True)
        if wanted:
            kept = lists.filter(mass_emails__campaign__target_lists__in=wanted).values("pk")
            lists = lists.filter(mass_emails__campaign__target_lists__in=unwanted).exclude(pk__in=kept).distinct()
        return list(lists.values_list("pk", flat=True))

    def _meant(self) -> QuerySet[TargetList]:
        """Whether a list is one that an opt-out from this mail is about; none when that is about everything."""
        if self.frozen is None or self.frozen.opt_out_entirely:
            return TargetList.objects.none()
        frozen = [int(pk) for pk in (*self.frozen.campaign_lists, *self.frozen.target_lists)]
        return TargetList.objects.filter(Q(pk__in=frozen) | serving(self.frozen.campaign_id), pk=OuterRef("pk"))

    def lists_to_leave(self, subscriptions: list[Subscription]) -> list[str]:
        """The names of this mail's lists that the person is on; none when the opt-out is about everything."""
        return [row.name for row in subscriptions if row.is_meant and row.is_on and not row.is_internal]

    def left_lists(self, subscriptions: list[Subscription]) -> list[str]:
        """The names of this mail's lists that the person opted out of, as of now."""
        return [row.name for row in subscriptions if row.is_meant and not row.is_on and not row.is_internal]

    def has_opted_out(self, subscriptions: list[Subscription]) -> bool:
        """Whether this mail's opt-out is in force: for everything, or for every list of the mail they are on."""
        states = [row.is_on for row in subscriptions if row.is_meant]
        return self.has_stopped_all or (bool(states) and not any(states))


def _only_excluding() -> QuerySet[TargetList]:
    targeted = TargetList.objects.filter(Q(campaigns__isnull=False) | Q(mass_emails__isnull=False))
    excluding = Q(excluding_campaigns__isnull=False) | Q(excluding_mass_emails__isnull=False)
    return TargetList.objects.filter(excluding).exclude(pk__in=targeted.values("pk"))


def recipient_of(item_id: int, address_id: int) -> Recipient:
    language = Record.objects.filter(pk=OuterRef("record_id")).values("language")
    item = QueueItem.objects.filter(pk=item_id).annotate(language=Subquery(language)).first()
    frozen = FrozenMassEmail.objects.filter(pk=item.mass_email_id).only(*NEEDED).first() if item else None
    return Recipient(
        item_id=item_id,
        address_id=address_id,
        item=item,
        address=EmailAddress.objects.filter(pk=address_id).first(),
        language=(item.language if item else "") or "",
        frozen=frozen,
    )

"""*Store Sent Emails*: messages are kept as they went out, for those who got them."""

import zlib
from collections.abc import Iterable

from campaigns.models import StoredEmail
from campaigns.sending.outcomes import Outcome
from crm.mail.smtp import Envelope
from crm.mail.verdict import ItemOutcome


class Keeper:
    """Holds the messages of a portion between their making and the server's answer."""

    def __init__(self) -> None:
        self._made: dict[int, bytes] = {}

    def hold(self, item: int, envelope: Envelope) -> Envelope:
        self._made[item] = envelope.data
        return envelope

    def store(self, outcomes: Iterable[Outcome]) -> None:
        """Store what was sent, forget the rest. Storing twice does no harm. Raises DatabaseError, nothing forgotten."""
        ended = [outcome for outcome in outcomes if outcome.item_id in self._made]
        sent = (one.item_id for one in ended if one.verdict and one.verdict.item is ItemOutcome.SENT)
        StoredEmail.objects.bulk_create(
            (StoredEmail(queue_item_id=pk, message=zlib.compress(self._made[pk])) for pk in sent),
            ignore_conflicts=True,
        )
        for outcome in ended:
            del self._made[outcome.item_id]

"""*View in browser*: the frozen mail of one person, rendered again."""

from campaigns.content.content import render
from campaigns.models import FrozenMassEmail, QueueItem
from campaigns.sending.envelopes import EnvelopeMaker
from campaigns.sending.recipients import of_items


def html_for(item_id: int) -> str | None:
    """The HTML that this queue item was sent; None when the person or the mail is gone, or it was plain text."""
    item = QueueItem.objects.filter(pk=item_id).first()
    frozen = FrozenMassEmail.objects.filter(pk=item.mass_email_id).first() if item else None
    if item is None or frozen is None:
        return None
    maker = EnvelopeMaker(frozen, item.sent_at or frozen.frozen_at)
    person = of_items([item.pk], maker.references, maker.settings).get(item.pk)
    if person is None or maker.content.html is None:
        return None
    return render(maker.content.html, maker.values(person).__getitem__)

"""*View in browser*: the frozen mail of one person, rendered again."""

from campaigns.content.content import Content, render, used_names
from campaigns.models import Campaign, FrozenMassEmail, QueueItem, QueueStatus
from campaigns.people import References
from campaigns.preview import sample_values
from campaigns.sending.envelopes import EnvelopeMaker
from campaigns.sending.recipients import of_items
from crm.models import Settings


def first_sent(frozen: FrozenMassEmail) -> QueueItem | None:
    """Whose mail stands for all of them."""
    return QueueItem.objects.filter(mass_email_id=frozen.pk, status=QueueStatus.SENT).order_by("id").first()


def subject_for(frozen: FrozenMassEmail, campaign: Campaign, item: QueueItem) -> str | None:
    """The subject that this queue item was sent; None when the person is gone."""
    content, settings = Content.from_json(frozen.content), Settings.load()
    person = of_items([item.pk], References(used_names(content)), settings).get(item.pk)
    if person is None:
        return None
    return render(content.subject, sample_values(person, campaign, content, settings, item.sent_at))


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

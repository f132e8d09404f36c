"""Attachments of email templates: taken in, copied, frozen for sending, given to the message."""

import hashlib
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from campaigns.models import Attachment, EmailTemplate, FileContent, FrozenAttachment, FrozenMassEmail
from campaigns.sending.mime import Attachment as Part
from crm.audit import audit
from crm.models import User


def attach(template: EmailTemplate, user: User, name: str, mime_type: str, content: bytes) -> Attachment:
    """Add a file; name and content were checked by the form."""
    with transaction.atomic():
        attachment = Attachment.objects.create(template=template, name=name, mime_type=mime_type, file=_stored(content))
        _touched(template)
        audit(user, "template.attached", template, file=name, size=len(content))
    return attachment


def detach(attachment: Attachment, user: User) -> None:
    """Remove a file from its template. Mass emails being sent keep it."""
    with transaction.atomic():
        audit(user, "template.detached", attachment.template, file=attachment.name)
        attachment.delete()
        _touched(attachment.template)
        FileContent.objects.filter(pk=attachment.file_id).unused().delete()


def copy_attachments(source: EmailTemplate, target: EmailTemplate) -> None:
    Attachment.objects.bulk_create(
        Attachment(template=target, name=one.name, mime_type=one.mime_type, file_id=one.file_id)
        for one in source.attachments.all()
    )


def total_size(template: EmailTemplate) -> int:
    """Octets of all files together, before they are encoded."""
    return template.attachments.aggregate(total=Sum("file__size"))["total"] or 0


def freeze_attachments(mass_email_id: int, template: EmailTemplate) -> None:
    """In the place of what was frozen before."""
    FrozenAttachment.objects.filter(mass_email_id=mass_email_id).delete()
    FrozenAttachment.objects.bulk_create(
        FrozenAttachment(mass_email_id=mass_email_id, name=one.name, mime_type=one.mime_type, file_id=one.file_id)
        for one in template.attachments.all()
    )


def frozen_attachments(frozen: FrozenMassEmail) -> tuple[Part, ...]:
    """What `Skeleton` puts into the mails. Reads the files: once per portion, not per person."""
    rows: Iterable[FrozenAttachment] = FrozenAttachment.objects.filter(mass_email_id=frozen.pk).select_related("file")
    return tuple(Part(one.name, bytes(one.file.content), one.mime_type) for one in rows)


def _stored(content: bytes) -> FileContent:
    """The row of these octets, new only when nobody has them yet."""
    digest = hashlib.sha256(content).hexdigest()
    stored, _created = FileContent.objects.defer("content").get_or_create(
        sha256=digest, defaults={"size": len(content), "content": content}
    )
    return stored


def _touched(template: EmailTemplate) -> None:
    """What is sent has changed: a test sent before is out of date."""
    EmailTemplate.objects.filter(pk=template.pk).update(modified_at=timezone.now())

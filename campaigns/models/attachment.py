"""Files that go out with an email. They lie in the database, because every worker on every host must see them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models.template import EmailTemplate


class FileContentQuerySet(models.QuerySet["FileContent"]):
    def unused(self) -> "FileContentQuerySet":
        return self.filter(attachments=None, frozen_attachments=None)


class FileContent(models.Model):
    """The octets of a file, once for all its uses. Never changed, so a frozen mass email can point to them."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    size = models.PositiveIntegerField()  # octets
    content = models.BinaryField()

    objects = FileContentQuerySet.as_manager()

    class Meta:
        verbose_name = _("File content")
        verbose_name_plural = _("File contents")

    def __str__(self) -> str:
        return self.sha256


class AttachedFile(models.Model):
    name = models.CharField(_("Name"), max_length=200)
    mime_type = models.CharField(max_length=130)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class Attachment(AttachedFile):
    """A file of an email template, in the order of their adding."""

    template = models.ForeignKey(EmailTemplate, on_delete=models.CASCADE, related_name="attachments")
    file = models.ForeignKey(FileContent, on_delete=models.PROTECT, related_name="attachments")
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("Attachment")
        verbose_name_plural = _("Attachments")
        ordering = ["id"]


class FrozenAttachment(AttachedFile):
    """The same for a mass email that is being sent: what happens to the template changes nobody's mail."""

    mass_email_id = models.BigIntegerField(db_index=True)  # FrozenMassEmail; a plain number as everywhere there
    file = models.ForeignKey(FileContent, on_delete=models.PROTECT, related_name="frozen_attachments")

    class Meta:
        verbose_name = _("Frozen attachment")
        verbose_name_plural = _("Frozen attachments")
        ordering = ["id"]

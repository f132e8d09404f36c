"""Email templates and their versions."""

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class TemplateStatus(models.TextChoices):
    ACTIVE = "active", _("Active")
    INACTIVE = "inactive", _("Inactive")


class TemplateMode(models.TextChoices):
    HTML = "html", _("HTML")
    PLAIN = "plain", _("Plain text")


class Composition(models.Model):
    """What an author writes: shared by the template and each of its versions."""

    mode = models.CharField(_("Mode"), max_length=10, choices=TemplateMode.choices, default=TemplateMode.HTML)
    subject = models.CharField(_("Subject"), max_length=300)
    preview_text = models.CharField(
        _("Preview text"), max_length=200, blank=True, help_text=_("Shown by mail programs beside the subject.")
    )
    body = models.TextField(_("Body"))
    text_body = models.TextField(_("Plain text"), blank=True, help_text=_("Leave empty to have it made from the body."))

    class Meta:
        abstract = True


COMPOSITION_FIELDS = ("mode", "subject", "preview_text", "body", "text_body")


class EmailTemplate(Composition):
    """A reusable email. `version` counts up with every change of what is sent."""

    name = models.CharField(_("Name"), max_length=200)
    status = models.CharField(_("Status"), max_length=10, choices=TemplateStatus.choices, default=TemplateStatus.ACTIVE)
    category = models.CharField(_("Category"), max_length=120, blank=True)
    is_one_off = models.BooleanField(
        _("One-off"), default=False, help_text=_("Check if you are going to use this template only once.")
    )
    description = models.TextField(_("Description"), blank=True)
    version = models.PositiveIntegerField(default=1)
    assigned_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("Assigned User"), null=True, blank=True, on_delete=models.SET_NULL,
        related_name="email_templates",
    )  # fmt: skip
    created_at = models.DateTimeField(_("Created At"), auto_now_add=True)
    modified_at = models.DateTimeField(_("Modified At"), auto_now=True)

    class Meta:
        verbose_name = _("Email Template")
        verbose_name_plural = _("Email Templates")
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("campaigns:template_edit", args=[self.pk])

    @property
    def status_tone(self) -> str:
        return "success" if self.status == TemplateStatus.ACTIVE else "muted"


class TemplateVersion(Composition):
    """One saved state of a template; `number` is the template's version at that time."""

    template = models.ForeignKey(EmailTemplate, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    saved_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("Version")
        verbose_name_plural = _("Versions")
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["template", "number"], name="version_number_once")]

    def __str__(self) -> str:
        return f"{self.template_id} v{self.number}"


class TemplateDraft(models.Model):
    """What somebody typed into the template editor and has not saved: theirs alone, and nothing is sent from it.

    `values` are the fields of the form as typed, unchecked. `revision` counts the autosaves, `base_version` is the
    version of the template that the author began with.
    """

    template = models.ForeignKey(EmailTemplate, null=True, on_delete=models.CASCADE, related_name="drafts")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    values = models.JSONField()
    base_version = models.PositiveIntegerField(default=0)
    revision = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("Draft of a template")
        verbose_name_plural = _("Drafts of templates")
        constraints = [
            models.UniqueConstraint(fields=["template", "author"], name="template_draft_once"),
            models.UniqueConstraint(
                fields=["author"], condition=models.Q(template=None), name="new_template_draft_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.template_id or 'new'} r{self.revision}"

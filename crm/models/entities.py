"""Entity types, their fields, and the one table that holds the records of all of them."""

from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.models.addresses import EmailAddress


class Base(models.TextChoices):
    PERSON = "person", _("Person")
    COMPANY = "company", _("Company")


class Tone(models.TextChoices):
    """The colour of a type's icon: one of those that the style sheets have for light and dark."""

    NONE = "", _("None")
    ACCENT = "accent", _("Indigo")
    INFO = "info", _("Blue")
    TEAL = "teal", _("Teal")
    SUCCESS = "success", _("Green")
    WARNING = "warning", _("Amber")
    DANGER = "danger", _("Red")


class EntityTypeQuerySet(models.QuerySet["EntityType"]):
    def for_panels(self) -> "EntityTypeQuerySet":
        """The types that target lists show a panel of, in the administrator's order."""
        return self.in_order_of_panels().filter(on_target_lists=True)

    def in_order_of_panels(self) -> "EntityTypeQuerySet":
        return self.order_by("panel_position", "position", "id")


class EntityType(models.Model):
    """Account, Contact, Lead, User or a custom type. `key` is the name that placeholders use: {Contact.firstName}.

    Nothing is kept of a type outside the database: what an administrator makes, every process sees with its next query.
    """

    key = models.SlugField(_("Name"), max_length=40, unique=True)
    slug = models.SlugField(max_length=60, unique=True)  # in URLs: contacts
    base = models.CharField(_("Type"), max_length=10, choices=Base.choices, default=Base.PERSON)
    label_singular = models.CharField(_("Label (singular)"), max_length=60)
    label_plural = models.CharField(_("Label (plural)"), max_length=60)
    icon = models.CharField(_("Icon"), max_length=40, default="user")
    tone = models.CharField(_("Color"), max_length=10, choices=Tone.choices, blank=True)
    is_builtin = models.BooleanField(default=False)
    on_target_lists = models.BooleanField(_("Panel on target lists"), default=True)
    position = models.PositiveSmallIntegerField(_("Order"), default=100)
    panel_position = models.PositiveSmallIntegerField(_("Order on target lists"), default=100)

    objects = EntityTypeQuerySet.as_manager()

    class Meta:
        verbose_name = _("Entity type")
        verbose_name_plural = _("Entity types")
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.plural

    def get_absolute_url(self) -> str:
        return reverse("crm:record_list", args=[self.slug])

    # Built-in labels are stored in English and translated when shown; the administrator's own labels stay as typed.
    @property
    def singular(self) -> str:
        return str(_(self.label_singular)) if self.is_builtin else self.label_singular

    @property
    def plural(self) -> str:
        return str(_(self.label_plural)) if self.is_builtin else self.label_plural

    @property
    def is_person(self) -> bool:
        return self.base == Base.PERSON


# Marked for translation here because the rows are made by a migration.
BUILTIN_LABELS = (
    _("Account"), _("Accounts"), _("Contact"), _("Contacts"), _("Lead"), _("Leads"), _("User"), _("Users"),
)  # fmt: skip


class FieldKind(models.TextChoices):
    TEXT = "text", _("Text")
    LONG_TEXT = "long_text", _("Long text")
    NUMBER = "number", _("Number")
    MONEY = "money", _("Money")
    DATE = "date", _("Date")
    DATE_TIME = "date_time", _("Date-time")
    CHECKBOX = "checkbox", _("Checkbox")
    CHOICE = "choice", _("Choice")
    CHOICES = "choices", _("Several choices")
    URL = "url", _("URL")
    EMAIL = "email", _("Email address")
    PHONE = "phone", _("Phone")
    LINK = "link", _("Link to a record")


class EntityField(models.Model):
    """One field of a type beyond the common columns; its values live in Record.values under `name`."""

    entity_type = models.ForeignKey(EntityType, on_delete=models.CASCADE, related_name="fields")
    name = models.SlugField(_("Name"), max_length=40)  # camelCase as in {Lead.jobTitle}
    label = models.CharField(_("Label"), max_length=80)
    kind = models.CharField(_("Kind"), max_length=12, choices=FieldKind.choices, default=FieldKind.TEXT)
    # Choices of a choice; of a link the key of its type; of a number how many decimal places it takes.
    options = models.JSONField(_("Options"), default=list, blank=True)
    default = models.JSONField(_("Default"), null=True, blank=True)  # as it would stand in Record.values
    is_required = models.BooleanField(_("Required"), default=False)
    is_builtin = models.BooleanField(default=False)
    on_list = models.BooleanField(_("Column of the list"), default=False)
    position = models.PositiveSmallIntegerField(_("Order"), default=100)

    class Meta:
        verbose_name = _("Field")
        verbose_name_plural = _("Fields")
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["entity_type", "name"], name="field_name_once_per_type")]

    def __str__(self) -> str:
        return self.label


class RecordQuerySet(models.QuerySet["Record"]):
    def of_type(self, entity_type: EntityType) -> "RecordQuerySet":
        return self.filter(entity_type=entity_type)

    def for_list(self) -> "RecordQuerySet":
        return self.select_related("email_address", "entity_type", "account", "owner")


class Record(models.Model):
    """A person or company of any type. `values` holds every field that is not a column, by EntityField name."""

    entity_type = models.ForeignKey(EntityType, on_delete=models.PROTECT, related_name="records")
    name = models.CharField(_("Name"), max_length=255, blank=True)
    salutation = models.CharField(_("Salutation"), max_length=40, blank=True)
    first_name = models.CharField(_("First name"), max_length=120, blank=True)
    last_name = models.CharField(_("Last name"), max_length=120, blank=True)
    email_address = models.ForeignKey(
        EmailAddress, verbose_name=_("Email"), null=True, blank=True, on_delete=models.SET_NULL, related_name="records"
    )
    phone = models.CharField(_("Phone"), max_length=60, blank=True)
    account = models.ForeignKey(
        "self", verbose_name=_("Account"), null=True, blank=True, on_delete=models.SET_NULL, related_name="contacts"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("Assigned User"), null=True, blank=True, on_delete=models.SET_NULL,
        related_name="records",
    )  # fmt: skip
    language = models.CharField(_("Language"), max_length=5, choices=settings.LANGUAGES, blank=True)
    description = models.TextField(_("Description"), blank=True)
    values = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(_("Created At"), auto_now_add=True)
    modified_at = models.DateTimeField(_("Modified At"), auto_now=True)

    objects = RecordQuerySet.as_manager()

    class Meta:
        verbose_name = _("Record")
        verbose_name_plural = _("Records")
        indexes = [  # with the id: the ids of a page deep in a list are read from the index alone
            models.Index(fields=["entity_type", "name", "id"], name="record_type_name"),
            models.Index(fields=["entity_type", "created_at", "id"], name="record_type_created"),
            models.Index(fields=["entity_type", "modified_at", "id"], name="record_type_modified"),
            models.Index(fields=["entity_type", "phone", "id"], name="record_type_phone"),
        ]

    def __str__(self) -> str:
        return self.name or (self.email_address.address if self.email_address else str(_("Unnamed")))

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.first_name or self.last_name:
            self.name = " ".join(part for part in (self.first_name, self.last_name) if part)
            if (fields := kwargs.get("update_fields")) is not None:
                kwargs["update_fields"] = {*fields, "name"}
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("crm:record_detail", args=[self.entity_type.slug, self.pk])

"""Saving email templates: every change of what is sent is a version that can be restored."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.attachments import copy_attachments
from campaigns.models import COMPOSITION_FIELDS, EmailTemplate, FileContent, MassEmail, MassEmailStatus, TemplateVersion
from crm.audit import audit
from crm.models import User

DETAIL_FIELDS = ("name", "status", "category", "is_one_off", "description")


class TemplateChanged(Exception):
    """Somebody else saved the template meanwhile; nothing was written."""


class TemplateInUse(Exception):
    """The template cannot be removed; the message says what needs it."""


def create_template(user: User | None, values: Mapping[str, Any]) -> EmailTemplate:
    """A new template with its first version."""
    with transaction.atomic():
        template = EmailTemplate.objects.create(assigned_user=user, **_known(values))
        _keep_version(template, user)
        audit(user, "template.created", template, version=template.version)
    return template


def save_template(
    template: EmailTemplate, user: User | None, values: Mapping[str, Any], seen: int | None = None
) -> bool:
    """Write the values; True when that made a new version, False when only details or nothing changed.

    `seen` is the version the author was looking at. Raises TemplateChanged when another one was saved since.
    """
    wanted = {**_current(template), **_known(values)}
    changed = any(wanted[name] != getattr(template, name) for name in COMPOSITION_FIELDS)
    before = template.version
    number = before + 1 if changed else before
    with transaction.atomic():
        rows = EmailTemplate.objects.filter(pk=template.pk, version=before if seen is None else seen)
        if not rows.update(**wanted, version=number, modified_at=timezone.now()):
            raise TemplateChanged
        template.refresh_from_db()
        if changed:
            _keep_version(template, user)
        audit(user, "template.saved", template, version=[before, number])
    return changed


def duplicate_template(template: EmailTemplate, user: User) -> EmailTemplate:
    """A copy with its own first version; files are shared until one of them changes."""
    values = {name: getattr(template, name) for name in (*COMPOSITION_FIELDS, "category", "description")}
    values["name"] = _("%(name)s (copy)") % {"name": template.name[:180]}
    with transaction.atomic():
        copy = create_template(user, values)
        copy_attachments(template, copy)
    return copy


def restore(version: TemplateVersion, user: User) -> bool:
    """Make an old version the present one, as a new version. Raises TemplateChanged."""
    values = {name: getattr(version, name) for name in COMPOSITION_FIELDS}
    return save_template(version.template, user, values)


def remove_template(template: EmailTemplate, user: User) -> None:
    """Raises TemplateInUse while a scheduled mass email waits for it. Mails already being sent are frozen."""
    waiting = template.mass_emails.filter(status=MassEmailStatus.PENDING).first()
    if waiting is not None:
        raise TemplateInUse(_("The scheduled mass email “%(name)s” needs this template.") % {"name": waiting.name})
    with transaction.atomic():
        audit(user, "template.removed", template, version=template.version)
        files = list(template.attachments.values_list("file_id", flat=True))
        template.delete()
        FileContent.objects.filter(pk__in=files).unused().delete()


def where_used(template: EmailTemplate) -> QuerySet[MassEmail]:
    return template.mass_emails.select_related("campaign").order_by("-id")


def _known(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: values[name] for name in (*DETAIL_FIELDS, *COMPOSITION_FIELDS) if name in values}


def _current(template: EmailTemplate) -> dict[str, Any]:
    return {name: getattr(template, name) for name in (*DETAIL_FIELDS, *COMPOSITION_FIELDS)}


def _keep_version(template: EmailTemplate, user: User | None) -> None:
    composition = {name: getattr(template, name) for name in COMPOSITION_FIELDS}
    TemplateVersion.objects.create(template=template, number=template.version, saved_by=user, **composition)

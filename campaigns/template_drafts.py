"""What authors typed into the template editor and did not save: kept for them, never sent, gone with the next save."""

from collections.abc import Mapping

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from campaigns.models import COMPOSITION_FIELDS, EmailTemplate, TemplateDraft
from campaigns.templates_store import DETAIL_FIELDS, TemplateChanged
from crm.models import User

FIELDS = (*DETAIL_FIELDS, *COMPOSITION_FIELDS)


class DraftChanged(Exception):
    """The same author typed in another window since; nothing was written."""


class DraftTooBig(Exception):
    """More than a template can hold; nothing was written."""


def draft_of(author: User, template: EmailTemplate | None) -> TemplateDraft | None:
    return TemplateDraft.objects.filter(author=author, template=template).first()


def typed(values: Mapping[str, str]) -> dict[str, str]:
    """The fields of the template form in what was posted, as they can be stored. Raises DraftTooBig."""
    found = {name: values[name].replace("\r\n", "\n").replace("\0", "") for name in FIELDS if name in values}
    if any(len(text.encode("utf-8", "surrogatepass")) > settings.HERALD_BODY_LIMIT for text in found.values()):
        raise DraftTooBig
    return found


def keep_draft(
    author: User, template: EmailTemplate | None, values: Mapping[str, str], *, base_version: int, seen: int
) -> int:
    """Keep what is typed; the revision it has now, 0 when it is what is stored anyway and nothing had to be kept.

    `seen` is the revision the page began with, 0 for none. Raises DraftChanged, TemplateChanged and DraftTooBig.
    """
    kept = typed(values)
    if template is not None and template.version != base_version:
        raise TemplateChanged
    rows = TemplateDraft.objects.filter(author=author, template=template, revision=seen)
    if template is not None and not differing(template, kept):
        if seen and not rows.delete()[0]:
            raise DraftChanged
        return 0
    if not seen:
        return _first(author, template, kept, base_version)
    if not rows.update(values=kept, base_version=base_version, revision=F("revision") + 1, saved_at=timezone.now()):
        raise DraftChanged
    return seen + 1


def _first(author: User, template: EmailTemplate | None, values: dict[str, str], base_version: int) -> int:
    try:
        with transaction.atomic():
            draft = TemplateDraft.objects.create(
                author=author, template=template, values=values, base_version=base_version
            )
    except IntegrityError as another:
        raise DraftChanged from another
    return draft.revision


def drop_draft(author: User, template: EmailTemplate | None) -> None:
    TemplateDraft.objects.filter(author=author, template=template).delete()


def differing(template: EmailTemplate, values: Mapping[str, str]) -> list[str]:
    """Names of the fields that are not as stored; a tick box is "on" or not there."""
    stored = {name: getattr(template, name) for name in FIELDS}
    stored["is_one_off"] = "on" if template.is_one_off else ""
    now = {name: values.get(name, "" if name == "is_one_off" else stored[name]) for name in FIELDS}
    return [name for name in FIELDS if now[name] != stored[name].replace("\r\n", "\n")]


def label_of(name: str) -> str:
    """How the form calls a field of the template."""
    return str(EmailTemplate._meta.get_field(name).verbose_name)  # type: ignore[union-attr]

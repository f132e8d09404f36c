"""What of campaigns depends on an entity type or a field: templates that name it, and the mass emails behind them."""

from collections.abc import Iterator
from functools import reduce
from operator import or_

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.content.content import Content, used_names
from campaigns.content.placeholders import split
from campaigns.models import EmailTemplate, FrozenMassEmail, MassEmail, MassEmailStatus, QueueItem
from campaigns.models.queue import OPEN_STATUSES
from crm.entities.dependents import FEW, Dependent, Named, register_dependents
from crm.models import EntityField, EntityType, Record

WRITTEN = ("subject", "preview_text", "body", "text_body")


def naming(entity_type: EntityType, field: EntityField | None) -> list[EmailTemplate]:
    """The templates with a placeholder of the type, or of the field; of accounts also {Contact.account.industry}."""
    wanted = f".{field.name}" if field else f"{entity_type.key}."
    lookups = [Q(**{f"{name}__contains": wanted}) for name in WRITTEN]
    rows = EmailTemplate.objects.filter(reduce(or_, lookups)).order_by("name")
    return [row for row in rows if any(_is_about(name, entity_type, field) for name in _names(row))]


def _names(template: EmailTemplate) -> set[str]:
    written = "\n".join(getattr(template, name) for name in WRITTEN)
    return {piece.name for piece in split(written) if not isinstance(piece, str)}


def _is_about(name: str, entity_type: EntityType, field: EntityField | None) -> bool:
    owner, _dot, rest = name.partition(".")
    if field is None:
        return owner == entity_type.key
    if entity_type.key == "Account" and rest == f"account.{field.name}":
        return True
    return owner == entity_type.key and rest == field.name


def templates_of(entity_type: EntityType, field: EntityField | None) -> Iterator[Dependent]:
    found = naming(entity_type, field)
    sentence = ngettext("%(number)s email template names it", "%(number)s email templates name it", len(found))
    named = tuple(Named(row.name, row.get_absolute_url()) for row in found[:FEW])
    outcome = _("Nothing is sent with it until the placeholder is taken out: the editor marks it.")
    yield Dependent(sentence % {"number": len(found)}, outcome, len(found), named)
    waiting = MassEmail.objects.filter(template__in=found, status=MassEmailStatus.PENDING).order_by("start_at", "pk")
    yield from _mass_emails(list(waiting), _sending(entity_type, field))


def _sending(entity_type: EntityType, field: EntityField | None) -> list[MassEmail]:
    """Those being sent whose frozen copy names it, whatever became of their templates since."""
    rows = MassEmail.objects.filter(status=MassEmailStatus.IN_PROCESS).order_by("pk")
    frozen = FrozenMassEmail.objects.filter(pk__in=rows.values("pk"))
    naming = {
        one.pk
        for one in frozen
        if any(_is_about(name, entity_type, field) for name in used_names(Content.from_json(one.content)))
    }
    return [row for row in rows if row.pk in naming]


def _mass_emails(waiting: list[MassEmail], sending: list[MassEmail]) -> Iterator[Dependent]:
    sentence = ngettext("%(number)s scheduled mass email uses these templates",
                        "%(number)s scheduled mass emails use these templates", len(waiting))  # fmt: skip
    outcome = _("Fails when its time comes. Change the template, or take the mass email back to Draft, first.")
    yield Dependent(sentence % {"number": len(waiting)}, outcome, len(waiting), _named(waiting), "danger")
    sentence = ngettext("%(number)s mass email with it is being sent", "%(number)s mass emails with it are being sent",
                        len(sending))  # fmt: skip
    outcome = _("Who has not got it yet gets the fallback of the placeholder, or nothing in its place.")
    yield Dependent(sentence % {"number": len(sending)}, outcome, len(sending), _named(sending), "danger")


def _named(rows: list[MassEmail]) -> tuple[Named, ...]:
    return tuple(Named(row.name, row.get_absolute_url()) for row in rows[:FEW])


def waiting_people(entity_type: EntityType, field: EntityField | None) -> Iterator[Dependent]:
    """People of the type who stand in the queue of a mass email."""
    if field is not None:
        return
    of_type = Record.objects.filter(entity_type=entity_type).values("pk")
    items = QueueItem.objects.filter(status__in=OPEN_STATUSES, is_test=False, record_id__in=of_type)
    counts = dict(items.values_list("mass_email_id").annotate(number=Count("pk")).order_by("-number"))
    total = sum(counts.values())
    names = dict(MassEmail.objects.filter(pk__in=list(counts)[:FEW]).values_list("pk", "name"))
    named = tuple(
        Named(f"{name} ({counts[pk]:,})", reverse("campaigns:mass_email_detail", args=[pk]))
        for pk, name in names.items()
    )
    sentence = ngettext("%(number)s person of this type waits for a mass email",
                        "%(number)s people of this type wait for a mass email", total)  # fmt: skip
    outcome = _("Who is removed does not get it any more; who moves to another type does.")
    yield Dependent(sentence % {"number": f"{total:,}"}, outcome, len(counts), named, "danger")


register_dependents(templates_of)
register_dependents(waiting_people)

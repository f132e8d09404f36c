"""What depends on an entity type or on one of its fields: named with numbers before it is taken away.

    register_dependents(reports_of)        # (EntityType, EntityField | None) -> Iterable[Dependent], in `dependents.py`

The apps above register what they know: `None` asks about the type as a whole. Nothing is counted row by row, and at
most FEW of a kind are named; the number says how many there are.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.criteria.json import JsonEmpty
from crm.entities.words import label_of
from crm.models import EntityField, EntityType, FieldKind, ListSettings, Record, SavedFilter

FEW = 8


@dataclass(frozen=True, slots=True)
class Named:
    """One of the things that depend on it."""

    name: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Dependent:
    """Things of one kind: what they are, with their number in words, and what becomes of them. `tone` is of a note."""

    sentence: str
    outcome: str
    number: int
    named: tuple[Named, ...] = ()
    tone: str = "warning"
    url: str = ""  # where all of them are

    @property
    def more(self) -> int:
        """How many are not named, where some are."""
        return max(self.number - len(self.named), 0) if self.named else 0


Provider = Callable[[EntityType, EntityField | None], Iterable[Dependent]]
_providers: list[Provider] = []


def register_dependents(provide: Provider) -> None:
    if provide not in _providers:
        _providers.append(provide)


def dependents_of(entity_type: EntityType, field: EntityField | None = None) -> list[Dependent]:
    """Everything that is registered, what is worst first."""
    found = [one for provide in _providers for one in provide(entity_type, field) if one.number]
    order = {"danger": 0, "warning": 1}
    return sorted(found, key=lambda one: order.get(one.tone, 2))


# ---- records


def with_value(field: EntityField) -> QuerySet[Record]:
    """The records of the type that have something in the field."""
    return Record.objects.filter(entity_type_id=field.entity_type_id).exclude(JsonEmpty("values", field.name))


def _records(entity_type: EntityType, field: EntityField | None) -> Iterator[Dependent]:
    if field is None:
        number = entity_type.records.count()
        sentence = ngettext("%(number)s record", "%(number)s records", number)
        told = sentence % {"number": f"{number:,}"}
        yield Dependent(told, _("You choose what becomes of them."), number, url=entity_type.get_absolute_url())
        return
    number = with_value(field).count()
    sentence = ngettext("%(number)s record has a value", "%(number)s records have a value", number)
    yield Dependent(sentence % {"number": f"{number:,}"}, _("The values are removed for good."), number, tone="danger")


# ---- lists


def list_keys(entity_type: EntityType) -> list[str]:
    """Under which names people keep columns and filters of the type's lists."""
    return [entity_type.slug, f"members-{entity_type.slug}"]


def names_field(query: str, field: EntityField) -> bool:
    """Whether the state of a list asks about the field: as a filter, a condition or its order."""
    name = f"f_{field.name}"
    own = {name, f"{name}_from", f"{name}_to"}
    asked = QueryDict(query)
    return bool(own & set(asked)) or f'"{name}"' in asked.get("where", "") or asked.get("sort", "").lstrip("-") == name


def filters_on(entity_type: EntityType, field: EntityField | None) -> list[SavedFilter]:
    rows = SavedFilter.objects.filter(list_key__in=list_keys(entity_type)).select_related("owner").order_by("name")
    if field is None:
        return list(rows)
    return [row for row in rows.filter(query__contains=f"f_{field.name}") if names_field(row.query, field)]


def _saved_filters(entity_type: EntityType, field: EntityField | None) -> Iterator[Dependent]:
    found = filters_on(entity_type, field)
    number = len(found)
    sentence = ngettext("%(number)s saved filter", "%(number)s saved filters", number) % {"number": number}
    outcome = _("Shows nothing, and says that the field is gone, until somebody changes it.")
    url = reverse("crm:record_list", args=[entity_type.slug])
    named = tuple(Named(f"{row.name} ({row.owner})", f"{url}?{row.query}&saved={row.pk}") for row in found[:FEW])
    yield Dependent(sentence, outcome if field else _("Removed with the type."), number, named)


def _columns(entity_type: EntityType, field: EntityField | None) -> Iterator[Dependent]:
    if field is None:
        return
    rows = ListSettings.objects.filter(list_key__in=list_keys(entity_type)).values_list("columns", flat=True)
    number = sum(1 for columns in rows if f"f_{field.name}" in columns)
    sentence = ngettext("A column of %(number)s person's list", "A column of %(number)s people's lists", number)
    yield Dependent(sentence % {"number": number}, _("The column disappears."), number, tone="info")


# ---- fields of other types


def links_to(entity_type: EntityType) -> list[EntityField]:
    """The fields of other types that name its records."""
    rows = EntityField.objects.filter(kind=FieldKind.LINK).exclude(entity_type=entity_type)
    return [row for row in rows.select_related("entity_type") if row.options[:1] == [entity_type.key]]


def _links(entity_type: EntityType, field: EntityField | None) -> Iterator[Dependent]:
    if field is not None:
        return
    rows = (
        EntityField.objects.filter(kind=FieldKind.LINK).exclude(entity_type=entity_type).select_related("entity_type")
    )
    found = [row for row in rows if row.options[:1] == [entity_type.key]]
    sentence = ngettext("%(number)s field of another type links to it", "%(number)s fields of other types link to it",
                        len(found))  # fmt: skip
    named = tuple(
        Named(f"{row.entity_type.singular} · {label_of(row)}", reverse("crm:entity_field", args=[row.pk]))
        for row in found[:FEW]
    )
    outcome = _("The links follow the records, or become texts that keep their names.")
    yield Dependent(sentence % {"number": len(found)}, outcome, len(found), named)


for provider in (_records, _saved_filters, _columns, _links):
    register_dependents(provider)

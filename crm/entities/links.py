"""A form field that names a record: typed with suggestions, found by name, or by “name #number” when names repeat."""

import re
from collections.abc import Callable, Sequence
from functools import reduce
from operator import or_
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from crm.entities.finding import search_names
from crm.models import EntityType, Record

SUGGESTIONS = 10
AT_A_TIME = 200  # names of a statement
_NUMBERED = re.compile(r"^(.*\S)\s+#(\d{1,18})$", re.DOTALL)


def suggestions(entity_type: EntityType, text: str) -> list[str]:
    """What the field offers while `text` is typed: each names exactly one record."""
    rows = search_names(Record.objects.of_type(entity_type), text)
    found = list(rows.order_by("name", "pk")[:SUGGESTIONS])
    names = [record.name.casefold() for record in found]
    return [r.name if names.count(r.name.casefold()) == 1 else f"{r.name} #{r.pk}" for r in found if r.name]


class RecordLinkInput(forms.TextInput):
    """A text input whose suggestions come from the server; without script any existing name can still be typed."""

    def __init__(self, entity_type: EntityType) -> None:
        super().__init__()
        self.entity_type = entity_type

    def format_value(self, value: Any) -> str | None:
        return value.name if isinstance(value, Record) else super().format_value(value)

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        choices = f"{(attrs or {}).get('id', name)}_choices"
        asking = {
            "list": choices,
            "autocomplete": "off",
            "hx-get": reverse("crm:record_suggest", args=[self.entity_type.slug]),
            "hx-trigger": "input changed delay:200ms",
            "hx-target": f"#{choices}",
        }
        typed = super().render(name, value, {**(attrs or {}), **asking}, renderer)
        return format_html('{}<datalist id="{}"></datalist>', typed, choices)


class RecordLinkField(forms.CharField):
    """Cleans to a Record of `entity_type`, or None. The one that stands there stays, whoever shares its name."""

    def __init__(self, *, entity_type: EntityType, **kwargs: Any) -> None:
        super().__init__(max_length=300, widget=RecordLinkInput(entity_type), **kwargs)
        self.entity_type = entity_type
        self.present: Record | None = None

    def clean(self, value: Any) -> Record | None:
        text: str = super().clean(value)
        if not text:
            return None
        if self.present and text == self.present.name:
            return self.present
        return self._named(text)

    def _named(self, text: str) -> Record:
        return self.pick(text, list(Record.objects.of_type(self.entity_type).filter(name__iexact=text)[:2]))

    def named(self, names: Sequence[str]) -> dict[str, Record | ValidationError]:
        """What each of many names leads to, asked for together: those that are written so first; then, without regard
        to case, as `clean` finds them. Names are stripped, and texts that a database can be asked for."""
        found: dict[str, Record | ValidationError] = {}
        for start in range(0, len(names), AT_A_TIME):
            found |= self._some_named(names[start : start + AT_A_TIME])
        return found

    def _some_named(self, names: Sequence[str]) -> dict[str, Record | ValidationError]:
        records = Record.objects.of_type(self.entity_type)
        exact = _by_name(records.filter(name__in=names), str)
        found: dict[str, Record | ValidationError] = {n: rows[0] for n, rows in exact.items() if len(rows) == 1}
        rest = [name for name in names if name not in found]
        alike = records.filter(reduce(or_, (Q(name__iexact=name) for name in rest))) if rest else records.none()
        known = _by_name(alike, str.casefold)
        for name in rest:
            try:
                found[name] = self.pick(name, known.get(name.casefold(), []))
            except ValidationError as error:
                found[name] = error
        return found

    def pick(self, text: str, found: Sequence[Record]) -> Record:
        """The one that a text names, of those that are called so. Raises ValidationError."""
        if len(found) == 1:
            return found[0]
        if not found and (numbered := _NUMBERED.match(text)):
            rows = Record.objects.of_type(self.entity_type)
            found = list(rows.filter(pk=int(numbered[2]), name__iexact=numbered[1]))
            if found:
                return found[0]
        values = {"name": text[:80], "type": self.entity_type.singular}
        if found:
            raise ValidationError(
                _("Several records are named “%(name)s”: choose one of the suggestions."), code="several", params=values
            )
        raise ValidationError(
            _("There is no %(type)s named “%(name)s”. Create it first."), code="unknown", params=values
        )


def _by_name(records: QuerySet[Record], key: Callable[[str], str]) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = {}
    for record in records.only("pk", "name"):
        found.setdefault(key(record.name), []).append(record)
    return found

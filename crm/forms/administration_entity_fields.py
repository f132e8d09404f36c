"""The forms of a field: what it is called and takes, another kind for it, and what becomes of choices that go."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.entities.criteria import fields_of
from crm.entities.naming import check_field_name
from crm.entities.rewriting import CLEAR, KEEP
from crm.entities.values import LONGEST_LINE, MOST_PLACES, REFERS_TO, control, from_stored, places_of, to_stored
from crm.forms.administration_entities import LabelField
from crm.forms.administration_fields import LineField, single_line
from crm.models import EntityField, EntityType, FieldKind

WITH_CHOICES = {FieldKind.CHOICE, FieldKind.CHOICES}
MOST_CHOICES = 300
LONGEST_CHOICE = 100


class ChoicesField(forms.CharField):
    """One choice per line; cleans to a list without doubles."""

    widget = forms.Textarea(attrs={"rows": 7})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(str(one) for one in value) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> list[str]:
        lines = [" ".join(line.split(" ")).strip() for line in str(super().clean(value)).splitlines()]
        found = [line for line in lines if line]
        if self.required and not found:
            raise ValidationError(_("Give at least one choice."), code="required")
        if len(found) > MOST_CHOICES:
            raise ValidationError(_("At most %(number)s choices.") % {"number": MOST_CHOICES}, code="many")
        seen: set[str] = set()
        for one in found:
            single_line(one)
            if len(one) > LONGEST_CHOICE:
                raise ValidationError(
                    _("A choice has at most %(number)s characters.") % {"number": LONGEST_CHOICE}, code="long"
                )
            if one.casefold() in seen:
                raise ValidationError(_("“%(choice)s” stands there twice.") % {"choice": one}, code="double")
            seen.add(one.casefold())
        return found


class KindSettings(forms.Form):
    """What a kind needs to know beside its name: choices, decimal places, or whose records it links to."""

    def settings_of(self, kind: str, present: EntityField) -> dict[str, forms.Field]:
        if kind in WITH_CHOICES:
            about = gettext_lazy("One choice per line, in the order of the form.")
            return {"choices": ChoicesField(label=gettext_lazy("Choices"), help_text=about, initial=present.options)}
        if kind == FieldKind.NUMBER:
            return {"places": _places(places_of(present) if present.pk and present.kind == kind else 0)}
        if kind == FieldKind.LINK:
            return {"links_to": _types(str(present.options[0]) if present.options and present.pk else REFERS_TO)}
        return {}

    def options_given(self) -> list[Any]:
        """EntityField.options of the cleaned form."""
        data = self.cleaned_data
        if "places" in data:
            return [int(data["places"])]
        return [data["links_to"]] if "links_to" in data else list(data.get("choices", []))


def _places(initial: int) -> forms.Field:
    words = [(0, gettext_lazy("None: whole numbers")), *((number, str(number)) for number in range(1, MOST_PLACES + 1))]
    return forms.ChoiceField(label=gettext_lazy("Decimal places"), choices=words, initial=initial)


def _types(initial: str) -> forms.Field:
    types = [(one.key, one.plural) for one in EntityType.objects.all()]
    return forms.ChoiceField(label=gettext_lazy("Links to"), choices=types, initial=initial)


class FieldForm(KindSettings):
    """A field of one kind, new or known. After is_valid() `field` is the EntityField as it is to be saved."""

    label = LabelField(label=gettext_lazy("Label"), max_length=80)
    name = LineField(
        label=gettext_lazy("Name in placeholders"),
        required=False,
        max_length=40,
        help_text=gettext_lazy("Left empty, it is made of the label. It never changes: templates count on it."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    is_required = forms.BooleanField(
        label=gettext_lazy("Required"), required=False, help_text=gettext_lazy("A record cannot be saved without it.")
    )
    on_list = forms.BooleanField(
        label=gettext_lazy("Column of the list"),
        required=False,
        help_text=gettext_lazy("Everybody can still choose columns of their own."),
    )

    def __init__(self, data: Any, *, field: EntityField) -> None:
        initial = {name: getattr(field, name) for name in ("label", "is_required", "on_list")}
        super().__init__(data, initial=initial)
        self.field = field
        if field.pk:
            del self.fields["name"]
        if field.kind == FieldKind.CHECKBOX:
            del self.fields["is_required"]
        self.fields.update(self.settings_of(field.kind, field))
        if field.kind != FieldKind.LINK:
            self.fields["default"] = self._default()

    def _default(self) -> forms.Field:
        """The control of the kind itself. What may be chosen is typed in the same form, so defaults are typed too."""
        label, present = gettext_lazy("Default value"), from_stored(self.field, self.field.default)
        about = gettext_lazy("What a new record begins with.")
        if self.field.kind == FieldKind.CHOICES:
            return ChoicesField(
                label=label, help_text=gettext_lazy("One per line, out of the choices."), required=False,
                initial=present or [], widget=forms.Textarea(attrs={"rows": 3}),
            )  # fmt: skip
        if self.field.kind == FieldKind.CHOICE:
            about = gettext_lazy("One of the choices; what a new record begins with.")
            return LineField(label=label, help_text=about, max_length=LONGEST_LINE, required=False, initial=present)
        shown = control(EntityField(kind=self.field.kind, options=self.field.options, label=""))
        shown.label, shown.help_text, shown.required, shown.initial = str(label), str(about), False, present
        return shown

    def clean_label(self) -> str:
        """Lists, filters, exports and imports tell fields by their labels."""
        label: str = self.cleaned_data["label"]
        own = f"f_{self.field.name}" if self.field.pk else ""
        fields = fields_of(self.field.entity_type)
        known = {str(one.label).casefold() for key, one in fields.items() if key != own}
        if label.casefold() in known:
            raise ValidationError(_("This type has a field of this label already."), code="taken")
        return label

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if name:
            check_field_name(name, list(self.field.entity_type.fields.values_list("name", flat=True)))
        return name

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        chosen = data.get("default")
        if self.field.kind in WITH_CHOICES and "choices" in data and chosen:
            wanted = chosen if isinstance(chosen, list) else [chosen]
            if missing := [one for one in wanted if one not in data["choices"]]:
                text = _("“%(choice)s” is not one of the choices.") % {"choice": missing[0]}
                self.add_error("default", ValidationError(text, code="choice"))
        if not self.errors:
            self._take_over(data)
        return data

    def _take_over(self, data: dict[str, Any]) -> None:
        field = self.field
        field.label, field.on_list = data["label"], data["on_list"]
        field.is_required = data.get("is_required", False)
        field.name = data.get("name", field.name)
        if set(data) & {"choices", "places", "links_to"}:
            field.options = self.options_given()
        default = to_stored(data.get("default"))
        field.default = None if default in (None, "", [], False) else default


class KindForm(KindSettings):
    """Another kind for a field that has values. `agreed` is asked for when some of them would be lost."""

    def __init__(self, data: Any, *, field: EntityField, kind: str) -> None:
        super().__init__(data)
        self.fields.update(self.settings_of(kind, field))

    def changed(self, field: EntityField, kind: str) -> EntityField:
        """The field as it would be; not saved."""
        return EntityField(
            entity_type=field.entity_type, name=field.name, label=field.label, kind=kind, options=self.options_given()
        )


class ChoiceFatesForm(forms.Form):
    """One question for each choice that goes while records still have it."""

    def __init__(self, data: Any, *, gone: dict[str, int], left: list[str]) -> None:
        super().__init__(data)
        self.gone = list(gone)
        ways = [
            (KEEP, _("leave it in the records, no longer offered")),
            *((f"={choice}", _("change to “%(choice)s”") % {"choice": choice}) for choice in left),
            (CLEAR, _("clear the field")),
        ]
        for at, (choice, number) in enumerate(gone.items()):
            label = _("“%(choice)s” (%(number)s records)") % {"choice": choice, "number": f"{number:,}"}
            self.fields[f"fate_{at}"] = forms.ChoiceField(label=label, choices=ways, initial=KEEP)

    def fates(self) -> dict[str, str]:
        return {choice: self.cleaned_data[f"fate_{at}"] for at, choice in enumerate(self.gone)}

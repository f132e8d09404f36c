"""The form of an entity type, the choice of what becomes of its records, and the order of its panels."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from crm.entities.kinds import ICONS
from crm.entities.naming import check_key, check_label
from crm.entities.types import REMOVE, successors
from crm.forms.administration_fields import LineField
from crm.models import Base, EntityType, Tone


class LabelField(LineField):
    """A label that people can read."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.validators.append(check_label)

    def to_python(self, value: Any) -> str:
        """Inner blanks count once: two labels that look alike are the same."""
        return " ".join(str(super().to_python(value)).split(" ")) if value else ""


class EntityTypeForm(forms.ModelForm[EntityType]):
    """A new type says what it is based on, and may say its key; both then stay."""

    label_singular = LabelField(label=_("Label (singular)"), max_length=60, help_text=_("For example: Member"))
    label_plural = LabelField(label=_("Label (plural)"), max_length=60, help_text=_("For example: Members"))
    base = forms.ChoiceField(label=_("Based on"), choices=Base.choices, widget=forms.RadioSelect, initial=Base.PERSON)
    key = LineField(
        label=_("Name in placeholders"),
        required=False,
        max_length=40,
        help_text=_("Left empty, it is made of the label. It never changes: templates count on it."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    icon = forms.ChoiceField(label=_("Icon"), widget=forms.RadioSelect, initial="user")
    tone = forms.ChoiceField(label=_("Color"), choices=Tone.choices, required=False, widget=forms.RadioSelect)

    class Meta:
        model = EntityType
        fields = ["label_singular", "label_plural", "base", "key", "icon", "tone", "on_target_lists"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        icons = ICONS if self.instance.icon in ICONS or not self.instance.pk else (self.instance.icon, *ICONS)
        self.fields["icon"].choices = [(name, name) for name in icons]  # type: ignore[attr-defined]
        if self.instance.pk:
            del self.fields["base"], self.fields["key"]

    def clean_key(self) -> str:
        key: str = self.cleaned_data["key"]
        if key:
            check_key(key, list(EntityType.objects.values_list("key", flat=True)))
        return key

    def clean(self) -> dict[str, Any]:
        """No two types of one label: nobody could tell their tabs from one another."""
        data = super().clean() or self.cleaned_data
        others = EntityType.objects.exclude(pk=self.instance.pk)
        known = {str(label).casefold() for other in others for label in (other.singular, other.plural)}
        for name in ("label_singular", "label_plural"):
            if str(data.get(name, "")).casefold() in known:
                self.add_error(name, ValidationError(_("Another type has this label."), code="taken"))
        return data


class RemoveTypeForm(forms.Form):
    """What becomes of the records: asked only of a type that has some, and then nothing is chosen beforehand."""

    fate = forms.ChoiceField(label=_("What becomes of the records?"), widget=forms.RadioSelect)

    def __init__(self, data: Any, *, entity_type: EntityType, has_records: bool) -> None:
        super().__init__(data)
        if not has_records:
            del self.fields["fate"]
            return
        moves = [(one.key, _("Move them to %(types)s") % {"types": one.plural}) for one in successors(entity_type)]
        self.fields["fate"].choices = [*moves, (REMOVE, _("Remove them for good"))]  # type: ignore[attr-defined]

    @property
    def chosen(self) -> str:
        return str(self.cleaned_data.get("fate", REMOVE))

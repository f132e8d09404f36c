"""Forms of combining target lists and of their categories."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from crm.forms.administration_fields import LineField
from targets.categories import LONGEST, path_of
from targets.combining import Combination, Way, suggested_name
from targets.models import TargetList


def told_apart(lists: Iterable[TargetList]) -> dict[int, str]:
    """Name and category of each; of those that are called the same, which alone are counted, also the entries."""
    labels = {one.pk: " · ".join(filter(None, [one.name, one.category])) for one in lists}
    times = Counter(labels.values())
    alike = [pk for pk, label in labels.items() if times[label] > 1]
    counted = TargetList.objects.filter(pk__in=alike).annotate(number=Count("memberships"))
    for pk, number in counted.values_list("pk", "number"):
        labels[pk] += " · " + ngettext("%(number)s entry", "%(number)s entries", number) % {"number": number}
    return labels


class CombineForm(forms.Form):
    way = forms.ChoiceField(label=_("How"), choices=Way.choices, initial=Way.MERGE, widget=forms.RadioSelect)
    first = forms.ModelChoiceField(TargetList.objects.all(), label=_("First list"), empty_label=_("Choose a list"))
    others = forms.ModelMultipleChoiceField(
        TargetList.objects.all(), label=_("Other lists"), widget=forms.CheckboxSelectMultiple
    )
    target_list = forms.ModelChoiceField(
        TargetList.objects.all(), label=_("Result into"), required=False, empty_label=_("A new list")
    )
    new_name = LineField(
        label=_("Name of the new list"), required=False, max_length=200, help_text=_("Empty: made of their names.")
    )
    replace = forms.BooleanField(
        label=_("Take everybody else off that list"),
        required=False,
        help_text=_("Those who opted out of it stay on it, as Opted Out. Undo does not bring the others back."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = told_apart(TargetList.objects.all())

        def label(obj: TargetList) -> str:
            return labels.get(obj.pk, obj.name)

        for field in self.fields.values():
            if isinstance(field, forms.ModelChoiceField):
                field.label_from_instance = label  # type: ignore[method-assign]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        first, others = data.get("first"), data.get("others")
        if first and others is not None:
            data["others"] = [one for one in others if one != first]
            if not data["others"]:
                self.add_error("others", _("Choose at least one other list."))
        if data.get("replace") and not data.get("target_list"):
            data["replace"] = False
        return data

    def combination(self) -> Combination:
        return Combination(Way(self.cleaned_data["way"]), [self.cleaned_data["first"], *self.cleaned_data["others"]])

    def result_list(self) -> TargetList:
        """The chosen list, or a new one that is not saved."""
        chosen: TargetList | None = self.cleaned_data["target_list"]
        if chosen:
            return chosen
        name = self.cleaned_data["new_name"] or suggested_name(self.combination())
        return TargetList(name=name, category=self.cleaned_data["first"].category)


class CategoryField(LineField):
    """A path, kept as `A / B`."""

    def clean(self, value: Any) -> str:
        path = path_of(super().clean(value))
        if len(path) > LONGEST:
            raise ValidationError(_("At most %(number)s characters."), params={"number": LONGEST})
        return path


def category_field(label: Any) -> CategoryField:
    """One that offers the categories that there are; the page gives it a datalist."""
    return CategoryField(
        label=label, required=False, max_length=LONGEST, widget=forms.TextInput(attrs={"list": "categories"}),
        help_text=_("A slash makes it part of another one: Newsletters / Europe"),
    )  # fmt: skip


class CategoryForm(forms.Form):
    """The category that lists are put into; empty for none."""

    category = category_field(_("Category"))


class MoveCategoryForm(forms.Form):
    """A category gets another name or place; empty dissolves it."""

    old = forms.CharField(max_length=LONGEST, widget=forms.HiddenInput)
    new = category_field(_("New name"))

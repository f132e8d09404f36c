"""Forms that replace nothing unseen: two people, or one person in two tabs, edit the same thing."""

from typing import Any, TypeVar, cast

from django import forms
from django.db.models import Model
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

M = TypeVar("M", bound=Model)


class SeenForm(forms.ModelForm[M]):
    """`seen` tells which state the form was filled from, by the moment of its last change. When that is not the stored
    one any more, nothing is saved, what was written stays, and saving once more replaces what is then stored."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        instance: Any = self.instance  # of a model with modified_at
        self._stored = instance.modified_at.isoformat() if instance.pk else ""
        self.initial["seen"] = self._stored

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        seen = cleaned.get("seen")
        if seen and seen != self._stored and set(self.changed_data) - {"seen"}:
            self.add_error(
                None, _("It was changed meanwhile: nothing was overwritten. Save again to replace what is there now.")
            )
            data = cast(QueryDict, self.data).copy()
            data[self.add_prefix("seen")] = self._stored
            self.data = data
        return cleaned

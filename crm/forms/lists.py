"""Saving a filter under a name."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.forms.administration_fields import LineField
from crm.models import SavedFilter, User

LONGEST_QUERY = 10_000


class SavedFilterForm(forms.ModelForm[SavedFilter]):
    """Name, sharing, and whether the list opens with it. Who may not edit records shares nothing."""

    name = LineField(label=_("Name"), max_length=80)
    is_default = forms.BooleanField(label=_("The list opens with this filter"), required=False)

    class Meta:
        model = SavedFilter
        fields = ["name", "is_shared"]

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not user.can_edit:
            del self.fields["is_shared"]


class NewFilterForm(SavedFilterForm):
    query = forms.CharField(required=False, max_length=LONGEST_QUERY, widget=forms.HiddenInput())
    is_default = None  # type: ignore[assignment]

    class Meta(SavedFilterForm.Meta):
        fields = ["name", "is_shared", "query"]

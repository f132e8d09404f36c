"""The form of a target list."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.forms.administration_fields import LineField
from crm.models import User
from targets.models import TargetList


class TargetListForm(forms.ModelForm[TargetList]):
    name = LineField(label=_("Name"), max_length=200)
    category = LineField(
        label=_("Category"), required=False, max_length=120, widget=forms.TextInput(attrs={"list": "categories"})
    )

    class Meta:
        model = TargetList
        fields = ["name", "category", "assigned_user", "description"]
        widgets = {"description": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = forms.ModelChoiceField(User.objects.filter(is_active=True).order_by("username"), required=False)
        people.label = _("Assigned User")
        self.fields["assigned_user"] = people

"""Forms of target lists."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.forms.administration_fields import LineField
from crm.forms.seen import SeenForm
from crm.models import User
from targets.forms.combining import category_field
from targets.models import TargetList


class TargetListForm(SeenForm[TargetList]):
    name = LineField(label=_("Name"), max_length=200)
    category = category_field(_("Category"))

    class Meta:
        model = TargetList
        fields = ["name", "category", "assigned_user", "description", "is_internal"]
        widgets = {"description": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = forms.ModelChoiceField(User.objects.filter(is_active=True).order_by("username"), required=False)
        people.label, people.empty_label = _("Assigned User"), _("Nobody")
        self.fields["assigned_user"] = people


class ChooseListForm(forms.Form):
    """A target list that there is, or the name of a new one."""

    target_list = forms.ModelChoiceField(
        TargetList.objects.all(), label=_("Target List"), required=False, empty_label=_("A new one")
    )
    new_name = LineField(label=_("Name of the new list"), required=False, max_length=200)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not (data.get("target_list") or data.get("new_name") or self.errors):
            self.add_error("target_list", _("Choose a list, or name a new one."))
        return data


class ChooseListToLeaveForm(forms.Form):
    """The target list that records are taken off."""

    target_list = forms.ModelChoiceField(TargetList.objects.all(), label=_("Target List"), empty_label=None)

"""Send Test: to whom."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from campaigns.forms.text import name_of
from crm.models import Record, User, parse_address

MAX_TESTS = 20


class SendTestForm(forms.Form):
    """Users, records that a search found, typed addresses: at least one target, at most MAX_TESTS."""

    users = forms.ModelMultipleChoiceField(
        User.objects.none(), label=_("Users"), required=False, widget=forms.CheckboxSelectMultiple
    )
    records = forms.ModelMultipleChoiceField(Record.objects.none(), required=False)
    addresses = forms.CharField(
        label=_("Further addresses"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Separated by commas or line breaks."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offer("users", User.objects.filter(is_active=True).exclude(email="").order_by("first_name", "username"))
        self._offer("records", Record.objects.exclude(email_address=None).for_list())

    def _offer(self, name: str, queryset: Any) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        field.label_from_instance = name_of  # type: ignore[method-assign,assignment]
        field.queryset = queryset

    def clean_addresses(self) -> list[str]:
        parts = re.split(r"[\s,;]+", self.cleaned_data["addresses"])
        return list(dict.fromkeys(parse_address(part)[0] for part in parts if part))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        targets = len(cleaned["users"]) + len(cleaned["records"]) + len(cleaned["addresses"])
        if not targets:
            raise ValidationError(_("Select at least one target."))
        if targets > MAX_TESTS:
            raise ValidationError(_("A test goes to at most %(most)s targets.") % {"most": MAX_TESTS})
        return cleaned

    def targets(self) -> list[Record]:
        """The records of the chosen users, and the chosen records. Call after is_valid()."""
        of_users = [
            user.record for user in self.cleaned_data["users"].select_related("record__email_address") if user.record
        ]
        return [*of_users, *self.cleaned_data["records"]]

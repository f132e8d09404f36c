"""The tracking URL form. What an Action needs is checked by the model, at the field."""

from typing import Any

from django import forms

from campaigns.forms.text import one_line
from campaigns.models import TrackingUrl


class TrackingUrlForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = TrackingUrl
        fields = ("name", "action", "url", "message")
        widgets = {
            "action": forms.RadioSelect,
            "url": forms.URLInput(attrs={"placeholder": "https://", "aria-required": "true"}),
            "message": forms.Textarea(attrs={"rows": 8, "aria-required": "true"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].validators.append(one_line)

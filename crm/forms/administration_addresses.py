"""Forms about email addresses: a reason, and an address with one."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from crm.forms.administration_fields import LineField
from crm.models import parse_address

LONGEST_REASON = 200


class ReasonForm(forms.Form):
    """Who marks or unmarks an address says why: it stands in the history of the address."""

    why = LineField(
        label=_("Reason"), max_length=LONGEST_REASON, help_text=_("For example: asked for it by phone on 3 May.")
    )


class SuppressForm(ReasonForm):
    address = LineField(label=_("Email Address"), max_length=254)
    field_order = ["address", "why"]

    def clean_address(self) -> str:
        text: str = self.cleaned_data["address"]
        parse_address(text)
        return text


class LookUpForm(forms.Form):
    """Whether an address is suppressed can be asked only with the address in hand."""

    address = forms.CharField(label=_("Email Address"), max_length=254, required=False)

    def clean_address(self) -> str:
        text: str = self.cleaned_data["address"].replace("\0", "").strip()
        if text:
            parse_address(text)
        return text


def address_in(text: str) -> bool:
    """Whether a text is one whole email address."""
    try:
        parse_address(text)
    except ValidationError:
        return False
    return True


def bound(form: type[ReasonForm], data: Any) -> ReasonForm:
    """The form as it was sent, or empty where the page only asks."""
    return form(data if "confirmed" in data else None)

"""Settings and Outbound Emails: two views of the one settings row."""

import zoneinfo
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from crm.forms.administration_fields import AddressField, LineField, site_url
from crm.models import Settings


def time_zones() -> list[tuple[str, str]]:
    """Every zone of the tz database that names a place, and UTC."""
    names = sorted(name for name in zoneinfo.available_timezones() if "/" in name and not name.startswith("Etc/"))
    return [(name, name.replace("_", " ")) for name in ["UTC", *names]]


class SettingsForm(forms.ModelForm[Settings]):
    site_url = forms.CharField(
        label=_("Site URL"),
        required=False,
        max_length=200,
        widget=forms.URLInput(attrs={"placeholder": "https://crm.example.com"}),
        help_text=_("The address of this Herald as recipients reach it. Links in emails begin with it."),
    )
    company_name = LineField(label=_("Company name"), required=False, max_length=120)
    time_zone = forms.ChoiceField(
        label=_("Time zone"), choices=time_zones, help_text=_("Scheduled jobs follow it, and users without their own.")
    )

    class Meta:
        model = Settings
        fields = ["site_url", "company_name", "language", "time_zone"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """An empty field says which address is in use."""
        super().__init__(*args, **kwargs)
        if not self.instance.site_url:
            field = self.fields["site_url"]
            in_use = _("While this is empty they begin with %(url)s.") % {"url": self.instance.base_url}
            field.help_text = f"{field.help_text} {in_use}"

    def clean_site_url(self) -> str:
        text: str = self.cleaned_data["site_url"]
        return site_url(text) if text else ""


class OutboundEmailsForm(forms.ModelForm[Settings]):
    """Who mail comes from, and the panel *Mass Email* with its five parameters."""

    from_address = AddressField(label=_("System Email Address"), max_length=254)
    from_name = LineField(label=_("From Name"), required=False, max_length=120)

    SENDER = ["from_address", "from_name", "postal_address"]
    LIMITS = ["max_per_hour", "max_per_batch"]
    SWITCHES = ["disable_opt_out_link", "open_tracking", "use_verp"]

    class Meta:
        model = Settings
        fields = [
            "from_address", "from_name", "postal_address",
            "max_per_hour", "max_per_batch", "disable_opt_out_link", "open_tracking", "use_verp",
        ]  # fmt: skip
        widgets = {"postal_address": forms.Textarea(attrs={"rows": 3})}


class BounceRulesForm(forms.ModelForm[Settings]):
    """When soft bounces add up, and when the reputation guard steps in."""

    class Meta:
        model = Settings
        fields = [
            "soft_bounce_limit", "soft_bounce_span", "soft_bounce_days", "guard_after", "guard_hard_warning",
            "guard_hard_pause", "guard_complaint_warning", "guard_complaint_pause",
        ]  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.Meta.fields:
            self.fields[name].widget.attrs["min"] = 0
            if name.endswith(("warning", "pause")):
                self.fields[name].widget.attrs.update(max=100, step="any")
                self.fields[name].validators += [MinValueValidator(0), MaxValueValidator(100)]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if (data.get("soft_bounce_span") or 0) >= (data.get("soft_bounce_days") or 1_000_000):
            self.add_error("soft_bounce_span", _("The rule could never apply: write fewer days than it looks back."))
        return data

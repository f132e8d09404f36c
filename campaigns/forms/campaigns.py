"""The campaign form."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from campaigns.forms.text import name_of, one_line
from campaigns.models import EMAIL_TYPES, Campaign, CampaignType
from crm.forms.seen import SeenForm
from crm.models import User

CURRENCIES = ("EUR", "USD", "GBP", "CHF", "IDR", "MXN", "COP", "ARS", "CLP", "PEN", "CAD", "AUD", "JPY", "SEK", "PLN")
TYPE_HELP = {
    CampaignType.EMAIL: _("Mass emails to people of target lists."),
    CampaignType.NEWSLETTER: _("The regular news of a list."),
    CampaignType.INFORMATIONAL: _("Notices that everybody must get, opted out or not. No opt-out link, no tracking."),
    CampaignType.WEB: _("Advertising and pages on the web."),
    CampaignType.TELEVISION: _("Spots on television."),
    CampaignType.RADIO: _("Spots on the radio."),
    CampaignType.MAIL: _("Letters on paper."),
}


class CampaignForm(SeenForm[Campaign]):
    """Everything an author says about a campaign. `user` decides who may make it informational."""

    class Meta:
        model = Campaign
        fields = (
            "name", "type", "status", "start_date", "end_date", "budget", "currency",
            "target_lists", "excluding_target_lists", "assigned_user", "description",
        )  # fmt: skip
        widgets = {
            "type": forms.RadioSelect,
            "start_date": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
            "end_date": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
            "description": forms.Textarea(attrs={"rows": 3}),
        }

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["name"].validators.append(one_line)
        self.fields["budget"].widget.attrs["min"] = "0"
        codes = sorted({*CURRENCIES, self.instance.currency})
        self.fields["currency"] = forms.ChoiceField(
            label=_("Currency"), choices=[(code, code) for code in codes], initial=self.instance.currency
        )
        self._people_who_may_own_it()
        self.type_is_fixed = bool(self.instance.pk and self.instance.mass_emails.exists())
        self.fields["type"].disabled = self.type_is_fixed

    def _people_who_may_own_it(self) -> None:
        owner = self.fields["assigned_user"]
        assert isinstance(owner, forms.ModelChoiceField)
        owner.empty_label = _("Nobody")
        owner.label_from_instance = name_of  # type: ignore[method-assign,assignment]
        owner.queryset = User.objects.filter(Q(is_active=True) | Q(pk=self.instance.assigned_user_id))

    def clean_budget(self) -> Decimal | None:
        budget: Decimal | None = self.cleaned_data["budget"]
        if budget is not None and budget < 0:
            raise ValidationError(_("The budget cannot be below zero."))
        return budget

    def clean_type(self) -> str:
        kind: str = self.cleaned_data["type"]
        if kind == CampaignType.INFORMATIONAL and kind != self.initial.get("type") and not self._may_inform():
            raise ValidationError(_("You may not create informational email: it goes to opted-out people too."))
        return kind

    def _may_inform(self) -> bool:
        return self.user.may_send_informational

    @property
    def type_choices(self) -> list[tuple[str, object, object, bool]]:
        """Value, label, one line of help and whether it is chosen, for the cards of the form."""
        chosen = str(self["type"].value())
        return [(kind.value, kind.label, TYPE_HELP[kind], kind.value == chosen) for kind in CampaignType]

    @property
    def email_types(self) -> list[str]:
        return sorted(EMAIL_TYPES)


# What is changed in place on the page of a campaign, and which fields stand together because one explains the other.
IN_PLACE = {
    "type": ("type",),
    "status": ("status",),
    "dates": ("start_date", "end_date"),
    "budget": ("budget", "currency"),
    "target-lists": ("target_lists",),
    "excluding-target-lists": ("excluding_target_lists",),
    "assigned-user": ("assigned_user",),
    "description": ("description",),
}


class CampaignFieldForm(CampaignForm):
    """One part of the campaign form, with the same rules."""

    def __init__(self, *args: Any, part: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in set(self.fields) - set(IN_PLACE[part]):
            del self.fields[name]

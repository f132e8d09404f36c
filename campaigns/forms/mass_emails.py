"""The mass email form: What, Who, When, From."""

import json
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import formats, timezone
from django.utils.translation import gettext_lazy as _

from campaigns.forms.text import MailboxField, MomentField, one_line
from campaigns.models import Campaign, EmailTemplate, MassEmail, MassEmailStatus, TemplateStatus
from campaigns.sender import stands_in
from crm.models import EmailAccount, Settings
from targets.models import TargetList

# The minute that somebody chose a moment ago is not "in the past".
GRACE = timedelta(minutes=5)
NEEDED_TO_SEND = ("template", "target_lists", "start_at")


class MassEmailForm(forms.ModelForm):  # type: ignore[type-arg]
    """A draft may lack anything but its name; a scheduled one may not.

    `version` is the one its author began with; `overwrite`, sent by a button, the one they decided to replace.
    """

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    overwrite = forms.IntegerField(required=False, widget=forms.HiddenInput)

    start_at = MomentField(label=_("Date Start"), required=False)
    from_address = MailboxField(label=_("From Address"), required=False, max_length=254)
    reply_to_address = MailboxField(label=_("Reply-to Address"), required=False, max_length=254)

    class Meta:
        model = MassEmail
        fields = (
            "name", "template", "target_lists", "excluding_target_lists", "start_at", "account", "from_address",
            "from_name", "reply_to_address", "reply_to_name", "opt_out_entirely", "store_sent",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("name", "from_name", "reply_to_name"):
            self.fields[name].validators.append(one_line)
        self._offer("template", EmailTemplate.objects.filter(self._active_or_chosen()))
        self._offer("account", EmailAccount.objects.for_mass_email() | self._chosen_account())
        for name in ("target_lists", "excluding_target_lists"):
            self._offer(name, TargetList.objects.order_by("name", "id"))
        if not self.is_bound and self.instance.pk:
            self.initial["version"] = self.instance.version
        self.fields["account"].help_text = ""
        self._say_what_stands_in()

    def _offer(self, name: str, queryset: Any) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = queryset
        field.empty_label = _("Choose…")

    def _active_or_chosen(self) -> Q:
        return Q(status=TemplateStatus.ACTIVE) | Q(pk=self.instance.template_id)

    def _chosen_account(self) -> Any:
        return EmailAccount.objects.filter(pk=self.instance.account_id)

    def _say_what_stands_in(self) -> None:
        """Empty sender fields show what is taken in their place."""
        account = EmailAccount.objects.system()
        field = self.fields["account"]
        assert isinstance(field, forms.ModelChoiceField)
        field.empty_label = _("System account (%(name)s)") % {"name": account.name} if account else _("No account")
        settings = Settings.load()
        senders = {str(one.pk): stands_in(one, True, settings) for one in field.queryset or ()}
        senders[""] = stands_in(account, False, settings)
        field.widget.attrs["data-senders"] = json.dumps(senders)  # for the script, when another one is chosen
        name, address = senders.get(str(self["account"].value() or ""), senders[""])
        self.fields["from_name"].widget.attrs["placeholder"] = name
        self.fields["from_address"].widget.attrs["placeholder"] = address
        for name in ("reply_to_address", "reply_to_name"):
            self.fields[name].widget.attrs["placeholder"] = _("Same as From")

    def clean_start_at(self) -> datetime | None:
        moment: datetime | None = self.cleaned_data["start_at"]
        if moment and "start_at" in self.changed_data and moment < timezone.now() - GRACE:
            raise ValidationError(_("This date is in the past. Choose a later one."))
        return moment

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.instance.status == MassEmailStatus.PENDING:
            for name in NEEDED_TO_SEND:
                if name not in self.errors and not cleaned.get(name):
                    self.add_error(name, _("A scheduled mass email needs this. Unschedule it first to take it out."))
        return cleaned


def first_values(campaign: Campaign) -> dict[str, Any]:
    """What a new mass email of the campaign starts with."""
    today = formats.date_format(timezone.localdate(), "SHORT_DATE_FORMAT")
    return {
        "name": f"{campaign.name[:180]} {today}",
        "target_lists": list(campaign.target_lists.all()),
        "excluding_target_lists": list(campaign.excluding_target_lists.all()),
    }

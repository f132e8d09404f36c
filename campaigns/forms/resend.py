"""*Resend*: to whom, and under which name."""

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.forms.text import one_line
from campaigns.resend import Missed


class ResendForm(forms.Form):
    missed = forms.ChoiceField(label=_("To people who"), choices=Missed.choices, widget=forms.RadioSelect)
    name = forms.CharField(label=_("Name"), max_length=200, validators=[one_line])

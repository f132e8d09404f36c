"""The schedule of a job."""

from datetime import datetime

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.jobs import next_runs, parse_scheduling
from crm.models import ScheduledJob


def coming_runs(scheduling: str, count: int = 3) -> list[datetime]:
    """The next runs. Raises ValidationError for what is no schedule, or one that never comes (31 February)."""
    parse_scheduling(scheduling)
    return next_runs(scheduling, count)


class ScheduledJobForm(forms.ModelForm[ScheduledJob]):
    scheduling = forms.CharField(
        label=_("Scheduling"),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("Crontab: minute, hour, day of the month, month, day of the week. Every 5 minutes: */5 * * * *"),
    )

    class Meta:
        model = ScheduledJob
        fields = ["status", "scheduling"]

    def clean_scheduling(self) -> str:
        scheduling = " ".join(self.cleaned_data["scheduling"].split())
        coming_runs(scheduling)
        return scheduling

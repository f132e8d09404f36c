"""Filters of the log panel, and *Create Target List* from the log."""

import datetime
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.forms.text import SearchField, one_line
from campaigns.log_search import ACTIONS, DATES, LogFilter, people_who
from campaigns.models import Action, Bounce, Campaign, MassEmail, TrackingUrl
from crm.models import Record
from targets.models import TargetList

BETWEEN = "between"
DATE_CHOICES = [("", _("Any date")), *((slug, day[1]) for slug, day in DATES.items()), (BETWEEN, _("Between"))]
DAYS = ("since", "until")
ACTION_CHOICES = [(slug, action.label) for slug, action in ACTIONS.items()]


def day_input() -> forms.DateInput:
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


def names(model: type[MassEmail] | type[TrackingUrl], campaign: Campaign) -> Any:
    """The choices of a campaign. Not through its related manager, which would load every deferred campaign again."""
    return model._default_manager.filter(campaign=campaign.pk).only("name")


class LogFilterForm(forms.Form):
    """Every state of the panel is a query string. A choice that is none is left out of the filter; where a day cannot
    be understood, or a saved filter names what another campaign has, nothing is found."""

    action = forms.ChoiceField(choices=ACTION_CHOICES, required=False, widget=forms.HiddenInput)
    q = SearchField(label=_("Name or email"), required=False)
    mass_email: Any = forms.ModelChoiceField(
        None, label=_("Mass Email"), required=False, empty_label=_("Any mass email")
    )
    tracking_url: Any = forms.ModelChoiceField(
        None, label=_("Tracking URL"), required=False, empty_label=_("Any tracking URL")
    )
    date = forms.ChoiceField(
        label=_("Date"), required=False,
        choices=DATE_CHOICES,
    )  # fmt: skip
    since = forms.DateField(label=_("From"), required=False, widget=day_input())
    until = forms.DateField(label=_("Until"), required=False, widget=day_input())
    bounce = forms.ChoiceField(choices=Bounce.choices, required=False, widget=forms.HiddenInput)
    tests = forms.BooleanField(label=_("Test sends"), required=False)
    machines = forms.BooleanField(label=_("Machine events"), required=False)

    def __init__(self, *args: Any, campaign: Campaign, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offer("mass_email", names(MassEmail, campaign))
        self._offer("tracking_url", names(TrackingUrl, campaign))
        for name in ("mass_email", "tracking_url", "date", "since", "until"):
            self.fields[name].widget.attrs["class"] = "input sm"

    def _offer(self, name: str, queryset: Any) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = queryset

    def wanted(self) -> LogFilter:
        self.is_valid()
        found = self.cleaned_data
        email, url = found.get("mass_email"), found.get("tracking_url")
        since, until = self._days()
        return LogFilter(
            action=ACTIONS.get(found.get("action", "")),
            q=found.get("q", ""),
            mass_email_id=email.pk if email else None,
            tracking_url_id=url.pk if url else None,
            since=since,
            until=until,
            bounce=found.get("bounce", ""),
            tests=bool(found.get("tests")),
            machines=bool(found.get("machines")),
            is_unusable=bool(
                self.problems or ("saved" in self.data and {"mass_email", "tracking_url"} & set(self.errors))
            ),
        )

    @property
    def beyond_people(self) -> list[str]:
        """What is asked for, in words, that no list of people by what they did can take over."""
        data = self.wanted()
        told = {"q": data.q, "tests": data.tests and _("Yes"), "machines": data.machines and _("Yes")}
        return [*self.problems, *(f"{self.fields[name].label}: {value}" for name, value in told.items() if value)]

    @property
    def problems(self) -> list[str]:
        """The days that are none."""
        return [f"{self.fields[name].label}: {text}" for name in DAYS for text in self.errors.get(name, [])]

    def _days(self) -> tuple[datetime.date | None, datetime.date | None]:
        """A named date and days hold together."""
        chosen, since = self.cleaned_data.get("date", ""), self.cleaned_data.get("since")
        if chosen in DATES:
            named = timezone.localdate() - datetime.timedelta(days=DATES[chosen][0])
            since = max(named, since) if since else named
        return since, self.cleaned_data.get("until")


class LogTargetListForm(forms.Form):
    """Name, Including, Excluding, and optionally the tracking URL whose clicks count, the kind of bounce, and days."""

    name = forms.CharField(label=_("Name"), max_length=200, validators=[one_line])
    including = forms.MultipleChoiceField(
        label=_("Including"), choices=ACTION_CHOICES, widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one action.")},
    )  # fmt: skip
    excluding = forms.MultipleChoiceField(
        label=_("Excluding"), choices=ACTION_CHOICES, required=False, widget=forms.CheckboxSelectMultiple
    )
    mass_email: Any = forms.ModelChoiceField(
        None, label=_("Mass Email"), required=False, empty_label=_("Any mass email")
    )
    tracking_url: Any = forms.ModelChoiceField(
        None, label=_("Tracking URL"), required=False, empty_label=_("Any tracking URL"),
        help_text=_("Only clicks on this one count as Clicked."),
    )  # fmt: skip
    bounce = forms.ChoiceField(label=_("Bounce"), required=False, choices=[("", _("Any")), *Bounce.choices[1:]])
    since = forms.DateField(label=_("From"), required=False, widget=day_input())
    until = forms.DateField(label=_("Until"), required=False, widget=day_input())
    description = forms.CharField(
        label=_("Description"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, campaign: Campaign, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.campaign = campaign
        for name, model in (("mass_email", MassEmail), ("tracking_url", TrackingUrl)):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = names(model, campaign)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        including, excluding = cleaned.get("including", []), cleaned.get("excluding", [])
        if both := set(including) & set(excluding):
            labels = ", ".join(str(ACTIONS[slug].label) for slug in sorted(both))
            self.add_error("excluding", _("%(actions)s cannot be included and excluded.") % {"actions": labels})
        chosen = {*including, *excluding}
        if cleaned.get("tracking_url") and including and "clicked" not in chosen:
            self.add_error("tracking_url", _("Include or exclude Clicked to choose by tracking URL."))
        if cleaned.get("bounce") and including and "bounced" not in chosen:
            self.add_error("bounce", _("Include or exclude Bounced to choose by kind of bounce."))
        return cleaned

    def people(self) -> "QuerySet[Record]":
        """Call after is_valid()."""
        email, url = self.cleaned_data["mass_email"], self.cleaned_data["tracking_url"]
        return people_who(
            self.campaign,
            _actions(self.cleaned_data["including"]),
            _actions(self.cleaned_data["excluding"]),
            url.pk if url else None,
            email.pk if email else None,
            **{name: self.cleaned_data[name] for name in ("bounce", *DAYS)},
        )

    def target_list(self, owner: Any) -> TargetList:
        return TargetList(
            name=self.cleaned_data["name"], description=self.cleaned_data["description"], assigned_user=owner,
            is_internal=True,
        )  # fmt: skip


def _actions(slugs: list[str]) -> list[Action]:
    return [ACTIONS[slug] for slug in slugs]

"""What the filter builders of the lists of campaigns, mass emails, templates and tracking URLs may ask about."""

from collections.abc import Sequence
from functools import partial

from django.db.models import F, Q
from django.db.models.lookups import IsNull
from django.utils.translation import gettext as _

from campaigns.models import Campaign, CampaignStatus, CampaignType, MassEmailStatus, TemplateStatus, TrackingAction
from crm.criteria import Field, Fields, Kind, keyed, where
from crm.models import User

OFFERED = 500


def _people() -> Sequence[tuple[str, str]]:
    users = User.objects.order_by("first_name", "last_name", "username")
    return [(str(user.pk), user.get_full_name() or user.get_username()) for user in users]


def _campaigns() -> Sequence[tuple[str, str]]:
    return [(str(pk), name) for pk, name in Campaign.objects.order_by("-id").values_list("pk", "name")[:OFFERED]]


def _related(key: str, label: str, column: str, options: partial[Sequence[tuple[str, str]]]) -> Field:
    return Field(key, label, Kind.CHOICE, where.one_of(F(column), Q(IsNull(F(column), True)), int), options)


def _text(key: str, label: str) -> Field:
    return Field(key, label, Kind.TEXT, where.text(key))


def _moment(key: str, label: str) -> Field:
    return Field(key, label, Kind.MOMENT, where.moment(key))


def _number(key: str, label: str) -> Field:
    return Field(key, label, Kind.NUMBER, where.number(key))


def _choice(key: str, label: str, choices: Sequence[tuple[str, object]]) -> Field:
    return Field(key, label, Kind.CHOICE, where.choice(key), lambda: [(value, str(text)) for value, text in choices])


def campaign_fields() -> Fields:
    return keyed([
        _text("name", _("Name")),
        _text("description", _("Description")),
        _choice("type", _("Type"), CampaignType.choices),
        _choice("status", _("Status"), CampaignStatus.choices),
        Field("start_date", _("Start Date"), Kind.DATE, where.day("start_date")),
        Field("end_date", _("End Date"), Kind.DATE, where.day("end_date")),
        _related("owner", _("Assigned User"), "assigned_user_id", partial(_people)),
        _number("sent", _("Sent")),
        _number("opened", _("Opened")),
        _number("clicked", _("Clicked")),
        _moment("created_at", _("Created At")),
    ])  # fmt: skip


def mass_email_fields() -> Fields:
    return keyed([
        _text("name", _("Name")),
        _choice("status", _("Status"), MassEmailStatus.choices),
        _related("campaign", _("Campaign"), "campaign_id", partial(_campaigns)),
        _moment("start_at", _("Date Start")),
        _number("sent_count", _("Sent")),
        _number("opened_count", _("Opened")),
        _number("clicked_count", _("Clicked")),
    ])  # fmt: skip


def template_fields() -> Fields:
    return keyed([
        _text("name", _("Name")),
        _text("subject", _("Subject")),
        _text("body", _("Body")),
        _text("category", _("Category")),
        _choice("status", _("Status"), TemplateStatus.choices),
        _related("owner", _("Assigned User"), "assigned_user_id", partial(_people)),
        _number("used", _("Used")),
        _moment("modified_at", _("Modified At")),
    ])  # fmt: skip


def tracking_url_fields() -> Fields:
    return keyed([
        _text("name", _("Name")),
        _text("url", _("URL")),
        _choice("action", _("Action"), TrackingAction.choices),
        _related("campaign", _("Campaign"), "campaign_id", partial(_campaigns)),
        _number("click_count", _("Clicks")),
        _number("people_count", _("People")),
        _moment("created_at", _("Created At")),
    ])  # fmt: skip

"""What the filter builders of the lists of campaigns, mass emails, templates and tracking URLs may ask about."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from campaigns.models import Campaign, CampaignStatus, CampaignType, MassEmailStatus, TemplateStatus, TrackingAction
from crm.criteria import Fields, keyed
from crm.lists import asking

OFFERED = 500


def _campaigns() -> Sequence[tuple[str, str]]:
    return [(str(pk), name) for pk, name in Campaign.objects.order_by("-id").values_list("pk", "name")[:OFFERED]]


def campaign_fields() -> Fields:
    return keyed([
        asking.text("name", _("Name")),
        asking.text("description", _("Description")),
        asking.choice("type", _("Type"), CampaignType.choices),
        asking.choice("status", _("Status"), CampaignStatus.choices),
        asking.day("start_date", _("Start Date")),
        asking.day("end_date", _("End Date")),
        asking.owner(),
        asking.number("sent", _("Sent")),
        asking.number("opened", _("Opened")),
        asking.number("clicked", _("Clicked")),
        asking.moment("created_at", _("Created At")),
    ])  # fmt: skip


def mass_email_fields() -> Fields:
    return keyed([
        asking.text("name", _("Name")),
        asking.choice("status", _("Status"), MassEmailStatus.choices),
        asking.related("campaign", _("Campaign"), "campaign_id", _campaigns),
        asking.moment("start_at", _("Date Start")),
        asking.number("sent_count", _("Sent")),
        asking.number("opened_count", _("Opened")),
        asking.number("clicked_count", _("Clicked")),
    ])  # fmt: skip


def template_fields() -> Fields:
    return keyed([
        asking.text("name", _("Name")),
        asking.text("subject", _("Subject")),
        asking.text("body", _("Body")),
        asking.text("category", _("Category")),
        asking.choice("status", _("Status"), TemplateStatus.choices),
        asking.owner(),
        asking.number("used", _("Used")),
        asking.moment("modified_at", _("Modified At")),
    ])  # fmt: skip


def tracking_url_fields() -> Fields:
    return keyed([
        asking.text("name", _("Name")),
        asking.text("url", _("URL")),
        asking.choice("action", _("Action"), TrackingAction.choices),
        asking.related("campaign", _("Campaign"), "campaign_id", _campaigns),
        asking.number("click_count", _("Clicks")),
        asking.number("people_count", _("People")),
        asking.moment("created_at", _("Created At")),
    ])  # fmt: skip

"""The tables of what is sent and what came of it."""

from campaigns.models.attachment import Attachment, FileContent, FrozenAttachment
from campaigns.models.bounce import (
    BounceKind,
    BounceMessage,
    BounceProbe,
    BounceReport,
    BounceSource,
    Decision,
    Proof,
)
from campaigns.models.campaign import EMAIL_TYPES, Campaign, CampaignStatus, CampaignType
from campaigns.models.esp import EspWebhook
from campaigns.models.home import Home
from campaigns.models.log import ACTION_TONES, COUNTED_ONCE, Action, Bounce, Hit, LogRecord
from campaigns.models.mass_email import LARGEST_ID, FrozenMassEmail, MassEmail, MassEmailStatus, Portion, PortionStatus
from campaigns.models.queue import OPEN_STATUSES, QueueItem, QueueStatus, Reason, StoredEmail, Try
from campaigns.models.recipient_pages import RecipientPages
from campaigns.models.template import (
    COMPOSITION_FIELDS,
    EmailTemplate,
    TemplateDraft,
    TemplateMode,
    TemplateStatus,
    TemplateVersion,
)
from campaigns.models.tracking_url import Link, TrackingAction, TrackingUrl, is_web_address

__all__ = [
    "ACTION_TONES", "COMPOSITION_FIELDS", "COUNTED_ONCE", "EMAIL_TYPES", "LARGEST_ID", "OPEN_STATUSES", "Action",
    "Attachment", "Bounce", "BounceKind", "BounceMessage", "BounceProbe", "BounceReport", "BounceSource", "Campaign",
    "CampaignStatus", "CampaignType", "Decision", "EmailTemplate", "EspWebhook", "FileContent",
    "FrozenAttachment", "FrozenMassEmail", "Hit", "Home", "Link", "LogRecord",
    "MassEmail", "MassEmailStatus", "Portion", "PortionStatus", "Proof", "QueueItem", "QueueStatus", "Reason",
    "RecipientPages", "StoredEmail", "TemplateDraft", "TemplateMode", "TemplateStatus", "TemplateVersion",
    "TrackingAction", "TrackingUrl", "Try", "is_web_address",
]  # fmt: skip

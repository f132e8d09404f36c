"""The tables of the shared core."""

from crm.models.accounts import AccountKind, AccountStatus, EmailAccount, Mechanism, Provider, Security
from crm.models.addresses import EmailAddress, Suppression, address_digest, parse_address
from crm.models.audit import AuditEntry
from crm.models.dkim import DkimKey
from crm.models.entities import Base, EntityField, EntityType, FieldKind, Record, Tone
from crm.models.exports import ExportFile, ExportFormat
from crm.models.imports import Fate, Import, ImportedRow, ImportStatus, Outcome, RefusedRow
from crm.models.jobs import Beat, JobRun, JobStatus, RunStatus, ScheduledJob
from crm.models.lists import ListSettings, SavedFilter
from crm.models.mailboxes import AfterHandling, HandledMessage, Mailbox, MailboxKind, MailFolder, SignIn
from crm.models.oauth import OAuthGrant, OAuthPreset
from crm.models.progress import BackgroundTask, TaskStatus
from crm.models.settings import Settings
from crm.models.users import Role, Theme, User

__all__ = [
    "AccountKind", "AccountStatus", "AfterHandling", "AuditEntry", "BackgroundTask", "Base", "Beat", "DkimKey",
    "EmailAccount", "EmailAddress", "EntityField", "EntityType", "ExportFile", "ExportFormat", "Fate", "FieldKind",
    "HandledMessage", "Import", "ImportStatus", "ImportedRow", "JobRun", "JobStatus", "ListSettings", "MailFolder",
    "Mailbox", "MailboxKind", "Mechanism", "OAuthGrant", "OAuthPreset", "Outcome", "Provider", "Record", "RefusedRow",
    "Role", "RunStatus", "SavedFilter", "ScheduledJob", "Security", "Settings", "SignIn", "Suppression", "TaskStatus",
    "Theme", "Tone", "User", "address_digest", "parse_address",
]  # fmt: skip

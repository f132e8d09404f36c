"""Every action and every name that the source writes into the audit trail has words; values are told in words too."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from django.utils import translation

from campaigns.models import Campaign, MassEmail, TrackingUrl
from crm import email_accounts, mailboxes, users
from crm.audit import audit
from crm.entities import saving, type_fields, types
from crm.entities.email_state import ACTIONS
from crm.history import history_of
from crm.models import (
    EmailAccount,
    EntityField,
    EntityType,
    FieldKind,
    Mailbox,
    Record,
    ScheduledJob,
    Settings,
    User,
)
from crm.trail import _told, action_text, field_of, is_named
from targets import target_lists
from targets.member_acts import Act
from targets.models import Report, TargetList
from targets.reports import keeping
from tests.factories import RecordFactory, TargetListFactory, UserFactory

ROOT = Path(__file__).parents[2]
# What reaches audit() by a name, not as a text: from where it comes.
PASSED_ON = {
    *ACTIONS.values(), *(act.value for act in Act), "email_address.removed", "record.exported", "log.exported",
    "email_address.exported", "target_list.exported", "mass_email.retried", "mass_email.uncertain_resent",
    "target_list.added", "target_list.unlinked",
}  # fmt: skip
FIELDS = [
    (User, (*users.AUDITED, "language", "time_zone")),
    (EmailAccount, (*email_accounts.AUDITED, "password", "api_key")),
    (Mailbox, (*mailboxes.AUDITED, "password")),
    (ScheduledJob, ("status", "scheduling")),
    (Record, (*saving.COLUMNS, "email_address_id")),
    (EntityType, types.CHANGEABLE),
    (EntityField, (*type_fields.CHANGEABLE, "choices_moved")),
    (Settings, tuple(field.name for field in Settings._meta.fields if field.name != "id")),
    (TargetList, target_lists.AUDITED),
    (Report, keeping.AUDITED),
    (Campaign, ("status", "type")),
    (TrackingUrl, ("name", "link_action", "url")),
    (MassEmail, ("start_at",)),
]


def calls() -> Iterator[ast.Call]:
    for app in ("crm", "targets", "campaigns"):
        for file in (ROOT / app).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "audit":
                    yield node


def texts(node: ast.expr) -> set[str]:
    """The texts that an expression may give; none for what is only passed on."""
    if isinstance(node, ast.Constant):
        return {str(node.value)}
    if isinstance(node, ast.IfExp):
        return texts(node.body) | texts(node.orelse)
    if isinstance(node, ast.FormattedValue):
        return texts(node.value)
    if isinstance(node, ast.JoinedStr):
        found = {""}
        for part in node.values:
            found = {before + after for before in found for after in texts(part)}
        return found
    return set()


def test_every_action_has_words() -> None:
    actions = set().union(*(texts(call.args[1]) for call in calls())) | PASSED_ON
    assert len(actions) > 100
    assert [action for action in sorted(actions) if action_text(action) == action] == []


def test_every_name_has_words() -> None:
    known = {field.name for model, _names in FIELDS for field in model._meta.fields if is_named(field)}
    names = {keyword.arg for call in calls() for keyword in call.keywords if keyword.arg}
    assert len(names) > 40
    assert sorted(names - set(_told) - known) == []


@pytest.mark.parametrize(("model", "names"), FIELDS)
def test_every_audited_field_has_words(model: type, names: tuple[str, ...]) -> None:
    assert [name for name in names if not is_named(field_of(model, name)) and name not in _told] == []


@pytest.mark.django_db
def test_changes_name_fields_people_and_choices_and_leave_out_what_stayed() -> None:
    maya = UserFactory.create(first_name="Maya", last_name="Lindqvist")
    found = TargetListFactory.create()
    audit(maya, "target_list.changed", found, assigned_user_id=[None, maya.pk], category=[None, ""], name=["A", "A"])
    audit(None, "target_list.synced", found, added=1200, removed=0, mode="exact")
    audit(maya, "target_list.created", found, name=[None, "Autumn"])
    created, synced, changed = history_of([found])
    assert (created.who, created.what, created.changes) == ("Maya Lindqvist", "Created", [("Name", "Autumn")])
    assert (synced.who, synced.what) == ("Herald itself", "Synced")
    assert dict(synced.changes) == {"Added": "1,200", "Mode": "Exact"}
    assert changed.changes == [("Assigned User", "— → Maya Lindqvist")]


@pytest.mark.django_db
def test_moments_are_in_the_readers_zone_and_yes_and_no_are_words() -> None:
    job = ScheduledJob.objects.get(key="send_mass_emails")
    audit(None, "job.changed", job, last_run_at=[None, "2026-11-21T23:30:00+00:00"], signing=[False, True])
    (line,) = history_of([job])
    with translation.override("en"):
        assert dict(line.changes)["DKIM signing"] == "No → Yes"
    assert "2026-11-21T" not in str(line.changes)


@pytest.mark.django_db
def test_fields_of_a_type_are_called_as_people_called_them() -> None:
    record = RecordFactory.create()
    EntityField.objects.create(
        entity_type=record.entity_type, name="favColor", label="Favorite color", kind=FieldKind.TEXT, position=90
    )
    audit(None, "record.changed", record, favColor=["red", "blue"])
    assert history_of([record])[0].changes == [("Favorite color", "red → blue")]


@pytest.mark.django_db
def test_the_audit_log_is_read_and_found_in_words(as_administrator: Client, administrator: User) -> None:
    found = TargetListFactory.create(name="Autumn guests")
    audit(administrator, "target_list.duplicated", found, source=found.pk, members=3)
    page = as_administrator.get("/admin/audit-log/", {"q": "duplicat"}).content.decode()
    assert "Duplicated" in page and "target_list.duplicated" not in page.split("<table")[1]
    assert "<b>Source</b>: Autumn guests" in page and "Target List" in page

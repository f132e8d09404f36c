"""Every URL × every role × GET and POST: who may, who may not, and nothing changes after a refusal or a GET.

The map of URLs is walked, so a new page is in the matrix from its first day.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.apps import apps
from django.core import serializers
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from pytest_django import DjangoDbBlocker

from campaigns.templates_store import save_template
from crm.models import EmailAccount, Import, Role, ScheduledJob, Suppression, User
from tests.factories import (
    CampaignFactory,
    EmailAccountFactory,
    EntityFieldFactory,
    EntityTypeFactory,
    MassEmailFactory,
    RecordFactory,
    ReportFactory,
    TargetListFactory,
    TemplateFactory,
    TrackingUrlFactory,
    UserFactory,
)
from tests.kept import kept

PUBLIC = {"hooks:provider_events", "crm:login", "crm:favicon", "crm:set_theme", "crm:set_language", "crm:health_json"}
OWN = {
    "crm:logout",
    "crm:profile",
    "crm:login",
    "crm:set_theme",
    "crm:set_language",
    "crm:set_sidebar",
    "crm:password",
    "crm:list_settings",
    "crm:saved_filter_new",
    "targets:report_pin",  # on one's own Home
    "targets:report_filter",  # a saved filter of one's own
}  # everybody's POST
# Nothing of the kind exists in the small world of this test.
WITHOUT_OBJECT = {
    "crm:saved_filter",
    "crm:saved_filter_update",
    "crm:saved_filter_remove",
    "crm:task_detail",
    "crm:export_download",
    "crm:export_remove",
    "crm:sandbox_message",
    "crm:sandbox_part",
    "campaigns:preview_document",  # of a template that the query string names
    "campaigns:stored_email",
    "campaigns:stored_document",
    "campaigns:template_changes",
    "campaigns:template_starter",
    "campaigns:template_version",
    "campaigns:template_restore",
    "campaigns:template_attachment",
    "campaigns:template_attachment_remove",
    "campaigns:bounce_detail",
    "campaigns:bounce_revert",
    "campaigns:bounce_of_item",
    "crm:email_account_mailbox_remove",
    "bounces:webhook_remove",
    "hooks:provider_events",
}
# Rows that reading may write: sessions and sign-ins.
UNWATCHED = {"sessions", "axes", "contenttypes", "auth"}


def urls(resolver: URLResolver | None = None, namespace: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """(full name, converters) of every named URL but the recipients'."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            if pattern.namespace != "public":
                yield from urls(pattern, f"{pattern.namespace}:" if pattern.namespace else namespace)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield f"{namespace}{pattern.name}", pattern.pattern.converters


ALL = list(urls())


@pytest.fixture(scope="module")
def _objects(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[dict[str, int]]:
    with kept(django_db_blocker, make_objects) as made:
        yield made


@pytest.fixture
def objects(_objects: dict[str, int], db: None) -> dict[str, int]:
    return _objects


def make_objects() -> dict[str, int]:
    """The object that a URL is about, by the beginning of its name; the longest beginning counts."""
    record = RecordFactory.create()
    target_list = TargetListFactory.create(records=[record])
    template = TemplateFactory.create()
    mass_email = MassEmailFactory.create(lists=[target_list], template=template)
    return {
        "campaigns:": mass_email.campaign.pk,
        "campaigns:activity": record.pk,
        "campaigns:mass_email_": mass_email.pk,
        "campaigns:mass_email_new": mass_email.campaign.pk,
        "campaigns:template_": template.pk,
        "campaigns:tracking_url_": TrackingUrlFactory.create(campaign=mass_email.campaign).pk,
        "campaigns:tracking_url_new": mass_email.campaign.pk,
        "targets:": target_list.pk,
        "targets:report": ReportFactory.create().pk,
        "crm:record": record.pk,
        "crm:address": record.email_address_id or 0,
        "crm:suppression": Suppression.objects.create(digest="0" * 64, reason="letter").pk,
        "crm:import_": Import.objects.create(
            entity_type=record.entity_type, file_name="people.csv", stored_as="people.file", status="finished"
        ).pk,
        "crm:email_account": (account := EmailAccountFactory.create()).pk,
        "bounces:": account.pk,
        "crm:job": ScheduledJob.objects.get(key="send_mass_emails").pk,
        "crm:user": UserFactory.create().pk,
        "crm:entity_": (custom := EntityTypeFactory.create()).pk,
        "crm:entity_field": EntityFieldFactory.create(entity_type=custom).pk,
        "crm:entity_field_new": custom.pk,
        "membership": target_list.memberships.get().pk,
    }


def path_of(name: str, converters: dict[str, Any], objects: dict[str, int]) -> str:
    beginnings = sorted((key for key in objects if name.startswith(key)), key=len)
    known = {
        "pk": objects[beginnings[-1]] if beginnings else 1,
        "membership": objects["membership"],
        "attachment": 1,
        "type": "contacts",
        "slug": "contacts",
        "key": "none",
        "part": "html",
        "flag": "opt_out",
        "field": "budget",
        "number": 1,
        "language": "es",
        "page": "opt_out",
    }
    return reverse(name, kwargs={argument: known[argument] for argument in converters})


def everything() -> str:
    """All rows of all tables that matter, as text."""
    models = [model for model in apps.get_models() if model._meta.app_label not in UNWATCHED]
    rows = [row for model in models for row in model._base_manager.order_by("pk") if model is not User]
    people = list(User.objects.order_by("pk").values_list("pk", "username", "role", "is_active", "password"))
    return serializers.serialize("json", rows) + repr(people)


READS = ("SELECT", "SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT", "PRAGMA", "SHOW", "EXPLAIN")


@contextmanager
def nothing_changes() -> Iterator[None]:
    """Every row that matters is afterwards as it was. The rows are read when the first statement is about to write: a
    block that writes nothing has changed nothing."""
    before: list[str] = []

    def look_before_writing(execute: Any, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if not before and not sql.lstrip("( \n").upper().startswith(READS):
            before.append(everything())
        return execute(sql, params, many, context)

    with connection.execute_wrapper(look_before_writing):
        yield
    assert not before or everything() == before[0], "something changed"


def test_the_watch_sees_a_change(administrator: User) -> None:
    with pytest.raises(AssertionError, match="something changed"), nothing_changes():
        CampaignFactory.create()
    with nothing_changes():
        list(User.objects.all())


def test_the_map_was_walked() -> None:
    assert len(ALL) > 60
    assert save_template  # the pages that save templates are among them


@pytest.mark.parametrize(("name", "converters"), ALL, ids=[name for name, _converters in ALL])
def test_strangers_are_asked_to_sign_in(name: str, converters: dict[str, Any], objects: dict[str, int]) -> None:
    path = path_of(name, converters, objects)
    with nothing_changes():
        for method in ("get", "post"):
            response = getattr(Client(), method)(path)
            if name in PUBLIC:
                assert response.status_code < 500
            else:
                assert response.status_code == 302 and response["Location"].startswith("/login/"), (method, response)


@pytest.mark.parametrize(("name", "converters"), ALL, ids=[name for name, _converters in ALL])
def test_a_viewer_changes_nothing(
    name: str, converters: dict[str, Any], objects: dict[str, int], as_viewer: Client
) -> None:
    path = path_of(name, converters, objects)
    with nothing_changes():
        assert as_viewer.get(path).status_code in (200, 302, 403, 404, 405)
    if name in OWN:
        return
    refused = (403, 404, 405) if name in WITHOUT_OBJECT else (403, 405)
    with nothing_changes():
        assert as_viewer.post(path, {"confirm": "1"}).status_code in refused


@pytest.mark.parametrize(("name", "converters"), ALL, ids=[name for name, _converters in ALL])
def test_administration_is_for_administrators(
    name: str, converters: dict[str, Any], objects: dict[str, int], as_marketer: Client
) -> None:
    path = path_of(name, converters, objects)
    with nothing_changes():
        if path.startswith("/admin/"):
            assert as_marketer.get(path).status_code in (403, 405)
            assert as_marketer.post(path, {"confirm": "1"}).status_code in (403, 405)
        else:
            assert as_marketer.get(path).status_code in (200, 302, 403, 404, 405)


@pytest.mark.parametrize(("name", "converters"), ALL, ids=[name for name, _converters in ALL])
def test_no_page_breaks_for_an_administrator(
    name: str, converters: dict[str, Any], objects: dict[str, int], as_administrator: Client
) -> None:
    path = path_of(name, converters, objects)
    with nothing_changes():
        response = as_administrator.get(path)
    assert response.status_code in ((404, 405) if name in WITHOUT_OBJECT else (200, 302, 405))


def test_informational_email_needs_its_own_permission(marketer: User, as_marketer: Client) -> None:
    campaign = CampaignFactory.create(type="informational")
    person = RecordFactory.create()
    mass_email = MassEmailFactory.create(campaign=campaign, lists=[TargetListFactory.create(records=[person])])
    EmailAccount.objects.filter(is_sandbox=True).update(status="active")
    answer = as_marketer.post(reverse("campaigns:mass_email_schedule", args=[mass_email.pk]), {"accept": "1"})
    mass_email.refresh_from_db()
    assert mass_email.status == "draft" and answer.status_code == 422
    User.objects.filter(pk=marketer.pk).update(may_send_informational=True)
    as_marketer.post(reverse("campaigns:mass_email_schedule", args=[mass_email.pk]), {"accept": "1"})
    mass_email.refresh_from_db()
    assert mass_email.status == "pending"
    assert marketer.role == Role.MARKETER

"""Administration is for administrators: everybody else gets 403, whatever the method, and nothing changes."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from crm.models import AuditEntry, EmailAccount, JobRun, ScheduledJob, Settings, User
from tests.factories import EmailAccountFactory

PAGES = [
    ("administration", ()), ("settings", ()), ("outbound_emails", ()), ("email_account_list", ()),
    ("email_account_new", ()), ("email_account_edit", ("account",)), ("email_account_test", ("account",)),
    ("email_account_system", ("account",)), ("email_account_remove", ("account",)), ("job_list", ()),
    ("job_detail", ("job",)), ("job_edit", ("job",)), ("job_run", ("job",)), ("user_list", ()), ("user_new", ()),
    ("user_edit", ("user",)), ("user_password", ("user",)), ("user_activate", ()),
    ("user_deactivate", ()), ("audit_log", ()),
]  # fmt: skip
ACTS_ONLY = {"email_account_test", "email_account_system", "job_run", "user_activate", "user_deactivate"}
BODY = {
    "site_url": "https://evil.example.com", "max_per_hour": "1", "name": "Evil", "email_address": "e@evil.example.com",
    "is_system": "on", "status": "inactive", "scheduling": "* * * * *", "role": "administrator", "username": "evil",
    "password": "sea-otter-lighthouse-42", "repeated": "sea-otter-lighthouse-42", "email": "e@evil.example.com",
}  # fmt: skip

Url = Callable[[str, tuple[str, ...]], str]


@pytest.fixture
def url(viewer: User) -> Url:
    objects = {
        "account": EmailAccountFactory.create().pk,
        "job": ScheduledJob.objects.get(key="send_mass_emails").pk,
        "user": viewer.pk,
    }
    return lambda name, args: reverse(f"crm:{name}", args=[objects[arg] for arg in args])


def everything() -> list[object]:
    models = (Settings, EmailAccount, ScheduledJob, JobRun, User, AuditEntry)
    return [list(model.objects.order_by("pk").values()) for model in models]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page[0])
@pytest.mark.parametrize("role", ["as_marketer", "as_viewer"])
def test_others_are_refused_and_nothing_changes(
    request: pytest.FixtureRequest, url: Url, role: str, page: tuple[str, tuple[str, ...]]
) -> None:
    client: Client = request.getfixturevalue(role)
    before = everything()
    for method in (client.get, client.post, client.put, client.delete):
        assert method(url(*page), BODY if method == client.post else None).status_code in {403, 405}
    assert client.post(url(*page), BODY).status_code == 403
    assert everything() == before


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page[0])
def test_strangers_are_sent_to_the_login(client: Client, url: Url, page: tuple[str, tuple[str, ...]]) -> None:
    for method in (client.get, client.post):
        response = method(url(*page))
        assert (response.status_code, response["Location"].split("?")[0]) == (302, "/login/")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page[0])
def test_administrators_see_every_page_and_get_changes_nothing(
    as_administrator: Client, url: Url, page: tuple[str, tuple[str, ...]]
) -> None:
    before = everything()
    response = as_administrator.get(url(*page))
    assert response.status_code == (405 if page[0] in ACTS_ONLY else 200)
    assert everything() == before

"""Home, search and the navigation: what each role sees, and what the apps put there."""

from datetime import datetime

import pytest
from django.test import Client, RequestFactory
from django.views.csrf import csrf_failure
from django.views.defaults import server_error
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings as DjangoSettings

from campaigns.models import MassEmail, MassEmailStatus
from crm.models import EntityType, Settings
from crm.views.home import greeting
from tests.factories import CampaignFactory, MassEmailFactory, RecordFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("hour", "words"), [(4, "Good evening"), (5, "Good morning"), (12, "Good afternoon"), (18, "Good evening")]
)
def test_the_greeting_follows_the_hour(hour: int, words: str) -> None:
    assert greeting(datetime(2026, 1, 1, hour), "Maya") == f"{words}, Maya"


def test_the_first_steps_detect_what_is_done(as_marketer: Client) -> None:
    before = as_marketer.get("/").context
    RecordFactory.create()
    CampaignFactory.create()
    after = as_marketer.get("/").context
    assert after["done"] == before["done"] + 2
    assert before["current"].title == "Add contacts"
    assert after["current"].title == "Make a target list"


def test_an_optional_step_alone_keeps_nobody_busy(as_administrator: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    titles = [step.title for step in as_administrator.get("/").context["steps"]]
    assert titles[0] == "Connect SMTP"
    monkeypatch.setattr("crm.navigation._steps", [])
    assert as_administrator.get("/").context["steps"] == []


def test_the_shell_offers_what_the_role_may_do(
    as_viewer: Client, as_marketer: Client, as_administrator: Client
) -> None:
    viewer, marketer, administrator = (
        client.get("/").content.decode() for client in (as_viewer, as_marketer, as_administrator)
    )
    assert 'id="m-create"' not in viewer
    assert 'id="m-create"' in marketer
    assert 'href="/admin/"' not in marketer
    assert 'href="/admin/"' in administrator


def test_a_new_entity_type_is_in_the_navigation_at_once(as_marketer: Client) -> None:
    EntityType.objects.create(key="Guest", slug="guests", label_singular="Guest", label_plural="Guests <b>")
    page = as_marketer.get("/guests/").content.decode()
    assert 'href="/guests/" aria-current="page"' in page
    assert "Guests &lt;b&gt;" in page
    assert 'href="/guests/new/"' in page


def test_search_finds_people_and_what_other_apps_registered(as_viewer: Client) -> None:
    record = RecordFactory.create(first_name="Autumn", last_name="Rocha")
    campaign = CampaignFactory.create(name="Autumn launch")
    hits = {hit.url for hit in as_viewer.get("/search/?q=autumn").context["hits"]}
    assert {record.get_absolute_url(), campaign.get_absolute_url()} <= hits
    assert "Nothing found" in as_viewer.get("/search/?q=%00%25zzz").content.decode()
    assert as_viewer.get("/search/").status_code == 200


def test_home_asks_the_database_a_bounded_number_of_questions(
    as_marketer: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    RecordFactory.create_batch(5)
    CampaignFactory.create_batch(5)
    with django_assert_max_num_queries(32):
        as_marketer.get("/")


def test_error_pages_need_nothing_that_could_be_broken(rf: RequestFactory) -> None:
    page = server_error(rf.get("/"))
    assert page.status_code == 500
    assert "Something went wrong" in page.content.decode()
    assert "This form is too old" in csrf_failure(rf.post("/")).content.decode()


def test_the_first_steps_are_over_with_the_first_send(as_marketer: Client) -> None:
    sent = MassEmailFactory.create(status=MassEmailStatus.IN_PROCESS)
    assert as_marketer.get("/").context["steps"]
    MassEmail.objects.filter(pk=sent.pk).update(sent_count=1)
    assert as_marketer.get("/").context["steps"] == []


def test_the_step_of_the_site_url_is_done_when_health_agrees(
    as_administrator: Client, settings: DjangoSettings
) -> None:
    settings.SITE_URL = ""

    def is_done() -> bool:
        return next(step for step in as_administrator.get("/").context["steps"] if "Site URL" in step.title).is_done

    page = as_administrator.get("/admin/settings/").content.decode()
    assert not is_done() and f"While this is empty they begin with {Settings.load().base_url}." in page
    for address, done in (("http://127.0.0.1:8000", False), ("https://crm.example.com", True)):
        Settings.objects.update(site_url=address)
        assert is_done() is done
    assert "While this is empty" not in as_administrator.get("/admin/settings/").content.decode()


def test_browsers_that_look_for_an_icon_find_it(client: Client) -> None:
    answer = client.get("/favicon.ico")
    assert answer.status_code == 302 and answer["Location"].endswith("favicon.svg")

"""The first question of the reports, asked of people: clicked it in the last 30 days and never opted out."""

import copy
import json
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from campaigns.models import Action, LogRecord, TrackingUrl
from campaigns.questions import QUESTIONS
from tests.factories import RecordFactory, ReportFactory, TrackingUrlFactory

pytestmark = pytest.mark.django_db
CLICKED = next(question for question in QUESTIONS if question.key == "clicked-lately")


@pytest.fixture
def demo() -> TrackingUrl:
    """Ines clicked it, Karim did and opted out half a year before, Siti clicked 40 days ago, Petra another one."""
    demo = TrackingUrlFactory.create(name="Try our demo")
    other = TrackingUrlFactory.create(name="Read the news", campaign=demo.campaign)
    _did("Ines", demo, (Action.CLICKED, 3))
    _did("Karim", demo, (Action.CLICKED, 3), (Action.OPTED_OUT, 180))
    _did("Siti", demo, (Action.CLICKED, 40))
    _did("Petra", other, (Action.CLICKED, 3))
    return demo


def _did(name: str, url: TrackingUrl, *events: tuple[Action, int]) -> None:
    """Each event so many days ago."""
    record = RecordFactory.create(first_name=name)
    for action, days in events:
        LogRecord.objects.create(
            campaign_id=url.campaign_id, record_id=record.pk, action=action,
            tracking_url_id=url.pk if action == Action.CLICKED else None, at=timezone.now() - timedelta(days=days),
        )  # fmt: skip


def criteria(url: TrackingUrl | None = None) -> dict[str, Any]:
    """Those of the question, of one tracking URL if that is named."""
    asked: dict[str, Any] = copy.deepcopy(CLICKED.values["criteria"])
    if url is not None:
        asked["all"][0][2][2] = str(url.pk)
    return asked


def names(lines: Iterable[Any]) -> set[str]:
    return {line.row.first_name for line in lines}


def test_a_report_names_those_who_clicked_it_lately_and_never_opted_out(as_viewer: Client, demo: TrackingUrl) -> None:
    answer = as_viewer.get(ReportFactory.create(criteria=criteria(demo)).get_absolute_url())
    assert names(answer.context["list"].lines()) == {"Ines"}
    assert "Try our demo" in answer.content.decode()


def test_the_list_of_contacts_is_filtered_by_the_same(as_viewer: Client, demo: TrackingUrl) -> None:
    answer = as_viewer.get("/contacts/", {"where": json.dumps(criteria(demo))})
    assert names(answer.context["list"].lines()) == {"Ines"}
    assert "Try our demo" in answer.content.decode()


@pytest.mark.usefixtures("demo")
def test_without_a_name_the_question_is_about_every_tracking_url(as_viewer: Client) -> None:
    answer = as_viewer.get("/contacts/", {"where": json.dumps(criteria())})
    assert names(answer.context["list"].lines()) == {"Ines", "Petra"}


def test_the_form_of_a_new_report_asks_the_question(as_marketer: Client) -> None:
    query = {"type": "contacts", "kind": "list", "question": CLICKED.key}
    page = as_marketer.get("/reports/new/", query).content.decode()
    assert "Who clicked in the last 30 days and never opted out" in page
    assert 'value="30"' in page

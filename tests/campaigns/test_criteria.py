"""What people did with campaigns, asked for by the filter builder of their list."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from campaigns.models import Action, LogRecord
from tests.factories import CampaignFactory, RecordFactory, TrackingUrlFactory

pytestmark = pytest.mark.django_db


def found(client: Client, *conditions: list[Any]) -> set[str]:
    answer = client.get("/contacts/", {"where": json.dumps({"all": conditions})})
    return {line.row.first_name for line in answer.context["list"].lines()}


def test_people_are_found_by_what_they_did(as_viewer: Client) -> None:
    launch, other = CampaignFactory.create_batch(2)
    demo = TrackingUrlFactory.create(campaign=launch)
    people = {name: RecordFactory.create(first_name=name) for name in ("Ines", "Karim", "Siti", "Robot", "Tester")}

    def did(name: str, action: Action, days: int = 0, **more: Any) -> None:
        at = timezone.now() - timedelta(days=days)
        LogRecord.objects.create(campaign_id=launch.pk, record_id=people[name].pk, action=action, at=at, **more)

    did("Ines", Action.CLICKED, tracking_url_id=demo.pk)
    did("Ines", Action.SENT, 40)
    did("Karim", Action.SENT, 40)
    did("Karim", Action.CLICKED, 35)
    did("Robot", Action.CLICKED, is_machine=True)
    did("Tester", Action.CLICKED, is_test=True)
    LogRecord.objects.create(campaign_id=launch.pk, record_id=None, action=Action.CLICKED)
    campaign = str(launch.pk)
    assert found(as_viewer, ["clicked", "did", ["", "", ""]]) == {"Ines", "Karim"}
    assert found(as_viewer, ["clicked", "did", [campaign, 30, ""]]) == {"Ines"}
    assert found(as_viewer, ["clicked", "did", [campaign, "", str(demo.pk)]]) == {"Ines"}
    assert found(as_viewer, ["clicked", "did", [str(other.pk), "", ""]]) == set()
    assert found(as_viewer, ["clicked", "did_not", ["", "", ""]]) == {"Siti", "Robot", "Tester"}
    assert found(as_viewer, ["sent", "did", [campaign, ""]], ["clicked", "did_not", [campaign, 30, ""]]) == {"Karim"}

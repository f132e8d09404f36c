"""Members of a target list as a file: their status on the list, and everything of the records."""

import csv
import io
import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from targets.models import Membership, TargetList
from tests.factories import MassEmailFactory, RecordFactory, TargetListFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def target_list() -> TargetList:
    """Ines is listed, Karim opted out through a mass email, Petra is a lead who opted out."""
    ines = RecordFactory.create(first_name="Ines", last_name="R", values={"city": "Lisbon"})
    karim, petra = RecordFactory.create(first_name="Karim", last_name="B"), RecordFactory.create(kind="Lead")
    made = TargetListFactory.create(name="Newsletter EU", records=[ines, karim, petra])
    through = MassEmailFactory.create(name="Launch day")
    gone = Membership.objects.filter(record__in=[karim, petra])
    gone.update(opted_out_at=timezone.now(), opted_out_mass_email=through.pk)
    return made


def exported(answer: Any) -> list[dict[str, str]]:
    assert answer["Content-Disposition"].startswith("attachment"), answer.content
    return list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))


def test_a_panel_is_exported_with_the_status_on_the_list(as_marketer: Client, target_list: TargetList) -> None:
    url = f"/target-lists/{target_list.pk}/export/?type=contacts"
    page = as_marketer.get(url).content.decode()
    assert "Export 2 rows" in page
    way = page[page.index('<ol class="crumbs">') :].partition("</ol>")[0]
    assert re.findall(r">([^<>]+)</a>", way) == ["Target Lists", target_list.name, "Contacts"]
    ines, karim = exported(as_marketer.post(url, {"scope": "all", "query": "sort=name", "format": "csv"}))
    assert (ines["Name"], ines["City"], ines["Target Status"], ines["Opted Out"]) == ("Ines R", "Lisbon", "Listed", "")
    assert (karim["Target Status"], karim["Opted out through"]) == ("Opted Out", "Launch day")
    assert karim["Opted Out"] and karim["Source"] == "Selected by hand"


def test_what_is_ticked_or_filtered_is_exported_alone(as_marketer: Client, target_list: TargetList) -> None:
    url = f"/target-lists/{target_list.pk}/export/?type=contacts"
    ticked = Membership.objects.get(record__first_name="Karim")
    rows = exported(as_marketer.post(url, {"selected": [ticked.pk], "query": "", "format": "csv"}))
    assert [row["Name"] for row in rows] == ["Karim B"]
    rows = exported(as_marketer.post(url, {"scope": "all", "query": "show=listed", "format": "csv"}))
    assert [row["Name"] for row in rows] == ["Ines R"]


def test_who_opted_out_is_exported_over_all_types(as_marketer: Client, target_list: TargetList) -> None:
    url = f"/target-lists/{target_list.pk}/export/"
    rows = exported(as_marketer.post(url, {"scope": "all", "query": "", "format": "csv"}))
    assert {row["Type"] for row in rows} == {"Contact", "Lead"}
    assert "City" not in rows[0]


def test_viewers_export_nobody(as_viewer: Client, target_list: TargetList) -> None:
    assert as_viewer.get(f"/target-lists/{target_list.pk}/export/").status_code == 403
    assert as_viewer.get("/target-lists/999/export/").status_code in (403, 404)

"""The records of a report: whose eyes, whose days, which problems."""

from datetime import UTC, datetime

import pytest
from django.utils import timezone

from crm.models import EntityField, EntityType, Record
from targets.membership import add_records
from targets.models import Membership, Source
from targets.reports import ReportError, report_problems, report_records
from tests.factories import RecordFactory, ReportFactory, TargetListFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_a_report_without_criteria_has_every_record_of_its_type() -> None:
    contact = RecordFactory()
    RecordFactory(kind="Lead")
    assert list(report_records(ReportFactory())) == [contact]


def test_its_criteria_narrow_it() -> None:
    RecordFactory(last_name="Rocha")
    found = RecordFactory(last_name="Okafor")
    report = ReportFactory(criteria={"none": [["last_name", "is", "rocha"]]})
    assert list(report_records(report)) == [found]


def test_one_statement_puts_its_records_on_a_target_list(django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    people = [RecordFactory() for _ in range(3)]
    target_list, report = TargetListFactory(), ReportFactory(criteria={"all": [["email_state", "any", ["listed"]]]})
    rows = report_records(report)
    with django_assert_num_queries(1):
        assert add_records(target_list, rows, Source.REPORT) == 3
    assert set(Membership.objects.filter(source=Source.REPORT).values_list("record", flat=True)) == {
        person.pk for person in people
    }


def test_me_is_its_owner_whoever_looks() -> None:
    owner = UserFactory()
    RecordFactory(owner=UserFactory())
    mine = RecordFactory(owner=owner)
    report = ReportFactory(owner=owner, criteria={"all": [["owner", "any", ["me"]]]})
    assert list(report_records(report)) == [mine]


def test_days_begin_in_the_time_zone_of_its_owner() -> None:
    """23:30 UTC on the 14th is the 15th in Jakarta, and still the 14th for a reader in Lima."""
    person = RecordFactory()
    late = datetime(2026, 3, 14, 23, 30, tzinfo=UTC)
    Record.objects.update(created_at=late)
    report = ReportFactory(
        owner=UserFactory(time_zone="Asia/Jakarta"), criteria={"all": [["created_at", "on", "2026-03-15"]]}
    )
    with timezone.override("America/Lima"):
        assert list(report_records(report)) == [person]


def test_a_removed_field_is_named() -> None:
    EntityField.objects.create(entity_type=EntityType.objects.get(key="Contact"), name="size", label="Size")
    report = ReportFactory(criteria={"all": [["f_size", "is", "XL"]]})
    assert report_problems(report) == []
    EntityField.objects.filter(name="size").delete()
    assert report_problems(report) == ["There is no field “f_size” any more."]
    with pytest.raises(ReportError, match="f_size"):
        report_records(report)


def test_a_removed_entity_type_is_said() -> None:
    report = ReportFactory(of="Contact")
    report.entity_type = None
    report.save(update_fields=["entity_type"])
    assert report_problems(report) == ["The entity type of this report was removed."]

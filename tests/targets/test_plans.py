"""Nothing about a target list of a million is asked once per person: joins everywhere, on PostgreSQL as it plans."""

import pytest
from django.db import connection
from django.test import RequestFactory

from crm.models import EntityType, User
from targets.audience import Audience
from targets.candidates import candidates
from targets.counting import type_counts
from targets.models import Membership
from tests.factories import RecordFactory, TargetListFactory

pytestmark = pytest.mark.django_db
postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="the plans of PostgreSQL")


def plan(sql: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}")
        return "\n".join(row[0] for row in cursor.fetchall())


@postgresql
def test_the_audience_is_joined() -> None:
    assert "SubPlan" not in plan(Audience([1], [2, 3]).sql())
    assert "SubPlan" not in plan(Audience([1, 4], [2, 3]).sql())


@postgresql
def test_select_leaves_out_members_by_a_join(marketer: User) -> None:
    request = RequestFactory().get("/")
    request.user = marketer
    found = candidates(request, TargetListFactory.create(), EntityType.objects.get(key="Contact"))  # type: ignore[arg-type]
    assert "Anti Join" in found.rows.order_by().explain()


@postgresql
def test_opt_outs_of_a_list_have_an_index() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    assert "membership_opted_out" in Membership.objects.filter(target_list=1).opted_out().values("record_id").explain()


@pytest.mark.parametrize("ceiling", [0, 1, 10])
def test_members_are_counted_by_type_however_many(ceiling: int, monkeypatch: pytest.MonkeyPatch) -> None:
    records = [*RecordFactory.create_batch(3), *RecordFactory.create_batch(2, kind="Lead")]
    target_list = TargetListFactory.create(records=records)
    RecordFactory.create(kind="Account")
    monkeypatch.setattr("targets.counting.CEILING", ceiling)
    keys = {kind.pk: kind.key for kind in EntityType.objects.all()}
    assert {keys[pk]: number for pk, number in type_counts(target_list, list(keys)).items()} == {
        "Contact": 3,
        "Lead": 2,
    }

"""Who opted out of a list, or opts out at this moment, is not taken off it by an act on many: added again, they would
get mail again."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from crm import background
from crm.background import Progress
from crm.lists.posted import everything
from crm.models import BackgroundTask, EntityType, Record, User
from targets import importing, member_acts
from targets.member_acts import Act
from targets.membership import opt_out
from targets.models import Membership, Source, TargetList
from tests.factories import RecordFactory, TargetListFactory

pytestmark = pytest.mark.django_db


def listed_but_one(number: int) -> TargetList:
    """A list of so many people, the first of whom opted out."""
    contacts = EntityType.objects.get(key="Contact")
    names = [f"Many {each}" for each in range(number)]
    Record.objects.bulk_create(Record(entity_type=contacts, name=name) for name in names)
    made: TargetList = TargetListFactory.create(records=contacts.records.order_by("pk"))
    opt_out(made.memberships.order_by("pk")[0])
    return made


@pytest.mark.parametrize("number", [3, 120])
def test_a_list_of_records_takes_off_only_who_is_listed(number: int, as_marketer: Client) -> None:
    news = listed_but_one(number)
    everybody = {"scope": "all", "query": "q=many", "confirmed": "yes", "target_list": news.pk}
    page = as_marketer.post("/target-lists/unlink/contacts/", everybody, follow=True).content.decode()
    for task in BackgroundTask.objects.all():
        background.run(task.pk)
        page = as_marketer.get(task.get_absolute_url()).content.decode()
    assert f"{number - 1} records were unlinked. 1 who opted out was kept." in page
    assert [member.record.name for member in news.memberships.opted_out()] == ["Many 0"]
    assert news.memberships.count() == 1


def test_who_opts_out_while_all_are_unlinked_stays(marketer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(member_acts, "PORTION", 1)
    news = listed_but_one(4)

    class Meanwhile(Progress):
        def tell(self, done: int, total: int | None = None) -> None:
            opt_out(news.memberships.order_by("-pk")[0])

    given = {"act": Act.UNLINK.value, "list": news.pk, "type": "Contact", "selection": everything("")}
    task = background.begin(member_acts.KIND, "Unlink", marketer, total=3, parameters=given)
    member_acts.act_in_background(Meanwhile(task))
    assert sorted(member.record.name for member in news.memberships.opted_out()) == ["Many 0", "Many 3"]
    assert (news.memberships.count(), task.result["number"]) == (2, 2)


def test_an_import_that_is_taken_back_deletes_on_the_condition_that_they_are_listed() -> None:
    ines = RecordFactory.create()
    news = TargetListFactory.create(records=[ines])
    Membership.objects.update(source=Source.IMPORT)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert importing.leave(str(news.pk), [ines.pk]) == 1
    assert "opted_out_at" in asked[-1]["sql"] and asked[-1]["sql"].startswith("DELETE") and len(asked) == 2

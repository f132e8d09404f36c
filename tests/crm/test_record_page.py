"""The page of a record: why and when its address gets no mail, related records, history, and a bounded number of
queries however much there is."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from campaigns.models import Action, BounceReport, LogRecord
from crm.models import EntityField, EntityType, FieldKind, Record
from targets.models import Membership, TargetList
from tests.factories import RecordFactory, TargetListFactory

pytestmark = pytest.mark.django_db
Ceiling = Callable[[int], Any]


def account_with(contacts: int) -> Record:
    account = RecordFactory.create(kind="Account", first_name="", last_name="", name="Acme")
    kind = EntityType.objects.get(key="Contact")
    Record.objects.bulk_create(
        Record(entity_type=kind, name=f"Person {number:02}", account=account) for number in range(contacts)
    )
    return account


def test_an_account_shows_the_first_of_its_contacts_and_leads_to_all(as_viewer: Client) -> None:
    account = account_with(12)
    page = as_viewer.get(f"/accounts/{account.pk}/").content.decode()
    assert "Person 09" in page and "Person 10" not in page
    url = re.search(r'href="(/contacts/\?where=[^"]+)"', page)
    assert url
    found = as_viewer.get(url[1].replace("&amp;", "&"))
    assert found.context["list"].total == 12 and not found.context["list"].problems


def test_records_whose_link_fields_lead_here_are_found_later(as_viewer: Client) -> None:
    account = account_with(0)
    assert 'id="related"' not in as_viewer.get(f"/accounts/{account.pk}/").content.decode()
    EntityField.objects.create(
        entity_type=EntityType.objects.get(key="Lead"), name="partner", label="Partner", kind=FieldKind.LINK
    )
    lead = RecordFactory.create(kind="Lead", first_name="Petra", values={"partner": account.pk})
    RecordFactory.create(kind="Lead", first_name="Other", values={"partner": account.pk + 1})
    url = f"/accounts/{account.pk}/related/"
    assert f'hx-get="{url}"' in as_viewer.get(f"/accounts/{account.pk}/").content.decode()
    part = as_viewer.get(url, headers={"HX-Request": "true"}).content.decode()
    assert "Leads · Partner" in part and f"/leads/{lead.pk}/" in part and "Other" not in part
    assert "<html" not in part and "<html" in as_viewer.get(url).content.decode()


def test_the_history_tells_changes_of_the_record_and_of_its_address(as_marketer: Client) -> None:
    account = account_with(0)
    record = RecordFactory.create(first_name="Ines", last_name="Rocha")
    form = {"first_name": "Ines", "last_name": "Ribeiro", "account": "Acme", "email": str(record.email_address)}
    as_marketer.post(f"/contacts/{record.pk}/edit/", form)
    as_marketer.post(f"/contacts/{record.pk}/address/", {"flag": "opt_out", "why": "asked on the phone"})
    page = as_marketer.get(f"/contacts/{record.pk}/").content.decode()
    history = page.split('id="history"')[1].split("</section>")[0]
    for words in ("Opted out", "Why: asked on the phone", "Last name: Rocha → Ribeiro", "Account: — → Acme", "Maya"):
        assert words in history, words
    assert str(account.pk) not in re.findall(r"→ (\d+)", history)


def test_a_record_is_put_on_a_list_from_its_page_and_taken_off(as_marketer: Client, as_viewer: Client) -> None:
    record = RecordFactory.create()
    there = TargetListFactory.create(name="Newsletter EU", records=[record])
    other = TargetListFactory.create(name="Newsletter US")
    url = f"/contacts/{record.pk}/"
    page = as_marketer.get(url).content.decode()
    panel = page.split('id="target-lists"')[1].split("</section>")[0]
    assert f'<option value="{other.pk}">' in panel and f'<option value="{there.pk}">' not in panel
    assert "add-to-list" not in as_viewer.get(url).content.decode()
    data = {"selected": record.pk, "target_list": other.pk, "confirmed": "yes", "next": url}
    assert as_marketer.post("/target-lists/add/contacts/", data)["Location"] == url
    assert Membership.objects.filter(record=record).count() == 2
    member = Membership.objects.get(record=record, target_list=there)
    as_marketer.post(f"/target-lists/{there.pk}/unlink/?type=contacts", {"selected": member.pk, "next": url})
    assert [one.target_list for one in Membership.objects.filter(record=record)] == [other]


def test_a_bounce_stands_there_with_its_evidence(as_viewer: Client) -> None:
    record = RecordFactory.create()
    bounce = BounceReport.objects.create(
        key="k", source="smtp", kind="hard", decision="invalidated", said="550 no such user", address="x@example.com",
        email_address_id=record.email_address_id,
    )  # fmt: skip
    page = as_viewer.get(f"/contacts/{record.pk}/").content.decode()
    assert "550 no such user" in page and bounce.get_absolute_url() in page


def test_the_page_costs_the_same_with_ten_thousand_events(
    as_marketer: Client, django_assert_max_num_queries: Ceiling
) -> None:
    record = RecordFactory.create(account=account_with(30))
    for number in range(30):
        TargetListFactory.create(name=f"List {number}", records=[record])
    assert TargetList.objects.count() == 30
    rows = (
        LogRecord(
            campaign_id=1, mass_email_id=1, queue_item_id=number, record_id=record.pk, at=timezone.now(),
            action=Action.OPENED if number % 3 else Action.SENT,
        )
        for number in range(10_000)
    )  # fmt: skip
    LogRecord.objects.bulk_create(rows, batch_size=2000)
    with django_assert_max_num_queries(21):
        page = as_marketer.get(record.get_absolute_url()).content.decode()
    assert "10,000" in page and "Older" in page
    with django_assert_max_num_queries(24):
        as_marketer.get(record.account.get_absolute_url())

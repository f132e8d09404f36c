"""Email addresses in Administration: found, marked and unmarked with a reason, one or many, removed when nobody's."""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from crm import background
from crm.addresses import flags
from crm.models import AuditEntry, BackgroundTask, EmailAddress, Record, Role, Suppression, TaskStatus, User
from targets.models import Membership
from tests.factories import RecordFactory, TargetListFactory

pytestmark = pytest.mark.django_db
URL = "/admin/email-addresses/"


def address(text: str, **flags: Any) -> EmailAddress:
    row = EmailAddress.objects.for_text(text)
    if "out" in flags:
        row.mark_opted_out(flags["out"])
    if "invalid" in flags:
        row.mark_invalid(flags["invalid"])
    return row


def shown(client: Client, query: str = "") -> set[str]:
    page = client.get(f"{URL}?{query}").context["list"].page
    return {row.address for row in page}


def mark(client: Client, flag: str, rows: list[EmailAddress], why: str = "asked by phone") -> Any:
    data = {"selected": [row.pk for row in rows], "confirmed": "yes", "why": why}
    return client.post(f"{URL}mark/{flag}/", data, follow=True)


@pytest.fixture
def world() -> dict[str, EmailAddress]:
    RecordFactory.create(first_name="Ines", email="ines@example.com")
    RecordFactory.create(first_name="Karim", email="office@example.com")
    RecordFactory.create(kind="Lead", first_name="Petra", email="office@example.com")
    return {
        "ines": address("ines@example.com", out="Complaint of the provider"),
        "office": address("office@example.com"),
        "gone": address("gone@example.net", invalid="550 no such user"),
    }


def test_the_filters_find_what_they_say(as_administrator: Client, world: dict[str, EmailAddress]) -> None:
    others = {one.address for one in EmailAddress.objects.exclude(pk__in=[row.pk for row in world.values()])}
    assert shown(as_administrator, "show=opted-out") == {"ines@example.com"}
    assert shown(as_administrator, "show=invalid") == {"gone@example.net"}
    assert shown(as_administrator, "records=several") == {"office@example.com"}
    assert shown(as_administrator, "records=none") - others == {"gone@example.net"}
    assert shown(as_administrator, "records=one") - others == {"ines@example.com"}
    assert shown(as_administrator, "why=complaint") == {"ines@example.com"}
    assert shown(as_administrator, "q=EXAMPLE.net") == {"gone@example.net"}
    for column in ("address", "-address", "since", "-since"):
        assert shown(as_administrator, f"sort={column}") >= {"gone@example.net"}


def test_a_row_says_why_since_when_and_whose(as_administrator: Client, world: dict[str, EmailAddress]) -> None:
    page = as_administrator.get(f"{URL}?q=ines").content.decode()
    assert "Complaint of the provider" in page and "Ines Rocha" in page
    assert "2 records" not in page
    assert "Karim" in as_administrator.get(f"{URL}?q=office").content.decode()


def test_the_list_asks_a_bounded_number_of_times(
    as_administrator: Client, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    RecordFactory.create_batch(25)
    with django_assert_max_num_queries(20):
        as_administrator.get(URL)


def test_unmarking_states_what_follows_and_wants_a_reason(
    as_administrator: Client, world: dict[str, EmailAddress]
) -> None:
    picked = {"selected": [world["ines"].pk]}
    page = as_administrator.post(f"{URL}mark/cancel_opt_out/", picked).content.decode()
    assert "Cancel Opt-Out: 1 address" in page and "Complaint of the provider" in page
    assert "Marketing email goes to them again" in page
    answer = as_administrator.post(f"{URL}mark/cancel_opt_out/", {**picked, "confirmed": "yes", "why": " "})
    assert answer.status_code == 422
    world["ines"].refresh_from_db()
    assert world["ines"].opted_out_at is not None


@pytest.mark.parametrize(
    ("flag", "back", "column"), [("opt_out", "cancel_opt_out", "opted_out"), ("mark_invalid", "mark_valid", "invalid")]
)
def test_marked_and_unmarked_with_reason_and_history(
    as_administrator: Client, world: dict[str, EmailAddress], flag: str, back: str, column: str
) -> None:
    office = world["office"]
    page = mark(as_administrator, flag, [office], "asked on 3 May")
    assert page.redirect_chain[-1][0] == f"{URL}{office.pk}/"
    office.refresh_from_db()
    assert getattr(office, f"{column}_at") and getattr(office, f"{column}_why") == "asked on 3 May"
    page = mark(as_administrator, back, [office], "changed their mind").content.decode()
    office.refresh_from_db()
    assert getattr(office, f"{column}_at") is None and getattr(office, f"{column}_why") == ""
    assert "asked on 3 May" in page and "changed their mind" in page and "Karim" in page and "Petra" in page
    trail = AuditEntry.objects.filter(object_type="crm.emailaddress", object_id=office.pk)
    assert [entry.changes["why"] for entry in trail] == ["changed their mind", "asked on 3 May"]
    assert {entry.user_name for entry in trail} == {"ada"}


def test_many_are_marked_at_once_and_only_those_that_were_not(
    as_administrator: Client, world: dict[str, EmailAddress]
) -> None:
    page = mark(as_administrator, "opt_out", list(world.values())).content.decode()
    assert "2 addresses were changed." in page
    world["ines"].refresh_from_db()
    assert world["ines"].opted_out_why == "Complaint of the provider"
    assert AuditEntry.objects.filter(action="email_address.opted_out").count() == 2


def test_more_than_a_hundred_are_marked_behind_with_the_rights_of_then(as_administrator: Client) -> None:
    EmailAddress.objects.bulk_create(
        EmailAddress(address=f"many{n}@example.org", normalized=f"many{n}@example.org") for n in range(120)
    )
    data = {"scope": "all", "query": "q=example.org", "confirmed": "yes", "why": "wish of the customer"}
    as_administrator.post(f"{URL}mark/opt_out/", data)
    task = BackgroundTask.objects.get()
    User.objects.filter(username="ada").update(role=Role.MARKETER)
    background.run(task.pk)
    task.refresh_from_db()
    assert task.status == TaskStatus.FAILED
    User.objects.filter(username="ada").update(role=Role.ADMINISTRATOR)
    as_administrator.post(f"{URL}mark/opt_out/", data)
    task = BackgroundTask.objects.get(status=TaskStatus.PENDING)
    background.run(task.pk)
    task.refresh_from_db()
    assert (task.status, task.done, task.result["number"]) == (TaskStatus.SUCCESS, 120, 120)
    assert EmailAddress.objects.filter(opted_out_why="wish of the customer").count() == 120
    assert AuditEntry.objects.filter(action="email_address.opted_out").count() == 120


def test_canceling_an_opt_out_lifts_the_suppression(as_administrator: Client, world: dict[str, EmailAddress]) -> None:
    as_administrator.post("/admin/suppressions/new/", {"address": "office@example.com", "why": "letter"})
    world["office"].refresh_from_db()
    assert world["office"].opted_out_why == "letter" and Suppression.objects.count() == 1
    mark(as_administrator, "cancel_opt_out", [world["office"]])
    assert not Suppression.objects.exists()


def test_only_addresses_of_nobody_are_removed_and_their_opt_out_outlives_them(
    as_administrator: Client, world: dict[str, EmailAddress]
) -> None:
    address("out@example.net", out="complaint")
    everybody = {"selected": list(EmailAddress.objects.values_list("pk", flat=True))}
    page = as_administrator.post(f"{URL}remove/", everybody).content.decode()
    assert "Remove 2 addresses?" in page
    as_administrator.post(f"{URL}remove/", {**everybody, "confirmed": "yes"})
    assert not EmailAddress.objects.filter(normalized__endswith="example.net").exists()
    assert EmailAddress.objects.filter(pk=world["office"].pk).exists()
    assert address("Out@Example.net").opted_out_at is not None
    assert address("gone@example.net").opted_out_at is not None
    assert AuditEntry.objects.filter(action="email_address.removed").count() == 2


def test_removing_asks_again_whether_it_is_nobodys(as_administrator: Client, world: dict[str, EmailAddress]) -> None:
    RecordFactory.create(email="gone@example.net")
    page = as_administrator.post(f"{URL}remove/", {"selected": [world["gone"].pk], "confirmed": "yes"}, follow=True)
    assert "Nothing was removed" in page.content.decode()
    ada = User.objects.get(username="ada")
    assert flags._remove_some([world["gone"].pk], ada) == 0


def test_the_page_of_an_address_shows_the_lists_it_opted_out_of(
    as_administrator: Client, world: dict[str, EmailAddress], django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    newsletter = TargetListFactory.create(name="Newsletter EU", records=[Record.objects.get(first_name="Karim")])
    Membership.objects.filter(target_list=newsletter).update(opted_out_at=world["ines"].opted_out_at)
    with django_assert_max_num_queries(24):
        page = as_administrator.get(f"{URL}{world['office'].pk}/").content.decode()
    assert "Opted out of target lists" in page and "Newsletter EU" in page


def test_addresses_are_exported(as_administrator: Client, world: dict[str, EmailAddress]) -> None:
    data: dict[str, Any] = {"scope": "all", "query": "q=example&sort=address", "format": "csv"}
    answer = as_administrator.post(f"{URL}export/", data)
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = {row["Email Address"]: row for row in csv.DictReader(io.StringIO(text))}
    assert rows["office@example.com"]["Records"] == "2"
    assert rows["gone@example.net"]["Why invalid"] == "550 no such user"
    assert rows["ines@example.com"]["Opted Out"].startswith("20")


@pytest.mark.parametrize("path", ["", "export/", "mark/opt_out/", "remove/"])
def test_marketers_do_not_get_there(as_marketer: Client, path: str) -> None:
    assert as_marketer.get(URL + path).status_code in (403, 405)
    assert as_marketer.post(URL + path, {"confirmed": "yes"}).status_code in (403, 405)


def test_a_flag_that_there_is_not_is_not_found(as_administrator: Client, world: dict[str, EmailAddress]) -> None:
    assert mark(as_administrator, "delete", [world["ines"]]).status_code == 404

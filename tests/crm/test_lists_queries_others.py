"""Other lists, those of administration, panels and Select of a target list: no more queries for many rows."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from campaigns.models import BounceKind, BounceReport, BounceSource, Decision
from crm.audit import audit
from crm.models import (
    BackgroundTask,
    EntityType,
    ExportFile,
    Import,
    ImportStatus,
    JobRun,
    ScheduledJob,
    Suppression,
    TaskStatus,
    User,
)
from targets.models import Membership, TargetList
from tests.factories import (
    EmailAccountFactory,
    EntityFieldFactory,
    EntityTypeFactory,
    RecordFactory,
    ReportFactory,
    TargetListFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
Make = Callable[[range, User], str]  # rows of these numbers; the path that shows them


def users(numbers: range, user: User) -> str:
    UserFactory.create_batch(len(numbers))
    return "/users/"


def imports(numbers: range, user: User) -> str:
    types = list(EntityType.objects.filter(is_builtin=True))
    for number in numbers:
        task = BackgroundTask.objects.create(kind="imports.run", title="Import", owner=user, status=TaskStatus.SUCCESS)
        Import.objects.create(
            entity_type=types[number % len(types)], owner=UserFactory.create(), file_name="people.csv", task=task,
            status=ImportStatus.FINISHED,
        )  # fmt: skip
    return "/imports/"


def exports(numbers: range, user: User) -> str:
    for number in numbers:
        task = BackgroundTask.objects.create(kind="export", title="Export", owner=user, status=TaskStatus.SUCCESS)
        ExportFile.objects.create(
            task=task, owner=user, name="people.csv", format="csv", stored_as=f"{number}.csv", rows=1, octets=1,
            expires_at=timezone.now(),
        )  # fmt: skip
    return "/exports/"


def bounces(numbers: range, user: User) -> str:
    for number in numbers:
        record = RecordFactory.create()
        BounceReport.objects.create(
            key=str(number), source=BounceSource.MAILBOX, kind=BounceKind.HARD, decision=Decision.INVALIDATED,
            address=str(record.email_address), email_address_id=record.email_address_id, record_id=record.pk,
        )  # fmt: skip
    return "/bounces/"


def reports(numbers: range, user: User) -> str:
    ReportFactory.create_batch(len(numbers))
    return "/reports/"


def members(numbers: range, user: User) -> str:
    """A custom type whose records lead to records and belong to people and companies."""
    kind = EntityType.objects.filter(key="Member").first()
    if kind is None:
        kind = EntityTypeFactory.create(key="Member", label_plural="Members")
        for name, sort, options in (("friend", "link", ["Contact"]), ("tier", "choice", ["Gold"])):
            EntityFieldFactory.create(entity_type=kind, name=name, kind=sort, options=options, on_list=True)
    for _number in numbers:
        account = RecordFactory.create(kind="Account", first_name="", last_name="Acme")
        values = {"friend": RecordFactory.create().pk, "tier": "Gold"}
        RecordFactory.create(kind="Member", account=account, owner=UserFactory.create(), values=values)
    return "/members/"


def suppressions(numbers: range, user: User) -> str:
    Suppression.objects.bulk_create(Suppression(digest=f"{number:064}", reason="asked") for number in numbers)
    return "/admin/suppressions/"


def entries(numbers: range, user: User) -> str:
    for _number in numbers:
        audit(UserFactory.create(), "record.changed", RecordFactory.create(), name="Ines")
    return "/admin/audit-log/"


def accounts(numbers: range, user: User) -> str:
    UserFactory.create_batch(len(numbers))
    return "/admin/users/"


def jobs(numbers: range, user: User) -> str:
    """Beside the four that there are from the beginning: the first page shows twenty."""
    for number in numbers:
        job = ScheduledJob.objects.create(key=f"job-{number}", name=f"Another {number}")
        JobRun.objects.bulk_create(JobRun(job=job, started_at=timezone.now()) for _run in range(3))
    return "/admin/scheduled-jobs/"


def runs(numbers: range, user: User) -> str:
    job = ScheduledJob.objects.get(key="send_mass_emails")
    JobRun.objects.bulk_create(JobRun(job=job, started_at=timezone.now(), counts={"sent": 1}) for _run in numbers)
    return job.get_absolute_url()


def email_accounts(numbers: range, user: User) -> str:
    EmailAccountFactory.create_batch(len(numbers))
    return "/admin/email-accounts/"


def tasks(numbers: range, user: User) -> str:
    for number in numbers:
        BackgroundTask.objects.create(kind="export", title=f"Export {number}", owner=UserFactory.create(), total=9)
    return "/tasks/"


def addresses(numbers: range, user: User) -> str:
    RecordFactory.create_batch(len(numbers))
    return "/admin/email-addresses/"


def target_list() -> TargetList:
    return TargetList.objects.filter(name="Fair").first() or TargetListFactory.create(name="Fair")


def panel(numbers: range, user: User) -> str:
    for _number in numbers:
        account = RecordFactory.create(kind="Account", first_name="", last_name="Acme")
        Membership.objects.create(target_list=target_list(), record=RecordFactory.create(account=account))
    return f"/target-lists/{target_list().pk}/contacts/"


def opted_out(numbers: range, user: User) -> str:
    kinds = ("Contact", "Lead")
    for number in numbers:
        record = RecordFactory.create(kind=kinds[number % 2])
        Membership.objects.create(target_list=target_list(), record=record, opted_out_at=timezone.now())
    return f"/target-lists/{target_list().pk}/opted-out/"


def select(numbers: range, user: User) -> str:
    for _number in numbers:
        account = RecordFactory.create(kind="Account", first_name="", last_name="Acme")
        RecordFactory.create(account=account, owner=UserFactory.create())
    return f"/target-lists/{target_list().pk}/contacts/select/"


OF_MARKETERS: dict[Make, int] = {
    users: 16, imports: 16, exports: 16, bounces: 16, reports: 16, members: 16, panel: 24, opted_out: 24, select: 24,
}  # fmt: skip
OF_ADMINISTRATORS: dict[Make, int] = {
    suppressions: 16, entries: 16, accounts: 16, jobs: 16, runs: 16, email_accounts: 16, tasks: 16,
    addresses: 16,
}  # fmt: skip


def name_of(make: Make) -> str:
    return make.__name__


def queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(path).status_code == 200
    return len(asked)


def grown(client: Client, user: User, make: Make) -> tuple[int, int]:
    """Queries with two rows and with twenty; the first request of a session is not counted."""
    path = make(range(2), user)
    client.get(path)
    few = queries(client, path)
    make(range(2, 20), user)
    return few, queries(client, path)


@pytest.mark.parametrize("make", OF_MARKETERS, ids=name_of)
def test_a_list_takes_as_many_queries_for_many_rows(as_marketer: Client, marketer: User, make: Make) -> None:
    few, many = grown(as_marketer, marketer, make)
    assert few == many <= OF_MARKETERS[make]


@pytest.mark.parametrize("make", OF_ADMINISTRATORS, ids=name_of)
def test_a_list_of_administration_does_too(as_administrator: Client, administrator: User, make: Make) -> None:
    few, many = grown(as_administrator, administrator, make)
    assert few == many <= OF_ADMINISTRATORS[make]

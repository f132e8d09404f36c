"""The pages of the wizard, without script, and who may see them."""

import csv
import io
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from crm import background
from crm.imports import tidying
from crm.imports.plan import folder, plan_of
from crm.models import BackgroundTask, Import, ImportStatus, Record, User
from targets.models import TargetList
from tests.crm.imports.world import HEADING, draft, imported, workbook
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
LIST = HEADING + "Ines,Rocha,ines@example.com,Lisbon\nKarim,Haddad,not an address,Beirut\n"


def upload(client: Client, content: str | bytes, name: str = "people.csv", type: str = "contacts") -> "Import":
    octets = content.encode() if isinstance(content, str) else content
    answer = client.post(f"/{type}/import/", {"file": SimpleUploadedFile(name, octets)})
    assert answer.status_code == 302, answer.content.decode()
    return Import.objects.latest("pk")


def setup_data(batch: Import, **changes: object) -> dict[str, object]:
    """What the form of step 2 posts when nothing is changed on it."""
    plan = plan_of(batch)
    data: dict[str, object] = {f"column_{place}": key for place, key in enumerate(plan.mapping)}
    data |= {"mode": plan.mode, "match": plan.match, "has_header": "on" if plan.has_header else ""}
    data |= {"encoding": plan.encoding, "delimiter": plan.delimiter, "dates": plan.dates, "decimal": plan.decimal}
    return data | changes


def test_the_wizard_from_file_to_result(as_marketer: Client) -> None:
    batch = upload(as_marketer, LIST)
    page = as_marketer.get(f"/imports/{batch.pk}/setup/").content.decode()
    assert "Preview" in page and "Lisbon" in page and "Read again" in page
    data = setup_data(batch, target_list="new", new_list="Fair")
    answer = as_marketer.post(f"/imports/{batch.pk}/setup/", data, follow=True)
    page = answer.content.decode()
    assert "Import 2 rows" in page and "1 would be refused" in page and "Fair" in page
    assert not Record.objects.filter(entity_type__key="Contact").exists()
    page = as_marketer.post(f"/imports/{batch.pk}/confirm/", follow=True).content.decode()
    assert "Import “people.csv” (Contacts)" in page
    task = BackgroundTask.objects.get()
    background.run(task.pk)
    task.refresh_from_db()
    assert task.result_url == f"/imports/{batch.pk}/"
    page = as_marketer.get(task.result_url).content.decode()
    assert "Revert import" in page and "not an address" in page and "Fair" in page
    assert TargetList.objects.get(name="Fair").memberships.count() == 1
    assert "people.csv" in as_marketer.get("/imports/").content.decode()


def test_the_preview_shows_the_first_ten_rows(as_marketer: Client) -> None:
    rows = "".join(f"Ines,Rocha,ines{number}@example.com,Town{number}.\n" for number in range(1, 13))
    page = as_marketer.get(f"/imports/{upload(as_marketer, HEADING + rows).pk}/setup/").content.decode()
    assert [number for number in range(1, 13) if f"Town{number}." in page] == list(range(1, 11))


def test_refused_rows_are_downloaded_with_their_reasons_and_no_formulas(as_marketer: Client, marketer: User) -> None:
    batch = imported(marketer, HEADING + "=cmd|'/C calc'!A0,Rocha,ines@example.com,Lisbon\n")
    answer = as_marketer.get(f"/imports/{batch.pk}/refused/")
    rows = list(csv.reader(io.StringIO(b"".join(answer).decode("utf-8-sig"))))  # type: ignore[call-overload]
    assert rows[0] == ["Row", "Column", "Reason", "First name", "Last name", "Email", "City"]
    assert rows[1][:2] == ["2", "First name"] and rows[1][3] == "'=cmd|'/C calc'!A0"


def test_the_file_can_be_read_again_in_another_way(as_marketer: Client) -> None:
    batch = upload(as_marketer, "Prénom;Nom\nZoé;Lefort\n".encode("cp1250"))
    data = setup_data(batch, encoding="cp1250", delimiter="other", other_delimiter="é", read="again")
    assert as_marketer.post(f"/imports/{batch.pk}/setup/", data).status_code == 302
    batch.refresh_from_db()
    plan = plan_of(batch)
    assert (plan.encoding, plan.delimiter, plan.labels) == ("cp1250", "é", ["Pr", "nom;Nom"])


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"column_0": "email"}, "Two columns fill “Email”"),
        ({f"column_{place}": "" for place in range(4)}, "Say of at least one column what it is."),
        ({"match": ["phone"]}, "No column fills: Phone."),
        ({"mode": "update", "match": []}, "say what they are recognised by"),
        ({"target_list": "new"}, "Name the new list."),
        ({"delimiter": "other", "other_delimiter": '"'}, "Give one sign."),
        ({"default_language": "xx"}, "Select a valid choice"),
    ],
)
def test_what_makes_no_sense_is_said(as_marketer: Client, changes: dict[str, object], problem: str) -> None:
    batch = upload(as_marketer, LIST)
    answer = as_marketer.post(f"/imports/{batch.pk}/setup/", setup_data(batch, **changes))
    assert answer.status_code == 422
    assert problem in answer.content.decode()


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "The file is empty."),
        (b"\xd0\xcf\x11\xe0" + b"x" * 100, "old Excel"),
        (b"PK\x03\x04" + b"x" * 100, "damaged"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(1, 32)) * 20, "no text file"),
        (b",".join(b"c%d" % number for number in range(500)) + b"\n1,2\n", "more than 200 columns"),
        (b'Name,"Email\nInes,a@example.com\n', "The first row cannot be read"),
        (b"\n\n\n", "The file is empty."),
    ],
)
def test_files_that_are_none_are_refused_with_a_reason(as_marketer: Client, content: bytes, problem: str) -> None:
    answer = as_marketer.post("/contacts/import/", {"file": SimpleUploadedFile("x.csv", content)})
    assert answer.status_code == 422
    assert problem in answer.content.decode()
    assert not Import.objects.exists() and not list(folder().iterdir())


def test_repeated_headings_are_told_apart(as_marketer: Client) -> None:
    batch = upload(as_marketer, "Email,Name,Email\na@example.com,Ines Rocha,b@example.com\n")
    assert plan_of(batch).mapping == ["email", "full_name", ""]
    page = as_marketer.get(f"/imports/{batch.pk}/setup/").content.decode()
    assert "Several columns are called Email." in page and "Email (2)" in page


def test_a_file_beyond_the_limit_is_refused_before_it_is_read(as_marketer: Client, settings: Settings) -> None:
    settings.HERALD_IMPORT_SIZE = 1000
    answer = as_marketer.generic(
        "POST", "/contacts/import/", b"x", content_type="multipart/form-data; boundary=x", CONTENT_LENGTH=str(2 * 10**9)
    )
    assert answer.status_code == 413 and "larger than" in answer.content.decode()


def test_a_file_that_grows_beyond_the_limit_is_not_kept(as_marketer: Client, settings: Settings) -> None:
    settings.HERALD_IMPORT_SIZE = 70_000
    answer = as_marketer.post("/contacts/import/", {"file": SimpleUploadedFile("x.csv", b"a,b\n" * 30_000)})
    assert answer.status_code == 413
    assert not list(folder().iterdir())


def test_an_upload_needs_its_token() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(UserFactory.create(), backend="django.contrib.auth.backends.ModelBackend")
    answer = client.post("/contacts/import/", {"file": SimpleUploadedFile("x.csv", b"a,b\n1,2\n")})
    assert answer.status_code == 403
    assert not Import.objects.exists()


def test_too_many_rows_are_refused_at_the_second_step(as_marketer: Client, settings: Settings) -> None:
    settings.HERALD_IMPORT_ROWS = 1
    batch = upload(as_marketer, LIST)
    answer = as_marketer.post(f"/imports/{batch.pk}/setup/", setup_data(batch))
    assert answer.status_code == 422 and "more than 1 rows" in answer.content.decode()


def test_the_sheet_of_a_workbook_is_chosen(as_marketer: Client) -> None:
    batch = upload(as_marketer, workbook([["Email"], ["a@example.com"]], names=["One", "Two"]), "people.xlsx")
    data = setup_data(batch, sheet="Two", read="again")
    assert as_marketer.post(f"/imports/{batch.pk}/setup/", data).status_code == 302
    batch.refresh_from_db()
    assert plan_of(batch).sheet == "Two"


def test_cells_of_the_file_are_escaped(as_marketer: Client) -> None:
    batch = upload(as_marketer, "Name,<script>alert(1)</script>\n<img src=x onerror=alert(2)>,b\n")
    page = as_marketer.get(f"/imports/{batch.pk}/setup/").content.decode()
    assert "<script>alert" not in page and "<img src=x" not in page


def test_a_draft_is_its_owners_and_a_viewer_sees_none(as_marketer: Client, as_viewer: Client) -> None:
    other = UserFactory.create()
    batch = draft(other, LIST)
    assert as_marketer.get(f"/imports/{batch.pk}/setup/").status_code == 404
    assert as_viewer.get(f"/imports/{batch.pk}/").status_code == 403
    assert as_viewer.get("/imports/").status_code == as_viewer.get("/contacts/import/").status_code == 403
    assert as_marketer.get("/users/import/").status_code == 404


def test_a_draft_can_be_discarded(as_marketer: Client) -> None:
    batch = upload(as_marketer, LIST)
    as_marketer.post(f"/imports/{batch.pk}/discard/")
    assert not Import.objects.exists() and not list(folder().iterdir())


def test_an_import_whose_task_failed_goes_on(as_marketer: Client, marketer: User) -> None:
    batch = upload(as_marketer, LIST)
    as_marketer.post(f"/imports/{batch.pk}/setup/", setup_data(batch))
    as_marketer.post(f"/imports/{batch.pk}/confirm/")
    path: Path = folder() / batch.stored_as
    path.rename(path.with_suffix(".away"))
    background.run(BackgroundTask.objects.get().pk)
    assert BackgroundTask.objects.get().status == "failed"
    path.with_suffix(".away").rename(path)
    assert "It stopped in the middle." in as_marketer.get(f"/imports/{batch.pk}/").content.decode()
    as_marketer.post(f"/imports/{batch.pk}/continue/")
    background.run(BackgroundTask.objects.latest("pk").pk)
    batch.refresh_from_db()
    assert (batch.status, batch.created) == (ImportStatus.FINISHED, 1)


def test_files_and_rows_go_after_their_time(marketer: User, as_marketer: Client) -> None:
    old, new, abandoned = (imported(marketer, LIST), imported(marketer, LIST, match=[]), draft(marketer, LIST))
    long_ago = timezone.now() - timedelta(days=31)
    Import.objects.filter(pk__in=[old.pk, abandoned.pk]).update(created_at=long_ago)
    tidying.tidy_up()
    old.refresh_from_db()
    assert (old.stored_as, old.rows.count(), old.refusals.count(), old.created) == ("", 0, 0, 1)
    assert not Import.objects.filter(pk=abandoned.pk).exists()
    assert [path.name for path in folder().iterdir()] == [new.stored_as]
    page = as_marketer.get(f"/imports/{old.pk}/").content.decode()
    assert "no longer kept" in page and "Revert import" not in page

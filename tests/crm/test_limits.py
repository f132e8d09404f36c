"""Every limit that the README names is a setting: the environment sets it, and what it limits obeys."""

import json
import runpy
from collections.abc import Callable
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from crm.criteria import CriteriaError
from crm.imports import tidying
from crm.models import Import, User
from crm.views import exporting
from tests.crm.criteria.test_parse import FIELDS, GOOD
from tests.crm.imports.world import HEADING, imported, reasons, workbook
from tests.crm.test_exports import run_the_task
from tests.factories import RecordFactory

pytestmark = pytest.mark.django_db
Says = Callable[[Client, User], str]
LINE = "Ines,Rocha,,Lisbon by the sea\n"


def at_start(module: str) -> dict[str, Any]:
    """What is in a module when a process begins that reads it."""
    spec = find_spec(module)
    assert spec is not None and spec.origin is not None
    return runpy.run_path(spec.origin)


def of_upload(content: bytes) -> Says:
    """What is said of a file when it comes; nothing when it is taken."""

    def said(client: Client, user: User) -> str:
        file = SimpleUploadedFile("people.csv", content)
        return client.post("/contacts/import/", {"file": file}).content.decode()

    return said


def of_cells(client: Client, user: User) -> str:
    return " ".join(reason for _row, _column, reason in reasons(imported(user, HEADING + LINE, match=[])))


def of_an_import_three_days_ago(client: Client, user: User) -> str:
    batch = imported(user, HEADING + LINE, match=[])
    Import.objects.update(created_at=timezone.now() - timedelta(days=3))
    tidying.tidy_up()
    batch.refresh_from_db()
    return "there" if batch.stored_as else "gone"


def of_an_exported_file(client: Client, user: User) -> str:
    RecordFactory.create()
    client.post("/contacts/export/", {"scope": "all", "query": "q=", "format": "csv"})
    file = run_the_task()
    file.task.delete()
    return f"kept {round((file.expires_at - file.created_at) / timedelta(days=1))} days"


def of_filter(*conditions: Any) -> Says:
    """What is said of a filter: its limits are read once, at the start."""

    def said(client: Client, user: User) -> str:
        parse_text = at_start("crm.criteria.parse")["parse_text"]
        try:
            parse_text(json.dumps({"all": conditions}), FIELDS)
        except CriteriaError as error:
            return " ".join(problem.text for problem in error.problems)
        return ""

    return said


LIMITS: list[tuple[str, int, Says, str]] = [
    ("HERALD_IMPORT_COLUMNS", 3, of_upload(HEADING.encode()), "more than 3 columns"),
    ("HERALD_IMPORT_CELL", 10, of_cells, "longer than 10 characters"),
    ("HERALD_IMPORT_UNPACKED", 500, of_upload(workbook([["Email"], ["ines@example.com"]])), "larger than 0 MB"),
    ("HERALD_IMPORT_DAYS", 2, of_an_import_three_days_ago, "gone"),
    ("HERALD_FILTER_DEPTH", 1, of_filter({"any": GOOD[:1]}), "at most 1 deep"),
    ("HERALD_FILTER_CONDITIONS", 1, of_filter(*GOOD[:2]), "at most 1 conditions"),
    ("HERALD_FILTER_VALUES", 1, of_filter(["colour", "none", ["red", "blue"]]), "Choose at most 1."),
    ("HERALD_FILTER_LENGTH", 20, of_filter(GOOD[0]), "too long"),
    ("HERALD_EXPORT_DAYS", 2, of_an_exported_file, "kept 2 days"),
]


@pytest.mark.parametrize(("name", "value", "says", "words"), LIMITS, ids=[limit[0] for limit in LIMITS])
def test_a_limit_is_a_setting_and_is_obeyed(
    name: str, value: int, says: Says, words: str, as_marketer: Client, marketer: User, settings: Settings,
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
) -> None:  # fmt: skip
    monkeypatch.setattr(exporting, "AT_ONCE", 0)
    monkeypatch.setenv("HERALD_DATA_DIR", str(tmp_path))
    monkeypatch.setenv(name, str(value))
    assert words not in says(as_marketer, marketer)
    setattr(settings, name, at_start("crm.settings")[name])
    assert words in says(as_marketer, marketer)

"""Static files are collected when one of them has changed, and only then."""

from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from crm.statics import collect_static


@pytest.fixture
def source(settings: Settings, tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    settings.STATICFILES_DIRS = [folder]
    settings.STATIC_ROOT = tmp_path / "collected"
    (folder / "app.js").write_text("one")
    return folder


def test_files_are_collected_once(source: Path, tmp_path: Path) -> None:
    assert collect_static()
    assert (tmp_path / "collected" / "app.js").read_text() == "one"
    assert not collect_static()


def test_a_change_a_new_and_a_removed_file_are_noticed(source: Path, tmp_path: Path) -> None:
    collect_static()
    (source / "app.js").write_text("two, longer")
    assert collect_static()
    assert (tmp_path / "collected" / "app.js").read_text() == "two, longer"
    (source / "new.js").write_text("new")
    assert collect_static()
    (source / "new.js").unlink()
    assert collect_static()
    assert not (tmp_path / "collected" / "new.js").exists()

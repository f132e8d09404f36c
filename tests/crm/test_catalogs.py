"""Catalogues are compiled without gettext programs, and only when they have changed."""

import gettext
import os
from pathlib import Path

import pytest
from babel.messages.pofile import PoFileError, read_po
from pytest_django.fixtures import Settings

from crm.catalogs import catalogs, compile_catalogs

PO = """
msgid ""
msgstr "Content-Type: text/plain; charset=utf-8\\nPlural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "Opened"
msgstr "Abierto"

#, fuzzy
msgid "Clicked"
msgstr "perhaps"

msgid "%(n)s person"
msgid_plural "%(n)s people"
msgstr[0] "%(n)s persona"
msgstr[1] "%(n)s personas"
"""


@pytest.fixture
def spanish(settings: Settings, tmp_path: Path) -> Path:
    settings.LOCALE_PATHS = [tmp_path]
    settings.BASE_DIR = tmp_path  # so that no catalogue of an app is touched
    catalog = tmp_path / "es" / "LC_MESSAGES" / "django.po"
    catalog.parent.mkdir(parents=True)
    catalog.write_text(PO)
    return catalog


def test_texts_and_plurals_are_compiled_and_fuzzy_ones_left_out(spanish: Path) -> None:
    assert compile_catalogs() == [spanish.with_suffix(".mo")]
    with spanish.with_suffix(".mo").open("rb") as compiled:
        translations = gettext.GNUTranslations(compiled)
    assert translations.gettext("Opened") == "Abierto"
    assert translations.gettext("Clicked") == "Clicked"
    assert translations.ngettext("%(n)s person", "%(n)s people", 2) == "%(n)s personas"


def test_an_unchanged_catalogue_is_left_alone_and_a_newer_one_compiled_again(spanish: Path) -> None:
    compile_catalogs()
    assert compile_catalogs() == []
    later = spanish.with_suffix(".mo").stat().st_mtime + 10
    os.utime(spanish, (later, later))
    assert compile_catalogs() == [spanish.with_suffix(".mo")]


def test_a_broken_catalogue_is_an_error_and_the_old_one_stays(spanish: Path) -> None:
    compile_catalogs()
    before = spanish.with_suffix(".mo").read_bytes()
    spanish.write_text(f"{PO}\n<<<<<<< a merge gone wrong\n")
    later = spanish.stat().st_mtime + 10
    os.utime(spanish, (later, later))
    with pytest.raises(PoFileError):
        compile_catalogs()
    assert spanish.with_suffix(".mo").read_bytes() == before


def test_every_catalogue_of_herald_compiles() -> None:
    assert all(path.suffix == ".po" for path in catalogs())
    compile_catalogs()


def test_no_catalogue_has_an_untranslated_or_fuzzy_entry() -> None:
    found = list(catalogs())
    assert {path.parent.parent.name for path in found} == {"es", "fr", "id"}
    assert {path.parent.parent.name: unfinished(path) for path in found} == {"es": [], "fr": [], "id": []}


def test_an_unfinished_entry_is_noticed(spanish: Path) -> None:
    spanish.write_text(PO.replace("%(n)s personas", "") + '\nmsgid "Sent"\nmsgstr ""\n')
    assert unfinished(spanish) == ["Clicked", "%(n)s person", "Sent"]


def unfinished(path: Path) -> list[str]:
    """What the catalogue lacks, all or one of its plurals, or is not sure of."""
    with path.open("rb") as text:
        catalog = read_po(text, locale=path.parent.parent.name, abort_invalid=True)
    return [_first(one.id) for one in catalog if one.id and (one.fuzzy or not all(_forms(one.string)))]


def _forms(text: str | tuple[str, ...] | list[str] | None) -> list[str]:
    return [text or ""] if isinstance(text, str | None) else list(text)


def _first(id: str | tuple[str, ...] | list[str]) -> str:
    return _forms(id)[0]

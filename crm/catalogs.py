"""Message catalogues: compiled with Babel, so that no gettext programs have to be installed."""

import os
from collections.abc import Iterator
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.apps import apps
from django.conf import settings


def catalogs() -> Iterator[Path]:
    """Every .po file of Herald itself, not those of installed packages."""
    folders = [Path(config.path) for config in apps.get_app_configs()]
    own = [folder / "locale" for folder in folders if folder.parent == settings.BASE_DIR]
    for folder in [*map(Path, settings.LOCALE_PATHS), *own]:
        yield from sorted(folder.glob("*/LC_MESSAGES/*.po"))


def compile_catalogs() -> list[Path]:
    """Write the .mo beside each .po that is newer; the files written. Raises PoFileError for a broken catalogue."""
    written = []
    for source in catalogs():
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        with source.open("rb") as text:
            catalog = read_po(text, locale=source.parent.parent.name, abort_invalid=True)
        fresh = target.with_suffix(f".mo.{os.getpid()}")
        with fresh.open("wb") as binary:
            write_mo(binary, catalog, use_fuzzy=False)
        fresh.replace(target)  # a process that starts meanwhile reads the old one or the new one, whole
        written.append(target)
    return written

"""How much an import takes. Every limit is a setting, named in the README."""

from dataclasses import dataclass

from django.conf import settings


@dataclass(frozen=True, slots=True)
class Limits:
    """`octets` of the file, `unpacked` octets of what is inside an XLSX, `cell` in characters."""

    octets: int
    rows: int
    columns: int
    cell: int
    unpacked: int


def limits() -> Limits:
    return Limits(
        settings.HERALD_IMPORT_SIZE,
        settings.HERALD_IMPORT_ROWS,
        settings.HERALD_IMPORT_COLUMNS,
        settings.HERALD_IMPORT_CELL,
        settings.HERALD_IMPORT_UNPACKED,
    )

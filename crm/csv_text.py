"""CSV for people who open it in a spreadsheet: formula-safe, streamed, read rightly by the usual programs."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from io import TextIOWrapper
from typing import BinaryIO

from django.http import StreamingHttpResponse
from django.utils.text import slugify

from crm.exports.table import plain_moment

BYTE_ORDER_MARK = "\ufeff"  # tells spreadsheets that it is UTF-8
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class _Echo:
    """A file whose write() answers with the text."""

    def write(self, text: str) -> str:
        return text


def safe_cell(value: object) -> str:
    """The value as text that no spreadsheet takes for a formula: an apostrophe goes before what could begin one.

    Numbers stay numbers, also below zero; dates are ISO 8601, moments as the clocks of the active time zone show them.
    """
    if isinstance(value, str):
        return f"'{value}" if value.startswith(FORMULA_STARTS) else value
    if value is None:
        return ""
    if isinstance(value, datetime):
        return plain_moment(value).isoformat(sep=" ")
    return str(value) if isinstance(value, (int, float, Decimal, date)) else safe_cell(str(value))


def csv_lines(heading: Sequence[object], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield BYTE_ORDER_MARK + writer.writerow([safe_cell(cell) for cell in heading])
    for row in rows:
        yield writer.writerow([safe_cell(cell) for cell in row])


def csv_response(name: str, heading: Sequence[object], rows: Iterable[Sequence[object]]) -> StreamingHttpResponse:
    """A download called `name`.csv, written while it is sent."""
    response = StreamingHttpResponse(csv_lines(heading, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{slugify(name) or "export"}.csv"'
    return response


def write_csv(file: BinaryIO, heading: Sequence[object], rows: Iterable[Sequence[object]]) -> None:
    """The same into a file, which stays open."""
    text = TextIOWrapper(file, encoding="utf-8", errors="replace", newline="")
    text.writelines(csv_lines(heading, rows))
    text.detach()

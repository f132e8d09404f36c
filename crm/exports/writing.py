"""A table into a file of either format."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import BinaryIO

from django.utils.text import slugify

from crm.csv_text import write_csv
from crm.exports.table import Table, Value
from crm.exports.xlsx import write_xlsx
from crm.models import ExportFormat

CONTENT_TYPES = {
    ExportFormat.CSV: "text/csv; charset=utf-8",
    ExportFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
LONGEST_NAME = 100


def file_name(table: Table, format: ExportFormat) -> str:
    return f"{slugify(table.name)[:LONGEST_NAME].strip('-') or 'export'}.{format}"


def write_table(
    file: BinaryIO,
    table: Table,
    keys: Iterable[str],
    format: ExportFormat,
    tell: Callable[[int], None] = lambda done: None,
) -> int:
    """Write the chosen columns of every row; how many rows. `tell` hears after each batch how many are done."""
    columns = table.chosen(keys)
    heading = [column.label for column in columns]
    counted = _Counted(table.batches(columns), tell)
    rows = chain.from_iterable(counted)
    if format == ExportFormat.XLSX:
        write_xlsx(file, table.name, heading, rows, table.number)
    else:
        write_csv(file, heading, rows)
    return counted.done


class _Counted:
    """Batches that are counted when the next one is asked for, which is when they are written."""

    def __init__(self, batches: Iterator[Sequence[Sequence[Value]]], tell: Callable[[int], None]) -> None:
        self.batches, self.tell, self.done = batches, tell, 0

    def __iter__(self) -> Iterator[Sequence[Sequence[Value]]]:
        for batch in self.batches:
            yield batch
            self.done += len(batch)
            self.tell(self.done)

"""A look at the first rows before anything is written: how many would be refused, and why."""

from dataclasses import dataclass, field
from itertools import islice

from crm.imports.limits import limits
from crm.imports.plan import Mode, Plan
from crm.imports.rows import Refusal, RowReader
from crm.imports.running import data_rows
from crm.models import Import

LOOKED_AT = 1_000
MOST_SHOWN = 10


@dataclass(slots=True)
class Look:
    """`refused` are the first ones of `refused_count`."""

    rows: int = 0
    without_email: int = 0
    refused_count: int = 0
    refused: list[Refusal] = field(default_factory=list)


def look_at(batch: Import, plan: Plan) -> Look:
    """The database is not asked whether the records are there already. Raises ValidationError for a bad default."""
    reader, look = RowReader(batch.entity_type, plan, limits()), Look()
    rows = list(islice(data_rows(batch, plan, limits()), LOOKED_AT))
    reader.look_up(rows)
    for row in rows:
        look.rows += 1
        try:
            said = reader.read(row)
            look.without_email += said.email is None
            if plan.mode != Mode.UPDATE:
                reader.complete(said)
        except Refusal as refusal:
            look.refused_count += 1
            if len(look.refused) < MOST_SHOWN:
                look.refused.append(refusal)
    return look

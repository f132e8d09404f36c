"""Values within a JSONField as SQL expressions that mean the same on SQLite and PostgreSQL.

Each looks at the JSON type before it looks at the value: a text in a number field is no number, and raises nothing.
"""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, F, Field, FloatField, Func, JSONField, TextField
from django.db.models.sql.compiler import SQLCompiler

Sql = tuple[str, tuple[Any, ...]]


class _InJson(Func):
    """`postgres` and `sqlite` say how to ask; {it} is the column, %s the name of the value or its path."""

    postgres = ""
    sqlite = ""
    kind: Field[Any, Any] = TextField()

    def __init__(self, column: str, name: str, *more: str) -> None:
        super().__init__(F(column), output_field=self.kind)
        self.name, self.more = name, more

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name})"

    def _sql(self, compiler: SQLCompiler, text: str, name: str) -> Sql:
        """The column itself takes no parameters: it is a field of the table."""
        column, parameters = compiler.compile(self.source_expressions[0])
        names = [name] * (text.count("%s") - len(self.more))
        return text.replace("{it}", column), (*parameters, *names, *self.more)

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Sql:
        return self._sql(compiler, self.postgres, self.name)

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra_context: Any) -> Sql:
        return self._sql(compiler, self.sqlite, f'$."{self.name}"')


class JsonText(_InJson):
    """A string; NULL for everything else. Its case folds as that of any column: collation "C" knows that of A to Z."""

    postgres = "(CASE WHEN jsonb_typeof({it} -> %s) = 'string' THEN {it} ->> %s END)"
    sqlite = "(CASE WHEN JSON_TYPE({it}, %s) = 'text' THEN JSON_EXTRACT({it}, %s) END)"


class JsonTime(JsonText):
    """The string in the order of the code points, so that ISO 8601 sorts by time."""

    postgres = f'{JsonText.postgres} COLLATE "C"'


class JsonNumber(_InJson):
    """A number as double precision; NULL for everything else."""

    kind = FloatField()
    postgres = "(CASE WHEN jsonb_typeof({it} -> %s) = 'number' THEN ({it} ->> %s)::double precision END)"
    sqlite = "(CASE WHEN JSON_TYPE({it}, %s) IN ('integer', 'real') THEN JSON_EXTRACT({it}, %s) + 0.0 END)"


class JsonTicked(_InJson):
    """Whether the value is true; never NULL."""

    kind = BooleanField()
    postgres = "COALESCE(({it} -> %s) = 'true'::jsonb, FALSE)"
    sqlite = "(COALESCE(JSON_TYPE({it}, %s), '') = 'true')"


class JsonEmpty(_InJson):
    """Whether there is no value, null, "" or []; never NULL."""

    kind = BooleanField()
    postgres = "(COALESCE({it} -> %s, 'null'::jsonb) IN ('null'::jsonb, '\"\"'::jsonb, '[]'::jsonb))"
    sqlite = (
        "(CASE COALESCE(JSON_TYPE({it}, %s), 'null') WHEN 'null' THEN 1 WHEN 'text' THEN JSON_EXTRACT({it}, %s) = ''"
        " WHEN 'array' THEN JSON_ARRAY_LENGTH({it}, %s) = 0 ELSE 0 END)"
    )


class JsonMentions(Func):
    """Whether a JSON column, written as text, has this in it, without regard to case: JsonMentions("values", '"lima"').

    Says nothing of where in it. But PostgreSQL has an index of that text, which finds the few rows to look at closely.
    """

    output_field = BooleanField()

    def __init__(self, column: str, text: str) -> None:
        super().__init__(F(column))
        self.text = text

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.text})"

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:
        column, parameters = compiler.compile(self.source_expressions[0])
        pattern = f"%{connection.ops.prep_for_like_query(self.text)}%"
        return f"UPPER({column}::text) LIKE UPPER(%s)", [*parameters, pattern]


class JsonHolds(_InJson):
    """Whether the value is a list with this text in it: JsonHolds("values", "colours", "Bleu"); never NULL."""

    kind = BooleanField()
    postgres = (
        "(CASE WHEN jsonb_typeof({it} -> %s) = 'array' THEN ({it} -> %s) @> jsonb_build_array(%s::text) ELSE FALSE END)"
    )
    sqlite = (
        "(CASE WHEN JSON_TYPE({it}, %s) = 'array' THEN EXISTS (SELECT 1 FROM JSON_EACH({it}, %s) AS one"
        " WHERE one.type = 'text' AND one.value = %s) ELSE 0 END)"
    )


class JsonWithout(_InJson):
    """The object itself without one of its names: what an UPDATE leaves of Record.values."""

    kind = JSONField()
    postgres = "({it} - %s)"
    sqlite = "JSON_REMOVE({it}, %s)"


class JsonWith(_InJson):
    """The object itself with a value, given as JSON text, under a name: JsonWith("values", "city", '"Lima"')."""

    kind = JSONField()
    postgres = "({it} || jsonb_build_object(%s::text, %s::jsonb))"
    sqlite = "JSON_SET({it}, %s, JSON(%s))"

"""What the filter builders of plain lists ask about: a field for each kind of column."""

from collections.abc import Sequence

from django.db.models import F, Q
from django.db.models.lookups import IsNull
from django.utils.translation import gettext as _

from crm.criteria import Field, Kind, where
from crm.criteria.fields import Options, Text
from crm.models import User


def text(key: str, label: Text) -> Field:
    return Field(key, label, Kind.TEXT, where.text(key))


def moment(key: str, label: Text) -> Field:
    return Field(key, label, Kind.MOMENT, where.moment(key))


def day(key: str, label: Text) -> Field:
    return Field(key, label, Kind.DATE, where.day(key))


def number(key: str, label: Text) -> Field:
    return Field(key, label, Kind.NUMBER, where.number(key))


def choice(key: str, label: Text, choices: Sequence[tuple[str, object]]) -> Field:
    return Field(key, label, Kind.CHOICE, where.choice(key), lambda: [(value, str(text)) for value, text in choices])


def related(key: str, label: Text, column: str, options: Options) -> Field:
    """One of the rows that a foreign key leads to; `options` have their ids as values."""
    return Field(key, label, Kind.CHOICE, where.one_of(F(column), Q(IsNull(F(column), True)), int), options)


def user(key: str, label: Text, column: str) -> Field:
    return related(key, label, column, people)


def flag(key: str, label: Text, condition: Q) -> Field:
    """`condition` must never be NULL in SQL."""
    return Field(key, label, Kind.FLAG, lambda _operator, _value: condition)


def people() -> Sequence[tuple[str, str]]:
    users = User.objects.order_by("first_name", "last_name", "username")
    return [(str(user.pk), user.get_full_name() or user.get_username()) for user in users]


def owner(column: str = "assigned_user_id") -> Field:
    return user("owner", _("Assigned User"), column)

"""What the records of a type can be grouped by: how the database tells the groups apart, and what they are called.

The database groups coarsely (a text as it is spelt, a moment by its quarter of an hour); `read` turns what it tells
apart into the value of a group, so that one and the same statement serves every time zone and every period.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from functools import partial
from typing import Any

from django.conf import settings
from django.db.models import Case, CharField, F, Q, Value, When
from django.db.models.functions import StrIndex, Substr
from django.utils.translation import gettext as _

from crm.criteria.json import JsonNumber, JsonText, JsonTicked
from crm.entities.forms import has_account
from crm.entities.words import label_of, option_label
from crm.models import EntityField, EntityType, FieldKind, Record, User
from crm.quarters import QuarterOf, moment_of
from targets.reports.periods import Period

Group = Hashable  # None: without a value
Names = Callable[[Mapping[Group, Any]], dict[Group, str]]
Condition = Callable[[Any], list[Any] | dict[str, Any]]
STATE_TONES: Mapping[Group, str] = {"listed": "lead", "opted-out": "optout", "invalid": "bounced", "none": "sent"}


def _as_told(seen: Mapping[Group, Any]) -> dict[Group, str]:
    return {group: str(raw) for group, raw in seen.items()}


@dataclass(frozen=True, slots=True)
class Dimension:
    """`read(raw)` is the group of what the database tells; `names` calls the groups by name, given what one of each
    was told as; `condition` finds its records again, as a condition, or group of them, of crm.criteria."""

    key: str
    label: str
    expression: Any = field(repr=False)
    condition: Condition = field(repr=False)
    read: Callable[[Any], Group] = field(default=lambda raw: raw, repr=False)
    names: Names = field(default=_as_told, repr=False)
    period: Period | None = None
    tones: Mapping[Group, str] = field(default_factory=dict, repr=False)  # of groups that always have the same color

    @property
    def spec(self) -> list[str]:
        """As a report keeps it."""
        return [self.key, self.period.value if self.period else ""]


def dimensions_of(entity_type: EntityType, zone: tzinfo) -> list[Dimension]:
    """By what the records of the type can be grouped; times once for each period."""
    custom = [found for one in entity_type.fields.all() for found in _custom(one, zone)]
    account = [_of_records("account", _("Account"), F("account_id"))] if has_account(entity_type) else []
    return [
        *account,
        *custom,
        Dimension("email_state", _("Email state"), _state(), _in_state, names=_states, tones=STATE_TONES),
        Dimension("email_domain", _("Email domain"), _domain(), _at_domain, _text, _domains),
        Dimension("owner", _("Assigned User"), F("owner_id"), _any("owner"), names=_users),
        Dimension("language", _("Language"), F("language"), _any("language"), _text, _languages),
        *_moments("created_at", _("Created At"), QuarterOf("created_at"), partial(_day_of_quarter, zone)),
        *_moments("modified_at", _("Modified At"), QuarterOf("modified_at"), partial(_day_of_quarter, zone)),
    ]


def _custom(one: EntityField, zone: tzinfo) -> Iterable[Dimension]:
    key, label, text = f"f_{one.name}", label_of(one), JsonText("values", one.name)
    if one.kind in {FieldKind.DATE, FieldKind.DATE_TIME}:
        read = _day if one.kind == FieldKind.DATE else partial(_day_of_moment, zone)
        yield from _moments(key, label, text, read)
    elif one.kind == FieldKind.CHOICE:
        yield Dimension(key, label, text, _any(key), lambda raw: raw or None, partial(_options, one))
    elif one.kind in {FieldKind.TEXT, FieldKind.PHONE, FieldKind.URL}:
        yield Dimension(key, label, text, _is(key), _text)
    elif one.kind == FieldKind.NUMBER:
        yield Dimension(key, label, JsonNumber("values", one.name), partial(_equals, key), names=_numbers)
    elif one.kind == FieldKind.CHECKBOX:
        yield Dimension(key, label, JsonTicked("values", one.name), partial(_ticked, key), bool, _yes_no)
    elif one.kind == FieldKind.LINK:
        yield _of_records(key, label, JsonNumber("values", one.name))


def _moments(key: str, label: str, expression: Any, read: Callable[[Any], date | None]) -> list[Dimension]:
    return [
        Dimension(
            key, label, expression, partial(_in_period, key, period),
            partial(_period, period, read), partial(_periods, period), period,
        )
        for period in Period
    ]  # fmt: skip


def _of_records(key: str, label: str, expression: Any) -> Dimension:
    return Dimension(key, label, expression, _is(key), lambda raw: None if raw is None else int(raw), _records)


# ---- from what the database tells to groups


def _text(raw: str | None) -> str | None:
    """However it is spelt: “is” knows no difference of case either."""
    return raw.lower() if raw else None


def _day(raw: str | None) -> date | None:
    try:
        return date.fromisoformat(raw or "")
    except ValueError:  # no day at all, or what an import left there
        return None


def _day_of_moment(zone: tzinfo, raw: str | None) -> date | None:
    try:
        moment = datetime.fromisoformat(raw or "")
    except ValueError:
        return None
    return moment.astimezone(zone).date() if moment.tzinfo else moment.date()


def _day_of_quarter(zone: tzinfo, index: int | None) -> date | None:
    return None if index is None else moment_of(int(index)).astimezone(zone).date()


def _period(period: Period, read: Callable[[Any], date | None], raw: Any) -> date | None:
    day = read(raw)
    return period.begins(day) if day else None


def _state() -> Case:
    has = {"email_address__isnull": False}
    return Case(
        When(email_address=None, then=Value("none")),
        When(Q(email_address__opted_out_at__isnull=False, **has), then=Value("opted-out")),
        When(Q(email_address__invalid_at__isnull=False, **has), then=Value("invalid")),
        default=Value("listed"),
        output_field=CharField(),
    )


def _domain() -> Substr:
    address = F("email_address__normalized")
    return Substr(address, StrIndex(address, Value("@")) + 1)


# ---- from groups to names


def _records(seen: Mapping[Group, Any]) -> dict[Group, str]:
    names = dict(Record.objects.filter(pk__in=[pk for pk in seen if pk]).values_list("pk", "name"))
    return {pk: names.get(pk, "") or f"#{pk}" for pk in seen}  # type: ignore[call-overload]


def _users(seen: Mapping[Group, Any]) -> dict[Group, str]:
    return {user.pk: str(user) for user in User.objects.filter(pk__in=[pk for pk in seen if pk])}


def _options(one: EntityField, seen: Mapping[Group, Any]) -> dict[Group, str]:
    return {group: option_label(one, str(group)) for group in seen}


def _languages(seen: Mapping[Group, Any]) -> dict[Group, str]:
    known = {code: str(name) for code, name in settings.LANGUAGES}
    return {group: known.get(str(group), str(group)) for group in seen}


def _states(seen: Mapping[Group, Any]) -> dict[Group, str]:
    return {
        "listed": _("Listed"), "opted-out": _("Opted Out"), "invalid": _("Invalid"), "none": _("No email"),
    }  # fmt: skip


def _domains(seen: Mapping[Group, Any]) -> dict[Group, str]:
    return {group: str(group) for group in seen}


def _numbers(seen: Mapping[Group, Any]) -> dict[Group, str]:
    return {group: f"{group:g}" for group in seen if isinstance(group, float)}


def _yes_no(seen: Mapping[Group, Any]) -> dict[Group, str]:
    return {True: _("Yes"), False: _("No")}


def _periods(period: Period, seen: Mapping[Group, Any]) -> dict[Group, str]:
    return {group: period.called(group) for group in seen if isinstance(group, date)}


# ---- from groups to conditions


def _is(key: str) -> Condition:
    return lambda group: [key, "empty"] if group is None else [key, "is", group]


def _any(key: str) -> Condition:
    return lambda group: [key, "empty"] if group is None else [key, "any", [str(group)]]


def _in_state(group: Any) -> dict[str, Any] | list[Any]:
    """The grid counts everybody once: who opted out and is invalid too has opted out."""
    condition = ["email_state", "any", [group]]
    return {"all": [["opted_out_at", "empty"], condition]} if group == "invalid" else condition


def _at_domain(group: Any) -> list[Any]:
    return ["email", "empty"] if group is None else ["email", "ends", f"@{group}"]


def _equals(key: str, group: Any) -> list[Any]:
    return [key, "empty"] if group is None else [key, "eq", group]


def _ticked(key: str, group: Any) -> list[Any]:
    return [key, "yes" if group else "no"]


def _in_period(key: str, period: Period, group: Any) -> list[Any]:
    if group is None:
        return [key, "empty"]
    return [key, "between", [group.isoformat(), period.ends(group).isoformat()]]

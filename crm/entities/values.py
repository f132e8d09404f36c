"""Values of fields: the form control of each kind, how a value is stored in Record.values, how it is shown."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.utils import formats, timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.entities.links import RecordLinkField
from crm.entities.words import label_of, option_label, options_of
from crm.forms.administration_fields import AddressField, LineField
from crm.models import EntityField, EntityType, FieldKind, Record
from crm.models.addresses import MAX_ADDRESS

LONGEST_LINE = 255
LONGEST_TEXT = 20_000
MOST_PLACES = 6  # after the decimal point: with fifteen digits in all, a float holds every such number
REFERS_TO = "Account"  # what a link leads to unless its options say otherwise


class DateInput(forms.DateInput):
    """The browser's own calendar, which speaks ISO 8601 only."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class DateTimeInput(forms.DateTimeInput):
    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")


def places_of(field: EntityField) -> int:
    """How many decimal places a number takes; 0 makes it a whole number."""
    asked = field.options[0] if field.options else MOST_PLACES
    return asked if isinstance(asked, int) and 0 <= asked <= MOST_PLACES else MOST_PLACES


def _number(field: EntityField, given: dict[str, Any]) -> forms.Field:
    return forms.DecimalField(max_digits=15, decimal_places=places_of(field), **given)


def _choice(field: EntityField, given: dict[str, Any]) -> forms.Field:
    return forms.ChoiceField(choices=[("", "—"), *options_of(field)], **given)


def _choices(field: EntityField, given: dict[str, Any]) -> forms.Field:
    return forms.MultipleChoiceField(choices=options_of(field), widget=forms.CheckboxSelectMultiple, **given)


def _link(field: EntityField, given: dict[str, Any]) -> forms.Field:
    target = EntityType.objects.filter(key=str(field.options[0]) if field.options else REFERS_TO).first()
    return RecordLinkField(entity_type=target, **given) if target else LineField(max_length=LONGEST_LINE, **given)


_CONTROLS: dict[str, Callable[[EntityField, dict[str, Any]], forms.Field]] = {
    FieldKind.TEXT: lambda field, given: LineField(max_length=LONGEST_LINE, **given),
    FieldKind.LONG_TEXT: lambda field, given: forms.CharField(
        max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 4}), **given
    ),
    FieldKind.NUMBER: _number,
    FieldKind.MONEY: lambda field, given: forms.DecimalField(max_digits=15, decimal_places=2, **given),
    FieldKind.DATE: lambda field, given: forms.DateField(widget=DateInput(), **given),
    FieldKind.DATE_TIME: lambda field, given: forms.DateTimeField(widget=DateTimeInput(), **given),
    FieldKind.CHECKBOX: lambda field, given: forms.BooleanField(**{**given, "required": False}),
    FieldKind.CHOICE: _choice,
    FieldKind.CHOICES: _choices,
    FieldKind.URL: lambda field, given: forms.URLField(max_length=2000, assume_scheme="https", **given),
    FieldKind.EMAIL: lambda field, given: AddressField(max_length=MAX_ADDRESS, **given),
    FieldKind.PHONE: lambda field, given: LineField(
        max_length=60, widget=forms.TextInput(attrs={"type": "tel"}), **given
    ),
    FieldKind.LINK: _link,
}


def control(field: EntityField) -> forms.Field:
    """The form field that edits `field`."""
    return _CONTROLS[field.kind](field, {"label": label_of(field), "required": field.is_required})


def offer_present(shown: forms.Field, value: Any) -> None:
    """Choices that were taken away stay possible where they stand: saving another field must not lose them."""
    if not isinstance(shown, forms.ChoiceField):
        return
    offered = list(cast(Iterable[tuple[Any, Any]], shown.choices))
    known = {str(option) for option, _label in offered}
    present = [str(one) for one in (value if isinstance(value, list) else [value]) if one not in (None, "")]
    shown.choices = [*offered, *((one, one) for one in present if one not in known)]


def to_stored(value: Any) -> Any:
    """A cleaned form value as JSON: numbers as numbers, moments in ISO 8601 (UTC), a record as its id."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, Record):
        return value.pk
    return value


def from_stored(field: EntityField, value: Any) -> Any:
    """What stands in Record.values, as the form field of its kind takes it."""
    if field.kind == FieldKind.DATE_TIME:
        return _moment(value) or value
    if field.kind == FieldKind.LINK and is_id(value):
        return Record.objects.filter(pk=value).first()
    return value


def _moment(value: Any) -> datetime | None:
    """In the reader's zone; None for what is none: a value of another kind, or a 30th of February by import."""
    try:
        moment = parse_datetime(str(value))
        return timezone.localtime(moment) if moment and timezone.is_aware(moment) else moment
    except (ValueError, OverflowError):
        return None


def _day(value: Any) -> date | None:
    try:
        return parse_date(str(value))
    except ValueError:
        return None


def is_id(value: Any) -> bool:
    """Whether it may be a record's: ticked is no number, and the databases know none beyond 64 bits."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63


def defaults_of(fields: Iterable[EntityField]) -> dict[str, Any]:
    """What a new record begins with, as it stands in Record.values."""
    return {field.name: field.default for field in fields if field.default not in (None, "", [])}


@dataclass(frozen=True, slots=True)
class Shown:
    label: str
    value: str | SafeString
    is_long: bool = False


def show(field: EntityField, value: Any) -> str | SafeString:
    """A stored value for people: in their language and zone, addresses as links; "" for nothing."""
    if value is None or value == "" or value == []:
        return ""
    return _SHOWN.get(field.kind, _plain)(field, value)


def plain_text(field: EntityField, value: Any) -> str:
    """The same for a mail: words only, no links."""
    if field.kind in (FieldKind.URL, FieldKind.PHONE, FieldKind.EMAIL):
        return "" if value is None else str(value)
    if field.kind == FieldKind.LINK:
        return str(from_stored(field, value) or "")
    return str(show(field, value))


def plain_texts(field: EntityField, values: Sequence[Any]) -> list[str]:
    """The same for many values, with one query for all that are links."""
    if field.kind != FieldKind.LINK:
        return [plain_text(field, value) for value in values]
    records = Record.objects.in_bulk({value for value in values if is_id(value)})
    return [str(records.get(value, "")) if is_id(value) else plain_text(field, value) for value in values]


def _plain(field: EntityField, value: Any) -> str:
    return str(value)


def _show_number(field: EntityField, value: Any) -> str:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    places = 2 if field.kind == FieldKind.MONEY else None
    return formats.number_format(value, places, use_l10n=True, force_grouping=True) if is_number else str(value)


def _show_date(field: EntityField, value: Any) -> str:
    day = _day(value)
    return formats.date_format(day, "DATE_FORMAT") if day else str(value)


def _show_moment(field: EntityField, value: Any) -> str:
    moment = _moment(value)
    return formats.date_format(moment, "DATETIME_FORMAT") if moment else str(value)


def _show_choices(field: EntityField, value: Any) -> str:
    parts: Iterable[Any] = value if isinstance(value, list) else [value]
    return ", ".join(option_label(field, str(part)) for part in parts)


def _show_url(field: EntityField, value: Any) -> str | SafeString:
    """A link only for the web: a value that came by import could be any scheme."""
    text = str(value)
    if not text.lower().startswith(("http://", "https://")):
        return text
    return format_html('<a href="{}" rel="noopener noreferrer" target="_blank">{}</a>', text, text)


def _show_address(field: EntityField, value: Any) -> str | SafeString:
    """A link for a plain address only: a question mark would add fields to the mail that it opens."""
    text = str(value)
    if "@" not in text or set("?&%\r\n ") & set(text):
        return text
    return format_html('<a href="mailto:{}">{}</a>', text, text)


def _show_phone(field: EntityField, value: Any) -> SafeString:
    return phone_link(str(value))


def phone_link(number: str) -> SafeString:
    digits = "".join(sign for sign in number if sign.isdigit() or sign == "+")
    return format_html('<a href="tel:{}">{}</a>', digits, number)


def _show_link(field: EntityField, value: Any) -> str | SafeString:
    rows = Record.objects.select_related("entity_type")
    return link_to(value, rows.filter(pk=value).first() if is_id(value) else None)


def link_to(value: Any, record: Record | None) -> str | SafeString:
    """The record that `value` names as a link to its page; a text that stands there instead as it is."""
    if record is None:
        return value if isinstance(value, str) else ""
    return format_html('<a href="{}">{}</a>', record.get_absolute_url(), record)


def _show_checkbox(field: EntityField, value: Any) -> str:
    return gettext("Yes") if value else gettext("No")


_SHOWN: dict[str, Callable[[EntityField, Any], str | SafeString]] = {
    FieldKind.NUMBER: _show_number,
    FieldKind.MONEY: _show_number,
    FieldKind.DATE: _show_date,
    FieldKind.DATE_TIME: _show_moment,
    FieldKind.CHECKBOX: _show_checkbox,
    FieldKind.CHOICE: _show_choices,
    FieldKind.CHOICES: _show_choices,
    FieldKind.URL: _show_url,
    FieldKind.EMAIL: _show_address,
    FieldKind.PHONE: _show_phone,
    FieldKind.LINK: _show_link,
}
YES_NO = (("yes", _("Yes")), ("no", _("No")))

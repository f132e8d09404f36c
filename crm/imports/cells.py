"""The text of a cell → the value of a field, by the control of the field; only what files write otherwise is put right
before: days in other orders, numbers with other marks, words for yes and no, labels of options."""

import re
from collections.abc import Callable, Iterable
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, ProhibitNullCharactersValidator
from django.utils.translation import gettext as _

from crm.csv_text import FORMULA_STARTS
from crm.entities.links import RecordLinkField
from crm.entities.values import to_stored
from crm.forms.administration_fields import AddressField, LineField, single_line
from crm.imports.addresses import read_address
from crm.imports.encoding import UNDECODABLE
from crm.imports.fields import ImportField
from crm.imports.plan import Dates, Plan
from crm.models import Record, User

YES = {"1", "true", "yes", "y", "x", "on", "si", "sí", "verdadero", "oui", "vrai", "ya", "benar", "ja", "✓"}
NO = {"0", "false", "no", "n", "off", "non", "faux", "falso", "tidak", "salah", "nein", "-"}
REMEMBERED = 5_000  # different texts of a column
LONGEST_NAME = 255  # of a record
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_UNKNOWABLE = re.compile(f"{_CONTROL.pattern}|{UNDECODABLE}|^['=#]")  # no name, or no database can be asked for it
_DAY = re.compile(r"^(\d{1,2})[./-](\d{1,2})[./-](\d{4})\b")
_ERROR = re.compile(r"^#(?:REF!|VALUE!|N/A|NAME\?|DIV/0!|NULL!|NUM!)$", re.IGNORECASE)
_SUSPICIOUS = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f{UNDECODABLE}]|^#")
_CURRENCY = re.compile(r"[$€£¥]")
_NUMBER = r"^(?P<sign>[+-]?)\s*(?P<whole>\d{{1,3}}(?P<between>[{0}\s'’])\d{{3}}(?:(?P=between)\d{{3}})*|\d*)"
_NUMBERS = {  # digits in groups of three, all cut off by the same sign; exponents as workbooks give them
    mark: re.compile(_NUMBER.format(other) + rf"(?P<part>(?:{re.escape(mark)}\d*)?(?:[eE][+-]?\d+)?)$")
    for mark, other in ((".", ","), (",", "."))
}
_SEPARATORS = re.compile(r"[;|\n]")

Prepare = Callable[[str], Any]


def check_text(text: str, most: int) -> None:
    """Raises ValidationError for what no field may hold."""
    if len(text) > most:
        raise ValidationError(_("The cell is longer than %(number)s characters.") % {"number": most})
    if UNDECODABLE in text:
        raise ValidationError(_("The text does not fit the encoding of the file."))
    if "\0" in text:
        raise ValidationError(_("The cell has NUL characters."))
    if _CONTROL.search(text):
        raise ValidationError(_("The cell has control characters."))
    if _ERROR.match(text):
        raise ValidationError(_("The cell has an error instead of a value: %(text)s") % {"text": text})


def without_guard(text: str) -> str:
    """An apostrophe before what spreadsheets could take for a formula was put there by an export."""
    return text[1:] if text[:1] == "'" and text[1:].startswith(FORMULA_STARTS) else text


class CellReader:
    """Reads the cells of one column into one field."""

    def __init__(self, field: ImportField, plan: Plan, most: int) -> None:
        self.field, self.most = field, most
        self.control = field.control
        self.prepare: Prepare = _prepare(field.control, plan)
        self.known: dict[str, Any] = {}
        self.failed: dict[str, ValidationError] = {}
        self.is_link = isinstance(field.control, RecordLinkField)
        self.is_address = isinstance(field.control, AddressField)
        self.is_line = not isinstance(field.control.widget, forms.Textarea)
        self.longest_plain = _longest_plain(field.control)

    def __call__(self, text: str) -> Any:
        """The value as it is stored, None for an empty cell. Raises ValidationError."""
        if self.is_link:
            text = text.strip()
            if text in self.failed:
                raise self.failed[text].with_traceback(None)
        value = self.known.get(text)
        if value is None:
            value = self._read(text)
            if len(self.known) < REMEMBERED:
                self.known[text] = value
        return value

    def _read(self, text: str) -> Any:
        if len(text) > self.most or _SUSPICIOUS.search(text):
            check_text(text, self.most)
        plain = without_guard(text.strip())
        if not plain:
            return None
        if self.is_line and plain.startswith("="):
            raise ValidationError(_("Formulas are not imported: write the value itself."))
        if self.is_address:
            return read_address(plain)
        if len(plain) <= self.longest_plain and plain.isprintable():
            return plain
        value = self.control.clean(self.prepare(plain))
        if isinstance(value, User | Record):
            return value.pk
        return to_stored(value) if self.field.is_own else value

    def look_up(self, texts: Iterable[str]) -> None:
        """Of a link: find the records of many names at once, and remember until the next time which there are."""
        if not isinstance(self.control, RecordLinkField):
            return
        self.known.clear()  # records come and go, also by this import; and there may be very many names
        self.failed.clear()
        names = sorted({text for text in texts if self._can_be_asked_for(text)})
        for name, found in self.control.named(names).items():
            if isinstance(found, ValidationError):
                self.failed[name] = found
            else:
                self.known[name] = found.pk

    def _can_be_asked_for(self, text: str) -> bool:
        """The others are refused for what they are."""
        return 0 < len(text) <= min(self.most, LONGEST_NAME) and not _UNKNOWABLE.search(text)


def _longest_plain(control: forms.Field) -> int:
    """How long a text may be that the control takes as it stands, if it is printable: 0 where that cannot be said."""
    is_text = type(control) in {forms.CharField, LineField}
    known = {MaxLengthValidator, ProhibitNullCharactersValidator}
    if is_text and all(type(check) in known or check is single_line for check in control.validators):
        return cast(forms.CharField, control).max_length or 0
    return 0


def _prepare(control: forms.Field, plan: Plan) -> Prepare:
    """The most special kind first."""
    if isinstance(control, forms.DateField | forms.DateTimeField):
        return lambda text: _day(text, plan.dates)
    if isinstance(control, forms.DecimalField):
        return lambda text: _number(text, plan.decimal)
    if isinstance(control, forms.BooleanField):
        return _truth
    if isinstance(control, forms.MultipleChoiceField):
        options = _options(control)
        return lambda text: [_option(part.strip(), options) for part in _parts(text, options) if part.strip()]
    if isinstance(control, forms.ModelChoiceField):
        people = _people(cast("forms.ModelChoiceField[User]", control))
        return lambda text: _person(text, people)
    if isinstance(control, forms.ChoiceField):
        options = _options(control)
        return lambda text: _option(text, options)
    return str


def _day(text: str, order: str) -> str:
    """ISO 8601, whatever language the person reads Herald in."""
    found = _DAY.match(text)
    if not found:
        return text.replace("/", "-") if re.match(r"^\d{4}/", text) else text
    first, second, year = found.groups()
    day, month = (second, first) if order == Dates.MONTH_FIRST else (first, second)
    return f"{year}-{month:0>2}-{day:0>2}{text[found.end() :]}"


def _number(text: str, mark: str) -> str:
    """Without grouping and currency, with a point. Raises ValidationError for what is none with this decimal mark."""
    found = _NUMBERS[mark].match(_CURRENCY.sub("", text).strip())
    if not found:
        raise ValidationError(forms.DecimalField.default_error_messages["invalid"], code="invalid")
    sign, whole, part = found.group("sign", "whole", "part")
    return f"{sign}{re.sub(r'[^0-9]', '', whole)}{part.replace(mark, '.')}"


def _truth(text: str) -> bool:
    word = text.casefold()
    if word in YES or word in NO:
        return word in YES
    raise ValidationError(_("“%(text)s” is neither yes nor no.") % {"text": text[:80]})


def _options(control: forms.ChoiceField) -> dict[str, str]:
    """Values and labels, without regard to case, → values."""
    pairs = [(str(value), str(label)) for value, label in cast(Any, control.choices) if value != ""]
    return {label.casefold(): value for value, label in pairs} | {value.casefold(): value for value, _label in pairs}


def _option(text: str, options: dict[str, str]) -> str:
    return options.get(text.casefold(), text)  # the control names what it does not know


def _parts(text: str, options: dict[str, str]) -> list[str]:
    """Cut at semicolons, bars and line ends; at commas where the whole is no option."""
    if _SEPARATORS.search(text):
        return _SEPARATORS.split(text)
    return [text] if text.casefold() in options else text.split(",")


def _people(control: "forms.ModelChoiceField[User]") -> dict[str, int]:
    """User name, address and full name of every colleague."""
    found: dict[str, int] = {}
    for user in control.queryset or ():
        for name in (str(user.pk), user.get_full_name(), user.email, user.username):  # the id: a default is a choice
            if name:
                found[name.casefold()] = user.pk
    return found


def _person(text: str, people: dict[str, int]) -> int:
    if text.casefold() not in people:
        raise ValidationError(_("Nobody here is called “%(text)s”.") % {"text": text[:80]})
    return people[text.casefold()]

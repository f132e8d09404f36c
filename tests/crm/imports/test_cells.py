"""Cells as files write them, and columns known by their headings and their content."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.csv_text import safe_cell
from crm.entities.values import control
from crm.imports.addresses import read_address
from crm.imports.cells import CellReader, without_guard
from crm.imports.fields import FULL_NAME, ImportField, import_fields
from crm.imports.guessing import best_match, guess_dates, guess_decimal, guess_mapping
from crm.imports.plan import Plan
from crm.models import EntityField, EntityType, FieldKind, Record, parse_address
from tests.factories import RecordFactory

SOME = settings(max_examples=50, deadline=None)


def reader(kind: FieldKind, **plan: str) -> CellReader:
    field = EntityField(name="x", label="X", kind=kind, options=["Red", "Dark green", "Blue, pale"])
    return CellReader(ImportField("f_x", "X", control(field)), Plan(**plan), 1000)  # type: ignore[arg-type]


@SOME
@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.sampled_from("./-"), st.sampled_from(["dmy", "mdy", "ymd"]))
def test_a_day_is_the_same_however_it_is_written(day: date, sign: str, order: str) -> None:
    parts = {"d": f"{day.day}", "m": f"{day.month}", "y": f"{day.year}"}
    if order == "ymd":
        parts = {name: f"{part:0>2}" for name, part in parts.items()}
        sign = "-" if sign == "." else sign
    text = sign.join(parts[name] for name in order)
    assert reader(FieldKind.DATE, dates=order)(text) == day.isoformat()


@SOME
@given(st.integers(-(10**8), 10**8), st.integers(0, 99), st.sampled_from([".", ","]), st.booleans())
def test_a_number_is_the_same_however_it_is_written(whole: int, cents: int, mark: str, grouped: bool) -> None:
    text = f"{whole:,}" if grouped else str(whole)
    text = text.replace(",", "." if mark == "," else ",") + f"{mark}{cents:02}"
    expected = float(f"{whole}.{cents:02}")
    assert reader(FieldKind.MONEY, decimal=mark)(f"{text} €") == pytest.approx(expected)


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=20))
def test_what_an_export_guarded_is_read_as_it_was(text: str) -> None:
    assert without_guard(safe_cell(text)) == text or text.startswith("'")


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (FieldKind.CHOICES, "red; dark GREEN", ["Red", "Dark green"]),
        (FieldKind.CHOICES, "Red, Dark green", ["Red", "Dark green"]),
        (FieldKind.CHOICES, "blue, pale", ["Blue, pale"]),
        (FieldKind.CHOICE, "RED", "Red"),
        (FieldKind.CHECKBOX, "Oui", True),
        (FieldKind.CHECKBOX, "tidak", False),
        (FieldKind.TEXT, "  'plain ", "'plain"),
        (FieldKind.TEXT, "   ", None),
        (FieldKind.LONG_TEXT, "== heading ==", "== heading =="),
    ],
)
def test_words_are_understood(kind: FieldKind, text: str, value: object) -> None:
    assert reader(kind)(text) == value


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (FieldKind.CHECKBOX, "perhaps"), (FieldKind.CHOICE, "Purple"), (FieldKind.NUMBER, "many"),
        (FieldKind.DATE, "31.02.2026"), (FieldKind.URL, "javascript:alert(1)"), (FieldKind.TEXT, "x" * 1001),
        (FieldKind.TEXT, "two\nlines"), (FieldKind.TEXT, "=1+1"), (FieldKind.TEXT, "#N/A"),
    ],
)  # fmt: skip
def test_what_a_field_does_not_take_is_refused(kind: FieldKind, text: str) -> None:
    with pytest.raises(ValidationError):
        reader(kind)(text)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("heading", "mapping"),
    [
        ("First Name|Last Name|E-mail Address|Company|Mobile Phone", "first_name|last_name|email|account|phone"),
        ("Nombre|Apellidos|Correo electrónico|Empresa|Ciudad", "first_name|last_name|email|account|f_city"),
        ("Prénom|Nom|Adresse e-mail|Société|Pays", "first_name|last_name|email|account|f_country"),
        ("Nama depan|Nama belakang|Surel|Perusahaan|Kota", "first_name|last_name|email|account|f_city"),
        ("Name|Something|EMAIL||Notes", f"{FULL_NAME}||email||description"),
    ],
)
def test_columns_are_known_by_their_headings(heading: str, mapping: str) -> None:
    fields = import_fields(EntityType.objects.get(key="Contact"))
    assert guess_mapping(heading.split("|"), [], fields) == mapping.split("|")


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["Contact", "Account"])
def test_what_a_form_carries_hidden_is_nothing_to_import(key: str) -> None:
    fields = import_fields(EntityType.objects.get(key=key))
    assert "seen" not in fields and "email" in fields
    assert not any(one.control.widget.is_hidden for one in fields.values())


@pytest.mark.django_db
def test_columns_are_known_by_what_stands_in_them() -> None:
    fields = import_fields(EntityType.objects.get(key="Account"))
    rows = [["Acme", "a@acme.example", "+34 600 100 200", "https://acme.example"], ["Beta", "b@beta.example", "", ""]]
    mapping = guess_mapping(["", "", "", ""], rows, fields)
    assert mapping == ["", "email", "phone", "f_website"]
    assert best_match(mapping, fields) == ["email"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("cell", "key"),
    [
        ("1990-05-04", ""), ("04.05.1990", ""), ("5/4/1990", ""), ("01-02-1990", ""), ("1990-05-04 10:30", ""),
        ("01 02 1990", ""), ("1200000", ""), ("1.200.000", ""), ("612 345 678", ""), ("0000012345", ""),
        ("0.1234567", ""), ("0351-1234567", "phone"),
        ("+34600100200", "phone"), ("00 34 600 100 200", "phone"), ("0612345678", "phone"), ("01 23 45 67 89", "phone"),
        ("(555) 123-4567", "phone"), ("555-123-4567", "phone"), ("91 123 45 67", "phone"), ("0351/1234567", "phone"),
    ],
)  # fmt: skip
def test_an_unknown_heading_is_left_out_unless_its_values_are_telling(cell: str, key: str) -> None:
    fields = import_fields(EntityType.objects.get(key="Contact"))
    assert guess_mapping(["Email", "Birthday"], [["a@acme.example", cell]], fields) == ["email", key]


def test_the_order_of_days_and_the_decimal_mark_are_guessed() -> None:
    assert guess_dates([["12/31/2026"], ["1/2/2026"]]) == "mdy"
    assert guess_dates([["31/12/2026"]]) == guess_dates([["1/2/2026"]]) == "dmy"
    assert (guess_decimal([["1.234,50"]]), guess_decimal([["1,234.50"]])) == (",", ".")


LOCALS = st.text('abcXYZ019.!#+_-/" é@ ', max_size=70)
DOMAINS = st.sampled_from(
    [
        "Example.com",
        "a.b.example",
        "пример.рф",
        "localhost",
        "x.invalid",
        "-a.com",
        "a..com",
        "[127.0.0.1]",
        "",
        "xn--e1afmkfd.xn--p1ai",
        "a.test",
    ]
)


@SOME
@given(LOCALS, DOMAINS)
def test_an_address_is_read_as_the_form_reads_it(local: str, domain: str) -> None:
    text = f"{local}@{domain}"
    try:
        expected = parse_address(text)[0]
    except ValidationError as error:
        with pytest.raises(ValidationError) as refused:
            read_address(text)
        assert refused.value.messages == error.messages
    else:
        assert read_address(text) == expected


@pytest.mark.parametrize(
    ("mark", "text"),
    [
        (".", "1.234,50"),
        (".", "1,23"),
        (".", "12,34,567"),
        (",", "1,234.50"),
        (",", "12.34"),
        (",", "1.2345"),
        (".", "1.2.3"),
    ],
)
def test_a_number_with_the_other_decimal_mark_is_refused(mark: str, text: str) -> None:
    with pytest.raises(ValidationError, match="Enter a number"):
        reader(FieldKind.MONEY, decimal=mark)(text)


@pytest.mark.parametrize(
    ("cells", "mark"),
    [
        (["1,234", "12,345"], "."),
        (["1,234", "12,5"], ","),
        (["1.234", "1.234,50"], ","),
        (["1.234", "1.234.567"], ","),
        (["0,125"], ","),
        (["1,234.50", "3.5", "7,5"], "."),
        (["1,234,567"], "."),
        (["1 234,50"], ","),
        (["words", "1.5"], "."),
    ],
)
def test_the_decimal_mark_is_guessed_by_what_leaves_no_doubt(cells: list[str], mark: str) -> None:
    assert guess_decimal([[cell] for cell in cells]) == mark


@pytest.mark.django_db
def test_of_links_only_the_names_of_a_portion_are_remembered() -> None:
    fields = import_fields(EntityType.objects.get(key="Contact"))
    cells = CellReader(fields["account"], Plan(), 1000)
    acme = RecordFactory.create(kind="Account", first_name="", last_name="Acme")
    cells.look_up(["Acme", "Beta"])
    assert cells("Acme") == acme.pk
    beta = RecordFactory.create(kind="Account", first_name="", last_name="Beta")
    Record.objects.filter(pk=acme.pk).delete()
    cells.look_up(["Beta", "Acme"])
    assert cells("Beta") == beta.pk and set(cells.known) == {"Beta"}
    with pytest.raises(ValidationError):
        cells("Acme")

"""What an import does to records: created, updated, unchanged or refused, and nobody's opt-out is undone."""

import pytest
from django.utils import timezone

from crm.imports import writing
from crm.imports.fields import import_fields
from crm.imports.limits import limits
from crm.imports.plan import plan_of
from crm.imports.running import NotStarted, data_rows
from crm.models import (
    AuditEntry,
    EmailAddress,
    EntityField,
    EntityType,
    FieldKind,
    Import,
    Outcome,
    Record,
    Suppression,
    User,
    address_digest,
)
from targets.models import Membership, Source, TargetList
from tests.crm.imports.world import HEADING, counts, draft, finished, imported, reasons, workbook
from tests.factories import RecordFactory, TargetListFactory

pytestmark = pytest.mark.django_db


def test_new_people_are_created_with_their_addresses(marketer: User) -> None:
    batch = imported(marketer, HEADING + "Ines,Rocha,Ines@Rocha.example,Lisbon\nKarim,Haddad,,Beirut\n")
    assert counts(batch) == (2, 0, 0, 0)
    ines = Record.objects.get(first_name="Ines")
    assert (ines.name, ines.values) == ("Ines Rocha", {"city": "Lisbon"})
    assert ines.email_address and ines.email_address.normalized == "ines@rocha.example"
    assert ines.entity_type.key == "Contact"
    assert [entry.action for entry in AuditEntry.objects.order_by("pk")] == ["import.started", "import.finished"]


def test_who_is_known_by_email_is_updated_and_empty_cells_say_nothing(marketer: User) -> None:
    known = RecordFactory.create(email="ines@example.com", phone="1", values={"city": "Porto", "country": "Portugal"})
    same = RecordFactory.create(email="karim@example.com", first_name="Karim", last_name="Haddad")
    text = "Email,First name,Last name,City,Phone\nINES@example.com,Inês,,Lisbon,\nkarim@example.com,Karim,Haddad,,\n"
    batch = imported(marketer, text)
    assert counts(batch) == (0, 1, 1, 0)
    known.refresh_from_db()
    assert (known.first_name, known.name, known.phone) == ("Inês", f"Inês {known.last_name}", "1")
    assert known.values == {"city": "Lisbon", "country": "Portugal"}
    before = same.modified_at
    same.refresh_from_db()
    assert same.modified_at == before
    row = batch.rows.get(outcome=Outcome.UPDATED)
    assert row.changes["f_city"] == ["Porto", "Lisbon"] and row.changes["first_name"] == ["Ines", "Inês"]


@pytest.mark.parametrize(("mode", "expected"), [("create", (1, 0, 0, 1)), ("update", (0, 1, 0, 1))])
def test_create_only_and_update_only_refuse_the_others(
    marketer: User, mode: str, expected: tuple[int, int, int, int]
) -> None:
    RecordFactory.create(email="known@example.com")
    batch = imported(marketer, HEADING + "A,B,known@example.com,\nC,D,new@example.com,\n", mode=mode)
    assert counts(batch) == expected


def test_flags_of_addresses_are_never_cleared(marketer: User) -> None:
    gone, bad = (EmailAddress.objects.for_text(text) for text in ("gone@example.com", "bad@example.com"))
    gone.mark_opted_out("by phone")
    bad.mark_invalid("550")
    Suppression.objects.create(digest=address_digest("erased@example.com"), reason="erased")
    imported(marketer, HEADING + "A,A,gone@example.com,\nB,B,bad@example.com,\nC,C,erased@example.com,\n")
    gone.refresh_from_db()
    bad.refresh_from_db()
    assert (gone.opted_out_why, bad.invalid_why) == ("by phone", "550") and gone.opted_out_at and bad.invalid_at
    assert EmailAddress.objects.get(normalized="erased@example.com").opted_out_at


def test_each_bad_row_says_what_is_wrong_where_and_the_others_are_taken(marketer: User) -> None:
    rows = [
        '"a@x.example, b@y.example",Two,addresses',
        "usér@example.com,Local,part",
        "fine@example.com,Fine,Row",
        "c@example.com,Con\x0btrol,Name",
        "n@example.com,N\0ul,Name",
        'u@example.com,"unclosed,Name',
        "f@example.com,=1+1,Formula",
        "e@example.com,#REF!,Error",
        "w@example.com,Too,wide,here",
        ",,",
        "FINE@example.com,Same,Again",
        "last@example.com,Last,Row",
    ]
    batch = imported(marketer, "Email,First name,Last name\n" + "\n".join(rows) + "\n")
    assert [number for number, *_rest in reasons(batch)] == [2, 3, 5, 6, 7, 8, 9, 10, 12]
    assert counts(batch) == (2, 0, 0, 9)
    found = {number: (column, reason) for number, column, reason in reasons(batch)}
    assert found[2][0] == "Email" and "is not an email address" in found[2][1]
    assert found[3] == ("Email", "Addresses with non-ASCII characters before the @ are not supported.")
    assert found[5] == ("First name", "The cell has control characters.")
    assert found[6] == ("First name", "The cell has NUL characters.")
    assert found[7] == ("First name", "A quotation mark has no partner.")
    assert found[8] == ("First name", "Formulas are not imported: write the value itself.")
    assert found[9][1] == "The cell has an error instead of a value: #REF!"
    assert found[10][1] == "The row has 4 cells, but there are 3 columns."
    assert found[12][1] == "Row 4 of this file is about the same record."


def test_an_address_that_several_records_share_is_not_guessed_at(marketer: User) -> None:
    RecordFactory.create(email="shared@example.com")
    RecordFactory.create(email="shared@example.com")
    batch = imported(marketer, HEADING + "A,B,shared@example.com,\n")
    assert reasons(batch) == [(2, "", "2 records match this row.")]


def test_the_same_record_twice_is_seen_across_portions(marketer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crm.imports.running.PORTION", 2)
    lines = "".join(f"P,{n},p{n % 5}@example.com,\n" for n in range(10))
    batch = imported(marketer, HEADING + lines)
    assert counts(batch) == (5, 0, 0, 5)
    assert reasons(batch)[0] == (7, "", "Row 2 of this file is about the same record.")


def test_records_can_be_matched_by_other_fields_or_not_at_all(marketer: User) -> None:
    RecordFactory.create(first_name="Ines", last_name="Rocha", email="", values={"city": "Porto"})
    RecordFactory.create(first_name="Ines", last_name="Rocha", email="", values={"city": "Faro"})
    text = "First name,Last name,City,Phone\nInes,Rocha,Faro,1\n"
    batch = imported(marketer, text, match=["first_name", "last_name", "f_city"])
    assert counts(batch) == (0, 1, 0, 0)
    assert Record.objects.get(phone="1").values["city"] == "Faro"
    assert counts(imported(marketer, text + "Ines,Rocha,Faro,1\n", match=[])) == (2, 0, 0, 0)


def test_defaults_fill_new_records_where_the_file_says_nothing(marketer: User) -> None:
    RecordFactory.create(email="old@example.com", values={})
    batch = imported(
        marketer, HEADING + "A,B,old@example.com,\nC,D,new@example.com,\nE,F,e@example.com,Rome\n",
        defaults={"f_city": "Madrid", "owner": str(marketer.pk)},
    )  # fmt: skip
    assert counts(batch) == (2, 1, 0, 0)
    found = {row.email_address.address: row for row in Record.objects.exclude(email_address=None) if row.email_address}
    assert found["old@example.com"].values == {} and found["old@example.com"].owner is None
    assert found["new@example.com"].values == {"city": "Madrid"} and found["new@example.com"].owner == marketer
    assert found["e@example.com"].values == {"city": "Rome"}


def test_everybody_comes_to_the_target_list_and_opt_outs_of_it_hold(marketer: User) -> None:
    there, target_list = RecordFactory.create(email="there@example.com"), TargetListFactory.create(records=[])
    other = RecordFactory.create(email="shared@example.com", kind="Lead")
    Membership.objects.create(target_list=target_list, record=there)
    Membership.objects.create(target_list=target_list, record=other, opted_out_at=timezone.now())
    text = HEADING + "A,B,there@example.com,\nC,D,shared@example.com,\nE,F,new@example.com,\n"
    batch = imported(marketer, text, target_list=str(target_list.pk))
    assert batch.listed == 2
    states = {str(row.record.email_address): (row.source, bool(row.opted_out_at)) for row in
              target_list.memberships.filter(record__entity_type__key="Contact")}  # fmt: skip
    assert states["there@example.com"] == (Source.SELECTION, False)
    assert states["shared@example.com"] == (Source.IMPORT, True)
    assert states["new@example.com"] == (Source.IMPORT, False)


def test_a_new_target_list_is_made_when_the_import_starts(marketer: User) -> None:
    batch = draft(marketer, HEADING + "A,B,a@example.com,\n", target_list="new", new_list="Fair")
    assert not TargetList.objects.filter(name="Fair").exists()
    finished(batch, marketer)
    assert TargetList.objects.get(name="Fair").memberships.count() == 1


def custom_type() -> EntityType:
    """A type of its own with a field of every kind."""
    guests = EntityType.objects.create(
        key="Guest", slug="guests", base="person", label_singular="Guest", label_plural="Guests"
    )
    options = {FieldKind.CHOICE: ["Red", "Green"], FieldKind.CHOICES: ["Jazz", "Rock", "Pop"]}
    for kind in FieldKind.values:
        EntityField.objects.create(
            entity_type=guests, name=kind.title().replace("_", ""), label=f"A {kind}", kind=kind,
            options=options.get(FieldKind(kind), []),
        )  # fmt: skip
    return guests


def test_a_custom_type_takes_every_kind_of_field(marketer: User) -> None:
    guests = custom_type()
    acme = RecordFactory.create(kind="Account", name="Acme", first_name="", last_name="", email="")
    cells = {
        "text": "Stuhl", "long_text": '"two\nlines"', "number": "1.234,5", "money": "€ 12,50", "date": "31.12.2026",
        "date_time": "31/12/2026 14:30", "checkbox": "sí", "choice": "green", "choices": '"Jazz; pop"',
        "url": "example.com/a", "phone": "'+34 600", "link": "Acme",
    }  # fmt: skip
    text = f"Last name;{';'.join(f'A {kind}' for kind in cells)}\nRocha;{';'.join(cells.values())}\n"
    batch = imported(marketer, text, kind="Guest")
    assert (counts(batch), reasons(batch)) == ((1, 0, 0, 0), [])
    record = Record.objects.get(entity_type=guests)
    assert record.values == {
        "Text": "Stuhl", "LongText": "two\nlines", "Number": 1234.5, "Money": 12.5, "Date": "2026-12-31",
        "DateTime": "2026-12-31T14:30:00+00:00", "Checkbox": True, "Choice": "Green", "Choices": ["Jazz", "Pop"],
        "Url": "https://example.com/a", "Phone": "+34 600", "Link": acme.pk,
    }  # fmt: skip
    again = imported(marketer, text, kind="Guest", match=["last_name"])
    assert counts(again) == (0, 0, 1, 0)


def test_companies_need_a_name_and_required_fields_their_value(marketer: User) -> None:
    accounts = EntityType.objects.get(key="Account")
    EntityField.objects.create(entity_type=accounts, name="vat", label="VAT", is_required=True)
    text = "Company,VAT,Email\nAcme,1,a@example.com\n,2,b@example.com\nNo vat,,c@example.com\n"
    batch = imported(marketer, text, kind="Account")
    assert counts(batch) == (1, 0, 0, 2)
    assert [reason for _number, _column, reason in reasons(batch)] == ["The row has no name.", "“VAT” is required."]


def test_links_are_found_by_name_and_unknown_ones_are_named(marketer: User) -> None:
    acme = RecordFactory.create(kind="Account", name="Acme", first_name="", last_name="", email="")
    batch = imported(marketer, "Last name,Company\nRocha,Acme\nHaddad,acme\nLee,Nobody Inc\n")
    assert counts(batch) == (2, 0, 0, 1)
    assert set(Record.objects.filter(account=acme).values_list("last_name", flat=True)) == {"Rocha", "Haddad"}
    assert reasons(batch) == [(4, "Company", "There is no Account named “Nobody Inc”. Create it first.")]


def test_a_full_name_is_cut_in_two(marketer: User) -> None:
    imported(
        marketer, 'Name,Email\nInes Maria Rocha,a@example.com\n"Haddad, Karim",b@example.com\nMadonna,c@example.com\n'
    )
    found = Record.objects.filter(entity_type__key="Contact").order_by("pk").values_list("first_name", "last_name")
    assert list(found) == [("Ines Maria", "Rocha"), ("Karim", "Haddad"), ("", "Madonna")]


def test_a_workbook_is_imported_with_its_own_row_numbers(marketer: User) -> None:
    rows = [["Email", "Last name"], [], ["a@example.com", "A"], ["bad", "B"]]
    batch = imported(marketer, workbook(rows))
    assert counts(batch) == (1, 0, 0, 1)
    assert reasons(batch)[0][:2] == (4, "Email")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_every_encoding_gives_the_same_names(marketer: User, encoding: str) -> None:
    imported(marketer, "Prénom;Nom;Courriel\nZoé;Lefèvre;zoe@example.com\n".encode(encoding))
    assert Record.objects.get(first_name="Zoé").name == "Zoé Lefèvre"


def test_text_in_the_wrong_encoding_is_refused_at_its_cell(marketer: User) -> None:
    octets = HEADING.encode() + b"Zo\xe9,A,a@example.com,\nBea,B,b@example.com,\n"
    batch = imported(marketer, octets, encoding="utf-8-sig")
    assert reasons(batch) == [(2, "First name", "The text does not fit the encoding of the file.")]
    assert batch.refusals.get().cells[0] == "Zo\ufffd"


def test_an_import_starts_once(marketer: User) -> None:
    batch = draft(marketer, HEADING + "A,B,a@example.com,\n")
    finished(batch, marketer)
    with pytest.raises(NotStarted):
        finished(Import.objects.get(pk=batch.pk), marketer)
    assert Record.objects.filter(entity_type__key="Contact").count() == 1


def test_whoever_was_taken_for_dead_writes_nothing_more(marketer: User) -> None:
    batch = draft(marketer, HEADING + "A,B,a@example.com,\n")
    slow = Import.objects.select_related("entity_type").get(pk=batch.pk)
    finished(batch, marketer)
    Import.objects.filter(pk=batch.pk).update(status="running")
    reader = writing.RowReader(slow.entity_type, plan_of(slow), limits())
    with pytest.raises(writing.TakenOver):
        writing.Writer(slow, plan_of(slow), reader).write(list(data_rows(slow, plan_of(slow), limits())), 2)
    assert Record.objects.filter(entity_type__key="Contact").count() == 1


def test_fields_of_users_are_not_offered_as_an_import() -> None:
    assert "email" not in import_fields(EntityType.objects.get(key="User"))

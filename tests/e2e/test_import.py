"""The import wizard in a browser: file, columns, confirmation, progress, result, and back."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.looks import violations, watch
from tests.stack import Stack

PEOPLE = "Vorname;Nachname;Email;City\nUta;Wizard;uta@wizard.example;Köln\nJens;Wizard;not an address;Ulm\n"


def test_a_list_becomes_records_and_is_taken_back(signed_in: Page, stack: Stack, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes(PEOPLE.encode("cp1252"))
    problems = watch(signed_in)
    signed_in.goto(f"{stack.url}/contacts/")
    signed_in.get_by_role("link", name="Import", exact=True).click()
    signed_in.set_input_files("input[type=file]", path)
    signed_in.get_by_role("button", name="Upload").click()
    expect(signed_in.get_by_role("cell", name="Köln").first).to_be_visible()
    signed_in.get_by_label("Vorname").select_option(label="First name")
    signed_in.get_by_label("Nachname").select_option(label="Last name")
    assert violations(signed_in) == []
    destination, name = signed_in.get_by_label("Add to target list"), signed_in.get_by_label("Name of the new list")
    expect(name).to_be_hidden()
    destination.select_option("new")
    expect(name).to_be_visible()
    destination.select_option("")
    signed_in.get_by_role("button", name="Next").click()
    expect(signed_in.get_by_text("1 would be refused")).to_be_visible()
    signed_in.get_by_role("button", name="Import 2 rows").click()
    signed_in.get_by_role("link", name="Show the result").click(timeout=120_000)
    expect(signed_in.get_by_text("not an email address")).to_be_visible()
    with signed_in.expect_download() as download:
        signed_in.get_by_role("link", name="Download refused rows").click()
    assert "Jens" in download.value.path().read_text(encoding="utf-8-sig")
    signed_in.get_by_role("link", name="Revert import").click()
    signed_in.get_by_role("button", name="Revert import").last.click()
    signed_in.get_by_role("link", name="Show the result").click(timeout=120_000)
    expect(signed_in.locator(".pill", has_text="Reverted")).to_be_visible()
    assert problems == []

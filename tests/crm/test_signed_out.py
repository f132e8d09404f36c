"""A session that ends while somebody writes: nothing that was written is lost, and no page turns up inside another."""

import re
from collections.abc import Iterator
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.forms import PasswordInput
from django.forms.forms import BaseForm
from django.test import Client

from crm.forms.administration_dkim import WriteOnlyTextarea
from crm.kept_forms import SECRETS, is_secret
from crm.models import Record, User

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
HERE = {"Origin": "http://testserver"}
TEXT = 'Line one\r\nline "two" & <three> = 3; é'


@pytest.fixture
def strict() -> Client:
    """A browser whose forms are checked as they are outside of tests."""
    return Client(enforce_csrf_checks=True)


def token(page: bytes) -> str:
    found = re.search(rb'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert found
    return found[1].decode()


def hidden(page: bytes, name: str) -> str:
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', page.decode())
    assert found, page.decode()
    return unescape(found[1])


def signed_in(client: Client) -> None:
    form = token(client.get("/login/").content)
    answer = client.post(
        "/login/", {"username": "maya", "password": PASSWORD, "csrfmiddlewaretoken": form}, headers=HERE
    )
    assert answer.status_code == 302


def test_what_was_written_before_the_session_ended_is_sent_after_signing_in(strict: Client, marketer: User) -> None:
    signed_in(strict)
    form = token(strict.get("/contacts/new/").content)
    del strict.cookies["sessionid"]
    written = {"last_name": "Late", "description": TEXT, "csrfmiddlewaretoken": form}

    asked = strict.post("/contacts/new/", written, headers=HERE)
    assert asked.status_code == 401
    assert b"you can send it again" in asked.content
    wrong = {"csrfmiddlewaretoken": token(asked.content), "username": "maya"}
    wrong |= {name: hidden(asked.content, name) for name in ("again", "next")}
    refused = strict.post("/login/", {**wrong, "password": "wrong"}, headers=HERE)
    assert hidden(refused.content, "again") == wrong["again"], "a typing error in the password loses nothing"

    kept = strict.post("/login/", {**wrong, "password": PASSWORD}, headers=HERE)
    assert kept.status_code == 200
    assert not Record.objects.filter(last_name="Late").exists(), "a person presses the button"
    again = {name: hidden(kept.content, name) for name in ("csrfmiddlewaretoken", "last_name", "description")}
    assert b'action="/contacts/new/"' in kept.content
    assert strict.post("/contacts/new/", again, headers=HERE).status_code == 302
    assert Record.objects.get(last_name="Late").description == TEXT


def test_who_signed_in_again_in_another_tab_sends_the_old_form_again(strict: Client, marketer: User) -> None:
    signed_in(strict)
    form = token(strict.get("/contacts/new/").content)
    del strict.cookies["sessionid"]
    signed_in(strict)  # which gives the forms of this browser another token

    refused = strict.post("/contacts/new/", {"last_name": "Old", "csrfmiddlewaretoken": form}, headers=HERE)
    assert refused.status_code == 403
    again = {name: hidden(refused.content, name) for name in ("csrfmiddlewaretoken", "last_name")}
    assert strict.post("/contacts/new/", again, headers=HERE).status_code == 302
    assert Record.objects.filter(last_name="Old").exists()


@pytest.mark.parametrize("origin", [{"Origin": "https://evil.example"}, {"Origin": "null"}, {}])
def test_a_form_from_elsewhere_is_never_offered_again(strict: Client, marketer: User, origin: dict[str, str]) -> None:
    signed_in(strict)
    refused = strict.post("/contacts/new/", {"last_name": "Forged"}, headers=origin)
    assert refused.status_code == 403
    assert b"Forged" not in refused.content


def test_passwords_are_not_kept(client: Client, marketer: User) -> None:
    data = {"username": "mia", "password1": "horse horse", "smtp_password": "battery", "api_key": "staple"}
    asked = client.post("/admin/users/new/", data, headers=HERE)
    kept = hidden(asked.content, "again")
    assert "username=mia" in kept
    assert not [secret for secret in ("horse", "battery", "staple") if secret in kept]


def forms_below(form: type[BaseForm]) -> Iterator[type[BaseForm]]:
    for one in form.__subclasses__():
        yield one
        yield from forms_below(one)


def test_no_form_has_a_secret_that_is_kept(client: Client) -> None:
    client.get("/login/")  # reads all pages, and so all forms
    hides = (PasswordInput, WriteOnlyTextarea)
    fields = [
        (form, name, field.widget)
        for form in forms_below(BaseForm)
        for name, field in getattr(form, "base_fields", {}).items()
    ]
    assert {name for _form, name, widget in fields if isinstance(widget, hides)} >= set(SECRETS)
    assert [(form, name) for form, name, widget in fields if isinstance(widget, hides) and not is_secret(name)] == []


def test_what_is_not_kept_is_asked_for_again(client: Client, administrator: User) -> None:
    data = {"selector": "herald7", "private_key": "-----BEGIN", "signing_key": "staple", "repeated": "", "next": "x"}
    again = hidden(client.post("/admin/users/new/", data, headers=HERE).content, "again")
    assert "BEGIN" not in again and "staple" not in again
    signing_in = {"username": administrator.username, "password": PASSWORD, "again": again, "next": "/there/"}
    page = client.post("/login/", signing_in).content.decode()
    assert "never kept" in page and ">Private key" in page and ">Signing key" in page and "Password again" not in page
    assert 'type="password" name="signing_key"' in page and '<textarea name="private_key"' in page
    assert "herald7" in page and "enctype" not in page


def test_who_is_signed_out_at_a_button_comes_back_to_its_page(client: Client, marketer: User) -> None:
    page = "http://testserver/contacts/?q=late"
    answer = client.post("/mass-emails/1/pause/", headers={**HERE, "Referer": page})
    assert answer["Location"] == "/login/?next=/contacts/%3Fq%3Dlate"
    answer = client.post("/mass-emails/1/pause/", headers={**HERE, "Referer": "https://evil.example/x"})
    assert answer["Location"] == "/login/?next=/"


def test_a_part_of_a_page_is_told_instead_of_getting_the_page_for_signing_in(client: Client) -> None:
    answer = client.get("/contacts/?q=a", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.content) == (401, b"")


def test_signing_in_sends_nothing_to_other_sites(client: Client, marketer: User) -> None:
    data = {"username": "maya", "password": PASSWORD, "again": "a=1", "next": "https://evil.example/"}
    assert b"evil.example" not in client.post("/login/", data).content


def test_of_a_form_with_a_file_the_text_is_kept_and_the_file_asked_for_again(
    client: Client, administrator: User
) -> None:
    logo = SimpleUploadedFile("our logo.png", b"octets of the picture")
    asked = client.post("/admin/recipient-pages/", {"logo": logo, "accent": "#3a3fd0"}, headers=HERE)
    again = hidden(asked.content, "again")
    assert "accent" in again and "octets" not in again
    signing_in = {"username": administrator.username, "password": PASSWORD, "again": again, "next": "/there/"}
    page = client.post("/login/", signing_in).content.decode()
    assert 'action="/there/" enctype="multipart/form-data"' in page
    assert 'name="accent" value="#3a3fd0"' in page
    assert 'type="file" name="logo"' in page and "our logo.png" in page


def test_of_a_form_that_is_only_a_file_nothing_is_kept(client: Client) -> None:
    with open(__file__, "rb") as file:
        answer = client.post("/contacts/import/", {"file": file}, headers=HERE)
    assert answer["Location"] == "/login/?next=/"


def test_the_address_of_a_button_is_answered_with_a_page(as_marketer: Client) -> None:
    """Reached by the address bar, or by the language menu of a page that answered a POST."""
    answer = as_marketer.get("/mass-emails/1/pause/")
    assert answer.status_code == 405
    assert answer["Allow"] == "POST"
    assert b'<a class="btn primary" href="/"' in answer.content

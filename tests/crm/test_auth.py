"""Signing in and out."""

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from crm.models import User

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


def sign_in(client: Client, **data: str) -> object:
    return client.post("/login/", {"username": "maya", "password": PASSWORD, **data})


def test_a_person_signs_in_and_out(client: Client, marketer: User) -> None:
    assert sign_in(client)["Location"] == "/"  # type: ignore[index]
    assert client.get("/").status_code == 200
    assert client.get("/logout/").status_code == 405
    assert client.post("/logout/")["Location"] == "/login/"
    assert client.get("/")["Location"] == "/login/?next=/"


@pytest.mark.parametrize(
    ("asked", "reached"), [("/contacts/", "/contacts/"), ("https://evil.example/", "/"), ("//evil.example", "/")]
)
def test_signing_in_leads_to_pages_of_this_site_only(client: Client, marketer: User, asked: str, reached: str) -> None:
    assert sign_in(client, next=asked)["Location"] == reached  # type: ignore[index]


@pytest.mark.parametrize(
    "data", [{"password": "wrong"}, {"username": "nobody"}, {"password": "x" * 100_000}, {"username": "a\0b"}]
)
def test_a_refusal_does_not_say_what_was_wrong(client: Client, marketer: User, data: dict[str, str]) -> None:
    answer = sign_in(client, **data)
    assert answer.status_code == 200  # type: ignore[attr-defined]
    assert "_auth_user_id" not in client.session
    assert PASSWORD not in answer.content.decode()  # type: ignore[attr-defined]


def test_an_inactive_user_stays_outside(client: Client, marketer: User) -> None:
    User.objects.filter(pk=marketer.pk).update(is_active=False)
    sign_in(client)
    assert "_auth_user_id" not in client.session


def test_the_page_speaks_the_browsers_language_and_can_be_switched(client: Client) -> None:
    assert '<html lang="fr"' in client.get("/login/", headers={"Accept-Language": "fr"}).content.decode()
    assert client.post("/profile/language/", {"language": "es", "next": "/login/"})["Location"] == "/login/"
    assert '<html lang="es"' in client.get("/login/").content.decode()


@pytest.mark.parametrize("url", ["/", "/contacts/", "/search/", "/profile/", "/admin/"])
def test_every_page_asks_strangers_to_sign_in(client: Client, url: str) -> None:
    assert client.get(url)["Location"].startswith("/login/")


def test_a_signed_in_person_does_not_see_the_form(as_marketer: Client) -> None:
    assert as_marketer.get("/login/")["Location"] == "/"


def test_too_many_wrong_passwords_lock_the_name_for_a_while(client: Client, marketer: User, settings: Settings) -> None:
    settings.AXES_ENABLED = True
    for _attempt in range(settings.AXES_FAILURE_LIMIT):
        answer = sign_in(client, password="wrong")
    assert answer.status_code == 429  # type: ignore[attr-defined]
    assert "Too many attempts" in answer.content.decode()  # type: ignore[attr-defined]
    assert sign_in(client).status_code == 429  # type: ignore[attr-defined]
    assert "_auth_user_id" not in client.session

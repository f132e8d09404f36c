"""Recipient pages speak the recipient's language (A8)."""

import pytest
from django.test import Client

from crm.models import Settings
from tests.campaigns.tracking.conftest import BROWSER, Mail, make_mail

DONE = {
    "en": "You have been unsubscribed",
    "es": "Se ha dado de baja",
    "fr": "Votre désinscription est confirmée",
    "id": "Anda telah berhenti berlangganan",
}
BAD = {
    "en": "This link does not work",
    "es": "Este enlace no funciona",
    "fr": "Ce lien ne fonctionne pas",
    "id": "Tautan ini tidak berfungsi",
}


def speaker(accept: str) -> Client:
    return Client(headers=BROWSER | {"accept-language": accept})


@pytest.mark.parametrize("language", DONE)
def test_the_persons_own_language_comes_before_the_browsers(db: None, language: str) -> None:
    mail = make_mail(language=language)
    other = "fr" if language != "fr" else "es"
    response = speaker(other).post(mail.opt_out_url)
    assert DONE[language] in response.content.decode()
    assert f'<html lang="{language}">' in response.content.decode()
    assert response["Content-Language"] == language


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        ("es-MX,es;q=0.9,en;q=0.5", "es"),
        ("fr-CA", "fr"),
        ("id-ID,id;q=0.9", "id"),
        ("in-ID", "id"),
        ("de-DE,de;q=0.9,fr;q=0.4", "fr"),
        ("en-GB", "en"),
        ("xx, *;q=0.1, \x00", "en"),
    ],
)
def test_then_the_browsers(mail: Mail, accept: str, language: str) -> None:
    response = speaker(accept).post(mail.opt_out_url)
    assert DONE[language] in response.content.decode()
    assert "Accept-Language" in response["Vary"]


def test_then_the_language_of_the_settings(mail: Mail) -> None:
    own = Settings.load()
    own.language = "id"
    own.save(update_fields=["language"])
    assert DONE["id"] in speaker("de").post(mail.opt_out_url).content.decode()


@pytest.mark.parametrize("language", DONE)
def test_a_choice_on_the_page_comes_first_and_stays(db: None, language: str) -> None:
    mail = make_mail(language="fr")
    page = speaker("en").get(f"{mail.opt_out_url}?lang={language}").content.decode()
    assert f"?lang={language}" in page.partition("data-opt-out")[0].rpartition("action=")[2]
    assert DONE[language] in speaker("en").post(f"{mail.opt_out_url}?lang={language}").content.decode()


def test_an_unknown_choice_is_no_choice(mail: Mail) -> None:
    assert DONE["en"] in speaker("en").post(f"{mail.opt_out_url}?lang=../x").content.decode()


@pytest.mark.parametrize("language", BAD)
def test_a_bad_link_is_explained_in_the_browsers_language(db: None, language: str) -> None:
    assert BAD[language] in speaker(language).get("/u/broken").content.decode()


def test_every_language_is_offered_in_its_own_words(mail: Mail) -> None:
    page = speaker("en").get(mail.opt_out_url).content.decode()
    for name in ("English", "Español", "Français", "Bahasa Indonesia"):
        assert f">{name}</a>" in page

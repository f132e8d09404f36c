"""Texts and look of one's own on the recipient pages."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from campaigns.models import RecipientPages
from campaigns.recipient_pages import WORDINGS, said, save_look, save_texts
from crm.models import AuditEntry, User
from tests.campaigns.tracking.conftest import Mail

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


def write(as_administrator: Client, language: str = "en", **texts: str) -> None:
    answer = as_administrator.post(reverse("recipients:texts", args=[language]), texts)
    assert answer.status_code == 302


def test_own_words_stand_in_place_of_the_standard(as_administrator: Client, mail: Mail, visitor: Client) -> None:
    write(
        as_administrator, opt_out_title="Leaving?", opt_out_text="{address} leaves {lists}.",
        opt_out_button="Yes, stop", opted_out_title="Done", opted_out_button="I changed my mind",
        footer="Acme\n1 High Street",
    )  # fmt: skip
    page = visitor.get(mail.opt_out_url).content.decode()
    assert "<h1>Leaving?</h1>" in page and "Yes, stop</button>" in page
    assert f"{mail.address.masked} leaves {mail.target_list.name}." in page
    assert "Acme<br>1 High Street" in page
    page = visitor.post(mail.opt_out_url).content.decode()
    assert "<h1>Done</h1>" in page and "I changed my mind</button>" in page


def test_another_language_keeps_the_standard(as_administrator: Client, mail: Mail, visitor: Client) -> None:
    write(as_administrator, "es", opt_out_title="¿Se va?")
    assert "<h1>Unsubscribe</h1>" in visitor.get(mail.opt_out_url).content.decode()
    assert "<h1>¿Se va?</h1>" in visitor.get(f"{mail.opt_out_url}?lang=es").content.decode()


def test_a_text_that_says_what_is_not_known_is_not_used(as_administrator: Client, mail: Mail, visitor: Client) -> None:
    write(as_administrator, opt_out_text="{address} leaves.", bad_link_text="{address}, this is broken.")
    mail.address.delete()
    assert "leaves" not in visitor.get(mail.opt_out_url).content.decode()
    page = visitor.get("/u/nonsense").content.decode()
    assert "this is broken" not in page and "It may have been cut off" in page


def test_texts_are_text(as_administrator: Client, mail: Mail, visitor: Client) -> None:
    write(as_administrator, opt_out_title="<script>alert(1)</script>", footer="<b>{company}</b>")
    page = visitor.get(mail.opt_out_url).content.decode()
    assert "<script>alert" not in page and "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_values_are_put_in_once() -> None:
    assert said({"a": "{lists} {address}"}, {"lists": "{address}", "address": "x"}) == {"a": "{address} x"}


def test_unknown_placeholders_are_refused_and_nothing_is_stored(as_administrator: Client) -> None:
    answer = as_administrator.post(reverse("recipients:texts", args=["en"]), {"opt_out_text": "Dear {name}"})
    assert answer.status_code == 422 and "{name} means nothing here" in answer.content.decode()
    assert not RecipientPages.objects.exists()


def test_the_standard_is_shown_in_the_language_it_is_for(as_administrator: Client) -> None:
    assert "Se ha dado de baja" in as_administrator.get(reverse("recipients:texts", args=["es"])).content.decode()
    assert as_administrator.get(reverse("recipients:texts", args=["xx"])).status_code == 404


def test_the_preview_shows_what_stands_in_the_form_and_writes_nothing(as_administrator: Client) -> None:
    for page in ("opt_out", "opted_out", "preferences", "bad_link", "message"):
        url = reverse("recipients:preview", args=["fr", page])
        answer = as_administrator.post(url, {"footer": "Brouillon"})
        assert "Brouillon" in answer.content.decode()
        assert answer["X-Frame-Options"] == "SAMEORIGIN"
        assert "frame-ancestors 'self'" in answer["Content-Security-Policy"]
        assert "form-action 'none'" in answer["Content-Security-Policy"]
    assert not RecipientPages.objects.exists()


def test_changes_are_audited(administrator: User) -> None:
    save_texts("en", {"footer": "One"}, administrator)
    save_texts("en", {"footer": "Two", "opt_out_title": ""}, administrator)
    assert AuditEntry.objects.first().changes == {"language": "en", "footer": ["One", "Two"]}  # type: ignore[union-attr]


def test_colour_and_logo(as_administrator: Client, mail: Mail, visitor: Client) -> None:
    files = {"accent": "#0B6B70", "logo": SimpleUploadedFile("logo.png", PNG, "text/html")}
    assert as_administrator.post(reverse("recipients:look"), files).status_code == 302
    page = visitor.get(mail.opt_out_url).content.decode()
    stamp = RecipientPages.load().stamp
    assert f'href="/l/style.css?v={stamp}"' in page and f'src="/l/logo?v={stamp}"' in page
    style = visitor.get("/l/style.css")
    assert style["Content-Type"] == "text/css" and "--accent:#0b6b70" in style.content.decode()
    logo = visitor.get("/l/logo")
    assert (logo["Content-Type"], logo.content) == ("image/png", PNG)
    as_administrator.post(reverse("recipients:look"), {"accent": "", "remove_logo": "on"})
    assert visitor.get("/l/logo").status_code == 404 == visitor.get("/l/other").status_code
    assert "style.css" not in visitor.get(mail.opt_out_url).content.decode()


@pytest.mark.parametrize("colour", ["#ffee00", "red", "#12345", "#12345g", "url(x)"])
def test_what_cannot_be_read_or_is_no_colour_is_refused(as_administrator: Client, colour: str) -> None:
    assert as_administrator.post(reverse("recipients:look"), {"accent": colour}).status_code == 422


@pytest.mark.parametrize("content", [b"<svg onload=alert(1)>", b"<html>", b"\x89PNG\r\n\x1a\n" + b"\0" * 200_000])
def test_only_small_pictures_are_taken(as_administrator: Client, content: bytes) -> None:
    answer = as_administrator.post(reverse("recipients:look"), {"logo": SimpleUploadedFile("x.png", content)})
    assert answer.status_code == 422


def test_a_logo_is_kept_when_only_the_colour_changes(administrator: User) -> None:
    save_look("", administrator, ("image/png", PNG))
    save_look("#3a3fd0", administrator)
    assert RecipientPages.load().logo_type == "image/png"


def test_every_standard_text_is_what_the_pages_say(mail: Mail, visitor: Client) -> None:
    bad = visitor.get("/u/nonsense").content.decode()
    assert all(str(one.standard) in bad for one in WORDINGS if one.page == "bad_link")
    asked = visitor.get(mail.opt_out_url).content.decode()
    assert all(str(one.standard) in asked for one in WORDINGS if one.page == "opt_out" and not one.is_long)


def test_the_page_is_about_the_language_of_its_address(as_administrator: Client) -> None:
    page = as_administrator.get(reverse("recipients:texts", args=["es"])).content.decode()
    assert f'href="{reverse("recipients:texts", args=["es"])}" aria-current="page"' in page
    assert reverse("recipients:preview", args=["es", "bad_link"]) in page

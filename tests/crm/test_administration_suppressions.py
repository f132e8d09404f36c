"""Suppressions: looked up with the address in hand, added and lifted with a reason."""

import pytest
from django.test import Client

from crm.models import AuditEntry, EmailAddress, Suppression

pytestmark = pytest.mark.django_db
URL = "/admin/suppressions/"


def test_an_address_is_suppressed_before_it_ever_comes(as_administrator: Client) -> None:
    data = {"address": "Never@Example.com", "why": "asked by letter"}
    as_administrator.post(f"{URL}new/", data)
    assert "It was so already." in as_administrator.post(f"{URL}new/", data, follow=True).content.decode()
    assert Suppression.objects.get().reason == "asked by letter"
    assert not EmailAddress.objects.filter(normalized="never@example.com").exists()
    assert EmailAddress.objects.for_text("never@example.com").opted_out_at is not None
    assert AuditEntry.objects.filter(action="suppression.added").count() == 1


def test_it_is_found_by_whoever_has_the_address(as_administrator: Client) -> None:
    as_administrator.post(f"{URL}new/", {"address": "never@example.com", "why": "asked by letter"}, follow=True)
    page = as_administrator.get(URL).content.decode()
    assert "asked by letter" in page and "never@example.com" not in page
    page = as_administrator.get(URL, {"address": "NEVER@example.com"}).content.decode()
    assert "is suppressed: asked by letter" in page
    assert "is not suppressed" in as_administrator.get(URL, {"address": "who@example.com"}).content.decode()
    assert as_administrator.get(URL, {"address": "nonsense\0"}).status_code == 200
    page = as_administrator.get("/admin/email-addresses/?q=never@example.com").content.decode()
    assert "never@example.com is suppressed: asked by letter" in page


def test_lifting_wants_a_reason_and_leaves_a_trail(as_administrator: Client) -> None:
    as_administrator.post(f"{URL}new/", {"address": "never@example.com", "why": "letter"})
    url = f"{URL}{Suppression.objects.get().pk}/lift/"
    assert "own flag stays" in as_administrator.get(url).content.decode()
    assert as_administrator.post(url, {"confirmed": "yes"}).status_code == 422
    as_administrator.post(url, {"confirmed": "yes", "why": "came back"})
    assert not Suppression.objects.exists()
    assert AuditEntry.objects.get(action="suppression.lifted").changes == {"why": "came back"}
    assert EmailAddress.objects.for_text("never@example.com").opted_out_at is None


@pytest.mark.parametrize("text", ["", "a@x, b@y", "nobody"])
def test_only_one_whole_address_is_taken(as_administrator: Client, text: str) -> None:
    assert as_administrator.post(f"{URL}new/", {"address": text, "why": "x"}).status_code == 422

"""Links that are not ours: one friendly page for all of them (T3, T8)."""

import pytest
from django.test import Client

from campaigns.models import Hit, LogRecord
from campaigns.tracking.tokens import Purpose, make
from crm.models import Settings
from tests.campaigns.tracking.conftest import Mail

PATHS = {"click": "/t/{}", "opt_out": "/u/{}", "preferences": "/p/{}", "web_version": "/v/{}"}
OWN = {
    "click": Purpose.CLICK, "opt_out": Purpose.OPT_OUT, "preferences": Purpose.PREFERENCES,
    "web_version": Purpose.WEB_VERSION,
}  # fmt: skip


@pytest.mark.parametrize("name", PATHS)
def test_malformed_forged_and_foreign_tokens_give_the_same_page(visitor: Client, mail: Mail, name: str) -> None:
    settings = Settings.load()
    settings.from_address = "help@acme.example.com"
    settings.save(update_fields=["from_address"])
    real = mail.urls()[name].rpartition("/")[2]
    foreign = make(Purpose.OPEN, mail.item.pk)
    forged = real[:-1] + ("A" if real[-1] != "A" else "B")
    tokens = ["x", "%F0%9F%98%80", "A" * 28, forged, real + "A", foreign, "a" * 900]
    pages = [visitor.get(PATHS[name].format(token)) for token in tokens]
    assert {page.status_code for page in pages} == {404}
    assert len({page.content for page in pages}) == 1
    text = pages[0].content.decode()
    assert "This link does not work" in text
    assert "help@acme.example.com" in text
    assert "Traceback" not in text


@pytest.mark.parametrize("name", PATHS)
def test_a_token_of_one_purpose_opens_no_other_door(visitor: Client, mail: Mail, name: str) -> None:
    for purpose in set(Purpose) - {OWN[name]}:
        token = make(purpose, *(mail.item.pk, mail.link.pk)[: purpose.count])
        assert visitor.get(PATHS[name].format(token)).status_code == 404
        if name == "opt_out":
            assert visitor.post(PATHS[name].format(token)).status_code == 404
    assert not Hit.objects.exists()
    assert not LogRecord.objects.exists()
    assert mail.is_listed()


def test_a_bad_link_page_has_no_contact_when_there_is_none(visitor: Client, db: None) -> None:
    Settings.objects.update(from_address="")
    assert "mailto:" not in visitor.get("/u/x").content.decode()

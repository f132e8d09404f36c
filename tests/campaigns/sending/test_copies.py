"""Who looks at a sent mail in Herald is not its recipient: nothing that they load or follow counts."""

import re
from collections.abc import Callable
from html import unescape
from urllib.parse import unquote, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.copies import inert_html
from campaigns.models import Action, LogRecord, MassEmail, QueueItem, StoredEmail, TrackingUrl
from campaigns.tracking import links
from crm.models import EmailAddress, Settings
from targets.models import Membership
from tests.campaigns.sending.conftest import Run
from tests.factories import CampaignFactory, TemplateFactory, TrackingUrlFactory

Due = Callable[..., MassEmail]
BASE = "https://crm.example.com"
URL = re.compile(r"https?://[^\s\"'<>]+")
BROWSER = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"}
BODY = """<html><body><p>Dear {Person.name}, <a href="{trackingUrl:%s}">try it</a>, <a href="{webVersionUrl}">read</a>,
<a href="https://share.example.com/?u={webVersionUrl}">share</a>, <a href="{preferencesUrl}">choose</a>,
<a href="{optOutUrl}">leave</a> <img src="https://pictures.example.com/a.png" alt="A"></p></body></html>"""


@pytest.fixture
def sent(due: Due, run: Run) -> MassEmail:
    """A mail with everything that counts, tracked and stored, sent to one person."""
    Settings.load()
    Settings.objects.update(open_tracking=True, site_url=BASE)
    campaign = CampaignFactory.create()
    tracked: TrackingUrl = TrackingUrlFactory.create(campaign=campaign)
    template = TemplateFactory.create(body=BODY % tracked.code)
    mass_email = due(people=1, store_sent=True, campaign=campaign, template=template)
    run()
    return mass_email


def looked_at(mass_email: MassEmail) -> list[str]:
    """The pages of a sent mail that show what was sent."""
    pk = StoredEmail.objects.get().pk
    stored = reverse("campaigns:stored_email", args=[pk])
    frozen = reverse("campaigns:mass_email_preview", args=[mass_email.pk])
    return [
        reverse("campaigns:mass_email_detail", args=[mass_email.pk]),
        reverse("campaigns:stored_document", args=[pk]),
        *(f"{stored}?tab={tab}" for tab in ("html", "text", "source")),
        *(f"{frozen}?part={part}" for part in ("", "dark", "text", "source")),
    ]


def follow(html: str) -> list[str]:
    """Load and press everything in `html` that is ours, as a browser does; the URLs."""
    browser = Client(headers=BROWSER)
    ours = [url for url in URL.findall(unquote(unescape(unescape(html)))) if url.startswith(f"{BASE}/")]
    for url in ours:
        browser.get(urlsplit(url).path)
        browser.post(urlsplit(url).path)
    return ours


def test_looking_at_a_sent_mail_counts_for_nobody(sent: MassEmail, as_viewer: Client) -> None:
    for page in looked_at(sent):
        follow(as_viewer.get(page).content.decode())
    assert set(LogRecord.objects.values_list("action", flat=True)) == {Action.SENT}
    assert not Membership.objects.exclude(opted_out_at=None).exists()
    assert not EmailAddress.objects.exclude(opted_out_at=None).exists()


def test_a_copy_leads_where_the_mail_led(sent: MassEmail, as_viewer: Client) -> None:
    stored = reverse("campaigns:stored_document", args=[StoredEmail.objects.get().pk])
    for path in (stored, reverse("campaigns:mass_email_preview", args=[sent.pk])):
        html = as_viewer.get(path).content.decode()
        assert 'href="https://shop.example.com/demo?a=1&amp;b=2#top"' in html
        assert "https://pictures.example.com/a.png" in html
        assert f'href="{BASE}/u/preview"' in html
        assert "/o/" not in html


def test_the_recipient_keeps_links_that_count(sent: MassEmail) -> None:
    item = QueueItem.objects.get(mass_email_id=sent.pk)
    page = Client(headers=BROWSER).get(links.web_version("", item.pk)).content.decode()
    assert len(follow(page)) > 4
    seen = set(LogRecord.objects.values_list("action", flat=True))
    assert {Action.OPENED, Action.CLICKED, Action.OPTED_OUT} <= seen


def test_what_only_looks_like_a_link_of_ours_stays(db: None) -> None:
    html = f'<a href="https://other.example.com/t/{"a" * 40}">A</a> <a href="/u/short">B</a>'
    assert inert_html(html) == html


def test_an_old_name_of_the_site_protects_no_link(db: None) -> None:
    old = links.opt_out("http://old.example.com/herald", 1, 1)
    assert inert_html(f'<a href="{old}">') == f'<a href="{Settings.load().base_url}/u/preview">'

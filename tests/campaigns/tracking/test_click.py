"""Clicks (T1, T9, T10, T12, T17, T22)."""

import logging

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from campaigns.models import Action, Campaign, Hit, Link, LogRecord, MassEmail, QueueItem, TrackingUrl
from campaigns.tracking import links
from crm.models import Record
from tests.campaigns.tracking.conftest import Mail, logged


def test_a_click_redirects_exactly_to_the_frozen_url_and_is_logged(visitor: Client, mail: Mail) -> None:
    response = visitor.get(mail.click_url)
    assert response.status_code == 302
    assert response["Location"] == "https://shop.example.com/demo?a=1&b=2#top"
    assert logged(mail) == [(Action.CLICKED, False)]


def test_a_person_counts_once_per_url_and_every_hit_is_kept(visitor: Client, mail: Mail) -> None:
    for _ in range(5):
        visitor.get(mail.click_url)
    assert logged(mail) == [(Action.CLICKED, False)]
    assert Hit.objects.count() == 5
    tracked = TrackingUrl.objects.get(pk=mail.link.tracking_url_id)
    assert (tracked.people_count, tracked.click_count) == (1, 5)
    assert MassEmail.objects.get(pk=mail.mass_email.pk).clicked_count == 1


@pytest.mark.parametrize(
    "query",
    ["?url=https://evil.example", "?next=//evil.example", "?to=%0d%0aSet-Cookie:x", "?u=\\\\evil", "?ct=x&lang=es"],
)
def test_nothing_of_the_request_reaches_the_target(visitor: Client, mail: Mail, query: str) -> None:
    assert visitor.get(mail.click_url + query)["Location"] == mail.link.url


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/ünïcode/%C3%A9?q=a%20b&amp;x=1#frag",
        "http://example.com/?a=1&b=2&c[]=3",
        "https://example.com/path;v=1,2/(x)!*'~",
        "https://user@example.com:8443/%2F%2E/?%",
        "HTTPS://EXAMPLE.COM/Case",
    ],
)
def test_the_target_stays_as_it_is(visitor: Client, mail: Mail, url: str) -> None:
    Link.objects.filter(pk=mail.link.pk).update(url=url)
    location = visitor.get(mail.click_url)["Location"]
    expected = "https://example.com/%C3%BCn%C3%AFcode/%C3%A9?q=a%20b&amp;x=1#frag" if "ü" in url else url
    assert location == expected


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)", "data:text/html,x", "//evil.example", "/local", "https:evil", "https://",
        "http:\\\\evil.example", "https://good.example\\@evil.example", "https://a.example/\r\nSet-Cookie: x=1", "https://a.example/\x07",
        "ftp://a.example", "https://[::1", "java\tscript:alert(1)", "",
    ],
)  # fmt: skip
def test_a_target_that_is_no_web_address_is_not_followed(visitor: Client, mail: Mail, url: str) -> None:
    Link.objects.filter(pk=mail.link.pk).update(url=url)
    response = visitor.get(mail.click_url)
    assert response.status_code == 404
    assert "Location" not in response.headers


def test_the_link_works_when_everything_it_came_from_is_deleted(visitor: Client, mail: Mail) -> None:
    url, target = mail.click_url, mail.link.url
    QueueItem.objects.all().delete()
    TrackingUrl.objects.all().delete()
    MassEmail.objects.all().delete()
    Campaign.objects.all().delete()
    Record.objects.all().delete()
    response = visitor.get(url)
    assert (response.status_code, response["Location"]) == (302, target)
    assert not LogRecord.objects.exists()


def test_the_link_works_when_the_log_is_broken(visitor: Client, mail: Mail, caplog: pytest.LogCaptureFixture) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE campaigns_hit RENAME TO campaigns_hit_away")
    try:
        with caplog.at_level(logging.ERROR):
            response = visitor.get(mail.click_url)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE campaigns_hit_away RENAME TO campaigns_hit")
    assert response["Location"] == mail.link.url
    assert "could not be logged" in caplog.text


def test_head_and_prefetch_are_answered_and_kept_apart(visitor: Client, mail: Mail) -> None:
    assert visitor.head(mail.click_url)["Location"] == mail.link.url
    assert visitor.get(mail.click_url, headers={"sec-purpose": "prefetch"})["Location"] == mail.link.url
    assert logged(mail) == [(Action.CLICKED, True)]
    assert TrackingUrl.objects.get().people_count == 0
    visitor.get(mail.click_url)
    assert logged(mail) == [(Action.CLICKED, True), (Action.CLICKED, False)]


def test_a_scanner_that_opens_all_links_at_once_is_found_out(visitor: Client, mail: Mail) -> None:
    for number in range(4):
        other = Link.objects.create(
            mass_email_id=mail.mass_email.pk, tracking_url_id=0, code=f"c{number}", name="x", url=mail.link.url
        )
        visitor.get(links.click("", mail.item.pk, other.pk))
    assert list(Hit.objects.order_by("id").values_list("why_machine", flat=True)) == ["", "", "burst", "burst"]


def test_a_test_mail_counts_for_nobody(visitor: Client, test_mail: Mail) -> None:
    assert visitor.get(test_mail.click_url).status_code == 302
    assert LogRecord.objects.get().is_test
    assert MassEmail.objects.get(pk=test_mail.mass_email.pk).clicked_count == 0
    assert TrackingUrl.objects.get().click_count == 0


def test_a_click_shortly_after_sending_is_still_a_person(visitor: Client, mail: Mail) -> None:
    QueueItem.objects.filter(pk=mail.item.pk).update(sent_at=timezone.now())
    visitor.get(mail.click_url)
    assert logged(mail) == [(Action.CLICKED, False)]


def test_show_message_renders_markdown_and_no_scripts(visitor: Client, mail: Mail) -> None:
    message = "# Thank you\n\nRead [more](https://acme.example.com) or [not](javascript:alert(1)).\n\n"
    message += '<script>x()</script><img src=x onerror="y()"><b style="a">z</b>'
    Link.objects.filter(pk=mail.link.pk).update(url="", message=message)
    response = visitor.get(mail.click_url)
    page = response.content.decode()
    assert response.status_code == 200
    assert "<h1>Thank you</h1>" in page
    assert '<a href="https://acme.example.com" rel="noopener noreferrer">more</a>' in page
    for forbidden in ("<script", "onerror", "javascript:", "<img", "style="):
        assert forbidden not in page
    assert page.count("<h1") == 1
    assert logged(mail) == [(Action.CLICKED, False)]


def test_a_message_without_heading_gets_a_hidden_one(visitor: Client, mail: Mail) -> None:
    Link.objects.filter(pk=mail.link.pk).update(url="", message="Just thanks.")
    assert visitor.get(mail.click_url).content.decode().count("<h1") == 1


def test_a_click_needs_no_campaign_that_tracks(visitor: Client, mail: Mail) -> None:
    Campaign.objects.update(type="informational", status="inactive")
    assert visitor.get(mail.click_url)["Location"] == mail.link.url

"""Many who click at the same moment (DUTIES T17): counts are exact, machines are seen, nobody waits in a circle."""

import threading
import time
from collections.abc import Callable

import pytest
from django.db import connection, connections, transaction
from django.test import Client

from campaigns.models import Hit, Link, LogRecord, MassEmail, TrackingUrl
from campaigns.tracking import links
from tests.campaigns.tracking.conftest import BROWSER, Mail, make_mail

pytestmark = [
    pytest.mark.skipif(
        connection.vendor != "postgresql", reason="SQLite in memory refuses a second thread instead of letting it wait"
    ),
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]
_WAITING = """
SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE %s
"""
_SAME_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('click', %s))"


def another_link(mail: Mail, name: str) -> str:
    """The address of one more link in the same mail."""
    tracked = TrackingUrl.objects.create(campaign=mail.mass_email.campaign, name=name, url=f"https://a.example/{name}")
    link = Link.objects.create(
        mass_email_id=mail.mass_email.pk, tracking_url_id=tracked.pk, code=tracked.code, name=name, url=tracked.url
    )
    return links.click("", mail.item.pk, link.pk)


def begin(*urls: str) -> list[threading.Thread]:
    """Visits at the same time, each over a connection of its own."""

    def visit(url: str) -> None:
        try:
            Client(headers=BROWSER).get(url)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=visit, args=[url], daemon=True) for url in urls]
    for thread in threads:
        thread.start()
    return threads


def end(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.join(60)


def wait_until(is_so: Callable[[], bool]) -> None:
    for _turn in range(3000):
        if is_so():
            return
        time.sleep(0.02)
    raise AssertionError("it never came to that")


def are_waiting(number: int, doing: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # else a transaction sees the same all the time
        cursor.execute(_WAITING, [f"%{doing}%"])
        return bool(cursor.fetchone()[0] == number)


def test_many_at_once_on_two_links_are_one_person_and_every_hit(_catalogs: None) -> None:
    """First click of a person, first click per link, and all clicks, each exact."""
    mail = make_mail()
    end(begin(*[mail.click_url, another_link(mail, "second")] * 6))
    assert Hit.objects.count() == 12 and LogRecord.objects.filter(is_machine=False).count() == 2
    assert MassEmail.objects.get(pk=mail.mass_email.pk).clicked_count == 1
    assert {(one.click_count, one.people_count) for one in TrackingUrl.objects.all()} == {(6, 1)}


def test_who_follows_all_links_at_the_same_moment_is_a_machine(_catalogs: None) -> None:
    """All of them wait for their turn here, and each sees those who had theirs."""
    mail = make_mail()
    urls = [mail.click_url, *(another_link(mail, name) for name in ("second", "third", "fourth"))]
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_SAME_LOCK, [mail.item.pk])
        visits = begin(*urls)
        wait_until(lambda: are_waiting(4, "pg_advisory_xact_lock"))
    end(visits)
    assert [row.detail for row in LogRecord.objects.filter(is_machine=True)] == ["burst", "burst"]
    assert LogRecord.objects.filter(is_machine=False).count() == 2


def test_a_click_has_not_touched_the_mass_email_while_it_waits_for_the_tracking_url(_catalogs: None) -> None:
    """Whoever changes both takes the tracking URL first, as `evidence_of_delivery` does behind a click."""
    mail = make_mail()
    with transaction.atomic():
        TrackingUrl.objects.select_for_update().get(pk=mail.link.tracking_url_id)
        visits = begin(mail.click_url)
        wait_until(lambda: are_waiting(1, "campaigns_trackingurl"))
        MassEmail.objects.select_for_update(nowait=True).get(pk=mail.mass_email.pk)
    end(visits)
    assert MassEmail.objects.get(pk=mail.mass_email.pk).clicked_count == 1

"""What a visit costs the database (DUTIES T18): a ceiling for every kind, and nothing of sessions and users."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from campaigns.models import MassEmail, QueueItem, QueueStatus
from campaigns.tracking import links
from tests.campaigns.tracking.conftest import Mail

ON_POSTGRESQL = connection.vendor == "postgresql"
OF_TRANSACTIONS = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")
FOREIGN = ("django_session", "crm_user", "auth_", "axes_", "django_content_type")
# To wait for one's turn (a click), to find it, to record it. SQLite, which is in this very process, is asked once per
# table that is written.
CEILINGS = {"first click": (3, 5), "click again": (3, 4), "first open": (2, 4), "open again": (2, 3),
            "machine click": (3, 3), "unknown click": (1, 1)}  # fmt: skip
PAGE_CEILINGS = {"opt_out": 5, "preferences": 5, "web_version": 8}


def asked(client: Client, url: str, **headers: str) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        client.get(url, headers=headers or None)
    told = [one["sql"].strip() for one in captured.captured_queries]
    assert not [sql for sql in told if any(table in sql for table in FOREIGN)]
    return [sql for sql in told if not sql.startswith(OF_TRANSACTIONS)]


def test_clicks_and_opens(visitor: Client, mail: Mail) -> None:
    unknown = links.click("", mail.item.pk, mail.link.pk + 100)
    found = {
        "unknown click": [sql for sql in asked(visitor, unknown) if "campaigns_link" in sql],
        "machine click": asked(visitor, mail.click_url, **{"user-agent": "curl/8"}),
        "first click": asked(visitor, mail.click_url),
        "click again": asked(visitor, mail.click_url),
        "first open": asked(visitor, mail.open_url),
        "open again": asked(visitor, mail.open_url),
    }
    for kind, statements in found.items():
        assert len(statements) <= CEILINGS[kind][not ON_POSTGRESQL], (kind, statements)


@pytest.mark.parametrize("page", PAGE_CEILINGS)
def test_pages(visitor: Client, mail: Mail, page: str) -> None:
    statements = asked(visitor, mail.urls()[page])
    assert len(statements) <= PAGE_CEILINGS[page], statements


@pytest.mark.skipif(not ON_POSTGRESQL, reason="how PostgreSQL finds rows")
def test_a_visit_is_found_by_indexes(visitor: Client, mail: Mail) -> None:
    """Tables are small here: a plan that could not do without reading them whole would do so with this setting too."""
    statements = asked(visitor, mail.click_url)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for sql in statements:
            cursor.execute(f"EXPLAIN {sql}")
            plan = "\n".join(row[0] for row in cursor.fetchall())
            assert "Seq Scan" not in plan, plan


def test_an_uncertain_mail_that_is_opened_was_sent(visitor: Client, mail: Mail) -> None:
    QueueItem.objects.filter(pk=mail.item.pk).update(status=QueueStatus.UNCERTAIN, sent_at=None)
    visitor.get(mail.click_url)
    assert QueueItem.objects.get(pk=mail.item.pk).status == QueueStatus.SENT
    assert MassEmail.objects.get(pk=mail.mass_email.pk).sent_count == 1

"""One person whose message cannot be made fails alone."""

from collections.abc import Callable

import pytest

from campaigns.models import MassEmail, QueueItem
from crm.models import Record
from tests.campaigns.sending.conftest import Run, states
from tests.smtp_server import SmtpServer

Due = Callable[..., MassEmail]

NEWLINES = ["\r\nBcc: x@example.com", "\n", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"]


@pytest.mark.parametrize("poison", NEWLINES, ids=[ascii(text) for text in NEWLINES])
def test_a_name_with_a_line_break_never_makes_a_header(poison: str, due: Due, run: Run, server: SmtpServer) -> None:
    mass_email = due(people=3)
    victim = Record.objects.order_by("pk").last()
    Record.objects.filter(pk=victim.pk).update(first_name=f"A{poison}B", name=f"A{poison}B")
    run()
    assert all(b"\nBcc:" not in message.data for message in server.messages)
    assert states(mass_email) in ({"SENT": 2, "FAILED": 1}, {"SENT": 3})
    for item in QueueItem.objects.filter(status=5):
        assert item.reason == "render" and item.reply


def test_everybody_poisoned_pauses(due: Due, run: Run, server: SmtpServer) -> None:
    mass_email = due(people=60)
    Record.objects.update(name="A\nB")
    run()
    mass_email.refresh_from_db()
    assert mass_email.is_paused and "in a row" in mass_email.pause_reason
    assert server.messages == []


@pytest.mark.parametrize("field", ["from_name", "reply_to_name"])
def test_a_sender_with_a_line_break_pauses_before_anybody_is_touched(
    field: str, due: Due, run: Run, server: SmtpServer
) -> None:
    mass_email = due(people=2, reply_to_address="reply@acme.example.com", **{field: "A\r\nBcc: x@example.com"})
    run()
    mass_email.refresh_from_db()
    assert mass_email.is_paused and mass_email.pause_reason
    assert server.messages == [] and not QueueItem.objects.exists()


def test_values_are_never_expanded_twice(due: Due, run: Run, server: SmtpServer) -> None:
    due(people=1)
    Record.objects.update(name="<b>&{optOutUrl}{{7*7}}")
    run()
    data = server.messages[0].data.replace(b"=\r\n", b"")
    assert b"&lt;b&gt;&amp;{optOutUrl}{{7*7}}" in data

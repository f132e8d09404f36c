"""The Date of a message is the time of its attempt, however slowly its portion goes out."""

import time
from collections.abc import Callable
from email import message_from_bytes
from email.utils import parsedate_to_datetime

import pytest

from campaigns.models import MassEmail
from campaigns.sending import deliver
from campaigns.sending.claims import Lease, claim
from campaigns.sending.deliver import Delivery
from campaigns.sending.portions import cut_portions
from campaigns.sending.queue import start_due
from tests.campaigns.sending.conftest import states
from tests.smtp_server import Received, SmtpServer


def test_the_date_goes_on_while_a_portion_is_being_sent(
    due: Callable[..., MassEmail], server: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server takes its time with every message until Herald knows that it is a second later."""
    monkeypatch.setattr(deliver, "DATE_SECONDS", 1.0)
    mass_email = due(people=3, account={"connections": 1, "messages_per_connection": 1})
    start_due()
    (pk,) = cut_portions()
    lease = Lease()
    portion = claim(pk, lease.token)
    assert portion is not None
    delivery = Delivery(portion, lease)
    (held,) = delivery.held.values()

    def wait_for_another_second(_message: Received) -> None:
        began, last_moment = held.maker.now, time.monotonic() + 60
        while (held.maker.now - began).total_seconds() < 1 and time.monotonic() < last_moment:
            time.sleep(0.02)

    server.on_accept = wait_for_another_second
    delivery.run()
    delivery.close_journals()
    assert states(mass_email) == {"SENT": 3}
    dates = [parsedate_to_datetime(message_from_bytes(one.data)["Date"]) for one in server.messages]
    assert dates[0] < dates[1] < dates[2]

"""What the statistics call delivered and bounced, when a server refuses some at once and others come back later."""

from collections.abc import Callable

from campaigns.log import log_bounce
from campaigns.models import Bounce, MassEmail, QueueItem, QueueStatus
from campaigns.progress import progress
from campaigns.statistics import Number, campaign_numbers, mass_email_numbers
from tests.campaigns.sending.conftest import Run, states
from tests.campaigns.sending.conftest import due as due
from tests.campaigns.sending.conftest import run as run
from tests.campaigns.sending.conftest import server as server
from tests.smtp_server import Act, SmtpServer

Due = Callable[..., MassEmail]


def shown(mass_email: MassEmail) -> list[dict[str, Number]]:
    """On the page of the mass email, and on that of its campaign."""
    mass_email.refresh_from_db()
    of_campaign = campaign_numbers(mass_email.campaign, {}, True)
    pages = mass_email_numbers(mass_email, progress(mass_email), True), of_campaign
    return [{number.key: number for number in page} for page in pages]


def test_who_was_refused_was_never_sent_and_who_came_back_was(due: Due, run: Run, server: SmtpServer) -> None:
    server.on("RCPT", Act("550 5.1.1 User unknown"), recipient="p0@example.com")
    server.on("RCPT", Act("550 5.2.2 The mailbox is over its quota"), recipient="p1@example.com")
    mass_email = due(people=8)
    run()
    assert states(mass_email) == {"FAILED": 2, "SENT": 6}
    for item in QueueItem.objects.filter(mass_email_id=mass_email.pk, status=QueueStatus.SENT)[:2]:
        log_bounce(item, Bounce.HARD, "User unknown")
    for numbers in shown(mass_email):
        assert (numbers["sent"].value, numbers["sent"].note) == (6, "4 delivered · 66.7%")
        assert (numbers["bounced"].value, numbers["bounced"].whole) == (4, 8)


def test_where_everybody_is_refused_bounced_is_all_of_those_attempted(due: Due, run: Run, server: SmtpServer) -> None:
    server.on("RCPT", Act("550 5.1.1 User unknown"))
    mass_email = due(people=3)
    run()
    for numbers in shown(mass_email):
        assert (numbers["sent"].value, numbers["sent"].note) == (0, "")
        assert (numbers["bounced"].value, numbers["bounced"].whole) == (3, 3)

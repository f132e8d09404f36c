"""What mail servers write when they refuse, in one ordered table: the first row with a phrase in the text decides.

The order protects people. What speaks of us, of the message or of a full mailbox comes before what speaks of the
address, because servers give a reason such as "blocked" *and* a stock sentence such as "mailbox unavailable" in one
breath, and never say "user unknown" and mean an empty disk. What servers say of themselves comes last.
"""

from campaigns.bounces.phrases_about_address import ABOUT_ADDRESS
from campaigns.bounces.phrases_about_message import ABOUT_MESSAGE
from campaigns.bounces.phrases_about_servers import ABOUT_SERVERS
from campaigns.bounces.phrasing import Row, speaks

TABLE: tuple[Row, ...] = (*ABOUT_MESSAGE, *ABOUT_ADDRESS, *ABOUT_SERVERS)


def row_of(text: str) -> Row | None:
    """The first row that speaks in a `plain` text; None where no row does."""
    return next((row for row in TABLE if speaks(row.phrases, text)), None)

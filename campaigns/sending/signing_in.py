"""A mail server may refuse a token that has not ended: then another one is tried, once, before the account pauses."""

from campaigns.sending.fleet import Fleet
from crm.mail.account_server import with_another_token
from crm.mail.smtp import ConnectionFailed
from crm.models import EmailAccount


class SecondSignIn:
    """The one further try of a fleet, for the length of one run."""

    def __init__(self, account: EmailAccount) -> None:
        self._account = account
        self._is_over = False

    def mends(self, fleet: Fleet) -> bool:
        """Whether the fleet goes on in spite of its trouble. Where no other token came, that is the trouble instead.

        Only what a server said is mended: where the provider gave no token, it is not asked again, and no token was
        refused. Raises SecretUnreadable.
        """
        if self._is_over or fleet.stopped is not None or fleet.trouble is None:
            return False
        self._is_over = True
        try:
            server = with_another_token(self._account, fleet.server, fleet.trouble)
        except ConnectionFailed as failure:
            fleet.stop(failure.attempt)
            return False
        if server is not None:
            fleet.use(server)
        return server is not None

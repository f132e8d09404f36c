"""What servers write about themselves, the network and the time. See `phrases.py`."""

from campaigns.bounces.phrasing import Row, row
from campaigns.bounces.verdicts import Reason

ABOUT_SERVERS: tuple[Row, ...] = (
    row(
        "a server did not say why",
        Reason.SYSTEM,
        """
        service unavailable | service not available | transaction failed
        """,
    ),
    row(
        "expired",
        Reason.EXPIRED,
        """
        retry timeout exceeded | retry time not reached | message expired | envelope expired | delivery expired
        expired | in the queue too long | in queue too long | delivery time expired | gave up | giving up
        multiple retries | failed 20 attempts | delivery failed … attempts | unable to deliver … after
        was aborted after | could not be delivered for | cannot send message for | for … days | 超时 | 重试
        """,
    ),
    row(
        "network",
        Reason.NETWORK,
        """
        timed out | timeout | time out | connection refused | connection reset | connection dropped
        connection was dropped | connection lost | lost connection | connection closed | connection died
        connection fail | connection error | could not connect | couldn't connect | cannot connect | can't connect
        unable to connect | failed to connect | no route to host | network … unreachable | network is down
        host … unreachable | host … down | not reachable | unreachable | did not accept our requests to connect
        could not initiate | no answer | not responding | did not respond | starttls | tls … required | tls … fail
        ssl … fail | handshake | certificate | connection … closed | server … down | host is down | broken pipe
        socket error | routing | no relay | cannot route | unable to route | ssl | 无法连接 | 接続でき
        """,
    ),
    row(
        "delayed",
        Reason.DELAYED,
        """
        has been delayed | not yet been delivered | will be retried | will continue trying | warning message only
        delivery attempts will continue | still trying | is delayed | delayed | deferred
        """,
    ),
)

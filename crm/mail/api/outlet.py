"""A connection to a provider: the same interface as the SMTP Connection, with one HTTP request per message.

The requests are made in a thread of the connection's own. `on_dot` is called before the first octet of a request
leaves: from then on only the answer tells what became of the message.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple, Self, TypeVar

import requests
from anymail.exceptions import AnymailError
from django.core.mail import EmailMultiAlternatives

from crm.mail.api.answers import ACCEPTED, FILLERS, accepted, no_answer, refused, unreachable, unreadable, unusable
from crm.mail.api.messages import message_for, message_id_of
from crm.mail.api.server import ApiServer
from crm.mail.smtp_protocol import Attempt, ConnectionFailed, Envelope, Phase, Reply, Trouble

logger = logging.getLogger(__name__)

LONGEST_PAUSE = 30.0  # seconds that a connection waits because it was told to; for more the account backs off
ANSWER = 60.0  # seconds to wait for an answer at most
SHORTEST_PAUSE = 1.0  # after "too many requests" without a number

Key = TypeVar("Key")
Result = TypeVar("Result")


class _Request(NamedTuple):
    message: EmailMultiAlternatives
    payload: Any
    params: dict[str, Any]


class ApiConnection:
    """For one task at a time."""

    def __init__(self, server: ApiServer) -> None:
        self.server = server
        self.sent = 0
        self._is_broken = False  # a request had no answer: the next one goes over a connection that was tried first
        self._thread = ThreadPoolExecutor(1, "provider")
        self._backend = server.backend()
        self._session: requests.Session = self._backend.session
        self._timeout = (server.timeouts.connect, min(server.timeouts.dot, ANSWER))

    @classmethod
    async def open(cls, server: ApiServer) -> Self:
        """Reach the provider, so that a wrong address or certificate touches no message. Raises ConnectionFailed."""
        if (left := server.brake.left) > LONGEST_PAUSE:
            told = Reply(421, (f"4.7.0 too many requests, try again in {left:.0f} s",))
            raise ConnectionFailed(Attempt(Phase.GREETING, told, retry_after=left))
        await asyncio.sleep(left)
        connection = cls(server)
        try:
            await connection._in_thread(connection._reach)
        except requests.RequestException as error:
            await connection.close()
            raise ConnectionFailed(unreachable(error)) from error
        except BaseException:
            await connection.close()
            raise
        return connection

    @property
    def alive(self) -> bool:
        """Whether another message should be sent over this connection."""
        is_full = self.sent >= self.server.messages_per_connection
        return not self._is_broken and not is_full and self.server.brake.left <= LONGEST_PAUSE

    async def send(self, message: Envelope, on_dot: Callable[[], None]) -> Attempt:
        """As Connection.send: trouble is an answer here, never an exception; what `on_dot` raises is passed on."""
        self.sent += 1
        try:
            request = await self._in_thread(self._prepared, message)
        except (AnymailError, ValueError, LookupError) as error:  # this person's data, before anything left
            return Attempt(Phase.RCPT, None, str(error.args[0] if error.args else error), Trouble.UNSUPPORTED)
        on_dot()
        attempt = await self._in_thread(self._posted, request)
        self._is_broken = attempt.reply is None
        if attempt.reply is not None and attempt.reply.code == 421:
            self.server.brake.press(attempt.retry_after or SHORTEST_PAUSE)
        return attempt

    async def stream(
        self, messages: Iterable[tuple[Key, Envelope]], on_dot: Callable[[Key], None]
    ) -> AsyncGenerator[tuple[Key, Attempt], None]:
        """As Connection.stream."""
        for key, message in messages:
            yield key, await self.send(message, lambda key=key: on_dot(key))  # type: ignore[misc]
            if not self.alive:
                return
            await asyncio.sleep(self.server.brake.left)

    async def close(self) -> None:
        """Never raises. A request that is under way is left to its end, nobody waits for it."""
        self._thread.submit(self._backend.close)
        self._thread.shutdown(wait=False)

    async def _in_thread(self, work: Callable[..., Result], *args: object) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *args)

    # -- in the thread of the connection ------------------------------------------------------------------------------

    def _reach(self) -> None:
        self._session.head(self._backend.api_url, timeout=self._timeout, allow_redirects=False).close()

    def _prepared(self, envelope: Envelope) -> _Request:
        """Raises AnymailError."""
        message = message_for(self.server.row, envelope)
        payload = self._backend.build_message_payload(message, self._backend.send_defaults)
        params = payload.get_request_params(self._backend.api_url)
        if self.server.row.once_by:  # the same for every attempt at the same mail
            params["headers"] = {**(params.get("headers") or {}), self.server.row.once_by: message_id_of(envelope)}
        return _Request(message, payload, params)

    def _posted(self, request: _Request) -> Attempt:
        params = request.params | {"timeout": self._timeout, "allow_redirects": False}
        try:
            response = self._session.request(**params)
        except ValueError as error:
            return unusable(error)
        except requests.RequestException as error:
            return no_answer(error)
        return self._judged(response, request)

    def _judged(self, response: requests.Response, request: _Request) -> Attempt:
        """Only what the provider says about the recipient is a yes or a definite no with 2xx."""
        if response.status_code == 409 and self.server.row.once_by:
            return unreadable(response)  # an earlier attempt at this mail may be under way, or have arrived
        try:
            self._backend.raise_for_status(response, request.payload, request.message)
            statuses = self._backend.parse_recipient_status(response, request.payload, request.message)
        except AnymailError:
            statuses = {}
        except Exception:  # of a parser that met what its provider never says
            logger.exception("The answer of %s cannot be read", self.server.provider)
            statuses = {}
        told = {status.status for status in statuses.values()}
        if not _is_yes(response) or _is_error(response):
            return refused(response, told, request.message.to[0])
        said = [status for status in statuses.values() if status.message_id or status.status not in FILLERS]
        if not said:
            return unreadable(response)
        if told <= ACCEPTED:
            return accepted(str(said[0].status), said[0].message_id)
        return refused(response, told, request.message.to[0])


def _is_yes(response: requests.Response) -> bool:
    return 200 <= response.status_code < 300


def _is_error(response: requests.Response) -> bool:
    """Some providers say no with 200, and then say so in their JSON."""
    try:
        told = response.json()
    except ValueError:
        return False
    if not isinstance(told, dict):
        return False
    messages = told.get("Messages")  # Mailjet's
    states = [told, *(messages if isinstance(messages, list) else [])]
    said = {str(one.get("status") or one.get("Status")).lower() for one in states if isinstance(one, dict)}
    return bool(said & {"error", "parameter-error"} or told.get("failed_emails"))  # the last is UniSender's

"""An IMAP mailbox (RFC 3501): only what is new is fetched, in batches, with PEEK, and of each message a beginning."""

import ssl
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from imapclient import SEEN, IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, LoginError

from crm.mail.mailbox import READ_AT_MOST, ConnectionLost, Letter, MailboxError, Seen, SignInRefused

BATCH = 50  # messages
BATCH_OCTETS = 8 * 1024 * 1024
LISTED = 80_000  # UIDs that one answer may list: imaplib gives up on lines of more than a million octets
ANSWERS = (b"BODY[]<0>", b"BODY[]")  # not every server repeats where it began
ASK = f"BODY.PEEK[]<0.{READ_AT_MOST}>"

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class ImapServer:
    """`security`: tls, starttls or none. With `token` the secret is an OAuth 2 access token (XOAUTH2)."""

    host: str
    port: int
    security: str
    username: str
    secret: str = field(repr=False)
    token: bool = False
    timeout: float = 30.0  # seconds that the server may be silent
    context: ssl.SSLContext | None = None


def _translated(method: "Callable[Concatenate[ImapBox, P], R]") -> "Callable[Concatenate[ImapBox, P], R]":
    """What the network and the library raise, as what a Box raises."""

    @wraps(method)
    def translated(self: "ImapBox", /, *args: P.args, **kwargs: P.kwargs) -> R:
        with _as_mailbox_error():
            return method(self, *args, **kwargs)

    return translated


class _as_mailbox_error:
    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        if isinstance(error, ssl.SSLCertVerificationError):
            raise MailboxError(f"The server's certificate cannot be trusted: {error.verify_message}.") from error
        if isinstance(error, LoginError) and not _is_for_now(error):
            raise SignInRefused(_said(error)) from error
        if isinstance(error, IMAPClientAbortError | OSError | EOFError):
            raise ConnectionLost(_said(error)) from error
        if isinstance(error, IMAPClientError | ValueError):
            raise MailboxError(_said(error)) from error


class ImapBox:
    def __init__(self, server: ImapServer) -> None:
        """Connects and signs in. Raises MailboxError."""
        with _as_mailbox_error():
            self._client = _connect(server)
            try:
                _sign_in(self._client, server)
            except BaseException:
                self._client.shutdown()
                raise

    @_translated
    def folder_names(self) -> list[str]:
        return [str(name) for flags, _delimiter, name in self._client.list_folders() if b"\\Noselect" not in flags]

    def letters(self, folder: str, seen: Seen, since: date | None) -> Iterator[Letter]:
        selected = self._select(folder, readonly=True)
        validity = _validity(selected)
        for uids in self._found(seen.last_uid(folder, validity), since, selected):
            for batch in self._batches(uids):
                yield from self._fetched(folder, validity, batch)

    @_translated
    def mark_read(self, folder: str, validity: int, uids: Iterable[str]) -> None:
        if here := self._still_there(folder, validity, uids):
            self._client.add_flags(here, [SEEN], silent=True)

    @_translated
    def move(self, folder: str, validity: int, uids: Iterable[str], target: str) -> None:
        here = self._still_there(folder, validity, uids)
        if not here:
            return
        if not self._client.folder_exists(target):
            self._client.create_folder(target)
        self._client.add_flags(here, [SEEN], silent=True)
        if self._client.has_capability("MOVE"):
            self._client.move(here, target)
            return
        # Without UIDPLUS an EXPUNGE would remove what others have marked, so the copy is made and the rest left.
        self._client.copy(here, target)
        if self._client.has_capability("UIDPLUS"):
            self._client.delete_messages(here, silent=True)
            self._client.uid_expunge(here)

    def close(self) -> None:
        with suppress(IMAPClientError, OSError):
            self._client.logout()

    @_translated
    def _select(self, folder: str, readonly: bool) -> dict[bytes, Any]:
        return dict(self._client.select_folder(folder, readonly=readonly))

    def _found(self, after: int, since: date | None, selected: dict[bytes, Any]) -> Iterator[list[int]]:
        """The UIDs behind `after`, of a huge folder some at a time."""
        following = int(selected.get(b"UIDNEXT") or 0)
        if not following or int(selected.get(b"EXISTS") or 0) <= LISTED:
            # "n:*" always finds the last message, even when it is older than n (RFC 3501 §6.4.8).
            yield [uid for uid in self._search(f"{after + 1}:*", since) if uid > after]
            return
        for start in range(after + 1, following, LISTED):
            yield self._search(f"{start}:{min(start + LISTED, following) - 1}", since)

    @_translated
    def _search(self, uids: str, since: date | None) -> list[int]:
        criteria: list[Any] = ["UID", uids]
        if since is not None:
            criteria += ["SINCE", since]
        return sorted(self._client.search(criteria))

    def _batches(self, uids: Sequence[int]) -> Iterator[list[int]]:
        """Few enough at a time to be held in memory, whatever their sizes."""
        for start in range(0, len(uids), BATCH):
            batch: list[int] = []
            octets = 0
            for uid, size in self._sizes(uids[start : start + BATCH]):
                octets += min(size, READ_AT_MOST)
                if batch and octets > BATCH_OCTETS:
                    yield batch
                    batch, octets = [], min(size, READ_AT_MOST)
                batch.append(uid)
            if batch:
                yield batch

    def _sizes(self, uids: Sequence[int]) -> list[tuple[int, int]]:
        """Where the server cannot tell, the largest that is fetched; whose messages they are is found out there."""
        try:
            return self._asked_sizes(uids)
        except ConnectionLost:
            raise
        except MailboxError:
            return [(uid, READ_AT_MOST) for uid in uids]

    @_translated
    def _asked_sizes(self, uids: Sequence[int]) -> list[tuple[int, int]]:
        answers = self._client.fetch(list(uids), ["RFC822.SIZE"])
        return sorted((uid, int(answers[uid].get(b"RFC822.SIZE") or 0)) for uid in answers)

    def _fetched(self, folder: str, validity: int, uids: Sequence[int]) -> list[Letter]:
        """A server that cannot read one message says no to all that were asked for with it (RFC 3501 §6.4.5): then they
        are asked for one by one. Where not a single one can be read it is no message's fault."""
        try:
            return self._fetch(folder, validity, uids)
        except ConnectionLost:
            raise
        except MailboxError:
            if len(uids) == 1:
                raise
        letters: list[Letter] = []
        for uid in uids:
            try:
                letters += self._fetch(folder, validity, [uid])
            except ConnectionLost:
                raise
            except MailboxError as error:
                letters.append(Letter(folder, validity, str(uid), 0, b"", str(error)))
        if letters and all(letter.error for letter in letters):
            raise MailboxError(letters[0].error)
        return letters

    @_translated
    def _fetch(self, folder: str, validity: int, uids: Sequence[int]) -> list[Letter]:
        answers = self._client.fetch(list(uids), [ASK, "RFC822.SIZE"])
        return [_letter(folder, validity, uid, answers[uid]) for uid in sorted(answers)]

    def _still_there(self, folder: str, validity: int, uids: Iterable[str]) -> list[int]:
        """Nothing under another UIDVALIDITY: the numbers then mean other messages."""
        if _validity(self._select(folder, readonly=False)) != validity:
            return []
        wanted = [int(uid) for uid in uids]
        return sorted(self._client.search(["UID", ",".join(map(str, wanted))])) if wanted else []


def _validity(selected: dict[bytes, Any]) -> int:
    """Never 0, which is a Maildir's; where a server names none it is believed that nothing ever changes."""
    return int(selected.get(b"UIDVALIDITY") or 1)


def _letter(folder: str, validity: int, uid: int, answer: dict[bytes, Any]) -> Letter:
    raw = next((bytes(answer[name] or b"") for name in ANSWERS if name in answer), None)  # an empty one may be NIL
    size = int(answer.get(b"RFC822.SIZE") or len(raw or b""))
    return Letter(folder, validity, str(uid), size, raw or b"", "" if raw is not None else "the server gave no text")


def _connect(server: ImapServer) -> IMAPClient:
    context = server.context or ssl.create_default_context()
    client = IMAPClient(
        server.host,
        port=server.port,
        ssl=server.security == "tls",
        ssl_context=context if server.security == "tls" else None,
        timeout=SocketTimeout(connect=10.0, read=server.timeout),
    )
    if server.security == "starttls":
        client.starttls(context)
    return client


def _sign_in(client: IMAPClient, server: ImapServer) -> None:
    if server.token:
        client.oauth2_login(server.username, server.secret)
    else:
        client.login(server.username, server.secret)


def _is_for_now(error: LoginError) -> bool:
    """The connection was lost, or the server could not look (RFC 5530): that says nothing about the password."""
    return isinstance(error.__context__, IMAPClientAbortError) or "[UNAVAILABLE]" in str(error).upper()


def _said(error: BaseException) -> str:
    text = error.args[0] if error.args else ""
    text = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(error)
    return text[:500] or type(error).__name__

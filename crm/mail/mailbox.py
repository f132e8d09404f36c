"""What a mailbox is to those who read it: folders of letters, read without a trace and marked only on request.

Two kinds, IMAP and Maildir, behind one protocol; `crm.mail.mailbox_opening` opens the one that an account has.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple, Protocol

READ_AT_MOST = 1024 * 1024  # octets of one message; of longer ones only the beginning, where a report says it all


class MailboxError(Exception):
    """The mailbox cannot be reached or read; the text says why, in the server's words where it has any."""


class ConnectionLost(MailboxError):
    """In the middle of it: what was read so far counts, and another connection may go on."""


class SignInRefused(MailboxError):
    """The server does not believe the password or token."""


class Letter(NamedTuple):
    """One message, read up to READ_AT_MOST octets. `size` is its real one. `error`: why this one cannot be read, while
    others can."""

    folder: str
    validity: int  # UIDVALIDITY (RFC 3501 §2.3.1.1); 0 in a Maildir
    uid: str
    size: int
    raw: bytes
    error: str = ""

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of what was read and of the real size."""
        return hashlib.sha256(self.raw + b"%d" % self.size).hexdigest()

    @property
    def is_cut(self) -> bool:
        return self.size > len(self.raw)


class Seen(Protocol):
    """What was read before."""

    def last_uid(self, folder: str, validity: int) -> int: ...

    def unseen(self, folder: str, uids: Sequence[str]) -> list[str]: ...


class Box(Protocol):
    """An open mailbox. Every method raises MailboxError."""

    def folder_names(self) -> list[str]: ...

    def letters(self, folder: str, seen: Seen, since: date | None) -> Iterator[Letter]:
        """What was not seen yet, in the order of its arrival. Changes nothing in the mailbox."""
        ...

    def mark_read(self, folder: str, validity: int, uids: Iterable[str]) -> None: ...

    def move(self, folder: str, validity: int, uids: Iterable[str], target: str) -> None:
        """Uids that are not there any more are no error: another program may have moved them."""
        ...

    def close(self) -> None: ...

"""Reading a mailbox: each message handled exactly once, whatever is killed when.

The row HandledMessage is written in the transaction of the consequences; only then the mailbox is told to flag or move
the message. Between the two a killed run leaves `is_settled` False, and the next run settles it. Who reads holds a
lease, and stops when it was lost to another run; what both of them take is handled by the first.

Nothing stands in the way of the rest: a folder that is gone or cannot be moved to is told of, and the others are read.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Q
from django.utils import timezone

from crm.clock import database_now
from crm.mail.mailbox import Box, ConnectionLost, Letter, MailboxError
from crm.mail.mailbox_opening import opened
from crm.models import AfterHandling, HandledMessage, Mailbox, MailFolder

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
RENEW_AFTER = 60.0  # seconds
AT_MOST = 120.0  # seconds that one run reads one mailbox; what is left waits for the next run
CONNECTIONS = 3  # per run: a connection that is lost is opened again, where reading goes on
TOLD_AT_ONCE = 500  # messages that one command names: servers limit the length of a line
GIVE_UP = timedelta(days=7)  # after which a message that cannot be flagged or moved stays as it is
FIRST_RETRY, LAST_RETRY = timedelta(minutes=5), timedelta(hours=6)

REPEATED, FAILED = "repeated", "error"


class Treat(StrEnum):
    """Whether the mailbox may be told about a message: only of mail that was for us."""

    TIDY = "tidy"
    LEAVE = "leave"


class TakenOver(Exception):
    """The lease ended, and another run reads the mailbox."""


class Unreadable(Exception):
    """The mailbox cannot give this one message."""


Handle = Callable[[Mailbox, Letter], tuple[str, Treat]]  # → outcome in one word, and what the mailbox is told


def read_mailbox(mailbox: Mailbox, handle: Handle) -> Counter[str]:
    """Handle what is new; how many came to each outcome, with their sum under "read". Raises MailboxError.

    `handle` is called within a transaction; when it raises, that one message counts as an error and the run goes on.
    """
    run = _Run(mailbox, handle)
    if mailbox.is_backing_off or not run.hold():
        return run.counts
    try:
        run.read()
    except TakenOver:
        logger.warning("The mailbox of %s is read by another run by now", mailbox)
        return run.counts
    except (OperationalError, InterfaceError):
        raise  # the database, not the mailbox
    except Exception as error:
        _note_failure(mailbox, str(error))
        if isinstance(error, MailboxError):
            raise
        logger.exception("The mailbox of %s cannot be read", mailbox)
        raise MailboxError(f"{type(error).__name__}: {error}") from error
    finally:
        run.release()
    _note_success(mailbox, "; ".join(run.troubles))
    return run.counts


class _Run:
    def __init__(self, mailbox: Mailbox, handle: Handle) -> None:
        self.counts: Counter[str] = Counter()
        self.troubles: list[str] = []  # of single folders
        self._mailbox, self._handle = mailbox, handle
        self._started = self._held = time.monotonic()
        self._lease: datetime | None = None

    def hold(self) -> bool:
        """Take the lease; False while somebody else has it."""
        now = database_now()
        self._held = time.monotonic()
        self._lease = now + LEASE
        free = Mailbox.objects.filter(Q(reading_until=None) | Q(reading_until__lt=now), pk=self._mailbox.pk)
        return bool(free.update(reading_until=self._lease))

    def release(self) -> None:
        Mailbox.objects.filter(pk=self._mailbox.pk, reading_until=self._lease).update(reading_until=None)

    def read(self) -> None:
        for connection in range(1, CONNECTIONS + 1):
            try:
                with opened(self._mailbox) as box:
                    self._read(box)
                return
            except ConnectionLost:
                if connection == CONNECTIONS:
                    raise

    def _read(self, box: Box) -> None:
        self.troubles = []
        _settle(self._mailbox, box, self._noted)
        folders = self._mailbox.folder_names
        unread = sum(not self._read_folder(box, folder) for folder in folders)
        if unread == len(folders):
            raise MailboxError("; ".join(self.troubles))

    def _read_folder(self, box: Box, folder: str) -> bool:
        before = len(self.troubles)
        with self._noted(folder):
            for letter in box.letters(folder, _Seen(self._mailbox), self._mailbox.fetch_since):
                self._take(letter)
                if time.monotonic() - self._started > AT_MOST:
                    break
        is_read = len(self.troubles) == before
        _settle(self._mailbox, box, self._noted)
        return is_read

    @contextmanager
    def _noted(self, folder: str) -> Iterator[None]:
        """Trouble of one folder is told, and keeps nobody from the others."""
        try:
            yield
        except ConnectionLost:
            raise
        except MailboxError as error:
            logger.warning("The folder %s of %s: %s", folder, self._mailbox, error)
            self.troubles.append(f"{folder}: {error}")

    def _take(self, letter: Letter) -> None:
        """One message with all its consequences, or none of them."""
        try:
            with transaction.atomic():
                outcome = self._handled(letter)
        except (OperationalError, InterfaceError):
            raise  # the database, not the message: the next run meets it again
        except Exception:
            if _is_known(self._mailbox, letter):  # by another run, at the same time
                return
            logger.exception("Message %s/%s of %s could not be handled", letter.folder, letter.uid, self._mailbox)
            with transaction.atomic():
                _remember(self._mailbox, letter, FAILED, Treat.LEAVE)
            outcome = FAILED
        self.counts.update(("read", outcome))
        self._renew()

    def _handled(self, letter: Letter) -> str:
        if letter.error:
            raise Unreadable(letter.error)
        before = HandledMessage.objects.filter(mailbox=self._mailbox, digest=letter.digest).exclude(outcome=FAILED)
        if before.exists():
            outcome, treat = REPEATED, Treat.LEAVE
        else:
            outcome, treat = self._handle(self._mailbox, letter)
        _remember(self._mailbox, letter, outcome, treat)
        return outcome

    def _renew(self) -> None:
        """Raises TakenOver."""
        if time.monotonic() - self._held > RENEW_AFTER:
            self._held = time.monotonic()
            later = database_now() + LEASE
            mine = Mailbox.objects.filter(pk=self._mailbox.pk, reading_until=self._lease)
            if not mine.update(reading_until=later):
                raise TakenOver
            self._lease = later


class _Seen:
    """What was read before, as a Box asks for it."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    def last_uid(self, folder: str, validity: int) -> int:
        rows = MailFolder.objects.filter(mailbox=self._mailbox, name=folder, validity=validity)
        return rows.values_list("last_uid", flat=True).first() or 0

    def unseen(self, folder: str, uids: Sequence[str]) -> list[str]:
        found: list[str] = []
        for start in range(0, len(uids), 500):
            some = uids[start : start + 500]
            rows = HandledMessage.objects.filter(mailbox=self._mailbox, folder=folder, uid__in=some)
            known = set(rows.values_list("uid", flat=True))
            found += [uid for uid in some if uid not in known]
        return found


def _remember(mailbox: Mailbox, letter: Letter, outcome: str, treat: Treat) -> None:
    is_told = treat is Treat.LEAVE or mailbox.after == AfterHandling.LEAVE
    HandledMessage.objects.create(
        mailbox=mailbox, folder=letter.folder, validity=letter.validity, uid=letter.uid, digest=letter.digest,
        outcome=outcome[:20], is_settled=is_told,
    )  # fmt: skip
    if letter.validity:
        folder, _is_new = MailFolder.objects.get_or_create(
            mailbox=mailbox, name=letter.folder, validity=letter.validity
        )
        uid = int(letter.uid)  # never back: a run that lost its lease may be slower than the one that has it
        MailFolder.objects.filter(pk=folder.pk, last_uid__lt=uid).update(last_uid=uid)


def _is_known(mailbox: Mailbox, letter: Letter) -> bool:
    same = HandledMessage.objects.filter(mailbox=mailbox, folder=letter.folder, validity=letter.validity)
    return same.filter(uid=letter.uid).exists()


def _settle(mailbox: Mailbox, box: Box, noted: Callable[[str], AbstractContextManager[None]]) -> None:
    """Tell the mailbox what was decided, also by a run that was killed before it could. `noted`: _Run._noted."""
    rows = HandledMessage.objects.filter(mailbox=mailbox, is_settled=False).order_by("pk")
    places: dict[tuple[str, int], list[HandledMessage]] = {}
    for row in rows:
        places.setdefault((row.folder, row.validity), []).append(row)
    for (folder, validity), found in places.items():
        for start in range(0, len(found), TOLD_AT_ONCE):
            with noted(folder):
                _tell(mailbox, box, folder, validity, found[start : start + TOLD_AT_ONCE])


def _tell(mailbox: Mailbox, box: Box, folder: str, validity: int, rows: Sequence[HandledMessage]) -> None:
    uids, told = [row.uid for row in rows], HandledMessage.objects.filter(pk__in=[row.pk for row in rows])
    try:
        if mailbox.after == AfterHandling.MOVE:
            box.move(folder, validity, uids, mailbox.move_to)
        elif mailbox.after == AfterHandling.MARK_READ:
            box.mark_read(folder, validity, uids)
    except ConnectionLost:
        raise
    except MailboxError:
        told.filter(at__lt=timezone.now() - GIVE_UP).update(is_settled=True)
        raise
    told.update(is_settled=True)


def _note_failure(mailbox: Mailbox, error: str) -> None:
    """Back off: 5 minutes, then twice as long each time, at most 6 hours."""
    wait = min(FIRST_RETRY * 2 ** min(mailbox.failures, 10), LAST_RETRY)
    values = {"failures": mailbox.failures + 1, "retry_at": timezone.now() + wait, "last_error": error[:500]}
    Mailbox.objects.filter(pk=mailbox.pk).update(**values)


def _note_success(mailbox: Mailbox, troubles: str) -> None:
    """It is read; `troubles` of single folders are shown, and asked about again next time."""
    values = {"failures": 0, "retry_at": None, "last_error": troubles[:500], "last_ok_at": timezone.now()}
    Mailbox.objects.filter(pk=mailbox.pk).update(**values)

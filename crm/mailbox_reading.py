"""Reading a mailbox: each message handled exactly once, whatever is killed when.

The row HandledMessage is written in the transaction of the consequences; only then the mailbox is told to flag or move
the message. Between the two a killed run leaves `is_settled` False, and the next run settles it. Who reads holds a
lease, so two runs at once do no harm.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
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
FIRST_RETRY, LAST_RETRY = timedelta(minutes=5), timedelta(hours=6)

REPEATED, FAILED = "repeated", "error"


class Treat(StrEnum):
    """Whether the mailbox may be told about a message: only of mail that was for us."""

    TIDY = "tidy"
    LEAVE = "leave"


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
    except MailboxError as error:
        _note_failure(mailbox, str(error))
        raise
    finally:
        Mailbox.objects.filter(pk=mailbox.pk).update(reading_until=None)
    _note_success(mailbox)
    return run.counts


class _Run:
    def __init__(self, mailbox: Mailbox, handle: Handle) -> None:
        self.counts: Counter[str] = Counter()
        self._mailbox, self._handle = mailbox, handle
        self._started = self._held = time.monotonic()

    def hold(self) -> bool:
        """Take the lease; False while somebody else has it."""
        now = database_now()
        free = Q(reading_until=None) | Q(reading_until__lt=now)
        self._held = time.monotonic()
        return bool(Mailbox.objects.filter(free, pk=self._mailbox.pk).update(reading_until=now + LEASE))

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
        _settle(self._mailbox, box)
        for folder in self._mailbox.folder_names:
            for letter in box.letters(folder, _Seen(self._mailbox), self._mailbox.fetch_since):
                self._take(letter)
                if time.monotonic() - self._started > AT_MOST:
                    break
            _settle(self._mailbox, box)

    def _take(self, letter: Letter) -> None:
        """One message with all its consequences, or none of them."""
        try:
            with transaction.atomic():
                outcome = self._handled(letter)
        except (OperationalError, InterfaceError):
            raise  # the database, not the message: the next run meets it again
        except Exception:
            logger.exception("Message %s/%s of %s could not be handled", letter.folder, letter.uid, self._mailbox)
            with transaction.atomic():
                _remember(self._mailbox, letter, FAILED, Treat.LEAVE)
            outcome = FAILED
        self.counts.update(("read", outcome))
        self._renew()

    def _handled(self, letter: Letter) -> str:
        before = HandledMessage.objects.filter(mailbox=self._mailbox, digest=letter.digest).exclude(outcome=FAILED)
        if before.exists():
            outcome, treat = REPEATED, Treat.LEAVE
        else:
            outcome, treat = self._handle(self._mailbox, letter)
        _remember(self._mailbox, letter, outcome, treat)
        return outcome

    def _renew(self) -> None:
        if time.monotonic() - self._held > RENEW_AFTER:
            self._held = time.monotonic()
            Mailbox.objects.filter(pk=self._mailbox.pk).update(reading_until=database_now() + LEASE)


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
        MailFolder.objects.update_or_create(
            mailbox=mailbox, name=letter.folder, validity=letter.validity, defaults={"last_uid": int(letter.uid)}
        )


def _settle(mailbox: Mailbox, box: Box) -> None:
    """Tell the mailbox what was decided, also by a run that was killed before it could."""
    rows = HandledMessage.objects.filter(mailbox=mailbox, is_settled=False).order_by("pk")
    places: dict[tuple[str, int], list[HandledMessage]] = {}
    for row in rows:
        places.setdefault((row.folder, row.validity), []).append(row)
    for (folder, validity), found in places.items():
        uids = [row.uid for row in found]
        if mailbox.after == AfterHandling.MOVE:
            box.move(folder, validity, uids, mailbox.move_to)
        elif mailbox.after == AfterHandling.MARK_READ:
            box.mark_read(folder, validity, uids)
        HandledMessage.objects.filter(pk__in=[row.pk for row in found]).update(is_settled=True)


def _note_failure(mailbox: Mailbox, error: str) -> None:
    """Back off: 5 minutes, then twice as long each time, at most 6 hours."""
    wait = min(FIRST_RETRY * 2 ** min(mailbox.failures, 10), LAST_RETRY)
    values = {"failures": mailbox.failures + 1, "retry_at": timezone.now() + wait, "last_error": error[:500]}
    Mailbox.objects.filter(pk=mailbox.pk).update(**values)


def _note_success(mailbox: Mailbox) -> None:
    Mailbox.objects.filter(pk=mailbox.pk).update(failures=0, retry_at=None, last_error="", last_ok_at=timezone.now())

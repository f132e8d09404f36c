"""*Sync with Reports*: a target list follows what reports find, by hand or by the job of the night.

A report that cannot be used any more is passed over and named, and while there is one nobody is taken off: its people
would go with it. An automatic sync takes nobody off either when the reports find nobody at all. Opt-outs stay.
"""

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.audit import audit
from crm.models import User
from targets.matching import Match, Removal
from targets.models import Report, ReportSync, Source, SyncMode, TargetList
from targets.reports import ReportError, report_records

logger = logging.getLogger(__name__)
DEAD_AFTER = timedelta(minutes=10)  # a run without a sign of life; one portion takes seconds
LONGEST_ERROR = 500
REMOVALS = {SyncMode.ADD: Removal.NOBODY, SyncMode.FOLLOW: Removal.BROUGHT, SyncMode.EXACT: Removal.OTHERS}

Problems = list[list[str]]  # [[name of the report or "", sentence]]
Tell = Callable[[int], object]  # how many entries were changed so far


class SyncRunning(Exception):
    """Somebody else is at it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a sync would do; `match` is None when there is no report that can be used."""

    match: Match | None
    problems: Problems

    @property
    def added(self) -> int:
        return self.match.missing().count if self.match else 0

    @property
    def removed(self) -> int:
        return self.match.surplus().count if self.match else 0


@dataclass(frozen=True, slots=True)
class Synced:
    added: int
    removed: int
    problems: Problems


def plan(sync: ReportSync, *, by_hand: bool = True) -> Plan:
    """Looks at the reports as they are now."""
    queries, problems = [], []
    for report in reports_of(sync):
        try:
            queries.append(report_records(report))
        except ReportError as error:
            problems.append([report.name, str(error)])
    removal = REMOVALS[SyncMode(sync.mode)]
    if removal is not Removal.NOBODY and problems:
        problems.append(["", _("Nobody is taken off the list as long as a report cannot be used.")])
        removal = Removal.NOBODY
    elif removal is not Removal.NOBODY and not by_hand and not any(rows.exists() for rows in queries):
        problems.append(["", _("The reports find nobody. Only a sync by hand takes everybody off the list.")])
        removal = Removal.NOBODY
    return Plan(Match(sync.target_list, queries, Source.REPORT, removal) if queries else None, problems)


def reports_of(sync: ReportSync) -> list[Report]:
    return list(sync.reports.select_related("owner", "entity_type"))


def run(sync: ReportSync, user: User | None = None, tell: Tell | None = None) -> Synced:
    """Bring the list in step; `user` is who does it by hand. May be repeated after a crash.

    Raises SyncRunning, and what the database raises: then the list shows that too.
    """
    if not _claim(sync):
        raise SyncRunning(_("This list is being synced at the moment."))
    try:
        done = _carry_out(sync, by_hand=user is not None, tell=tell)
    except Exception as error:
        note = [["", _("The sync stopped: %(error)s") % {"error": f"{type(error).__name__}: {error}"[:LONGEST_ERROR]}]]
        _note(sync, user, Synced(0, 0, note))
        raise
    _note(sync, user, done)
    return done


def _carry_out(sync: ReportSync, *, by_hand: bool, tell: Tell | None) -> Synced:
    made = plan(sync, by_hand=by_hand)
    added = removed = 0
    for portion in made.match.carry_out() if made.match else ():
        added, removed = added + portion.added, removed + portion.removed
        ReportSync.objects.filter(pk=sync.pk).update(claimed_at=timezone.now())
        if tell:
            tell(added + removed)
    return Synced(added, removed, made.problems)


def _claim(sync: ReportSync) -> bool:
    now = timezone.now()
    free = Q(claimed_at=None) | Q(claimed_at__lt=now - DEAD_AFTER)
    return bool(ReportSync.objects.filter(free, pk=sync.pk).update(claimed_at=now))


def _note(sync: ReportSync, user: User | None, done: Synced) -> None:
    """What came of it, on the list and in the audit log, and the claim is given back."""
    with transaction.atomic():
        ReportSync.objects.filter(pk=sync.pk).update(
            claimed_at=None, last_run_at=timezone.now(), last_user=user, last_added=done.added,
            last_removed=done.removed, problems=done.problems,
        )  # fmt: skip
        if user or done.added or done.removed:
            audit(user, "target_list.synced", sync.target_list, added=done.added, removed=done.removed, mode=sync.mode)


# ---- every night


@dataclass(frozen=True, slots=True)
class Night:
    """What syncing all lists came to. `failed` names the lists whose sync the database stopped."""

    lists: int
    added: int
    removed: int
    with_problems: int
    failed: list[str]


def sync_all() -> Night:
    """Every list that is to be synced automatically. One that fails keeps no other one waiting."""
    done, failed = [], []
    for sync in ReportSync.objects.filter(is_automatic=True, reports__isnull=False).distinct().order_by("pk"):
        try:
            done.append(run(sync))
        except SyncRunning:
            logger.info("List %s is being synced already", sync.target_list_id)
        except Exception:
            logger.exception("Syncing list %s failed", sync.target_list_id)
            failed.append(str(sync.target_list))
    return Night(
        len(done), sum(one.added for one in done), sum(one.removed for one in done),
        sum(bool(one.problems) for one in done), failed,
    )  # fmt: skip


# ---- choosing


def sync_of(target_list: TargetList) -> ReportSync:
    """That of the list, or a new one that is not saved."""
    return ReportSync.objects.filter(target_list=target_list).first() or ReportSync(target_list=target_list)


def save_sync(sync: ReportSync, reports: Collection[Report], user: User) -> None:
    with transaction.atomic():
        sync.save()
        sync.reports.set(reports)
        audit(
            user, "target_list.sync_changed", sync.target_list, mode=sync.mode, automatic=sync.is_automatic,
            reports=[report.pk for report in reports],
        )  # fmt: skip

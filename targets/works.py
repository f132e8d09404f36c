"""Long work on target lists in the background: combining, copying, syncing, putting on, emptying.

Each gets what it needs as ids in the parameters of its task, tells how far it is after every portion, and may be
started again after its worker was killed.
"""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from crm import background
from crm.access import Request
from crm.audit import audit
from crm.background import Progress
from crm.entities.bulk import is_long
from crm.lists.posted import request_again, selection_of
from crm.models import BackgroundTask, EntityType, Record, User
from crm.undo import token_for
from targets import combining, sync
from targets.bulk import unlinked_text
from targets.combining import Combination, Way
from targets.matching import Match
from targets.member_acts import PORTION
from targets.membership import copy_members, leaving, unlink_all
from targets.models import ReportSync, Source, TargetList
from targets.panels import members
from targets.target_lists import copy_of
from targets.undoing import MOST_UNDONE

COMBINE, DUPLICATE, SYNC = "targets.combine", "targets.duplicate", "targets.sync"
COPY, EMPTY = "targets.copy", "targets.empty"
MOST_COPIED = 5_000  # memberships in one statement: nobody waits


# ---- combining lists


def combine(
    user: User, combination: Combination, target_list: TargetList, *, replace: bool
) -> BackgroundTask | dict[str, Any]:
    """Do it, or begin it when it is long. Done at once, the answer is what `told` says of it."""
    match = combination.into(target_list, replace=replace)
    number = match.missing().count + match.surplus().count
    if not is_long(number):
        return _combine(user, combination, match)
    given = {
        "way": combination.way.value,
        "lists": [one.pk for one in combination.lists],
        "into": target_list.pk,
        "replace": replace,
    }
    title = _("Combine lists into “%(list)s”") % {"list": target_list}
    return background.begin(COMBINE, title, user, total=number, parameters=given)


def combine_in_background(progress: Progress) -> None:
    given = progress.parameters
    found = TargetList.objects.in_bulk(given["lists"])
    combination = Combination(Way(given["way"]), [found[pk] for pk in given["lists"]])
    target_list = TargetList.objects.get(pk=given["into"])
    told = _combine(progress.user, combination, combination.into(target_list, replace=given["replace"]), progress)
    undo = {"undo": token_for(progress.user, told["verb"], **told["arguments"])} if told["verb"] else {}
    progress.finish(told["text"], target_list.get_absolute_url(), **undo)


def _combine(user: User, combination: Combination, match: Match, progress: Progress | None = None) -> dict[str, Any]:
    added, removed = _through(match, progress)
    combining.note(user, match.target_list, combination, added, removed)
    # What it took off cannot be brought back from the moment alone.
    verb = "target_list.combine" if added and not removed else ""
    arguments = {"target_list": match.target_list.pk, "at": match.at.isoformat()}
    return {"text": combining.done_text(added, removed), "verb": verb, "arguments": arguments}


def _through(match: Match, progress: Progress | None) -> tuple[int, int]:
    added = removed = 0
    for portion in match.carry_out():
        added, removed = added + portion.added, removed + portion.removed
        if progress:
            progress.tell(added + removed)
    return added, removed


# ---- duplicating


def duplicate(user: User, target_list: TargetList) -> tuple[TargetList, BackgroundTask | None]:
    """The copy, and what fills it in the background when it is long."""
    copy = copy_of(target_list, user)
    number = target_list.memberships.count()
    if number <= MOST_COPIED:
        copy_members(target_list, copy)
        return copy, None
    title = _("Duplicate “%(list)s”") % {"list": target_list}
    given = {"from": target_list.pk, "into": copy.pk}
    return copy, background.begin(DUPLICATE, title, user, total=number, parameters=given)


def duplicate_in_background(progress: Progress) -> None:
    source, copy = (TargetList.objects.get(pk=progress.parameters[name]) for name in ("from", "into"))
    after = number = 0
    members = source.memberships.order_by("record_id").values_list("record_id", flat=True)
    while ids := list(members.filter(record_id__gt=after)[:MOST_COPIED]):
        number += copy_members(source, copy, after, ids[-1])
        after = ids[-1]
        progress.tell(number)
    progress.finish(combining.done_text(number, 0), reverse("targets:edit", args=[copy.pk]))


# ---- syncing by hand


def begin_sync(request: Request, row: ReportSync, number: int) -> BackgroundTask:
    title = _("Sync “%(list)s” with reports") % {"list": row.target_list}
    return background.begin(SYNC, title, request.user, total=number, parameters={"list": row.target_list_id})


def sync_in_background(progress: Progress) -> None:
    row = ReportSync.objects.select_related("target_list").get(target_list=progress.parameters["list"])
    done = sync.run(row, progress.user, progress.tell)
    progress.finish(combining.done_text(done.added, done.removed), reverse("targets:sync", args=[row.target_list_id]))


# ---- copying members of a panel to another list


def copy_selected(
    request: Request, source: TargetList, entity_type: EntityType | None, target_list: TargetList
) -> BackgroundTask | str:
    """The selected members of a panel; done at once, the answer is what to say."""
    rows = members(request, source, entity_type).selected()
    match = _copies(source, target_list, Record.objects.filter(pk__in=rows.order_by().values("record_id")))
    number = match.missing().count
    if not is_long(number):
        return _copy(request.user, source, match)
    title = _("Copy %(number)s records to “%(list)s”") % {"number": number, "list": target_list}
    given = {
        "from": source.pk,
        "into": target_list.pk,
        "type": entity_type.key if entity_type else "",
        "selection": selection_of(request),
    }
    return background.begin(COPY, title, request.user, total=number, parameters=given)


def copy_in_background(progress: Progress) -> None:
    given = progress.parameters
    source, target_list = (TargetList.objects.get(pk=given[name]) for name in ("from", "into"))
    entity_type = EntityType.objects.get(key=given["type"]) if given["type"] else None
    rows = members(request_again(given["selection"], progress.user), source, entity_type).selected()
    match = _copies(source, target_list, Record.objects.filter(pk__in=rows.order_by().values("record_id")))
    progress.finish(_copy(progress.user, source, match, progress), target_list.get_absolute_url())


def _copies(source: TargetList, target_list: TargetList, records: Any) -> Match:
    return Match(target_list, [records], Source.LIST, opted_out_of=[source.pk])


def _copy(user: User, source: TargetList, match: Match, progress: Progress | None = None) -> str:
    added, _removed = _through(match, progress)
    audit(user, "target_list.added", match.target_list, source=source.pk, number=added)
    return combining.done_text(added, 0)


# ---- emptying a list, or a panel of it


def empty(
    user: User, target_list: TargetList, entity_type: EntityType | None, *, keep_opted_out: bool
) -> BackgroundTask | int:
    """Done at once, the answer is how many were unlinked."""
    number = leaving(target_list, keep_opted_out, entity_type).count()
    if number <= MOST_UNDONE:
        return _note_empty(user, target_list, unlink_all(target_list, keep_opted_out, entity_type))
    title = _("Take %(number)s records off “%(list)s”") % {"number": number, "list": target_list}
    given = {
        "list": target_list.pk,
        "type": entity_type.key if entity_type else "",
        "keep_opted_out": keep_opted_out,
    }
    return background.begin(EMPTY, title, user, total=number, parameters=given)


def empty_in_background(progress: Progress) -> None:
    given = progress.parameters
    target_list = TargetList.objects.get(pk=given["list"])
    entity_type = EntityType.objects.get(key=given["type"]) if given["type"] else None
    rows = leaving(target_list, given["keep_opted_out"], entity_type)
    gone = 0
    while ids := list(rows.order_by("pk").values_list("pk", flat=True)[:PORTION]):
        gone += rows.filter(pk__in=ids).delete()[0]
        progress.tell(gone)
    progress.finish(unlinked_text(_note_empty(progress.user, target_list, gone)), target_list.get_absolute_url())


def _note_empty(user: User, target_list: TargetList, number: int) -> int:
    audit(user, "target_list.unlinked_all", target_list, number=number)
    return number


background.register(COMBINE, combine_in_background)
background.register(DUPLICATE, duplicate_in_background)
background.register(SYNC, sync_in_background)
background.register(COPY, copy_in_background)
background.register(EMPTY, empty_in_background)

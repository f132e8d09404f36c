"""What is done to many members of a panel: at once while Undo can carry them all, else in the background."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm import background
from crm.access import Request
from crm.audit import audit
from crm.background import Progress
from crm.lists.posted import request_again, selection_of
from crm.models import BackgroundTask, EntityType, Record
from targets.bulk import unlinked_text
from targets.membership import cancel_opt_out_all, opt_out_all, unlink
from targets.models import Membership, TargetList
from targets.panels import members

KIND = "targets.members"
PORTION = 2_000


class Act(StrEnum):
    """Its value is the action of the audit log."""

    UNLINK = "target_list.unlinked"
    OPT_OUT = "target_list.opted_out"
    CANCEL = "target_list.opt_outs_canceled"


@dataclass(frozen=True, slots=True)
class Chosen:
    """Members that an act is about; `spared` opted out and stay, because all results were taken, and so does whoever
    opts out while the act is at work (`keeps_opted_out`)."""

    members: QuerySet[Membership]
    spared: int = 0
    keeps_opted_out: bool = False


def chosen(request: Request, target_list: TargetList, entity_type: EntityType | None, act: Act) -> Chosen:
    """The ticked ones of a panel, or with scope=all all of its results.

    Unlinking all results spares those who opted out, unless they are what was looked at: added again, they would get
    mail again.
    """
    page = members(request, target_list, entity_type)
    rows = page.selected()
    if act is Act.UNLINK and request.POST.get("scope") == "all" and page.chip and page.chip.name != "opted-out":
        return Chosen(rows.filter(opted_out_at=None), rows.exclude(opted_out_at=None).count(), True)
    return Chosen(rows)


def carry_out(target_list: TargetList, rows: QuerySet[Membership], act: Act, *, keep_opted_out: bool = False) -> int:
    """How many entries this changed."""
    if act is Act.UNLINK:
        records = Record.objects.filter(pk__in=rows.order_by().values("record_id"))
        return unlink(target_list, records, keep_opted_out=keep_opted_out)
    return (opt_out_all if act is Act.OPT_OUT else cancel_opt_out_all)(target_list, rows)


def done_text(act: Act, number: int) -> str:
    if act is Act.UNLINK:
        return unlinked_text(number)
    if act is Act.OPT_OUT:
        text = ngettext("%(number)s entry is opted out.", "%(number)s entries are opted out.", number)
    else:
        text = ngettext("%(number)s entry is listed again.", "%(number)s entries are listed again.", number)
    return text % {"number": number}


# ---- in the background


def begin(
    request: Request, target_list: TargetList, entity_type: EntityType | None, act: Act, number: int
) -> BackgroundTask:
    titles: dict[Act, Callable[[], str]] = {
        Act.UNLINK: lambda: _("Take %(number)s records off “%(list)s”"),
        Act.OPT_OUT: lambda: _("Opt %(number)s entries out of “%(list)s”"),
        Act.CANCEL: lambda: _("List %(number)s entries of “%(list)s” again"),
    }
    title = titles[act]() % {"number": number, "list": target_list}
    given = {
        "act": act.value,
        "list": target_list.pk,
        "type": entity_type.key if entity_type else "",
        "selection": selection_of(request),
    }
    return background.begin(KIND, title, request.user, total=number, parameters=given)


def act_in_background(progress: Progress) -> None:
    act, target_list = Act(progress.parameters["act"]), TargetList.objects.get(pk=progress.parameters["list"])
    seen = changed = 0
    found = _chosen_again(progress, target_list, act)
    for ids in _portions(found.members):
        rows = Membership.objects.filter(pk__in=ids)
        changed += carry_out(target_list, rows, act, keep_opted_out=found.keeps_opted_out)
        seen += len(ids)
        progress.tell(seen)
    if changed:
        audit(progress.user, act.value, target_list, number=changed)
    progress.finish(done_text(act, changed), reverse("targets:detail", args=[target_list.pk]), number=changed)


def _chosen_again(progress: Progress, target_list: TargetList, act: Act) -> Chosen:
    slug = progress.parameters["type"]
    entity_type = EntityType.objects.get(key=slug) if slug else None
    return chosen(request_again(progress.parameters["selection"], progress.user), target_list, entity_type, act)


def _portions(rows: QuerySet[Membership]) -> Iterator[list[int]]:
    ids = list(rows.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), PORTION):
        yield ids[start : start + PORTION]


background.register(KIND, act_in_background)

"""Adding to and taking off target lists in the background, for more records than a person waits for."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.access import Request
from crm.audit import audit
from crm.background import Progress, begin, register
from crm.entities.bulk import each_portion, parameters, selected_again
from crm.models import BackgroundTask, EntityType
from targets.matching import Match
from targets.membership import unlink
from targets.models import Source, TargetList

ADD, UNLINK = "targets.add", "targets.unlink"


def begin_adding(request: Request, target_list: TargetList, entity_type: EntityType, number: int) -> BackgroundTask:
    title = _("Add %(number)s records to “%(list)s”") % {"number": number, "list": target_list}
    return _begin(ADD, title, request, target_list, entity_type, number)


def begin_unlinking(request: Request, target_list: TargetList, entity_type: EntityType, number: int) -> BackgroundTask:
    title = _("Take %(number)s records off “%(list)s”") % {"number": number, "list": target_list}
    return _begin(UNLINK, title, request, target_list, entity_type, number)


def _begin(
    kind: str, title: str, request: Request, target_list: TargetList, entity_type: EntityType, number: int
) -> BackgroundTask:
    given = parameters(entity_type, request, target_list=target_list.pk)
    return begin(kind, title, request.user, total=number, parameters=given)


def added_text(added: int) -> str:
    return ngettext("%(number)s record was added.", "%(number)s records were added.", added) % {"number": added}


def unlinked_text(number: int) -> str:
    return ngettext("%(number)s record was unlinked.", "%(number)s records were unlinked.", number) % {"number": number}


def add_in_background(progress: Progress) -> None:
    """In a few large portions: with a million, each of them looks through the opt-outs of the list."""
    given = progress.parameters
    target_list, entity_type = (
        TargetList.objects.get(pk=given["target_list"]),
        EntityType.objects.get(key=given["type"]),
    )
    chosen = selected_again(entity_type, given["selection"], progress.user)
    number = 0
    for portion in Match(target_list, [chosen], Source.SELECTION).carry_out():
        number += portion.added
        progress.tell(number)
    _finish(progress, target_list, "target_list.added", number, added_text(number))


def unlink_in_background(progress: Progress) -> None:
    target_list = TargetList.objects.get(pk=progress.parameters["target_list"])
    number = each_portion(progress, lambda records: unlink(target_list, records))
    _finish(progress, target_list, "target_list.unlinked", number, unlinked_text(number))


def _finish(progress: Progress, target_list: TargetList, action: str, number: int, text: str) -> None:
    if number:
        audit(progress.user, action, target_list, number=number)
    progress.finish(text, reverse("targets:detail", args=[target_list.pk]), number=number)


register(ADD, add_in_background)
register(UNLINK, unlink_in_background)

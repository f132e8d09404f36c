"""What can be taken back on target lists: opt-outs, their cancellation, taking members off, combining lists."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.audit import audit
from crm.models import Record, User
from crm.undo import NotUndoable, register
from targets.bulk import unlinked_text
from targets.membership import add_records, opt_out
from targets.models import Membership, Source, TargetList

MOST_UNDONE = 500  # members: the token carries them all
Gone = list[list[Any]]  # [record id, source, opted out at, through which mass email]


def members_before(members: Iterable[Membership]) -> Gone:
    """What `relink` needs to put members back as they were; taken before they are unlinked."""
    return [
        [row.record_id, row.source, row.opted_out_at and row.opted_out_at.isoformat(), row.opted_out_mass_email]
        for row in members
    ]


def relink(user: User, *, target_list: int, members: Gone) -> str:
    """Put members back; who opted out is opted out again, also through another record of the same address."""
    found = TargetList.objects.filter(pk=target_list).first()
    if found is None:
        raise NotUndoable(_("The target list was removed."))
    with transaction.atomic():
        ids = [record for record, *_rest in members]
        number = add_records(found, Record.objects.filter(pk__in=ids))
        for state in {tuple(rest) for _record, *rest in members}:
            _as_before(found, state, [record for record, *rest in members if tuple(rest) == state])
        audit(user, "target_list.relinked", found, number=number)
    text = ngettext("%(number)s record is back on the list.", "%(number)s records are back on the list.", number)
    return text % {"number": number}


def _as_before(target_list: TargetList, state: tuple[Any, ...], ids: list[int]) -> None:
    source, opted_out_at, mass_email = state
    rows = Membership.objects.filter(target_list=target_list, record_id__in=ids)
    rows.update(source=Source(source))
    if opted_out_at:
        rows.listed().update(opted_out_at=datetime.fromisoformat(opted_out_at), opted_out_mass_email=mass_email)


def part_again(user: User, *, target_list: int, at: str) -> str:
    """Take off whom one combination of lists brought: they bear its moment. Others and later ones stay."""
    moment = datetime.fromisoformat(at)
    own_wish = Q(opted_out_at__gte=moment)  # since they came: the list must not forget it
    rows = Membership.objects.filter(~own_wish | Q(opted_out_at=None), target_list=target_list, created_at=moment)
    found = TargetList.objects.filter(pk=target_list).first()
    if found is None or not (number := rows.delete()[0]):
        raise NotUndoable(_("They are no longer on the list."))
    audit(user, "target_list.unlinked", found, number=number)
    return unlinked_text(number)


def cancel_all_by_hand(user: User, *, target_list: int, at: str) -> str:
    """Take back exactly the opt-outs of that moment: those that people made since then stay."""
    rows = Membership.objects.filter(target_list=target_list, opted_out_at=datetime.fromisoformat(at))
    number = rows.filter(opted_out_mass_email=None).update(opted_out_at=None)
    found = TargetList.objects.filter(pk=target_list).first()
    if found is None or not number:
        raise NotUndoable(_("The opt-out has changed meanwhile."))
    audit(user, "target_list.opt_outs_canceled", found, number=number)
    text = ngettext("%(number)s entry is listed again.", "%(number)s entries are listed again.", number)
    return text % {"number": number}


def cancel_by_hand(user: User, *, membership: int, at: str) -> str:
    """Take back exactly the opt-out of that moment: one that the person made since then stays."""
    member = _member(membership)
    # The moment is the same for all records of one address, which were opted out together.
    same = Membership.objects.filter(target_list_id=member.target_list_id, opted_out_at=datetime.fromisoformat(at))
    if not same.update(opted_out_at=None, opted_out_mass_email=None):
        raise NotUndoable(_("The opt-out has changed meanwhile."))
    audit(user, "target_list.opt_out_canceled", member.target_list, record=member.record_id)
    return _("%(name)s is listed again.") % {"name": member.record}


def opt_out_again(user: User, *, membership: int, mass_email: int | None) -> str:
    member = _member(membership)
    if not opt_out(member, mass_email):
        raise NotUndoable(_("The opt-out has changed meanwhile."))
    audit(user, "target_list.opt_out", member.target_list, record=member.record_id)
    return _("%(name)s opted out of this list.") % {"name": member.record}


def _member(pk: int) -> Membership:
    member = Membership.objects.select_related("target_list", "record").filter(pk=pk).first()
    if member is None:
        raise NotUndoable(_("It is no longer on the list."))
    return member


register("target_list.unlink", relink)
register("target_list.combine", part_again)
register("target_list.opt_out_all", cancel_all_by_hand)
register("target_list.opt_out", cancel_by_hand)
register("target_list.cancel_opt_out", opt_out_again)

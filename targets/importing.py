"""Target lists as the place where imported records go."""

from collections.abc import Sequence

from crm.imports.destinations import Destination, register
from crm.models import User
from targets.membership import add_ids
from targets.models import Membership, Source, TargetList
from targets.target_lists import save_list


def choices() -> list[tuple[str, str]]:
    return [(str(pk), name) for pk, name in TargetList.objects.order_by("name").values_list("pk", "name")]


def make(user: User, name: str) -> str:
    target_list = TargetList(name=name, assigned_user=user)
    save_list(target_list, user)
    return str(target_list.pk)


def join(key: str, records: Sequence[int]) -> set[int]:
    """Who opted out of the list with such an address comes to it as Opted Out. A list that is gone takes nobody."""
    target_list = TargetList.objects.filter(pk=key).first()
    if target_list is None:
        return set()
    return add_ids(target_list, records, Source.IMPORT)


def leave(key: str, records: Sequence[int]) -> int:
    """Only those who are listed: an opt-out is the person's word, and stays."""
    target_list = TargetList.objects.filter(pk=key).first()
    if target_list is None:
        return 0
    # One statement: whoever opts out at this very moment stays.
    members = Membership.objects.listed().filter(target_list=target_list, source=Source.IMPORT, record_id__in=records)
    return members.delete()[0]


def opted_out(records: Sequence[int]) -> set[int]:
    """Of whatever list. The memberships are held until the transaction ends: an opt-out that comes meanwhile waits."""
    rows = Membership.objects.select_for_update().filter(record_id__in=records).order_by("pk")
    return {record for record, moment in rows.values_list("record_id", "opted_out_at") if moment}


def about(key: str) -> tuple[str, str] | None:
    target_list = TargetList.objects.filter(pk=key).first()
    return (target_list.name, target_list.get_absolute_url()) if target_list else None


register(Destination(choices, make, join, leave, opted_out, about))

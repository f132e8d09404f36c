"""How many members of each type a target list has, without a look at every one of a million."""

from collections.abc import Sequence

from django.db.models import Count

from crm.lists import CEILING
from crm.lists.counting import capped_counts
from targets.models import Membership, TargetList


def type_counts(target_list: TargetList, types: Sequence[int]) -> dict[int, int]:
    """Type id → members, where there are any; `types` are the ids of all types.

    Of a long list all types but one are few, as a rule: these are counted, the rest is the other one. Only where two
    types have more than CEILING members each, every member is asked for its type.
    """
    here = Membership.objects.filter(target_list=target_list)
    counts = dict(zip(types, capped_counts([here.filter(record__entity_type=pk) for pk in types]), strict=True))
    long = [pk for pk, number in counts.items() if number > CEILING]
    if len(long) > 1:
        return dict(here.values_list("record__entity_type").annotate(number=Count("pk")).order_by())
    if long:
        counts[long[0]] = here.count() - sum(number for pk, number in counts.items() if pk != long[0])
    return {pk: number for pk, number in counts.items() if number}

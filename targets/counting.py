"""How many members of each type a target list has, without a look at every one of a million."""

from django.db.models import Count

from crm.lists import CEILING
from crm.lists.counting import capped_counts
from crm.models import EntityType
from targets.models import Membership, TargetList


def type_counts(target_list: TargetList) -> dict[int, int]:
    """Type id → members. Of a long list all types but one are few, as a rule: these are counted, the rest is the other
    one. Only where two types have more than CEILING members each, every member is asked for its type."""
    here = Membership.objects.filter(target_list=target_list)
    types = list(EntityType.objects.values_list("pk", flat=True))
    counts = dict(zip(types, capped_counts([here.filter(record__entity_type=pk) for pk in types]), strict=True))
    long = [pk for pk, number in counts.items() if number > CEILING]
    if len(long) > 1:
        return dict(here.values_list("record__entity_type").annotate(number=Count("pk")).order_by())
    if long:
        counts[long[0]] = here.count() - sum(number for pk, number in counts.items() if pk != long[0])
    return {pk: number for pk, number in counts.items() if number}

"""What of target lists depends on an entity type: the entries, list by list."""

from collections.abc import Iterator

from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.entities.dependents import FEW, Dependent, Named, register_dependents
from crm.models import EntityField, EntityType
from targets.models import Membership, TargetList


def entries_of(entity_type: EntityType, field: EntityField | None) -> Iterator[Dependent]:
    if field is not None:
        return
    members = Membership.objects.filter(record__entity_type=entity_type)
    counts = dict(members.values_list("target_list").annotate(number=Count("pk")).order_by("-number"))
    lists = TargetList.objects.in_bulk(list(counts)[:FEW])
    named = tuple(
        Named(f"{lists[pk].name} ({counts[pk]:,})", lists[pk].get_absolute_url()) for pk in list(counts)[:FEW]
    )
    sentence = ngettext("Entries on %(number)s target list", "Entries on %(number)s target lists", len(counts))
    outcome = _("Records that are removed leave their lists, with their opt-outs; records that move stay on them.")
    yield Dependent(sentence % {"number": len(counts)}, outcome, len(counts), named)


register_dependents(entries_of)

"""*Select*: the records of one entity type that may come to a target list."""

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _

from crm.access import Request
from crm.entities.listing import record_list
from crm.lists import BulkAction, ListPage, Nothing
from crm.models import EntityType, Record
from targets.models import Membership, TargetList


def candidates(request: Request, target_list: TargetList, entity_type: EntityType) -> ListPage[Record]:
    """The list of the type, with its search and filters, less those who are on the target list already."""
    here = Membership.objects.filter(target_list=target_list, record=OuterRef("pk"))
    select_url = reverse("targets:select", args=[target_list.pk, entity_type.slug])
    found = record_list(
        request,
        entity_type,
        rows=Record.objects.filter(~Exists(here)),
        bulk=[BulkAction(_("Add to the list"), select_url, "user-plus")],
    )
    found.row_menu = ""
    if Record.objects.of_type(entity_type).exists():
        found.nothing = Nothing(_("Everybody is on this list already"), icon="circle-check")
    return found

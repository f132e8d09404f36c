"""What a sync would change, as lists of people: who comes, and who is taken off."""

from django.db.models import Q
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from crm.access import Request
from crm.entities.finding import search_records
from crm.lists import Chip, Column, ListPage
from crm.models import Record
from targets.matching import Difference, Match

ADDRESS = "targets/cell_address.html"


def differences(request: Request, match: Match) -> ListPage[Record]:
    """The chips say which side is looked at."""
    return ListPage(
        request,
        Record.objects.for_list(),
        label=_("What changes"),
        name="changes",
        search=search_records,
        search_hint=_("Name or address"),
        chips=[
            Chip("coming", _("To add"), _in(match.missing())),
            Chip("going", _("To take off"), _in(match.surplus())),
        ],
        columns=[
            Column("name", _("Name"), value=str, template="crm/cell_name.html", sort=("name",)),
            Column("type", _("Type"), value=lambda row: row.entity_type.singular),
            Column("account", _("Account"), value=lambda row: row.account),
            Column("email", _("Email"), lambda row: row.email_address, template=ADDRESS, look="wide"),
        ],
        order="name",
    )


def _in(difference: Difference) -> Q:
    return Q(pk__in=RawSQL(difference.sql, difference.parameters))

"""Whether opens are counted: where nobody looks, none is no zero."""

from typing import Any, TypeVar, cast

from django.db.models import Model, QuerySet, Subquery

from crm.models import Settings

M = TypeVar("M", bound=Model)


def with_opens_on(rows: QuerySet[M]) -> QuerySet[M]:
    """Each row gets `opens_on`, the setting Email Open Tracking, without a query of its own."""
    told: Any = rows.annotate(opens_on=Subquery(Settings.objects.filter(pk=1).values("open_tracking")[:1]))
    return cast("QuerySet[M]", told)

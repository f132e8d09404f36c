"""A target list that follows a report, for the walk over every page: as many come to it as would leave it."""

from targets.models import Report, ReportSync, SyncMode, TargetList

FOLLOWED = "Contacts outside Spain"


def following(target_list: TargetList) -> None:
    """Its categories are a tree, and one of its reports cannot be used any more."""
    report, _made = Report.objects.get_or_create(
        name=FOLLOWED,
        defaults={"entity_type": _contacts(target_list), "is_shared": True,
                  "criteria": {"none": [["f_country", "is", "Spain"]]}},
    )  # fmt: skip
    sync, _made = ReportSync.objects.get_or_create(target_list=target_list, defaults={"mode": SyncMode.EXACT})
    sync.reports.add(report)
    TargetList.objects.filter(pk=target_list.pk).update(category="Newsletters / Europe")
    TargetList.objects.filter(category="", name="Existing customers").update(category="Newsletters")


def _contacts(target_list: TargetList) -> object:
    return target_list.memberships.all()[0].record.entity_type

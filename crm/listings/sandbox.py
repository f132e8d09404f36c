"""The list of what the sandbox has kept."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from crm.access import Request
from crm.lists import BulkAction, Column, Filter, Nothing
from crm.lists.held import HeldChip, HeldList
from crm.mail.sandbox import store
from crm.mail.sandbox.behaviours import BEHAVIOURS
from crm.mail.sandbox.store import Summary


def sandbox_list(request: Request) -> HeldList:
    remove = BulkAction(_("Remove"), reverse("crm:sandbox_remove"), "trash", is_dangerous=True)
    return HeldList(
        request,
        store.summaries(),
        label=_("Sandbox mail"),
        columns=_columns(),
        search=store.found,
        search_hint=_("Recipient or subject"),
        chips=[
            HeldChip("all", _("All")),
            HeldChip("misbehaving", _("Misbehaving"), holds=lambda line: bool(line.behaviour)),
        ],
        filters=[
            Filter("behaviour", _("Behaviour"), _behaving, lambda: [(one.name, one.name) for one in BEHAVIOURS]),
            Filter("since", _("From"), _on_days(lambda day, asked: day >= asked), input_type="date"),
            Filter("until", _("Until"), _on_days(lambda day, asked: day <= asked), input_type="date"),
        ],
        bulk=[remove] if request.user.can_edit else [],
        kept_as="sandbox",
        order="-at",
        size=store.PAGE_SIZE,
        nothing=Nothing(
            _("No mail yet"),
            _(
                "Send a test of a mass email, or schedule one: the sandbox keeps every message as its recipient would "
                "get it."
            ),
            "inbox",
        ),
    )


def _columns() -> list[Column]:
    return [
        Column("subject", _("Subject"), sort=("subject",), template="sandbox/cell_message.html"),
        Column("recipient", _("Recipient"), sort=("recipient",), look="wide"),
        Column("from_header", _("From"), sort=("from_header",), look="muted wide"),
        Column("behaviour", _("Behaviour"), sort=("behaviour",), template="sandbox/cell_behaviour.html"),
        Column("at", _("Received"), sort=("at",), template="includes/cell_when.html", look="muted nowrap"),
        Column("size", _("Size"), sort=("size",), template="crm/cell_octets.html", look="num", is_optional=True),
        Column("sender", _("Sender"), sort=("sender",), look="muted wide", is_optional=True),
    ]


def _behaving(lines: Any, name: str) -> list[Summary]:
    return [line for line in lines if line.behaviour == name]


def _on_days(fits: Callable[[date, date], bool]) -> Callable[[Any, str], Any]:
    """Lines of the days, in the reader's time zone, that fit the day in the text; all of them for what is no day."""

    def narrowed(lines: Any, text: str) -> Any:
        asked = _day(text)
        return [line for line in lines if fits(timezone.localdate(line.at), asked)] if asked else lines

    return narrowed


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:  # the 31st of February is written like a day
        return None

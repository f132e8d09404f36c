"""The kinds of fields as an administrator meets them: icon, what for, and an example."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm.models import FieldKind


@dataclass(frozen=True, slots=True)
class KindWords:
    icon: str
    about: Promise


KINDS: dict[FieldKind, KindWords] = {
    FieldKind.TEXT: KindWords("typography", _("One line: a city, a member number")),
    FieldKind.LONG_TEXT: KindWords("file-text", _("Several lines: notes, an introduction")),
    FieldKind.NUMBER: KindWords("hash", _("Whole or with decimal places, to compare and to add up")),
    FieldKind.MONEY: KindWords("credit-card", _("An amount with two decimal places")),
    FieldKind.DATE: KindWords("calendar", _("A day: a birthday, the end of a contract")),
    FieldKind.DATE_TIME: KindWords("clock", _("A day with its time: an appointment")),
    FieldKind.CHECKBOX: KindWords("checks", _("Yes or no")),
    FieldKind.CHOICE: KindWords("select", _("One out of a list: a status, a size")),
    FieldKind.CHOICES: KindWords("list-check", _("Any number out of a list: interests")),
    FieldKind.URL: KindWords("world", _("An address on the web, shown as a link")),
    FieldKind.EMAIL: KindWords("at", _("A further address to look up; no mass email goes to it")),
    FieldKind.PHONE: KindWords("phone", _("A number to call, shown as a link")),
    FieldKind.LINK: KindWords("link", _("Another record: a coach, a branch office")),
}
ICONS = (
    "user", "users", "users-group", "user-circle", "user-plus", "user-check", "address-book", "id-badge", "man",
    "building", "building-store", "school", "briefcase", "heart", "heartbeat", "star", "trophy", "gift", "ticket",
    "flag", "bulb", "book", "news", "speakerphone", "shopping-cart", "package", "tool", "puzzle", "plane", "rocket",
    "map-pin", "world", "globe", "plug", "shield", "lifebuoy", "receipt", "credit-card", "calendar-event", "tag",
)  # fmt: skip

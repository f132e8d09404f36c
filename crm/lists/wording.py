"""Filter trees as a person would say them."""

from datetime import date
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.criteria import Condition, Fields, Group, Kind, Mode, Part, Takes
from crm.lists import builder

SHOWN_OPTIONS = 3
_JOIN = {Mode.ALL: gettext_lazy("and"), Mode.ANY: gettext_lazy("or"), Mode.NONE: gettext_lazy("or")}


def in_words(node: Condition | Group, fields: Fields) -> str:
    if isinstance(node, Group):
        inner = f" {_JOIN[node.mode]} ".join(in_words(member, fields) for member in node.members)
        if node.mode is Mode.NONE:
            return _("not (%(conditions)s)") % {"conditions": inner}
        return f"({inner})" if len(node.members) > 1 else inner
    field = fields[node.field]
    if field.kind is Kind.EVENT:  # "Opened an email" says it all
        text = _("“%(event)s” did not happen") if node.operator == "did_not" else "%(event)s"
        return ", ".join(filter(None, [text % {"event": field.label}, _value(node, fields)]))
    return " ".join(filter(None, [str(field.label), str(field.usable[node.operator].label), _value(node, fields)]))


def _value(node: Condition, fields: Fields) -> str:
    field = fields[node.field]
    takes = field.usable[node.operator].takes
    if takes is Takes.OPTIONS:
        labels = {str(value): str(label) for value, label in field.options()}
        first = [labels.get(one, one) for one in node.value[:SHOWN_OPTIONS]]
        return ", ".join(first) + (" …" if len(node.value) > SHOWN_OPTIONS else "")
    if takes is Takes.PARTS:
        both = zip(field.parts, node.value, strict=True)
        return ", ".join(_part(part, value) for part, value in both if value is not None)
    if takes is Takes.RECORD:
        return builder.name_of(node.value)
    if takes in {Takes.NUMBERS, Takes.DAYS}:
        return _("%(low)s and %(high)s") % {"low": node.raw[0], "high": node.raw[1]}
    return "" if node.raw is None else str(node.raw)


def _part(part: Part, value: Any) -> str:
    if part.options is not None:
        return str(part.label_of(value) or value)
    shown, label = formats.date_format(value) if isinstance(value, date) else str(value), str(part.label)
    said = label[:1].lower() + label[1:]
    return said.replace("…", shown) if "…" in said else f"{said} {shown}"

"""Template tags of Herald: `{% load herald %}`, which loads those of herald_components.py and herald_forms.py too."""

import re
from datetime import date, datetime, timedelta
from typing import Any

from django import template
from django.core.paginator import Page
from django.template.context import Context
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.timesince import timesince, timeuntil
from django.utils.translation import gettext as _

from crm.addresses.why_words import why_in_words
from crm.templatetags import herald_components, herald_forms
from crm.templatetags.herald_components import icon

register = template.Library()
register.tags.update(herald_forms.register.tags | herald_components.register.tags)
register.filters.update(herald_components.register.filters)

_WORD = re.compile(r"[^\W_][\w'’-]*")
DAY = timedelta(days=1)
RECENT = timedelta(days=7)  # older and farther moments are shown as dates


@register.simple_tag
def pill(label: object, tone: str = "muted", live: bool = False) -> SafeString:
    return format_html('<span class="pill t-{}{}">{}</span>', tone, " live" if live else "", label)


@register.simple_tag
def status(row: Any) -> SafeString:
    """The status of a row: `get_status_display()` in the colour of its `status_tone`, pulsing when `status_is_live`."""
    return pill(row.get_status_display(), row.status_tone, getattr(row, "status_is_live", False))


@register.simple_tag
def avatar(name: object, tone: str = "accent") -> SafeString:
    return format_html('<span class="avatar t-{}" aria-hidden="true">{}</span>', tone, _initials(str(name)))


@register.simple_tag
def who(name: object, url: str = "", note: object = "") -> SafeString:
    """A person in a row: initials, the name as a link to the record, a smaller note below."""
    shown = format_html('<a href="{}">{}</a>', url, name) if url else format_html("<span>{}</span>", name)
    small = format_html("<small>{}</small>", note) if note else ""
    return format_html('<span class="who">{}<span>{}{}</span></span>', avatar(name), shown, small)


def _initials(name: str) -> str:
    words = _WORD.findall(name.split("@")[0])
    letters = [words[0][0], words[-1][0]] if len(words) > 1 else words[0][:2] if words else ""
    return "".join(letters).upper()


@register.simple_tag
def when(moment: datetime | date | None, empty: str = "—", *, is_exact: bool = False) -> SafeString | str:
    """`<time>`: relative within a week, else (and always, when exact) a short date with its hour; the full moment in
    the reader's zone as its title."""
    if moment is None:
        return empty
    if not isinstance(moment, datetime):
        return format_html('<time datetime="{}">{}</time>', moment.isoformat(), formats.date_format(moment))
    local = timezone.localtime(moment)
    now = timezone.localtime()
    full = formats.date_format(local, "DATETIME_FORMAT")
    text = _short(local, now) if is_exact or abs(local - now) >= RECENT else _relative(local, now)
    return format_html('<time datetime="{}" title="{}">{}</time>', local.isoformat(), full, text)


def _short(local: datetime, now: datetime) -> str:
    return formats.date_format(local, "SHORT_DATETIME_FORMAT" if local.year != now.year else _("j M, H:i"))


def _relative(local: datetime, now: datetime) -> str:
    """From 24 hours on by the calendar: what is on Tuesday is 2 days away all Sunday, whatever the hours."""
    away = local - now
    if abs(away) < timedelta(minutes=1):
        return _("in less than a minute") if away > timedelta() else _("just now")
    there, here = (local, now) if abs(away) < DAY else (local.date(), now.date())
    if away > timedelta():
        return _("in %(time)s") % {"time": timeuntil(there, here, depth=1)}
    return _("%(time)s ago") % {"time": timesince(there, here, depth=1)}


@register.simple_tag
def date_range(first: date | None, last: date | None, empty: str = "—") -> SafeString | str:
    """From one day to another, the year once when it is the same; "from …" and "until …" where one is missing."""
    full = _("j M Y")
    if first is None:
        return _("until %(day)s") % {"day": formats.date_format(last, full)} if last else empty
    if last is None:
        return _("from %(day)s") % {"day": formats.date_format(first, full)}
    short = _("j M") if first.year == last.year else full
    days = '<span class="nowrap">{}</span> – <span class="nowrap">{}</span>'
    return format_html(days, formats.date_format(first, short), formats.date_format(last, full))


@register.filter(name="number")
def number_filter(value: Any) -> str:
    """A number as the active language writes it, with thousands grouped; "" for None."""
    if value is None or value == "":
        return ""
    return formats.number_format(value, use_l10n=True, force_grouping=True)


@register.filter
def why_words(why: str) -> str:
    """Why an address has opted out, in words: `{{ address.opted_out_why|why_words }}`."""
    return why_in_words(why)


@register.simple_tag
def number(value: Any, empty: str = "0") -> str:
    return number_filter(value) or empty


@register.filter
def percent_of(part: float | None, whole: float | None) -> str:
    """`{{ opened|percent_of:sent }}`: "37.3%" in the active language, "—" where there is no whole."""
    if not whole or part is None:
        return "—"
    return _("%(number)s%%") % {"number": formats.number_format(round(100 * part / whole, 1), 1)}


@register.simple_tag
def copy(text: object) -> SafeString:
    """The text as code with a button that copies it; without script it can be selected."""
    return format_html(
        '<button class="copy" type="button" data-copy><span class="sr">{}</span><code>{}</code>{}</button>',
        _("Copy"),
        text,
        icon("copy"),
    )


@register.simple_block_tag
def menu(content: str, name: object, label: str, button: str = "", look: str = "btn ghost icon sm") -> SafeString:
    """A button with three dots and the menu it opens; `name` tells it from the other menus of the page.

    Give `button` to show a word instead of dots, `look` for other classes of the button.
    """
    return format_html(
        '<button type="button" class="{0}" popovertarget="menu-{1}" aria-haspopup="menu" aria-label="{2}">{3}</button>'
        '<div class="menu" id="menu-{1}" popover role="menu" aria-label="{2}">{4}</div>',
        look,
        name,
        label,
        button or icon("dots"),
        mark_safe(content),  # rendered by the template, which has escaped it
    )


@register.simple_tag
def menu_link(url: str, label: str, icon_name: str, danger: bool = False) -> SafeString:
    """A menu item that leads to a page; a dangerous one to a page that asks, which a dialog shows where it can."""
    look = ' class="danger"' if danger else ""
    return format_html('<a role="menuitem"{} href="{}">{}{}</a>', mark_safe(look), url, icon(icon_name), label)


@register.simple_tag(takes_context=True)
def menu_post(
    context: Context, url: str, label: str, icon_name: str, danger: bool = False, name: str = "", value: object = ""
) -> SafeString:
    """A menu item that acts at once: a form with one button; `name` and `value` go with it."""
    sent = format_html(' name="{}" value="{}"', name, value) if name else ""
    return format_html(
        '<form method="post" action="{}"><input type="hidden" name="csrfmiddlewaretoken" value="{}">'
        '<button role="menuitem"{}{}>{}{}</button></form>',
        url,
        str(context.get("csrf_token", "")),
        mark_safe(' class="danger"' if danger else ""),
        sent,
        icon(icon_name),
        label,
    )


@register.simple_block_tag
def empty(content: str, title: str, text: str = "", icon_name: str = "") -> SafeString:
    """What a list shows when nothing is in it: what the thing is, and what to do first."""
    return format_html(
        '<div class="empty">{}<h2>{}</h2>{}{}</div>',
        icon(icon_name) if icon_name else "",
        title,
        format_html("<p>{}</p>", text) if text else "",
        format_html('<div class="btns">{}</div>', mark_safe(content)) if content.strip() else "",
    )


@register.simple_tag(takes_context=True)
def query_with(context: Context, **changes: object) -> str:
    """The query string of this page with changes; None or "" takes a key out. `?` alone when nothing is left."""
    query = context["request"].GET.copy()
    for key, value in changes.items():
        if value is None or value == "":
            query.pop(key, None)
        else:
            query[key] = str(value)
    return f"?{query.urlencode()}"


@register.inclusion_tag("includes/pager.html", takes_context=True)
def pager(context: Context, page: "Page[Any]", target: str = "", key: str = "page") -> dict[str, object]:
    """Which rows these are and the way to the others, keeping the query. `target`: the id that htmx swaps."""
    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    links = [(label, query_with(context, **{key: label}) if isinstance(label, int) else "") for label in numbers]
    return {
        "page": page,
        "links": links if page.paginator.num_pages > 1 else [],
        "target": target,
        "is_cut": getattr(page.paginator, "is_cut", False),
        "previous": query_with(context, **{key: page.number - 1}) if page.has_previous() else "",
        "next": query_with(context, **{key: page.number + 1}) if page.has_next() else "",
    }

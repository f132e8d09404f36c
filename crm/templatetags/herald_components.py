"""Template tags for components: notes, meters, small lines, dialogs. Loaded with `{% load herald %}`."""

from collections.abc import Sequence
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from crm.lists.parts import Column
from crm.undo import token_of

register = template.Library()

NOTE_ICONS = {
    "success": "circle-check", "warning": "alert-triangle", "danger": "alert-circle", "info": "info-circle",
    "accent": "info-circle", "muted": "info-circle", "teal": "info-circle",
}  # fmt: skip
NO_VALUE = {"", "—"}
SPARK_WIDTH, SPARK_HEIGHT, SPARK_MARGIN = 88, 32, 2


@register.simple_tag
def icon(name: str) -> SafeString:
    """A Tabler icon of the sprite; decoration only, so the words beside it or an aria-label must say it all."""
    return format_html('<svg class="i" aria-hidden="true"><use href="{}#{}"/></svg>', static("build/icons.svg"), name)


@register.simple_block_tag
def note(content: str, tone: str = "info", role: str = "") -> SafeString:
    """A message in the page. `role="alert"` for what happened just now."""
    spoken = format_html(' role="{}"', role) if role else ""
    inner = mark_safe(content)  # rendered by the template, which has escaped it
    return format_html('<div class="note t-{}"{}>{}<div>{}</div></div>', tone, spoken, icon(NOTE_ICONS[tone]), inner)


@register.simple_block_tag
def cell(content: str, column: Column) -> SafeString:
    """A cell of a list. It is `bare` when there is no value, which a card on a phone leaves out with its label."""
    is_bare = content.strip() in NO_VALUE
    look = " ".join(filter(None, [column.look, "bare" if is_bare else ""]))
    inner = mark_safe(content)  # rendered by the template, which has escaped it
    look_of = format_html(' class="{}"', look) if look else ""
    return format_html('<td role="cell" data-label="{}"{}>{}</td>', column.label, look_of, inner)


@register.simple_tag
def meter(part: float, whole: float, label: str, tone: str = "accent", shown: object = "") -> SafeString:
    """A bar with its number beside it; `label` says to a screen reader what is measured."""
    bar = '<span class="meter t-{}"><progress max="{}" value="{}" aria-label="{}"></progress>{}</span>'
    return format_html(bar, tone, f"{max(whole, 1):g}", f"{part:g}", label, shown)


@register.simple_tag
def spark(values: Sequence[float], tone: str = "") -> SafeString:
    """A small line of numbers, decoration beside a figure that says it in words; nothing for fewer than two."""
    if len(values) < 2:
        return SafeString("")
    look = f" c-{tone}" if tone else ""
    box = f"0 0 {SPARK_WIDTH} {SPARK_HEIGHT}"
    return format_html(
        '<svg class="spark{}" viewBox="{}" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        '<polyline points="{}"/></svg>',
        look, box, _points(values),
    )  # fmt: skip


def _points(values: Sequence[float]) -> str:
    low, high = min(0, *values), max(values)
    step = (SPARK_WIDTH - 2 * SPARK_MARGIN) / (len(values) - 1)
    height = SPARK_HEIGHT - 2 * SPARK_MARGIN
    places = [
        (SPARK_MARGIN + step * number, SPARK_HEIGHT - SPARK_MARGIN - height * (value - low) / ((high - low) or 1))
        for number, value in enumerate(values)
    ]
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in places)


@register.simple_block_tag
def dialog(content: str, name: str, title: str) -> SafeString:
    """A native dialog; a button or link with `data-dialog="name"` opens it, Esc and *Close* close it."""
    context = {"content": mark_safe(content), "name": name, "title": title}
    return render_to_string("components/dialog.html", context)


@register.filter
def undo_token(message: Any) -> str:
    """The token of a message that offers Undo, else an empty string."""
    return token_of(message)


@register.filter
def absolute(number: float | None) -> float:
    """Without its sign, which an arrow and a word show."""
    return abs(number or 0)

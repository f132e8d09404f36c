"""Template tags that show forms: label, control, help and errors tied together for screen readers."""

from typing import Any

from django import forms, template
from django.forms import BaseForm, BoundField
from django.template.loader import render_to_string
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

register = template.Library()

GROUPS = (forms.RadioSelect, forms.CheckboxSelectMultiple)
WIDE = (forms.Textarea, forms.SelectMultiple, forms.CheckboxInput, *GROUPS)


def _is_required(bound: BoundField) -> bool:
    """Also what only one choice of the form needs, and is shown with it alone: such a widget says so by itself."""
    widget = bound.field.widget
    return "aria-required" in widget.attrs or bound.field.required and not isinstance(widget, forms.CheckboxInput)


@register.simple_tag
def field(bound: BoundField, css: str = "", label: str = "", **attrs: Any) -> SafeString:
    """One field. `css="full"` spans both columns; further arguments become attributes (`_` for `-`)."""
    widget = bound.field.widget
    if widget.is_hidden:
        return SafeString(str(bound))
    ids = [f"{bound.auto_id}_{part}" for part, there in _parts(bound) if there]
    given = {name.replace("_", "-"): value for name, value in attrs.items()}
    if ids:
        given["aria-describedby"] = " ".join(ids)
    given["class"] = " ".join(filter(None, [str(widget.attrs.get("class", "")), _class(widget)]))
    context = {
        "field": bound,
        "control": bound.as_widget(attrs={name: value for name, value in given.items() if value != ""}),
        "label": label or bound.label,
        "css": css,
        "is_switch": isinstance(widget, forms.CheckboxInput),
        "is_group": isinstance(widget, GROUPS),
        "is_required": _is_required(bound),
    }
    return render_to_string("includes/field.html", context)


def _parts(bound: BoundField) -> list[tuple[str, bool]]:
    return [("help", bool(bound.help_text)), ("errors", bool(bound.errors))]


def _class(widget: forms.Widget) -> str:
    if isinstance(widget, (forms.CheckboxInput, *GROUPS)):
        return ""
    return "input area" if isinstance(widget, forms.Textarea) else "input"


@register.simple_tag
def fields(form: BaseForm) -> SafeString:
    """Every field of a form in two columns, after the summary of its errors."""
    hidden = "".join(str(bound) for bound in form.hidden_fields())
    rows = [(field(bound, css="full" if _is_wide(bound) else ""),) for bound in form.visible_fields()]
    shown = format_html_join("\n", "{}", rows)
    return SafeString(f'{errors(form)}{hidden}<div class="grid2">{shown}</div>')


def _is_wide(bound: BoundField) -> bool:
    return isinstance(bound.field.widget, WIDE)


@register.simple_tag
def errors(form: BaseForm) -> SafeString:
    """What is wrong with a form, each line a link to its field. Empty for a form without errors."""
    if not form.errors:
        return SafeString("")
    bad = [bound for bound in form if bound.errors]
    return render_to_string("includes/form_errors.html", {"form": form, "bad": bad})

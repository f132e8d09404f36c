"""CSS into style attributes, once, by premailer; what cannot be inlined stays in one ``<style>`` in the head."""

import copy
import logging

from django.utils.translation import gettext_lazy as _
from lxml import etree
from premailer import Premailer

from campaigns.content import css
from campaigns.content.content import printable
from campaigns.content.document import Document
from campaigns.content.problems import Problems
from campaigns.content.vault import Vault

logger = logging.getLogger(__name__)

#: Limits that keep the work of premailer within a few seconds; real templates stay far below. A path is a pair of an
#: element and one of its ancestors: a descendant selector visits each, at about 0.5 microseconds.
MAX_CSS = 100_000
MAX_SELECTORS = 2_000
MAX_MATCHES = 1_000_000
MAX_PATHS = 8_000_000
_SCREEN = frozenset({"", "all", "screen"})


def inline_css(document: Document, vault: Vault, problems: Problems) -> Document:
    """``document`` with its CSS inlined. When that is not possible it stays in the head (and a warning is left)."""
    source = _take_styles(document, vault, problems)
    if not source.strip():
        return document
    if _is_too_much(source, document):
        problems.warning("body", _("There is too much CSS to write it into the elements; it stays in the head."))
        return _with_style(document, css.cleaned(source))
    sheet = css.sort_out(source, _names(document))
    inlined = _inlined(document, sheet.inline)
    if inlined is None:
        problems.warning("body", _("The CSS could not be written into the elements; it stays in the head."))
        return _with_style(document, css.cleaned(source))
    return _with_style(inlined, sheet.kept)


def _take_styles(document: Document, vault: Vault, problems: Problems) -> str:
    """The CSS of all style elements, which leave the tree."""
    sheets = []
    for element in document.root.iter("style"):
        text = element.text or ""
        if vault.has_mark(text):
            problems.error("body", _("A placeholder cannot stand inside a style."), element.sourceline)
        media = element.get("media", "").strip().lower()
        sheets.append(text if media in _SCREEN else f"@media {media}{{{text}}}")
    etree.strip_elements(document.root, "style", with_tail=False)
    return vault.without_marks("\n".join(sheets))


def _is_too_much(source: str, document: Document) -> bool:
    selectors = css.selector_count(source)
    if len(source) > MAX_CSS or selectors > MAX_SELECTORS:
        return True
    elements, paths = _elements_and_paths(document)
    return elements * selectors > MAX_MATCHES or paths * selectors > MAX_PATHS


def _elements_and_paths(document: Document) -> tuple[int, int]:
    elements = paths = depth = 0
    for event, _element in etree.iterwalk(document.root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if event == "start":
            elements += 1
            paths += depth
    return elements, paths


def _names(document: Document) -> frozenset[str]:
    names: set[str] = set()
    for element in document.root.iter(etree.Element):
        names.update(f".{name}" for name in element.get("class", "").split())
        if identifier := element.get("id"):
            names.add(f"#{identifier}")
    return frozenset(names)


def _inlined(document: Document, rules: str) -> Document | None:
    if not rules:
        return document
    root = copy.deepcopy(document.root)
    try:
        _premailer(rules).transform(root, pretty_print=False)
    except Exception:  # premailer and cssutils raise whatever strikes them on odd CSS
        logger.warning("premailer could not inline the CSS of a template", exc_info=True)
        return None
    return Document(document.doctype, root, document.preface)


def _premailer(rules: str) -> Premailer:
    return Premailer(
        css_text=[rules],
        allow_network=False,
        allow_loading_external_files=False,
        disable_link_rewrites=True,
        disable_validation=True,
        cache_css_parsing=False,
        cssutils_logging_level=logging.CRITICAL,
        # A CSS width must not overwrite the width attribute that Outlook goes by.
        disable_basic_attributes=["width", "height"],
        align_floating_images=True,
    )


def _with_style(document: Document, rules: str) -> Document:
    if rules:
        style = document.head.makeelement("style", {"type": "text/css"})
        style.text = printable(f"\n{rules}\n")
        document.head.append(style)
    return document

"""The allow-list: what is not named here does not reach a recipient or a preview. Works on the tree, never on text."""

import re

from django.utils.translation import gettext_lazy as _
from lxml import etree

from campaigns.content import css, links
from campaigns.content.content import printable
from campaigns.content.document import Document, Element, line_of, words
from campaigns.content.problems import Problems
from campaigns.content.vault import Vault

TAGS = words(
    """html head body title meta link style
    a abbr acronym address area article aside b bdi bdo big blockquote br caption center cite code col colgroup dd del
    dfn dir div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main map mark menu
    nav ol p picture pre q rp rt ruby s samp section small source span strike strong sub summary sup table tbody td
    tfoot th thead time tr tt u ul var wbr"""
)
#: Elements whose content is program, picture language or input, not text: they go with all that is in them.
#: Every other unknown element only loses its tags.
REMOVED_WHOLE = words(
    """script iframe object embed applet frameset frame svg math template textarea select noembed noframes xmp plaintext
    base param canvas audio video track portal"""
)
#: Unknown elements of word processors are no news to the author.
_SILENT = re.compile(r"[a-z]+:\w+")
ATTRIBUTES = words(
    """abbr align alt background bgcolor border bordercolor cellpadding cellspacing charset cite class clear color cols
    colspan compact content coords datetime dir face headers height href hspace http-equiv id ismap lang longdesc media
    name noshade nowrap property rel reversed role rowspan rules scope shape size sizes span src srcset start style
    summary target title type usemap valign value vspace width xml:lang xmlns xmlns:o xmlns:v"""
)
_GONE = "gone"
_ARIA = re.compile(r"aria-[a-z]{1,30}")
_HTTP_EQUIV = frozenset({"x-ua-compatible", "content-language"})


def sanitise(document: Document, vault: Vault, problems: Problems) -> None:
    """Reduce ``document`` to the allow-list; what was active is reported at field body."""
    _remove_tags(document, problems)
    for element in list(document.root.iter(etree.Element)):
        _clean_element(element, vault, problems)
    etree.strip_elements(document.root, _GONE, with_tail=False)


def is_allowed_attribute(name: str) -> bool:
    return name in ATTRIBUTES or bool(_ARIA.fullmatch(name))


def _remove_tags(document: Document, problems: Problems) -> None:
    first_lines: dict[str, int | None] = {}
    for element in document.root.iter(etree.Element):
        if element.tag not in TAGS:
            first_lines.setdefault(element.tag, line_of(element))
    _report_removed(first_lines, problems)
    whole = REMOVED_WHOLE & first_lines.keys()
    if whole:
        etree.strip_elements(document.root, *whole, with_tail=False)
    if tags := first_lines.keys() - whole:
        etree.strip_tags(document.root, *tags)


def _report_removed(first_lines: dict[str, int | None], problems: Problems) -> None:
    for tag, line in sorted(first_lines.items()):
        if not _SILENT.fullmatch(tag):
            problems.warning("body", _("<{tag}> does not work in email and is removed."), line, tag=tag[:40])


def _clean_element(element: Element, vault: Vault, problems: Problems) -> None:
    if _is_misplaced(element):
        element.tag = _GONE  # taken out with all others; one by one lxml chokes on the text behind some
        return
    attributes = dict(element.attrib.items())
    kept = {name: _clean_value(element, name, vault, problems) for name in attributes}
    # Set anew as a whole: lxml refuses to delete names such as "{x".
    if kept != attributes:
        element.attrib.clear()
        for name, value in kept.items():
            if value is not None:
                element.set(name, printable(value))


def _is_misplaced(element: Element) -> bool:
    """Head elements that steer the browser, load programs or stand where they do not belong."""
    if element.tag == "meta":
        return "charset" in element.attrib or element.get("http-equiv", "content-language").lower() not in _HTTP_EQUIV
    if element.tag == "link":
        return not _is_web_stylesheet(element)
    return bool(element.tag == "title" and element.getparent().tag != "head")


def _is_web_stylesheet(link: Element) -> bool:
    return link.get("rel", "").strip().lower() == "stylesheet" and links.scheme(link.get("href", "")) == "https"


def _clean_value(element: Element, name: str, vault: Vault, problems: Problems) -> str | None:
    """The value that may stay, None when the attribute goes."""
    if not is_allowed_attribute(name):
        if name.startswith("on") or name == "srcdoc":
            message = _("The attribute {name} does not work in email and is removed.")
            problems.warning("body", message, line_of(element), name=name[:40])
        return None
    value: str = element.get(name)
    if name == "style":
        return _clean_style(value, line_of(element), vault, problems)
    if name in links.URL_ATTRIBUTES:
        url = links.without_doubled_scheme(links.tidy(value), vault)
        return url if _may_stay(element, name, url, vault, problems) else None
    return value


def _clean_style(style: str, line: int | None, vault: Vault, problems: Problems) -> str | None:
    if vault.has_mark(style):
        problems.error("body", _("A placeholder cannot stand inside a style."), line)
    return css.safe_declarations(vault.without_marks(style)) or None


def _may_stay(element: Element, name: str, url: str, vault: Vault, problems: Problems) -> bool:
    if not links.has_known_target(url, vault) and url:
        return False
    if name == "href" and element.tag in ("a", "area"):
        return links.check_link(url, line_of(element) or 1, vault, problems)
    if name in ("src", "background") and url:
        return links.check_image(url, line_of(element) or 1, vault, problems)
    if name == "srcset":
        return all(links.is_allowed(name, candidate.strip()) for candidate in url.split(","))
    return links.is_allowed(name, url)

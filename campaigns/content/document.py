"""HTML source → tree, within limits that no input can break."""

import re
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from lxml import etree

from campaigns.content.problems import Problems

#: An lxml element; lxml brings no types.
Element = Any

#: libxml2 cuts a tree off at 256 levels and needs time in the square of the attributes of one tag (200 s for a 2 MB
#: tag), so both are counted before a tree is built.
MAX_DEPTH = 250
MAX_ELEMENTS = 30_000
MAX_ATTRIBUTES = 500

_DOCTYPE = re.compile(r"\s{0,999}(<!doctype[^<>]{0,400}>)", re.IGNORECASE)
_PLAIN_DOCTYPE = re.compile(r"<!doctype\s+html(\s+(public|system)(\s+\"[\w\s:/.\-+]*\"){1,2})?\s*>", re.IGNORECASE)
_FRAME = re.compile(r"<(?:html|head|body|title|meta|link)\b", re.IGNORECASE)
# What stands after </body> is lost by libxml2; without these end tags it stays in the body.
_END_OF_PAGE = re.compile(r"</(?:body|html)[ \t]{0,99}>", re.IGNORECASE)


@dataclass
class Document:
    """A parsed body. ``root`` always has a head and a body."""

    doctype: str
    root: Element
    #: Comments in front of ``<html>``.
    preface: tuple[str, ...] = ()

    @property
    def head(self) -> Element:
        return self.root.find("head")

    @property
    def body(self) -> Element:
        return self.root.find("body")


class _TooMuch(Exception):
    """Stops the counting parser."""


class _Census:
    """A parser target that builds nothing and stops at the first limit."""

    def __init__(self) -> None:
        self.elements = 0
        self.depth = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _TooMuch(_("The HTML is nested more than {limit} levels deep."), MAX_DEPTH)
        if self.elements > MAX_ELEMENTS:
            raise _TooMuch(_("The HTML has more than {limit} elements."), MAX_ELEMENTS)
        if len(attributes) > MAX_ATTRIBUTES:
            raise _TooMuch(_("An element of the HTML has more than {limit} attributes."), MAX_ATTRIBUTES)

    def end(self, tag: str) -> None:
        self.depth -= 1

    def close(self) -> None:
        return None


def parse(source: str, problems: Problems) -> Document | None:
    """The tree of ``source`` (printable text, placeholders in the vault); None when there is none, or over a limit
    (reported at field body). Never raises."""
    doctype = _DOCTYPE.match(source)
    markup = _END_OF_PAGE.sub("", source)
    if not _FRAME.search(markup):
        markup = f"<html><body>{markup}"
    data = markup.encode()
    if not _within_limits(data, problems):
        return None
    root = _root_of(data)
    if root is None:
        return None
    preface = [node.text or "" for node in root.itersiblings(etree.Comment, preceding=True)]
    return Document(_doctype_of(doctype[1] if doctype else ""), root, tuple(reversed(preface)))


def words(text: str) -> frozenset[str]:
    """A set of names, written as one line of text."""
    return frozenset(text.split())


def line_of(element: Element) -> int | None:
    """The source line of ``element``, None for what the compiler put in."""
    line: int | None = element.sourceline
    return line


def _within_limits(data: bytes, problems: Problems) -> bool:
    try:
        etree.fromstring(data, etree.HTMLParser(encoding="utf-8", target=_Census()))
    except _TooMuch as limit:
        problems.error("body", limit.args[0], limit=limit.args[1])
        return False
    except etree.LxmlError:
        return True  # an empty document; the real parser answers for it
    return True


def _root_of(data: bytes) -> Element | None:
    try:
        root = etree.fromstring(data, etree.HTMLParser(encoding="utf-8"))
    except etree.LxmlError:
        return None
    return None if root is None or root.tag != "html" else _framed(root)


def _framed(root: Element) -> Element:
    if root.find("head") is None:
        root.insert(0, root.makeelement("head"))
    if root.find("body") is None:
        root.append(root.makeelement("body"))
    return root


def _doctype_of(source: str) -> str:
    return source if _PLAIN_DOCTYPE.fullmatch(source) else "<!DOCTYPE html>"

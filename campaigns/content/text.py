"""The plain text part: the author's own, or derived from the HTML with links, lists, headings and tables readable."""

import re
from typing import ClassVar

from lxml import etree

from campaigns.content.content import Escape, Part, Slot, merge
from campaigns.content.document import Document, Element, words
from campaigns.content.opt_out import LINK_NAME, is_hidden, spelled_out
from campaigns.content.placeholders import Placeholder
from campaigns.content.vault import Vault

_BLANKS = re.compile(r"[ \t\r\n\f]+")
_WEB = re.compile(r"https?://", re.IGNORECASE)
_SCHEME = re.compile(r"^(?:https?://(?:www\.)?|mailto:|tel:)", re.IGNORECASE)
_INVISIBLE = re.compile("[\u00ad\u034f\u200b-\u200f\u2060\ufeff]")
_PARAGRAPHS = words("p h1 h2 h3 h4 h5 h6 table ul ol dl blockquote pre section article header footer figure address")
_LINES = words("div li tr td th dt dd center caption tbody thead tfoot main aside nav figcaption body")
_UNDERLINES = {"h1": "=", "h2": "-"}
_SKIPPED = words("head style title")
_RULER = "-" * 40


def derive_text(document: Document, vault: Vault) -> str:
    """The readable text of the body, marks of the vault still in it."""
    page = _Page(vault)
    walker = etree.iterwalk(document.body, events=("start", "end", "comment", "pi"))
    for event, node in walker:
        if event == "start":
            if node.tag in _SKIPPED or is_hidden(node):
                walker.skip_subtree()
                continue
            page.open(node)
            page.write(node.text)
        elif event == "end":
            if node.tag not in _SKIPPED and not is_hidden(node):
                page.close(node)
            page.write(node.tail if node is not document.body else None)
        else:
            page.write(node.tail)
    return page.text()


def text_part(text: str, vault: Vault) -> Part:
    """``text`` with its marks as slots: percent-encoded inside a web address; ``{optOutLink}`` is spelled out."""
    pieces: list[str | Slot] = []
    in_url = False
    for piece in vault.pieces(text):
        if isinstance(piece, str):
            pieces.append(piece)
            word = re.split(r"\s", piece)[-1]
            in_url = bool(_WEB.search(word)) or (in_url and word == piece)
        elif piece.name == LINK_NAME:
            pieces += spelled_out()
        else:
            pieces.append(vault.slot(piece, Escape.URL if in_url else Escape.TEXT))
    return merge(pieces)


def own_text(text: str) -> str:
    """The author's text as it is, with \\n as line end and no empty lines at the edges."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")


def _tidy_lines(text: str) -> str:
    """Nothing blank at line ends, at most one empty line in a row, none at the edges."""
    lines = [line.rstrip() for line in text.split("\n")]
    kept = [line for index, line in enumerate(lines) if line or (index and lines[index - 1])]
    return "\n".join(kept).strip("\n")


class _Page:
    """Collects a running paragraph and finished lines while the tree is walked."""

    _FRAMED: ClassVar[frozenset[str]] = frozenset({"ul", "ol", "blockquote"})

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._lines: list[str] = []
        self._run: list[str] = []
        self._gap = False
        self._indents: list[str] = []
        self._counters: list[int | None] = []
        self._bullet = ""
        self._links: list[tuple[int, str]] = []
        self._tables: list[bool] = []
        self._cells = 0
        self._preformatted = 0

    def text(self) -> str:
        self._break()
        return _tidy_lines("\n".join(self._lines))

    def write(self, text: str | None) -> None:
        if text:
            self._run.append(text if self._preformatted else _BLANKS.sub(" ", text))

    def open(self, element: Element) -> None:
        tag = element.tag
        self._boundary(tag, nested=bool(self._counters))
        if tag == "br":
            self._run.append(" " if self._links else "\n")
        elif tag == "hr":
            self._rule()
        elif tag == "img":
            self.write(element.get("alt"))
        elif tag == "a":
            self._links.append((len(self._run), element.get("href", "")))
        elif tag == "li":
            self._bullet = self._next_bullet()
        elif tag in ("td", "th"):
            self._open_cell()
        else:
            self._open_frame(element)

    def close(self, element: Element) -> None:
        tag = element.tag
        if tag == "a" and self._links:
            self._close_link()
        elif tag in _UNDERLINES and not self._links:
            self._underline(_UNDERLINES[tag])
        self._boundary(tag, nested=len(self._counters) > 1)
        if tag == "li":
            self._bullet = ""
        self._close_frame(tag)

    def _boundary(self, tag: str, nested: bool) -> None:
        """Where a block begins or ends. Lists inside lists and cells of data tables make no room around them."""
        if tag in ("td", "th") and self._tables and self._tables[-1]:
            return
        if tag in _PARAGRAPHS or tag in _LINES:
            self._break()
            self._gap = self._gap or (tag in _PARAGRAPHS and not (tag in ("ul", "ol") and nested))

    def _break(self) -> None:
        """End the running paragraph. Inside a link a block is only a blank."""
        if self._links:
            self._run.append(" ")
            return
        text = "".join(self._run)
        self._run.clear()
        lines = text.split("\n") if self._preformatted else [_plain(line) for line in text.strip().split("\n")]
        if not any(line.strip() for line in lines):
            return
        if self._gap and self._lines:
            self._lines.append("")
        self._gap = False
        self._lines += self._indented(lines)

    def _indented(self, lines: list[str]) -> list[str]:
        indent = "".join(self._indents)
        hanging = indent + " " * len(self._bullet)
        first = indent + self._bullet
        self._bullet = ""
        return [(hanging if index else first) + line for index, line in enumerate(lines)]

    def _rule(self) -> None:
        self._break()
        self._gap = True
        self._run.append(_RULER)
        self._break()
        self._gap = True

    def _underline(self, sign: str) -> None:
        lines = self._vault.as_source("".join(self._run)).split("\n")
        if length := max(len(_plain(line)) for line in lines):
            self._run.append("\n" + sign * min(length, 60))

    def _next_bullet(self) -> str:
        if not self._counters or self._counters[-1] is None:
            return "- "
        self._counters[-1] += 1
        return f"{self._counters[-1]}. "

    def _open_cell(self) -> None:
        if self._tables and self._tables[-1]:
            if self._cells:
                self._run.append(" | ")
            self._cells += 1

    def _open_frame(self, element: Element) -> None:
        tag = element.tag
        if tag == "table":
            self._tables.append(_is_data_table(element))
        elif tag == "tr":
            self._cells = 0
        elif tag == "pre":
            self._preformatted += 1
        elif tag in self._FRAMED:
            self._indents.append("> " if tag == "blockquote" else "  " if self._counters else "")
            if tag != "blockquote":
                self._counters.append(0 if tag == "ol" else None)

    def _close_frame(self, tag: str) -> None:
        if tag == "table" and self._tables:
            self._tables.pop()
        elif tag == "pre":
            self._preformatted -= 1
        elif tag in self._FRAMED and self._indents:
            self._indents.pop()
            if tag != "blockquote":
                self._counters.pop()

    def _close_link(self) -> None:
        start, url = self._links.pop()
        inner = "".join(self._run[start:])
        del self._run[start:]
        before, after = (" " if inner[:1].isspace() else ""), (" " if inner[-1:].isspace() else "")
        self._run.append(before + self._link_text(_plain(inner), url) + after)

    def _link_text(self, label: str, url: str) -> str:
        if not url or url.startswith("#"):
            return label
        if not label:
            return url
        first = next(iter(self._vault.pieces(url)), "")
        if isinstance(first, Placeholder) and first.name == LINK_NAME:
            return f"{label}: {url}"
        return label if _says_the_same(label, url) else f"{label} ({url})"


def _plain(text: str) -> str:
    return _BLANKS.sub(" ", _INVISIBLE.sub("", text).replace("\xa0", " ")).strip()


def _says_the_same(label: str, url: str) -> bool:
    """``https://example.com/`` behind ``example.com``: for web addresses only when nothing of the URL is lost."""
    if _WEB.match(url):
        return label == url
    return _SCHEME.sub("", url) == label


def _is_data_table(table: Element) -> bool:
    return next(table.iter("th"), None) is not None and next(table.iterdescendants("table"), None) is None

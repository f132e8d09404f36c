"""Tree → compiled HTML. An own serialiser: libxml2's percent-encodes URLs, and here every slot learns its place."""

import re

from campaigns.content import links
from campaigns.content.content import Escape, Part, Slot, merge, printable
from campaigns.content.document import Element, words
from campaigns.content.opt_out import LABEL_NAME, LINK_NAME, URL_NAME
from campaigns.content.placeholders import Placeholder
from campaigns.content.vault import Piece, Vault

VOID_TAGS = words("area base br col embed hr img input link meta param source track wbr")
_NAME = re.compile(r"[a-zA-Z][\w:.\-]*")
_IN_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\xa0": "&nbsp;"})
_IN_ATTRIBUTE = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\xa0": "&nbsp;"})


class Writer:
    """Collects markup; marks of the vault become slots with the escape of the place they stand in."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._pieces: list[str | Slot] = []

    def raw(self, markup: str) -> None:
        self._pieces.append(self._vault.without_marks(markup))

    def text(self, text: str) -> None:
        for piece in self._vault.pieces(text):
            if isinstance(piece, Placeholder) and piece.name == LINK_NAME:
                self._opt_out_link()
            else:
                self._write([self._slot(piece)], _IN_TEXT)

    def plain_text(self, text: str) -> None:
        """Text of ``<title>``, where no element can stand."""
        self._write([self._slot(piece) for piece in self._vault.pieces(text)], _IN_TEXT)

    def attribute(self, name: str, value: str) -> None:
        if not _NAME.fullmatch(name):
            return
        self._pieces.append(f' {name}="')
        is_url = name.lower() in links.URL_ATTRIBUTES
        slots = [self._slot(piece) for piece in self._vault.pieces(value)]
        self._write(links.url_pieces(value, self._vault) if is_url else slots, _IN_ATTRIBUTE)
        self._pieces.append('"')

    def part(self) -> Part:
        return merge(self._pieces)

    def _opt_out_link(self) -> None:
        self._pieces += ['<a href="', Slot(URL_NAME, escape=Escape.LINK), '">']
        self._pieces.append(Slot(LABEL_NAME))
        self._pieces.append("</a>")

    def _slot(self, piece: Piece) -> str | Slot:
        return piece if isinstance(piece, str) else self._vault.slot(piece, Escape.HTML)

    def _write(self, pieces: list[str | Slot], table: dict[int, str]) -> None:
        for piece in pieces:
            self._pieces.append(printable(piece).translate(table) if isinstance(piece, str) else piece)


def write_element_start(element: Element, writer: Writer) -> None:
    writer.raw(f"<{element.tag}")
    for name, value in element.attrib.items():
        writer.attribute(name, value)
    writer.raw(">")


def write_text_of(element: Element, writer: Writer) -> None:
    """The text before the first child. ``<style>`` is raw text in HTML: entities do not work there."""
    if element.tag == "style":
        writer.raw(element.text or "")
    elif element.tag == "title":
        writer.plain_text(element.text or "")
    elif element.text:
        writer.text(element.text)


def is_element(node: Element) -> bool:
    return isinstance(node.tag, str)

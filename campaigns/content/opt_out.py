"""The opt-out link: is there one that a person can see and follow? If not, one is appended; HTML and text apart."""

import re

from campaigns.content.content import Escape, Part, Slot, merge
from campaigns.content.document import Document, Element
from campaigns.content.placeholders import Placeholder
from campaigns.content.vault import Vault

URL_NAME = "optOutUrl"
LINK_NAME = "optOutLink"
LABEL_NAME = "optOutLabel"  # a value like others, because each person reads it in their own language

_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|max-height\s*:\s*0(?!\.?[1-9])", re.IGNORECASE)
_PARAGRAPH = (
    "margin:24px 0 0;padding:16px;font-family:Arial,Helvetica,sans-serif;font-size:12px;line-height:18px;"
    "color:#6b7280;text-align:center"
)
_LINK = "color:#6b7280;text-decoration:underline"


def is_hidden(element: Element) -> bool:
    """Hidden by its own inline style or attribute; call it after the CSS is inlined."""
    return "hidden" in element.attrib or bool(_HIDDEN.search(element.get("style", "")))


def html_has_link(document: Document, vault: Vault) -> bool:
    """A link to ``{optOutUrl}`` with something to click on, or ``{optOutLink}`` in visible text. Comments, attributes
    and hidden elements do not count."""
    return any(
        not _is_in_hidden(element)
        for element in document.body.iter()
        if isinstance(element.tag, str) and (_is_opt_out_link(element, vault) or _holds_link_text(element, vault))
    )


def append_to_html(document: Document, vault: Vault) -> None:
    paragraph = document.body.makeelement("p", {"style": _PARAGRAPH})
    link = paragraph.makeelement("a", {"href": vault.mark(URL_NAME), "style": _LINK})
    link.text = vault.mark(LABEL_NAME)
    paragraph.append(link)
    document.body.append(paragraph)


def text_has_link(text: Part) -> bool:
    return any(isinstance(piece, Slot) and piece.name == URL_NAME for piece in text)


def append_to_text(text: Part) -> Part:
    separator = "\n\n" if text else ""
    return merge([*text, separator, *spelled_out(), "\n"])


def spelled_out() -> list[str | Slot]:
    """The link in plain text."""
    return [Slot(LABEL_NAME, escape=Escape.TEXT), ": ", Slot(URL_NAME, escape=Escape.TEXT)]


def _is_opt_out_link(element: Element, vault: Vault) -> bool:
    if element.tag not in ("a", "area"):
        return False
    first = next(iter(vault.pieces(element.get("href", ""))), "")
    if not isinstance(first, Placeholder) or first.name not in (URL_NAME, LINK_NAME):
        return False
    return element.tag == "area" or bool("".join(element.itertext()).strip()) or element.find(".//img") is not None


def _holds_link_text(element: Element, vault: Vault) -> bool:
    # The tail of an element belongs to its parent, so children are asked for it here.
    texts = [element.text or "", *(child.tail or "" for child in element)]
    return any(
        isinstance(piece, Placeholder) and piece.name == LINK_NAME
        for text in texts
        if vault.has_mark(text)
        for piece in vault.pieces(text)
    )


def _is_in_hidden(element: Element) -> bool:
    return is_hidden(element) or any(is_hidden(ancestor) for ancestor in element.iterancestors())

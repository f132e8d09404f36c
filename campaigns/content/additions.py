"""What the system adds to a body: character set, language, preview text, open pixel."""

from campaigns.content.document import Document
from campaigns.content.vault import Vault

PIXEL_NAME = "openPixelUrl"

_PREVIEW_STYLE = (
    "display:none;font-size:1px;line-height:1px;max-height:0;max-width:0;opacity:0;overflow:hidden;mso-hide:all;"
    "visibility:hidden"
)
# Invisible filling, so that mail programs do not continue the preview with the first words of the body.
_FILLING = "\u034f\u200c\xa0" * 40
_PIXEL_STYLE = "display:block;width:1px;height:1px;border:0"


def declare(document: Document, language: str) -> None:
    """The message is UTF-8, whatever the author's ``<meta>`` said (the sanitiser took that one out)."""
    document.head.insert(0, document.head.makeelement("meta", {"charset": "utf-8"}))
    if language and not document.root.get("lang"):
        document.root.set("lang", language)


def add_preview_text(document: Document, preview_text: str) -> None:
    """``preview_text`` with its marks, as a hidden element at the beginning of the body."""
    element = document.body.makeelement("div", {"style": _PREVIEW_STYLE, "aria-hidden": "true"})
    element.text = preview_text + _FILLING
    element.tail, document.body.text = document.body.text, None
    document.body.insert(0, element)


def add_open_pixel(document: Document, vault: Vault) -> None:
    attributes = {"src": vault.mark(PIXEL_NAME), "alt": "", "width": "1", "height": "1", "style": _PIXEL_STYLE}
    document.body.append(document.body.makeelement("img", attributes))

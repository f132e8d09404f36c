"""Warnings about a body that would go out, but not look as meant."""

from django.utils.translation import gettext_lazy as _

from campaigns.content.content import Part, Slot
from campaigns.content.document import Document, line_of
from campaigns.content.placeholders import Placeholder, split
from campaigns.content.problems import Problems
from campaigns.content.vault import Vault

#: Gmail shows the first 102 kB of the HTML and hides the rest, the opt-out link with it.
GMAIL_LIMIT = 102_000
#: What a filled slot is counted as: a name is shorter, a tracking URL about this long.
_SLOT_BYTES = 60


def check_images(document: Document, problems: Problems) -> None:
    for image in document.body.iter("img"):
        if "alt" not in image.attrib:
            problems.warning("body", _("An image has no alternative text (alt)."), line_of(image))


def check_size(part: Part, problems: Problems) -> None:
    size = sum(_SLOT_BYTES if isinstance(piece, Slot) else len(piece.encode()) for piece in part)
    if size > GMAIL_LIMIT:
        message = _("The HTML is {size} kB: Gmail cuts messages off at 102 kB.")
        problems.warning("body", message, size=round(size / 1000))


def check_broken_placeholders(text: str, vault: Vault, problems: Problems) -> None:
    """``text`` is what a reader sees. A placeholder in it was written with tags inside, so nothing replaced it."""
    for piece in split(text):
        if isinstance(piece, Placeholder) and vault.knows(piece):
            message = _("Formatting inside {placeholder} keeps it from being replaced.")
            problems.error("body", message, placeholder=piece.source)

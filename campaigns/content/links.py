"""The URLs of a body: which ones may stay, and where in them a placeholder stands."""

import re

from django.utils.translation import gettext_lazy as _

from campaigns.content.content import Escape, Slot, printable
from campaigns.content.placeholders import Placeholder
from campaigns.content.problems import Problems
from campaigns.content.vault import URL_NAMES, Piece, Vault

LINK_SCHEMES = frozenset({"http", "https", "mailto", "tel"})
IMAGE_SCHEMES = frozenset({"http", "https", "cid"})
LINK_ATTRIBUTES = frozenset({"href"})
IMAGE_ATTRIBUTES = frozenset({"src", "background", "srcset", "poster"})
URL_ATTRIBUTES = LINK_ATTRIBUTES | IMAGE_ATTRIBUTES | {"cite", "longdesc"}

_EDGES = re.compile("^[\x00-\x20]+|[\x00-\x20]+$")
_BREAKS = re.compile("[\t\r\n]+")
_INVISIBLE = re.compile("[\x00-\x20\x7f-\xa0\xad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]")
_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.\-]*):")
_EMBEDDED_IMAGE = re.compile(r"data:image/(?:png|gif|jpe?g|webp);base64,", re.IGNORECASE)
_HTTP = re.compile(r"https?://", re.IGNORECASE)
_BARE_WEB = re.compile(r"www\.", re.IGNORECASE)


def tidy(url: str) -> str:
    """``url`` as a browser reads it: blanks at the edges and line breaks inside do not count. Nothing else changes."""
    return _BREAKS.sub("", _EDGES.sub("", url))


def scheme(url: str) -> str:
    """The scheme in lower case, "" for a relative URL. Invisible characters do not hide one."""
    match = _SCHEME.match(_INVISIBLE.sub("", url))
    return match[1].lower() if match else ""


def is_embedded_image(url: str) -> bool:
    return bool(_EMBEDDED_IMAGE.match(url))


def is_allowed(attribute: str, url: str) -> bool:
    """May ``url`` stand in ``attribute``? Relative ones may (they are only warned about)."""
    if attribute in IMAGE_ATTRIBUTES:
        return scheme(url) in IMAGE_SCHEMES | {""} or is_embedded_image(url)
    return scheme(url) in LINK_SCHEMES | {""}


def without_doubled_scheme(url: str, vault: Vault) -> str:
    """Editors put ``http://`` in front of ``{optOutUrl}``; the placeholder brings its own."""
    rest = _HTTP.sub("", url, count=1)
    if rest == url:
        return url
    first = next(iter(vault.pieces(rest)), "")
    return rest if isinstance(first, Placeholder) and _is_whole_url(first) else url


def url_pieces(url: str, vault: Vault) -> list[str | Slot]:
    """``url`` cut at its placeholders: one that is or begins the URL is a LINK, one inside it is percent-encoded."""
    pieces = vault.pieces(url)
    return [
        piece if isinstance(piece, str) else vault.slot(piece, Escape.LINK if _begins(pieces, index) else Escape.URL)
        for index, piece in enumerate(pieces)
    ]


def has_known_target(url: str, vault: Vault) -> bool:
    """False when nothing is left of the URL, as with an unknown tracking code."""
    return any(not isinstance(piece, str) or piece.strip() for piece in url_pieces(url, vault))


def check_link(url: str, line: int, vault: Vault, problems: Problems) -> bool:
    """Report what is wrong with the target of a link at field body; False when it has to go."""
    shown = printable(vault.as_source(url))[:200]
    if not is_allowed("href", url):
        problems.error("body", _("The link “{url}” has a forbidden scheme."), line, url=shown)
        return False
    if not url:
        problems.warning("body", _("A link has no target."), line)
    elif _BARE_WEB.match(url):
        problems.warning("body", _("The link “{url}” lacks https:// at its beginning."), line, url=shown)
    elif _is_relative(url, vault):
        problems.warning("body", _("The link “{url}” is relative: it leads nowhere in an email."), line, url=shown)
    return True


def check_image(url: str, line: int, vault: Vault, problems: Problems) -> bool:
    """Report what is wrong with the address of an image at field body; False when it has to go."""
    shown = printable(vault.as_source(url))[:200]
    if not is_allowed("src", url):
        problems.error("body", _("The image “{url}” has a forbidden scheme."), line, url=shown)
        return False
    if is_embedded_image(url):
        problems.warning("body", _("An image is embedded in the HTML: most mail programs do not show it."), line)
    elif scheme(url) == "http":
        problems.warning("body", _("The image “{url}” is not loaded over https."), line, url=shown)
    elif _is_relative(url, vault):
        problems.warning("body", _("The image “{url}” is relative: it is not shown in an email."), line, url=shown)
    return True


def _is_relative(url: str, vault: Vault) -> bool:
    if scheme(url) or url.startswith(("#", "{")):
        return False
    first = next(iter(vault.pieces(url)), "")
    return not isinstance(first, Placeholder)


def _begins(pieces: list[Piece], index: int) -> bool:
    piece = pieces[index]
    if index or isinstance(piece, str):
        return False
    rest = pieces[1] if len(pieces) > 1 else ""
    return _is_whole_url(piece) or not rest or (isinstance(rest, str) and rest.startswith(("/", "?", "#")))


def _is_whole_url(placeholder: Placeholder) -> bool:
    return placeholder.name in URL_NAMES or bool(placeholder.tracking_code)

"""Placeholders are put into a vault before any parser sees the source; inert marks stand in for them.

An HTML parser, premailer and the serialiser each have a habit that spoils braces. A mark is a private-use character
that the source does not contain, a number, and the character again. No parser takes it for markup.
"""

import html
import re

from django.utils.translation import gettext_lazy as _

from campaigns.content.content import Escape, Slot
from campaigns.content.draft import Options
from campaigns.content.placeholders import Placeholder, split
from campaigns.content.problems import Problems

#: Placeholders whose value is a whole URL.
URL_NAMES = frozenset({"optOutUrl", "optOutLink", "preferencesUrl", "webVersionUrl", "openPixelUrl"})
_PRIVATE_USE = range(0xE000, 0xF900)

Piece = str | Placeholder


class Vault:
    """Holds the known placeholders of one draft. ``sources`` are all texts that it will ever be asked to protect."""

    def __init__(self, options: Options, problems: Problems, *sources: str) -> None:
        self._options = options
        self._problems = problems
        self._kept: list[Placeholder] = []
        used = set("".join(sources))
        self._sign = next((chr(code) for code in _PRIVATE_USE if chr(code) not in used), "\uf8ff")
        self._mark = re.compile(f"{self._sign}(\\d+){self._sign}")

    def protect(self, source: str, field: str, is_html: bool = False) -> str:
        """``source`` with a mark for each known placeholder; unknown ones are reported at ``field`` and stay."""
        pieces = split(source)
        protected: list[str] = []
        line = 1
        for index, piece in enumerate(pieces):
            if isinstance(piece, Placeholder):
                accepted = self._accepts(piece, field, line, doubled=_is_doubled(pieces, index))
                protected.append(self._keep(piece, is_html) if accepted else piece.source)
            else:
                protected.append(piece)
                line += piece.count("\n")
        return "".join(protected)

    def protect_again(self, text: str) -> str:
        """For text out of the parser: catches ``&#123;Person.name}``. Silent, as the source was reported before."""
        pieces = split(text)
        return "".join(
            self._keep(piece, False) if isinstance(piece, Placeholder) and self.knows(piece) else _source(piece)
            for piece in pieces
        )

    def mark(self, name: str) -> str:
        """A mark for a placeholder that the system itself puts in."""
        return self._keep(Placeholder("{" + name + "}", name, ""), False)

    def pieces(self, text: str) -> list[Piece]:
        """``text`` cut at its marks."""
        parts = self._mark.split(text)
        pieces: list[Piece] = []
        for index, part in enumerate(parts):
            if index % 2:
                pieces.append(self._kept[int(part)] if int(part) < len(self._kept) else "")
            elif part:
                pieces.append(part.replace(self._sign, ""))
        return pieces

    def has_mark(self, text: str) -> bool:
        return self._sign in text

    def without_marks(self, text: str) -> str:
        return self._mark.sub("", text)

    def as_source(self, text: str) -> str:
        """``text`` with the placeholders as they were written, for messages."""
        return "".join(_source(piece) for piece in self.pieces(text))

    def slot(self, placeholder: Placeholder, escape: Escape) -> str | Slot:
        """The slot of a placeholder; an unknown tracking code (reported already) becomes nothing."""
        if placeholder.tracking_code and placeholder.tracking_code not in self._options.tracking_codes:
            return ""
        name = "optOutUrl" if placeholder.name == "optOutLink" else placeholder.name
        return Slot(name, placeholder.fallback, escape)

    def knows(self, placeholder: Placeholder) -> bool:
        return bool(placeholder.tracking_code) or self._options.schema.knows(placeholder.name)

    def _accepts(self, placeholder: Placeholder, field: str, line: int, doubled: bool) -> bool:
        if not self.knows(placeholder):
            self._report_unknown(placeholder, field, line, doubled)
            return False
        if doubled:
            message = _("Write {placeholder} with one pair of braces.")
            self._problems.error(field, message, line, placeholder=placeholder.source)
        if placeholder.tracking_code and placeholder.tracking_code not in self._options.tracking_codes:
            message = _("The tracking URL {placeholder} does not exist in this campaign.")
            self._problems.error(field, message, line, placeholder=placeholder.source)
        return True

    def _report_unknown(self, placeholder: Placeholder, field: str, line: int, doubled: bool) -> None:
        if self._problems.is_full("warning" if doubled else "error"):
            return
        source = placeholder.source
        if doubled:
            message = _("{placeholder} is not a placeholder and is sent as it stands.")
            self._problems.warning(field, message, line, placeholder="{" + source + "}")
            return
        near = self._options.schema.suggestion(placeholder.name)
        if near:
            message = _("Unknown placeholder {placeholder}. Did you mean {suggestion}?")
            self._problems.error(field, message, line, placeholder=source, suggestion="{" + near + "}")
            return
        self._problems.error(field, _("Unknown placeholder {placeholder}."), line, placeholder=source)

    def _keep(self, placeholder: Placeholder, is_html: bool) -> str:
        if is_html:
            # The fallback stands in HTML source, so José may be written Jos&eacute; there.
            fallback = html.unescape(placeholder.fallback)
            placeholder = Placeholder(placeholder.source, placeholder.name, fallback)
        self._kept.append(placeholder)
        return f"{self._sign}{len(self._kept) - 1}{self._sign}"


def _source(piece: Piece) -> str:
    return piece if isinstance(piece, str) else piece.source


def _is_doubled(pieces: list[Piece], index: int) -> bool:
    """``{{name}}``: the habit of other template languages."""
    before = pieces[index - 1] if index else ""
    after = pieces[index + 1] if index + 1 < len(pieces) else ""
    return isinstance(before, str) and isinstance(after, str) and before.endswith("{") and after.startswith("}")

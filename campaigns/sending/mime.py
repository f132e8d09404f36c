"""The MIME structure of a mass email, encoded once. What differs from person to person is put between the octets.

- multipart/mixed, only with attachments
  - multipart/alternative, only with HTML
    - text/plain
    - text/html
  - the attachments
"""

import re
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import quote

from campaigns.content.content import Content, Part, Slot, printable
from campaigns.sending.errors import MessageError
from campaigns.sending.headers import FOLD_AT, header_text
from campaigns.sending.places import Encoding, Template, Values, quoted
from campaigns.sending.quoted import SOFT_BREAK, base64_lines, octets, octets_of_plain, quoted_printable

_MIME_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,63}")
SHORT_TAIL = 2048  # octets: one copy of the whole message costs more than putting these together each time
# These types may not be base64 (RFC 2045 §6.4); as plain octets every mail program can still save them.
_NEVER_ENCODED = ("multipart/", "message/")


@dataclass(frozen=True, slots=True)
class Attachment:
    name: str
    content: bytes
    mime_type: str = "application/octet-stream"


IN_OCTETS = Encoding(octets, octets_of_plain, list)


class EncodedText:
    """A text body in base64. Its three-octet groups run across values, so it is encoded anew for each person."""

    __slots__ = ("_octets",)

    def __init__(self, text: Template) -> None:
        self._octets = text

    @classmethod
    def of(cls, part: Part) -> "EncodedText":
        pieces = [piece if isinstance(piece, Slot) else octets(printable(piece)) for piece in part]
        return cls(Template(pieces, IN_OCTETS))

    def knowing(self, same: Mapping[str, str]) -> "EncodedText":
        return EncodedText(self._octets.knowing(same))

    def fill(self, values: Values) -> str:
        return base64_lines(self._octets.fill(values).encode("latin-1"))


Piece = str | Slot | EncodedText


class Entity:
    """A whole MIME entity: its Content-* fields, the empty line, its body. ASCII throughout."""

    __slots__ = ("_runs", "tail")

    def __init__(self, pieces: Sequence[Piece]) -> None:
        begins = max((place + 1 for place, piece in enumerate(pieces) if not isinstance(piece, str)), default=0)
        # Attachments are in here: octets from the beginning, and copied once per message.
        self.tail = "".join([piece for piece in pieces[begins:] if isinstance(piece, str)]).encode("ascii")
        if len(self.tail) < SHORT_TAIL:
            begins, self.tail = len(pieces), b""
        self._runs: list[Template | EncodedText] = []
        run: list[str | Slot] = []
        for piece in pieces[:begins]:
            if isinstance(piece, EncodedText):
                self._runs += [quoted(run), piece]
                run = []
            else:
                run.append(piece)
        if run:
            self._runs.append(quoted(run))

    def knowing(self, same: Mapping[str, str]) -> "Entity":
        """The same entity with what these names mean for everybody filled in."""
        known = copy(self)
        known._runs = [run.knowing(same) for run in self._runs]
        return known

    def fill(self, values: Values) -> str:
        """What a person's values are part of; ``tail``, the same for everybody, comes behind it."""
        if len(self._runs) == 1:  # nothing in base64: the text stands as it comes
            return self._runs[0].fill(values)
        return "".join([run.fill(values) for run in self._runs])


def entity(content: Content, attachments: Sequence[Attachment]) -> Entity:
    """Raises MessageError for an attachment whose name or type cannot be written."""
    # "=_" occurs neither in quoted-printable nor in base64, so no body can hold a boundary. The rest is the same for
    # the same content, so that a retry by another worker sends the same octets.
    boundary = f"=_{sha256(repr(content).encode()).hexdigest()[:24]}"
    body = _text("plain", content.text)
    if content.html is not None:
        body = _multipart("alternative", f"{boundary}_a", [body, _text("html", content.html)])
    if attachments:
        body = _multipart("mixed", f"{boundary}_m", [body, *map(_attached, attachments)])
    return Entity(body)


def _multipart(subtype: str, boundary: str, parts: Sequence[Sequence[Piece]]) -> list[Piece]:
    pieces: list[Piece] = [f'Content-Type: multipart/{subtype};\r\n boundary="{boundary}"\r\n']
    for part in parts:
        pieces += [f"\r\n--{boundary}\r\n", *part]
    return [*pieces, f"\r\n--{boundary}--\r\n"]


def _text(subtype: str, part: Part) -> list[Piece]:
    part = _ending_in_line_end(part)
    literal = "".join([piece for piece in part if isinstance(piece, str)])
    in_quoted = _quoted(part)
    in_base64 = _is_shorter_in_base64(literal, sum(len(piece) for piece in in_quoted if isinstance(piece, str)))
    encoding = "base64" if in_base64 else "quoted-printable"
    head = f'Content-Type: text/{subtype}; charset="utf-8"\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n'
    return [head, *([EncodedText.of(part), "\r\n"] if in_base64 else in_quoted)]


def _ending_in_line_end(part: Part) -> Part:
    # The last line of quoted-printable may not end in a soft break (RFC 2045 §6.7 rule 3), as a place there would.
    last = part[-1] if part else ""
    return part if isinstance(last, str) and last.endswith("\n") else (*part, "\n")


def _quoted(part: Part) -> list[Piece]:
    pieces: list[Piece] = []
    for piece in part:
        if pieces:
            pieces.append(SOFT_BREAK)
        pieces.append(piece if isinstance(piece, Slot) else quoted_printable(printable(piece)))
    return pieces


def _is_shorter_in_base64(literal: str, quoted_size: int) -> bool:
    # ASCII never: spam filters distrust it, people cannot read the source.
    return not literal.isascii() and quoted_size > len(literal.encode()) * 4 / 3 * 78 / 76


def _attached(attachment: Attachment) -> list[Piece]:
    head = (
        f"Content-Type: {_mime_type(attachment)}\r\nContent-Transfer-Encoding: base64\r\n"
        f"Content-Disposition: attachment;\r\n {_file_name(attachment)}\r\n\r\n"
    )
    return [head, base64_lines(attachment.content), "\r\n"]


def _mime_type(attachment: Attachment) -> str:
    mime_type = attachment.mime_type.lower()
    if not _MIME_TYPE.fullmatch(mime_type):
        raise MessageError(f"Attachment: not a MIME type: {attachment.mime_type[:80]!a}")
    return "application/octet-stream" if mime_type.startswith(_NEVER_ENCODED) else mime_type


def _file_name(attachment: Attachment) -> str:
    """The filename parameter: quoted when that says it all, else RFC 2231, in sections when it is long."""
    name = re.split(r"[/\\]", header_text("Attachment", attachment.name))[-1]
    if not name:
        raise MessageError("Attachment: it has no name")
    if name.isascii() and '"' not in name and len(name) < FOLD_AT - 20:
        return f'filename="{name}"'
    sections = _percent_encoded(name, FOLD_AT - len(" filename*99*=utf-8'';"))
    if len(sections) == 1:
        return f"filename*=utf-8''{sections[0]}"
    sections[0] = f"utf-8''{sections[0]}"
    return ";\r\n ".join([f"filename*{number}*={section}" for number, section in enumerate(sections)])


def _percent_encoded(text: str, room: int) -> list[str]:
    """Sections of at most ``room`` octets, no character split."""
    sections = [""]
    for character in text:
        encoded = quote(character, safe="")
        if len(sections[-1]) + len(encoded) > room:
            sections.append("")
        sections[-1] += encoded
    return sections

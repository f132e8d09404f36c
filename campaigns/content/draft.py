"""What goes into the compiler: the draft as the marketer wrote it, and the options of this mass email."""

from dataclasses import dataclass, field

from campaigns.content.placeholders import Schema

MAX_BODY_BYTES = 2_000_000


@dataclass(frozen=True)
class Draft:
    """``html`` empty means a plain-text template; ``text`` empty means: derive it from the HTML."""

    subject: str
    preview_text: str = ""
    html: str = ""
    text: str = ""


@dataclass(frozen=True)
class Options:
    """``tracking_codes`` are the codes that exist. With ``track`` off there is no pixel, and the person's value of
    ``trackingUrl:CODE`` must be the plain target. ``language`` becomes the ``lang`` of a body that names none."""

    append_opt_out: bool = True
    open_pixel: bool = False
    tracking_codes: frozenset[str] = frozenset()
    schema: Schema = field(default_factory=Schema)
    track: bool = True
    language: str = "en"
    max_body_bytes: int = MAX_BODY_BYTES

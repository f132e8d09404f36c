"""Whom does a bounce without a delivery status speak of, and which lines of it speak of whom?

First what a field or a line of a known form names; then flufl.bounce, which knows the forms of thirty years; then any
address that stands alone; at last the recipient of the returned message, if there is one only.
"""

import logging
import re
from email.message import Message

from flufl.bounce._scan import _DETECTORS  # its public functions end at the first detector that raises

from campaigns.bounces.dsn import MAX_RECIPIENTS, WIDE, address_in, addresses_in, cleaned
from campaigns.bounces.reading import Reading, header

_log = logging.getLogger(__name__)

_NOT = rf"\s<>;,:\"'()\[\]{WIDE}"
_A = rf"<?(?:smtp:)?([^{_NOT}]{{1,128}}@[^{_NOT}@]{{1,255}})>?"
# A line that names one: by itself, with a reason behind it, or behind a word for it.
_NAMED = re.compile(
    rf"""^[\s>*\-]{{0,8}}(?:
        (?:[^\x00-\x7f]{{1,20}}：\s*)?{_A}\s*(?::|$|\.\.\.|\(|\#)
      | [^\n<>:]{{1,80}}<{_A}:
      | [45]\d\d\ (?:[45]\.\d\.\d{{1,3}}\ )?{_A}\.\.\.
      | [^\w\n]{{0,3}}(?:failed\ )?recipient(?:\ address)?:\s*\[?{_A}
      | (?:undeliverable|original)\ address:\s*{_A}
      | (?:>>>\ |<<<\ |in:\s{{1,4}})?rcpt\ to:\s*{_A}
      | error-for:\s*{_A}
      | (?:unknown\ user|invalid\ final\ delivery\ userid|delivery\ failed\ \d+\ attempts|undeliverable\ to
          |user\ mailbox\ exceeds\ allowed\ size|intended\ recipient|unknown\ address|unknown\ recipient
          |addressed\ to|failed\ addresses?):?\s*{_A}
    )""",
    re.I | re.M | re.X,
)
_SPOKEN = re.compile(
    rf"""(?:deliver(?:ed|ing)?|reach(?:ed)?|send|sent|addressed|message|mailing\ list|mail|email)
        \ (?:your\ \w+\ )?(?:to:?\s+)?\W{{0,3}}{_A}
      | (?:originally\ addressed\ to|generated\ from|expanded\ from:?)\s+{_A}
      | dda:SMTP={_A}""",
    re.I | re.X,
)
_ORIGIN = re.compile(
    rf"(?:originally\ addressed\ to|was\ addressed\ to|generated\ from|expanded\ from:?)\s+{_A}", re.I | re.X
)

MAX_SEGMENT = 1500  # characters
_OF_SERVERS = ("postmaster@", "mailer-daemon@", "abuse@", "support@", "noreply@", "no-reply@")


def recipients_of(reading: Reading) -> list[str]:
    """Addresses in the order of the text, each once, at most MAX_RECIPIENTS."""
    own = _own_addresses(reading)
    for find in (_in_fields, _originally, _by_line, _by_flufl, _spoken_of):
        if found := _distinct(find(reading)):
            others = [address for key, address in found.items() if key not in own]
            return (others or list(found.values()))[:MAX_RECIPIENTS]
    for guess in (_alone, _returned_to):
        if others := [address for key, address in _distinct(guess(reading)).items() if key not in own]:
            return others[:1]
    return []


def segments(text: str, addresses: list[str]) -> list[str]:
    """The part of a story that speaks of each address: from the line that names it to the line that names the next."""
    starts = [_line_of(address, text) for address in addresses]
    ends = sorted({*starts, len(text)})
    return [
        text[start : ends[ends.index(start) + 1]][:MAX_SEGMENT] if 0 <= start < len(text) else "" for start in starts
    ]


def _line_of(address: str, text: str) -> int:
    at = text.lower().find(address.lower()) if address else -1
    return text.rfind("\n", 0, at) + 1 if at >= 0 else -1


def _distinct(addresses: list[str]) -> dict[str, str]:
    return {address.lower(): address for address in addresses if "@" in address and "." in address}


def _own_addresses(reading: Reading) -> set[str]:
    """Who got the bounce and who wrote it are not whom it is about."""
    names = ("To", "From", "Delivered-To", "Reply-To")
    own = {address.lower() for name in names for address in addresses_in(reading.header(name))}
    for returned in reading.returned:
        own |= {address.lower() for address in addresses_in(header(returned, "From"))}
    return own


def _in_fields(reading: Reading) -> list[str]:
    return addresses_in(reading.header("X-Failed-Recipients") or reading.header("X-Failed-Recipient"))


def _originally(reading: Reading) -> list[str]:
    return _groups(_ORIGIN, reading.text)


def _by_flufl(reading: Reading) -> list[str]:
    found = (cleaned(octets.decode("utf-8", "replace")) for octets in _detected(reading.message))
    story = reading.text.lower()  # it also looks into the returned message
    return sorted(address for address in found if address.partition("@")[0].lower() in story)


def _detected(message: "Message[str, str]") -> set[bytes]:
    """What the first detector finds that knows the form; one that raises costs only itself."""
    for detector in _DETECTORS:
        try:
            temporary, permanent = detector().process(message)
        except Exception as error:  # noqa: BLE001 - it may be anything, on a text that it did not expect
            told = "The detector %s of flufl.bounce stumbled over a message (%s)"
            _log.warning(told, detector.__name__, type(error).__name__)
            continue
        if temporary or permanent:
            return {*temporary, *permanent}
    return set()


def _by_line(reading: Reading) -> list[str]:
    return _groups(_NAMED, reading.text)


def _spoken_of(reading: Reading) -> list[str]:
    return _groups(_SPOKEN, reading.text)


def _alone(reading: Reading) -> list[str]:
    return [address for address in addresses_in(reading.text) if not address.lower().startswith(_OF_SERVERS)]


def _returned_to(reading: Reading) -> list[str]:
    for returned in reading.returned:
        if named := addresses_in(header(returned, "To")):
            return named if len(named) == 1 else []
    quoted = re.search(r"^to:\s*(.{1,320})$", reading.quoted, re.I | re.M)
    return [address_in(quoted[1])] if quoted else []


def _groups(pattern: re.Pattern[str], text: str) -> list[str]:
    return [cleaned(next(filter(None, found.groups()))) for found in pattern.finditer(text) if any(found.groups())]

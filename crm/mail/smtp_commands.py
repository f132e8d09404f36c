"""An envelope becomes octets for the server: command lines, content, and what must not be sent at all. Pure."""

import base64
import re
from collections.abc import Callable, Sequence

from crm.mail.smtp_protocol import Attempt, Envelope, Phase, Trouble
from crm.mail.smtp_replies import Extensions

COMMAND_LIMIT = 512  # octets of a command line with its CRLF (RFC 5321 section 4.5.3.1.4)
PATH_LIMIT = 254  # an address without its angle brackets (section 4.5.3.1.3)

# What nearly every address is: printable ASCII without angle brackets.
_USUAL_PATH = re.compile(rf"[!-;=?-~]{{1,{PATH_LIMIT}}}").fullmatch
_UNSAFE_IN_PATH = re.compile(r"[\x00-\x20\x7f<>\ud800-\udfff]")
_LONE_LINE_END = re.compile(rb"\r\n|\r|\n")


def mail_command(message: Envelope, extensions: Extensions) -> str:
    """MAIL FROM with exactly those parameters that the server offered and the message needs (RFC 1870, 6152, 6531)."""
    parameters = ""
    if extensions.size is not None:
        parameters = f" SIZE={len(message.data)}"
    if extensions.eight_bit and not seven_bit(message):
        parameters += " BODY=8BITMIME"
    if not (message.sender.isascii() and message.recipient.isascii()):
        parameters += " SMTPUTF8"
    return f"MAIL FROM:<{message.sender}>{parameters}\r\n"


def rcpt_command(message: Envelope) -> str:
    return f"RCPT TO:<{message.recipient}>\r\n"


def seven_bit(message: Envelope) -> bool:
    return message.wire_ready or message.data.isascii()


def lines(message: Envelope) -> bytes:
    """The content as lines that each end in CRLF (RFC 5321 section 2.3.8).

    A lone CR or LF becomes CRLF: passed on as it is, a careless server could read it as a line end of its own, and a
    second message would be smuggled in.
    """
    data = message.data
    if message.wire_ready:
        return data
    if not data.count(b"\r\n") == data.count(b"\n") == data.count(b"\r"):
        data = _LONE_LINE_END.sub(b"\r\n", data)
    return data if data.endswith(b"\r\n") or not data else data + b"\r\n"


def dotted_lines(message: Envelope) -> bytes:
    """The content between 354 and the final dot, without that dot: no line starts with a single one (section 4.5.2)."""
    data = lines(message)
    if message.wire_ready:
        return data
    if b"\r\n." in data:
        data = data.replace(b"\r\n.", b"\r\n..")
    return b"." + data if data.startswith(b".") else data


def hindrance(message: Envelope, extensions: Extensions) -> Attempt | None:
    """Why this message must not even be offered to this server, or None. Asked before anything is sent."""
    if message.wire_ready and _USUAL_PATH(message.recipient) and _USUAL_PATH(message.sender):  # nothing but its size
        return _too_large(message, extensions)
    sender_fits, recipient_fits = _fits_command(message.sender), _fits_command(message.recipient)
    if not sender_fits:
        return Attempt(Phase.MAIL, None, "the sender's address cannot be sent", Trouble.BAD_ADDRESS)
    if not recipient_fits or not message.recipient:
        return Attempt(Phase.RCPT, None, "the address cannot be sent", Trouble.BAD_ADDRESS)
    if (too_large := _too_large(message, extensions)) is not None:
        return too_large
    if not extensions.eight_bit and not seven_bit(message):
        return Attempt(Phase.MAIL, None, "the message is 8-bit, the server lacks 8BITMIME", Trouble.UNSUPPORTED)
    if extensions.utf8:
        return None
    return _needs_utf8(message)


def _too_large(message: Envelope, extensions: Extensions) -> Attempt | None:
    if not extensions.size or len(message.data) <= extensions.size:
        return None
    error = f"the message has {len(message.data)} octets, the server takes {extensions.size}"
    return Attempt(Phase.MAIL, None, error, Trouble.TOO_LARGE)


def _fits_command(address: str) -> bool:
    """Whether the address can neither end its command line nor leave its angle brackets."""
    return len(address) <= PATH_LIMIT and _UNSAFE_IN_PATH.search(address) is None


def _needs_utf8(message: Envelope) -> Attempt | None:
    if not message.sender.isascii():
        return Attempt(Phase.MAIL, None, "the sender needs SMTPUTF8, the server lacks it", Trouble.UNSUPPORTED)
    if not message.recipient.isascii():
        return Attempt(Phase.RCPT, None, "the address needs SMTPUTF8, the server lacks it", Trouble.UNSUPPORTED)
    return None


def auth_mechanism(wanted: str, offered: frozenset[str]) -> str:
    """The mechanism to use, "" where none fits. XOAUTH2 is never guessed: a password is not a token."""
    candidates = [wanted.upper()] if wanted else ["PLAIN", "LOGIN"]
    return next((name for name in candidates if name in offered and name in _EXCHANGES), "")


def auth_exchange(mechanism: str, username: str, password: str) -> Sequence[bytes]:
    """The client's lines of an AUTH exchange, each but the first the answer to a 334 (RFC 4954 section 4)."""
    initial, *answers = [base64.b64encode(answer.encode()) for answer in _EXCHANGES[mechanism](username, password)]
    command = b"AUTH " + mechanism.encode()
    if mechanism == "LOGIN":  # its servers disagree on what an initial response means
        return [command, initial, *answers]
    if len(command) + len(initial) + 3 > COMMAND_LIMIT:  # RFC 4954: too long for an initial response
        return [command, initial, *answers]
    return [command + b" " + initial, *answers]


_EXCHANGES: dict[str, Callable[[str, str], list[str]]] = {
    "PLAIN": lambda username, password: [f"\0{username}\0{password}"],  # RFC 4616
    "LOGIN": lambda username, password: [username, password],
    "XOAUTH2": lambda username, token: [f"user={username}\x01auth=Bearer {token}\x01\x01"],
}

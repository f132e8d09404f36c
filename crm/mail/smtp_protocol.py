"""The words of an SMTP conversation: who is talked to, what is sent, how far it came, how it ended.

Plain data without sockets and without Django. What is made for every message is a NamedTuple, at a third of the cost
of a frozen dataclass. The RFC numbers in this package: 5321 SMTP, 2920 PIPELINING, 3030 CHUNKING, 1870 SIZE, 6152
8BITMIME, 6531 SMTPUTF8, 3207 STARTTLS, 4954 AUTH, 2034 and 3463 enhanced status codes.
"""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

BLOCK = 64 * 1024  # octets of content between two looks at the connection
SHUTTING_DOWN = 421  # in answer to anything: the server is about to close (RFC 5321 section 3.8)
GO_ON = 3  # first digit of the 354 that asks for the content
WINDOW = 8  # messages in flight per connection with CHUNKING
TEXT_LIMIT = 1024  # characters of a server's text that are kept for people to read
ENHANCED = re.compile(r"([245]\.\d{1,3}\.\d{1,3})(?=\s|$)")


class Security(StrEnum):
    """How a connection is protected. There is no "if offered": that is stripped in transit (RFC 3207 section 6)."""

    NONE = "none"  # plain text, and therefore never with credentials
    STARTTLS = "starttls"  # plain text greeting, then TLS or nothing
    TLS = "tls"  # TLS from the first octet (RFC 8314, port 465)


class Phase(StrEnum):
    """How far a message, or the connection it needed, came. Up to BODY nothing can have been accepted."""

    CONNECT = "connect"  # name look-up, TCP, and TLS where it comes first
    GREETING = "greeting"
    EHLO = "ehlo"
    STARTTLS = "starttls"
    AUTH = "auth"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"  # DATA asked, 354 not seen yet
    BODY = "body"  # content may be under way, its end is not
    DOT = "dot"  # the final dot, or the last octet of BDAT LAST, is written: accepted or not, only the reply tells
    ACCEPTED = "accepted"
    QUIT = "quit"


class Trouble(StrEnum):
    """Why there is no reply to judge by, or, BUSY, whom the reply speaks of."""

    NONE = ""
    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"  # handshake, certificate, host name, or STARTTLS not offered
    DROPPED = "dropped"
    TIMEOUT = "timeout"
    GARBLED = "garbled"  # the peer does not speak SMTP, or answers what was not asked
    CONFIGURATION = "configuration"  # this account cannot work as it is set up: nothing secret was sent
    TOO_LARGE = "too_large"  # over the server's SIZE
    UNSUPPORTED = "unsupported"  # needs an extension that the server lacks
    BAD_ADDRESS = "bad_address"  # would break the command line
    BUSY = "busy"  # a 421 about this one person: the server takes the mail of others


class Reply(NamedTuple):
    """One complete reply (RFC 5321 section 4.2). `lines` are the texts behind the code, undecided and untrusted."""

    code: int
    lines: tuple[str, ...]

    @property
    def digit(self) -> int:
        """2 = done, 3 = go on, 4 = not now, 5 = no. The only part of a reply that decides (section 4.2.1)."""
        return self.code // 100

    @property
    def text(self) -> str:
        """Everything the server said in one printable line of at most TEXT_LIMIT characters."""
        text = " ".join(self.lines)[:TEXT_LIMIT]
        return text if text.isprintable() else "".join(c if c.isprintable() else "\ufffd" for c in text)

    @property
    def enhanced(self) -> str:
        """The enhanced status code such as "5.1.1", or "" (RFC 2034: it leads the text of the lines)."""
        match = next(filter(None, map(ENHANCED.match, self.lines)), None)
        return match.group(1) if match else ""

    def __str__(self) -> str:
        return f"{self.code} {self.text}".rstrip()


class Attempt(NamedTuple):
    """How a message, or the opening of a connection, ended: at which phase, by which reply or, without one, by what.

    `retry_after`: seconds for which a provider asked to be left alone; SMTP has no word for it.
    """

    phase: Phase
    reply: Reply | None
    error: str = ""
    trouble: Trouble = Trouble.NONE
    retry_after: float = 0.0

    def __str__(self) -> str:
        return f"{self.phase}: {self.reply or self.error}"


class ConnectionFailed(Exception):
    """No session came about; `attempt` says how far it came. No message was touched."""

    def __init__(self, attempt: Attempt) -> None:
        super().__init__(str(attempt))
        self.attempt = attempt


class Envelope(NamedTuple):
    """One message to one person: a personalised transaction has exactly one RCPT.

    `data` is the message with CRLF line ends and not dot-stuffed; `sender` may be "" (the null reverse-path).
    `wire_ready` is the word of whoever built `data` that it is 7-bit, that each CR and LF belongs to a CRLF, that it
    ends with one, and that no line starts with a dot. Then nobody looks at every octet again, a third of the work.
    """

    sender: str
    recipient: str
    data: bytes
    wire_ready: bool = False

    def __repr__(self) -> str:
        """Without the message, which is private."""
        return f"Envelope({self.sender!r}, {self.recipient!r}, {len(self.data)} octets)"


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds to wait at most; defaults as RFC 5321 section 4.5.3.2 asks. No wait is without a limit."""

    connect: float = 60.0  # name look-up and TCP together
    tls: float = 60.0
    greeting: float = 300.0
    ehlo: float = 300.0
    auth: float = 300.0
    mail: float = 300.0
    rcpt: float = 300.0
    data: float = 120.0
    block: float = 180.0  # for each block of content to leave
    dot: float = 600.0  # too short a wait here is what makes duplicates (RFC 1047)
    quit: float = 5.0  # nothing depends on the answer


@dataclass(frozen=True, slots=True)
class Server:
    """An SMTP account as the client needs it. `password` is the access token where `mechanism` is XOAUTH2.

    `window` is how many messages may be in flight over one connection to a server with CHUNKING, see smtp_window. It is
    also how many become uncertain when that connection is lost; 0 means DATA, with one message in doubt at a time.
    """

    host: str
    port: int
    security: Security
    username: str = ""
    password: str = field(default="", repr=False)
    mechanism: str = ""  # PLAIN, LOGIN, XOAUTH2; "" = the best that is offered for a password
    ehlo_name: str = "localhost"  # the configured FQDN; the default is for tests
    timeouts: Timeouts = Timeouts()
    messages_per_connection: int = 100
    window: int = WINDOW
    ca_file: str | None = None  # further trust anchors (PEM) instead of the system's

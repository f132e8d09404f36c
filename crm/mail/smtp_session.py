"""From nothing to a session that may send: TCP, greeting, EHLO, STARTTLS and EHLO again, AUTH.

RFC 5321 sections 3.1 and 3.2, RFC 3207, RFC 4954. Two rules have no exception: protection that was asked for is there
or the connection ends, and credentials are written only inside TLS whose certificate was verified.
"""

import ssl
from dataclasses import dataclass
from functools import lru_cache

from crm.mail.smtp_commands import auth_exchange, auth_mechanism
from crm.mail.smtp_protocol import Attempt, ConnectionFailed, Phase, Reply, Security, Server, Trouble
from crm.mail.smtp_replies import Extensions
from crm.mail.smtp_wire import Wire, WireBroken, dial

NOT_IMPLEMENTED = (500, 502)  # a server from before EHLO (RFC 5321 section 3.2)


@dataclass(slots=True)
class Session:
    """A connection on which MAIL may be said, what the server offers there, and how many transactions were begun."""

    server: Server
    wire: Wire
    extensions: Extensions
    sent: int = 0


async def open_session(server: Server) -> Session:
    """Raises ConnectionFailed."""
    wire, extensions = await _Opening(server).run()
    return Session(server, wire, extensions)


class _Opening:
    """The steps in their order. `phase` is where a failure belongs."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.phase = Phase.CONNECT
        self.wire: Wire | None = None

    async def run(self) -> tuple[Wire, Extensions]:
        try:
            wire = self.wire = await self._connected()
            extensions = await self._greeted(wire)
            if self.server.security is Security.STARTTLS:
                extensions = await self._secured(wire, extensions)
            if self.server.username:
                await self._authenticated(wire, extensions)
            return wire, extensions
        except WireBroken as broken:
            self._hang_up()
            raise ConnectionFailed(Attempt(self.phase, None, broken.text, broken.trouble)) from broken
        except BaseException:
            self._hang_up()
            raise

    async def _connected(self) -> Wire:
        server = self.server
        if server.username and server.security is Security.NONE:
            self.phase = Phase.AUTH
            raise WireBroken(Trouble.CONFIGURATION, "credentials are sent inside TLS only, and this account has none")
        wire = await dial(server.host, server.port, server.timeouts.connect)
        if server.security is Security.TLS:
            self.wire = wire
            await self._protect(wire)
        return wire

    async def _greeted(self, wire: Wire) -> Extensions:
        self.phase = Phase.GREETING
        await self._agreed(await wire.reply(self.server.timeouts.greeting))
        return await self._introduced(wire)

    async def _introduced(self, wire: Wire) -> Extensions:
        """EHLO; HELO only for a server that knows nothing better, and never where EHLO's answer is needed."""
        self.phase = Phase.EHLO
        seconds = self.server.timeouts.ehlo
        reply = await self._ask(wire, f"EHLO {self.server.ehlo_name}".encode(), seconds)
        if reply.code in NOT_IMPLEMENTED and self.server.security is Security.NONE:
            await self._agreed(await self._ask(wire, f"HELO {self.server.ehlo_name}".encode(), seconds))
            return Extensions()
        await self._agreed(reply)
        return Extensions.of(reply)

    async def _secured(self, wire: Wire, extensions: Extensions) -> Extensions:
        self.phase = Phase.STARTTLS
        if not extensions.starttls:
            raise WireBroken(Trouble.TLS, "the server does not offer STARTTLS")
        await self._agreed(await self._ask(wire, b"STARTTLS", self.server.timeouts.ehlo))
        await self._protect(wire)
        # RFC 3207 section 4.2: what was learnt in plain text is forgotten, the server is asked again.
        return await self._introduced(wire)

    async def _protect(self, wire: Wire) -> None:
        try:
            context = _context(self.server.ca_file)
        except OSError as error:
            raise WireBroken(Trouble.CONFIGURATION, f"the trusted certificates cannot be read: {error}") from error
        await wire.start_tls(context, self.server.host, self.server.timeouts.tls)

    async def _authenticated(self, wire: Wire, extensions: Extensions) -> None:
        self.phase = Phase.AUTH
        server = self.server
        mechanism = auth_mechanism(server.mechanism, extensions.auth)
        if not mechanism:
            offered = ", ".join(sorted(extensions.auth)) or "nothing"
            raise WireBroken(Trouble.CONFIGURATION, f"no way to sign in: the server offers {offered}")
        command, *answers = auth_exchange(mechanism, server.username, server.password)
        reply = await self._ask(wire, command, server.timeouts.auth)
        for answer in answers:
            if reply.digit == 3:
                reply = await self._ask(wire, answer, server.timeouts.auth)
        if reply.digit == 3:
            # One challenge too many. XOAUTH2 puts its error there and wants an empty line; "*" ends any other exchange.
            reply = await self._ask(wire, b"" if mechanism == "XOAUTH2" else b"*", server.timeouts.auth)
        await self._agreed(reply)

    async def _ask(self, wire: Wire, command: bytes, seconds: float) -> Reply:
        wire.write(command + b"\r\n")
        return await wire.reply(seconds)

    async def _agreed(self, reply: Reply) -> None:
        """Nothing when the server said yes; else ConnectionFailed with its reply, after a polite end."""
        if reply.digit == 2:
            return
        if reply.digit == 3:
            raise WireBroken(Trouble.GARBLED, f"unexpected reply: {reply}")
        if self.wire is not None and reply.code != 421:
            self.wire.write(b"QUIT\r\n")
            self.wire.close()
        raise ConnectionFailed(Attempt(self.phase, reply))

    def _hang_up(self) -> None:
        if self.wire is not None and not self.wire.broken:
            self.wire.abort()


@lru_cache(maxsize=16)  # reading the system's trust anchors takes milliseconds
def _context(ca_file: str | None) -> ssl.SSLContext:
    """Certificate and host name are verified, TLS 1.2 at least."""
    context = ssl.create_default_context(cafile=ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context

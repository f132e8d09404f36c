"""Implicit TLS (RFC 8314) in front of a server that only speaks in the clear or STARTTLS, as the tests' IMAP server."""

import select
import socket
import ssl
import threading
from contextlib import suppress
from pathlib import Path
from typing import Self


class TlsGate:
    """`port` is where to connect instead of `upstream`; `opened` counts the clients who agreed to the certificate."""

    def __init__(self, upstream: int, certificate: Path) -> None:
        self._upstream = upstream
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.opened = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_told: object) -> None:
        with suppress(OSError):  # a listener that is only closed would leave its thread waiting
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _address = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=[client], daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with suppress(OSError), self._context.wrap_socket(client, server_side=True) as inside:
            self.opened += 1
            with socket.create_connection(("127.0.0.1", self._upstream)) as server:
                _relay(inside, server)


def _relay(inside: ssl.SSLSocket, server: socket.socket) -> None:
    """Both ways in one thread, since a TLS connection is not to be read and written by two; until one side ends."""
    while True:
        readable, _, _ = select.select([inside, server], [], [])
        for source in readable:
            octets = source.recv(65536)
            if not octets:
                return
            while source is inside and inside.pending():
                octets += inside.recv(65536)
            (server if source is inside else inside).sendall(octets)

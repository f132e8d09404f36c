"""XOAUTH2 in front of the tests' IMAP server, which knows passwords only: the gate checks the token and signs in."""

import base64
import json
import socket
import threading
from collections.abc import Container
from typing import Self

from tests.imap_server import PASSWORD, USER


class XOAuth2Gate:
    """`port` is where to connect instead of `upstream`. Signs in whoever brings one of `valid` for USER."""

    def __init__(self, upstream: int, valid: Container[str]) -> None:
        self._upstream, self._valid = upstream, valid
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.refused = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_told: object) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _address = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=[client], daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, socket.create_connection(("127.0.0.1", self._upstream)) as server:
            threading.Thread(target=_pump, args=[server, client], daemon=True).start()
            lines = client.makefile("rb")
            for line in lines:
                words = line.split()
                if [word.upper() for word in words[1:3]] != [b"AUTHENTICATE", b"XOAUTH2"]:
                    server.sendall(line)
                elif self._is_right(client, lines.readline, words[3:]):
                    server.sendall(b'%b LOGIN "%b" "%b"\r\n' % (words[0], USER.encode(), PASSWORD.encode()))
                else:
                    self.refused += 1
                    client.sendall(words[0] + b" NO [AUTHENTICATIONFAILED] Invalid credentials\r\n")

    def _is_right(self, client: socket.socket, readline, initial: list[bytes]) -> bool:  # type: ignore[no-untyped-def]
        if not initial:
            client.sendall(b"+ \r\n")
            initial = [readline().strip()]
        given = base64.b64decode(initial[0]).decode().split("\x01")
        if given[0] == f"user={USER}" and given[1].removeprefix("auth=Bearer ") in self._valid:
            return True
        client.sendall(b"+ " + base64.b64encode(json.dumps({"status": "401"}).encode()) + b"\r\n")
        readline()  # the empty line that ends the exchange
        return False


def _pump(source: socket.socket, target: socket.socket) -> None:
    try:
        while octets := source.recv(65536):
            target.sendall(octets)
    except OSError:
        return

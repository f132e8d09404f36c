"""A real IMAP server (pymap) for the tests: in memory, on a free port, stopped by its process id."""

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from subprocess import DEVNULL, Popen

from imapclient import SEEN, IMAPClient
from imapclient.exceptions import IMAPClientError

from scripts.servers import die_with_parent, free_port

USER, PASSWORD = "returns@acme.example.com", "a long password"
START_SECONDS = 60  # of a machine that is busy


@dataclass
class ImapServer:
    port: int

    def client(self) -> IMAPClient:
        client = IMAPClient("127.0.0.1", port=self.port, ssl=False)
        client.login(USER, PASSWORD)
        return client

    def deliver(self, *messages: bytes, folder: str = "INBOX", at: datetime | None = None) -> None:
        """`at`: when they arrived (INTERNALDATE, RFC 3501 §2.3.3); now, when nothing is said."""
        with self.client() as client:
            for message in messages:
                client.append(folder, message.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"), (), at)

    def seen(self, folder: str = "INBOX") -> dict[int, bool]:
        """UID → whether it is marked as read."""
        with self.client() as client:
            client.select_folder(folder, readonly=True)
            flags = client.get_flags(client.search())
            return {uid: SEEN in found for uid, found in sorted(flags.items())}

    def clear(self) -> None:
        """As if it was just started; that takes seconds."""
        with self.client() as client:
            for _flags, _delimiter, name in client.list_folders():
                if name != "INBOX":
                    client.delete_folder(name)
            client.select_folder("INBOX")
            client.delete_messages(client.search())
            client.expunge()

    def create_folder(self, name: str) -> None:
        with self.client() as client:
            client.create_folder(name)


@contextmanager
def imap_server(*options: str) -> Iterator[ImapServer]:
    port = free_port()
    program = str(Path(sys.executable).parent / "pymap")
    command = [program, "--host", "127.0.0.1", "--port", str(port), *(options or ["--no-tls"])]
    command += ["--no-service", "managesieve", "--no-service", "admin"]
    command += ["dict", "--demo-user", USER, "--demo-password", PASSWORD]
    process = Popen(command, stdout=DEVNULL, stderr=DEVNULL, preexec_fn=die_with_parent)
    try:
        _wait_for(port)
        yield ImapServer(port)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            IMAPClient("127.0.0.1", port=port, ssl=False, timeout=2).logout()
            return
        except (OSError, IMAPClientError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)

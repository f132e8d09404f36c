"""A Postfix of its own: everything in a temporary folder, one loopback port, stopped by its own command.

What it accepts for example.com it delivers into a maildir. gone@example.com is refused at RCPT.
"""

import os
import pwd
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path

from scripts.servers import Missing, find_postfix, free_port, install_missing

START_SECONDS = 30.0
SERVICES = {
    "cleanup": "unix n - n - 0 cleanup",
    "qmgr": "unix n - n 300 1 qmgr",
    "rewrite": "unix - - n - - trivial-rewrite",
    "bounce": "unix - - n - 0 bounce",
    "defer": "unix - - n - 0 bounce",
    "trace": "unix - - n - 0 bounce",
    "flush": "unix n - n 1000? 0 flush",
    "proxymap": "unix - - n - - proxymap",
    "showq": "unix n - n - - showq",
    "error": "unix - - n - - error",
    "retry": "unix - - n - - error",
    "discard": "unix - - n - - discard",
    "virtual": "unix - n n - - virtual",
    "anvil": "unix - - n - 1 anvil",
    "postlog": "unix-dgram n - n - 1 postlogd",
}


@dataclass(frozen=True)
class Postfix:
    port: int
    inbox: Path
    log: Path

    def delivered(self, count: int, seconds: float = 60.0) -> list[EmailMessage]:
        """What lies in the maildir, as soon as there are `count` of them; or what there is after `seconds`."""
        deadline = time.monotonic() + seconds
        while len(files := list(self.inbox.glob("new/*"))) < count and time.monotonic() < deadline:
            time.sleep(0.1)
        parser = BytesParser(EmailMessage, policy=default)
        return [parser.parsebytes(file.read_bytes()) for file in files]

    def log_lines(self, text: str) -> list[str]:
        return [line for line in self.log.read_text(errors="replace").splitlines() if text in line]


@contextmanager
def postfix() -> Iterator[Postfix]:
    """Raises Missing where it is not installed and cannot be, or where we are not root, which its master must be."""
    install_missing(["Postfix"])
    program = find_postfix()
    if program is None or os.geteuid() != 0:
        raise Missing("root, for Postfix")
    with tempfile.TemporaryDirectory(prefix="herald-postfix-", dir="/tmp", ignore_cleanup_errors=True) as name:
        folder, port = Path(name), free_port()
        folder.chmod(0o755)
        configuration = _configured(folder, port)
        subprocess.run([program, "-c", configuration, "start"], check=True, capture_output=True)
        try:
            running = Postfix(port, folder / "mail" / "inbox", folder / "log")
            _wait_for(running)
            yield running
        finally:
            subprocess.run([program, "-c", configuration, "stop"], check=False, capture_output=True)


def _configured(folder: Path, port: int) -> str:
    for part in ("etc", "data", "queue", "mail"):
        (folder / part).mkdir()
    owner, nobody = pwd.getpwnam("postfix"), pwd.getpwnam("nobody")
    os.chown(folder / "data", owner.pw_uid, owner.pw_gid)
    os.chown(folder / "mail", nobody.pw_uid, nobody.pw_gid)
    settings = {
        "compatibility_level": "3.6",
        "queue_directory": folder / "queue",
        "data_directory": folder / "data",
        "maillog_file": folder / "log",
        "maillog_file_prefixes": folder,
        "myhostname": "mx.example.com",
        "mydestination": "",
        "alias_maps": "",
        "inet_interfaces": "127.0.0.1",
        "inet_protocols": "ipv4",
        "mynetworks": "127.0.0.0/8",
        "smtputf8_enable": "no",
        "virtual_mailbox_domains": "example.com",
        "virtual_mailbox_base": folder / "mail",
        "virtual_mailbox_maps": "static:inbox/",
        "virtual_uid_maps": f"static:{nobody.pw_uid}",
        "virtual_gid_maps": f"static:{nobody.pw_gid}",
        "smtpd_relay_restrictions": "reject_unauth_destination",
        "smtpd_recipient_restrictions": "check_recipient_access inline:{{gone@example.com = 550 5.1.1 gone}}",
    }
    etc = folder / "etc"
    (etc / "main.cf").write_text("".join(f"{key} = {value}\n" for key, value in settings.items()))
    listening = {f"127.0.0.1:{port}": "inet n - n - - smtpd"}
    (etc / "master.cf").write_text("".join(f"{key} {value}\n" for key, value in {**listening, **SERVICES}.items()))
    return str(etc)


def _wait_for(running: Postfix) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not running.log.is_file() or not running.log_lines("daemon started"):
        if time.monotonic() > deadline:
            raise RuntimeError("Postfix did not start")
        time.sleep(0.05)

"""A Maildir as a mailbox: folders new and cur, with Maildir++ subfolders whose names begin with a dot.

A message's name up to the colon is its identity for ever; flags stand behind it. Reading renames nothing.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from pathlib import Path

from crm.mail.mailbox import READ_AT_MOST, Letter, MailboxError, Seen

INBOX = "INBOX"


class MaildirBox:
    def __init__(self, root: Path) -> None:
        """Raises MailboxError when there is no Maildir. One that nothing was delivered to yet may lack its folders."""
        self._root = root
        if not root.is_dir():
            raise MailboxError(f"There is no folder {root.name}.")

    def folder_names(self) -> list[str]:
        subfolders = (path.name[1:] for path in self._root.glob(".*") if (path / "cur").is_dir())
        return [INBOX, *sorted(subfolders)]

    def letters(self, folder: str, seen: Seen, since: date | None) -> Iterator[Letter]:
        paths = {_uid(path): path for path in self._paths(folder) if since is None or _arrived(path) >= since}
        for uid in seen.unseen(folder, sorted(paths)):
            if (letter := _letter(folder, uid, paths[uid])) is not None:
                yield letter

    def mark_read(self, folder: str, validity: int, uids: Iterable[str]) -> None:
        for path in self._named(folder, uids):
            flags = path.name.partition(":2,")[2]
            if "S" not in flags:
                self._rename(path, self._folder(folder), "".join(sorted({*flags, "S"})))

    def move(self, folder: str, validity: int, uids: Iterable[str], target: str) -> None:
        for path in self._named(folder, uids):
            self._rename(path, self._folder(target), "S")

    def close(self) -> None:
        """Nothing is held open."""

    def _folder(self, name: str) -> Path:
        """Raises MailboxError for a name that leads out of the Maildir."""
        if name.upper() == INBOX:
            return self._root
        if "/" in name or "\0" in name or name.strip(".") == "":
            raise MailboxError(f"{name[:80]!r} is not the name of a folder.")
        return self._root / f".{name}"

    def _paths(self, folder: str) -> list[Path]:
        base = self._folder(folder)
        return [path for part in ("new", "cur") if (base / part).is_dir() for path in (base / part).iterdir()]

    def _named(self, folder: str, uids: Iterable[str]) -> list[Path]:
        wanted = set(uids)
        return [path for path in self._paths(folder) if _uid(path) in wanted]

    def _rename(self, path: Path, base: Path, flags: str) -> None:
        try:
            for part in ("tmp", "new", "cur"):
                (base / part).mkdir(parents=True, exist_ok=True)
            path.rename(base / "cur" / f"{_uid(path)}:2,{flags}")
        except OSError as error:
            raise MailboxError(str(error.strerror)) from error


def _letter(folder: str, uid: str, path: Path) -> Letter | None:
    """None for what another program renamed: the next run finds it under its new name."""
    try:
        if not path.is_file():  # a pipe would never end
            return None
        with path.open("rb") as file:
            raw = file.read(READ_AT_MOST)
            size = file.seek(0, 2)
    except FileNotFoundError:
        return None
    except OSError as error:  # one that we may not read
        return Letter(folder, 0, uid, 0, b"", str(error.strerror))
    return Letter(folder, 0, uid, size, raw)


def _uid(path: Path) -> str:
    return path.name.partition(":")[0]


def _arrived(path: Path) -> date:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime).astimezone().date()
    except OSError:
        return date.min

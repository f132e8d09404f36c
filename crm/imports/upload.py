"""Takes a file in while it arrives: straight into the folder of imports, never into memory, not beyond its limit."""

import secrets
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest

from crm.imports.limits import limits
from crm.imports.plan import folder

ROOM_FOR_THE_FORM = 64 * 1024  # octets of a request beside its file


def is_too_large(request: HttpRequest) -> bool:
    """What the browser says before it sends anything."""
    said = request.headers.get("Content-Length") or "0"
    return said.isdecimal() and int(said) > limits().octets + ROOM_FOR_THE_FORM


class ImportUpload(FileUploadHandler):
    """The only upload handler of its page. After the request was read: `path`, or `is_too_large`."""

    path: Path | None = None
    is_too_large = False

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.discard()  # a second file of the same request
        self.path = folder() / f"{secrets.token_hex(16)}.file"
        self.stream = self.path.open("xb")
        self.most = limits().octets

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start + len(raw_data) > self.most:
            self.is_too_large = True
            self.discard()
            raise StopUpload(connection_reset=True)
        self.stream.write(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile[Any] | None:
        if self.path is None:
            return None
        self.stream.close()
        return UploadedFile[Any](self.path.open("rb"), self.file_name, self.content_type, file_size)

    def upload_interrupted(self) -> None:
        self.discard()

    def discard(self) -> None:
        """Nobody wants the file."""
        if self.path is not None:
            self.stream.close()
            self.path.unlink(missing_ok=True)
            self.path = None

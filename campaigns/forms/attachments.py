"""The upload of an attachment. What mail servers refuse anyway, and what harms recipients, is refused at the field."""

from mimetypes import MimeTypes
from typing import Any, TypeAlias

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from campaigns.attachments import total_size
from campaigns.models import EmailTemplate

# Programs, scripts, installers, disk images and links: the large mailbox providers refuse mails with these. And what a
# browser would run when the recipient opens it: HTML and SVG.
FORBIDDEN = frozenset({
    "ade", "adp", "apk", "app", "appx", "appxbundle", "bat", "cab", "chm", "cmd", "com", "cpl", "deb", "diagcab",
    "diagcfg", "diagpkg", "dll", "dmg", "elf", "ex", "exe", "hta", "img", "ins", "iso", "isp", "jar", "jnlp", "jse",
    "lib", "lnk", "mde", "mjs", "msc", "msi", "msix", "msixbundle", "msp", "mst", "nsh", "pif", "ps1", "ps1xml",
    "ps2", "psc1", "psm1", "py", "pyc", "rpm", "scf", "scr", "sct", "sh", "shb", "sys", "vb", "vbe", "vbs", "vhd",
    "vhdx", "vxd", "wsc", "wsf", "wsh", "xll", "js", "htm", "html", "xhtml", "shtml", "mht", "mhtml", "svg", "svgz",
})  # fmt: skip
# Whatever they are called: Windows, ELF and Mach-O programs, and scripts.
PROGRAMS = (b"MZ", b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"#!")

Upload: TypeAlias = "UploadedFile[Any]"
_TYPES = MimeTypes()  # Python's own table: the same on every host


class AttachmentForm(forms.Form):
    file = forms.FileField(
        label=_("File"),
        max_length=200,
        error_messages={
            "required": _("Choose a file."),
            "empty": _("This file is empty."),
            "max_length": _("The file name is too long: at most %(max)d characters."),
        },
    )

    def __init__(self, *args: Any, template: EmailTemplate, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._template = template

    def clean_file(self) -> Upload:
        file: Upload = self.cleaned_data["file"]
        self._check_name(file.name or "")
        self._check_size(file.size or 0)
        if self._template.attachments.count() >= settings.HERALD_ATTACHMENT_COUNT:
            sentence = _("A template can have %(most)s attachments at most. Remove another one first.")
            raise ValidationError(sentence, params={"most": settings.HERALD_ATTACHMENT_COUNT})
        if file.read(4).startswith(PROGRAMS):
            raise ValidationError(
                _("This is a program. Mail servers refuse programs: put it on the web and link to it.")
            )
        file.seek(0)
        return file

    def _check_name(self, name: str) -> None:
        # Django has dropped folders and every character that cannot be seen, such as those that turn the direction of
        # writing, with which invoice_gpj.exe is read as invoice_exe.jpg.
        # Windows drops blanks and dots at the end of a name, so "run.exe. " runs.
        ending = name.rstrip(". ").rpartition(".")[2].strip().lower()
        if ending in FORBIDDEN:
            sentence = _("Files of the kind .%(ending)s are refused by mail servers. Put it on the web and link to it.")
            raise ValidationError(sentence, params={"ending": ending})

    def _check_size(self, size: int) -> None:
        most: int = settings.HERALD_ATTACHMENT_LIMIT
        used = total_size(self._template)
        if size > most:
            sentence = _("This file is too large: %(size)s. All attachments together may have %(most)s.")
            raise ValidationError(sentence, params={"size": filesizeformat(size), "most": filesizeformat(most)})
        if used + size > most:
            sentence = _("With this file the attachments would have %(size)s together; %(most)s are allowed.")
            raise ValidationError(sentence, params={"size": filesizeformat(used + size), "most": filesizeformat(most)})

    @property
    def mime_type(self) -> str:
        """By the ending of the name: what the browser says of it is not believed."""
        return _TYPES.guess_type(self.cleaned_data["file"].name, strict=True)[0] or "application/octet-stream"

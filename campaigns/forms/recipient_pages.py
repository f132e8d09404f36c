"""Texts and look of the recipient pages."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from campaigns.colours import READABLE, WHITE, contrast, is_colour
from campaigns.recipient_pages import PAGES, PLACEHOLDERS, WORDINGS, unknown_placeholders

LONGEST = {False: 120, True: 600}  # characters of a line, of a text
LOGO_LIMIT = 100 * 1024  # octets: whoever unsubscribes may be on a slow connection
# By their first octets. No SVG: it can hold scripts.
PICTURES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif"}


class RecipientTextsForm(forms.Form):
    """One field per wording; empty ones show the standard text as their placeholder."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for one in WORDINGS:
            widget: forms.Widget = forms.Textarea({"rows": 3}) if one.is_long else forms.TextInput()
            widget.attrs["placeholder"] = one.standard
            self.fields[one.key] = forms.CharField(
                label=str(one.label),
                required=False,
                max_length=LONGEST[one.is_long],
                widget=widget,
                validators=[_known],
            )

    def pages(self) -> list[tuple[str, object, list[forms.BoundField]]]:
        """(page, its name, its fields) in the order of PAGES."""
        return [(page, name, [self[one.key] for one in WORDINGS if one.page == page]) for page, name in PAGES.items()]


def _known(text: str) -> None:
    """Raises ValidationError for a placeholder that no recipient page knows."""
    if unknown := unknown_placeholders(text):
        sentence = _("{%(name)s} means nothing here. Known are %(known)s.")
        known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
        raise ValidationError(sentence, params={"name": unknown[0], "known": known})


class RecipientLookForm(forms.Form):
    accent = forms.CharField(
        label=_("Colour"),
        required=False,
        max_length=7,
        widget=forms.TextInput(attrs={"placeholder": "#3a3fd0", "autocomplete": "off"}),
        help_text=_("Of buttons and links, written as #rrggbb. Dark pages get a lighter one by themselves."),
    )
    logo = forms.FileField(
        label=_("Logo"), required=False, help_text=_("PNG, JPEG or GIF, at most 100 kB. Without one, the company name.")
    )
    remove_logo = forms.BooleanField(label=_("Remove the logo"), required=False)

    def clean_accent(self) -> str:
        colour: str = self.cleaned_data["accent"].strip().lower()
        if not colour:
            return ""
        if not is_colour(colour):
            raise ValidationError(_("Write it as # and six digits from 0 to f, for example #3a3fd0."))
        if (found := contrast(colour, WHITE)) < READABLE:
            sentence = _("Too light to be read on white: its contrast is %(found)s, and %(least)s is needed.")
            raise ValidationError(sentence, params={"found": f"{found:.1f}", "least": READABLE})
        return colour

    def clean_logo(self) -> "tuple[str, bytes] | None":
        """Its type and octets; no type is believed that the octets do not show."""
        file: UploadedFile[Any] | None = self.cleaned_data["logo"]
        if not file:
            return None
        if (file.size or 0) > LOGO_LIMIT:
            raise ValidationError(
                _("This picture has %(size)s; at most 100 kB."), params={"size": filesizeformat(file.size or 0)}
            )
        octets = file.read()
        for beginning, kind in PICTURES.items():
            if octets.startswith(beginning):
                return kind, octets
        raise ValidationError(_("This is neither PNG, JPEG nor GIF."))

    @property
    def new_logo(self) -> "tuple[str, bytes] | None":
        """What to store in the place of the logo: ("", b"") takes it away, None keeps it."""
        found: tuple[str, bytes] | None = self.cleaned_data["logo"]
        return found or (("", b"") if self.cleaned_data["remove_logo"] else None)

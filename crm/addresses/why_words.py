"""Why an address has opted out, in the language of who looks: the channel is stored as a code."""

import re

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

CHANNELS: dict[str, str | Promise] = {
    "page": gettext_lazy("Opt-out page"),
    "one-click": gettext_lazy("One click in the mail program"),
    "mailto": gettext_lazy("Opt-out by email"),
    "preferences": gettext_lazy("Email preferences"),
    "provider": gettext_lazy("Report of the provider"),
    "complaint": gettext_lazy("Complaint"),
}
_STORED = re.compile(r"Unsubscribed \(([a-z-]+)(?:: .*)?\)", re.DOTALL)


def why_in_words(why: str) -> str:
    """“Unsubscribed (page)” in words; what a person or a server wrote stays as it is."""
    found = _STORED.fullmatch(why)
    channel = CHANNELS.get(found[1]) if found else None
    return _("Unsubscribed: %(how)s") % {"how": channel} if channel else why

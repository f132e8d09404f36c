"""Addresses that misbehave on purpose, chosen by the local part at any domain.

`bounce-hard@example.com`, `bounce-hard.17@example.com` and `ana+bounce-hard@example.com` all behave as "bounce-hard":
the name may be the whole local part, its beginning up to one of . + - _ =, or its +tag.
"""

import re
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

_SEPARATORS = ".+-_="


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What the sandbox does with a message to such an address.

    `refusal` answers RCPT, only the first `times` times (0 = always); `verdict` answers the final dot; `bounce` is the
    status that an accepted message comes back with; `seconds` delays the answer to the dot; `silent` keeps the message
    and cuts the connection instead of answering.
    """

    name: str
    description: str | Promise
    refusal: str = ""
    times: int = 0
    verdict: str = ""
    bounce: str = ""
    diagnostic: str = ""
    seconds: float = 0.0
    silent: bool = False


ORDINARY = Behaviour("", gettext_lazy("Accepted and kept."))

BEHAVIOURS: tuple[Behaviour, ...] = (
    Behaviour(
        "unknown",
        gettext_lazy("Refused at once: no such user. The address is marked as invalid."),
        refusal="550 5.1.1 <{address}>: Recipient address rejected: User unknown",
    ),
    Behaviour(
        "bounce-now",
        gettext_lazy("Refused at once: no such user. The address is marked as invalid."),
        refusal="550 5.1.1 <{address}>: Recipient address rejected: User unknown",
    ),
    Behaviour(
        "bounce-hard",
        gettext_lazy("Accepted, then a bounce message comes back: no such user."),
        bounce="5.1.1",
        diagnostic="550 5.1.1 <{address}>: Recipient address rejected: User unknown",
    ),
    Behaviour(
        "bounce-soft",
        gettext_lazy("Accepted, then a bounce message comes back: the mailbox is full."),
        bounce="4.2.2",
        diagnostic="452 4.2.2 <{address}>: The mailbox is over its quota",
    ),
    Behaviour(
        "greylist",
        gettext_lazy("Put off the first time, accepted when it is tried again."),
        refusal="451 4.7.1 <{address}>: Greylisted, please try again later",
        times=1,
    ),
    Behaviour(
        "full",
        gettext_lazy("Put off every time: the mailbox is full."),
        refusal="452 4.2.2 <{address}>: The mailbox is over its quota",
    ),
    Behaviour(
        "blocked",
        gettext_lazy("Refused for a policy: the message fails, the address stays good."),
        refusal="550 5.7.1 <{address}>: Message rejected by policy",
    ),
    Behaviour(
        "spam",
        gettext_lazy("Refused after the content was read: the message fails, the address stays good."),
        verdict="554 5.7.1 Message content rejected",
    ),
    Behaviour(
        "busy",
        gettext_lazy("The server closes the connection: put off after the third time, the others go on."),
        refusal="421 4.3.2 Service shutting down, try again later",
    ),
    Behaviour("slow", gettext_lazy("Accepted after three seconds."), seconds=3.0),
    Behaviour(
        "lost",
        gettext_lazy("Accepted, but the connection breaks before the answer: uncertain."),
        silent=True,
    ),
)

_BY_NAME = {behaviour.name: behaviour for behaviour in BEHAVIOURS}
_NAMES = "|".join(sorted(map(re.escape, _BY_NAME), key=len, reverse=True))
_AT_START = re.compile(rf"({_NAMES})(?:[{re.escape(_SEPARATORS)}].*)?")
_AS_TAG = re.compile(rf".*\+({_NAMES})")


def behaviour_of(address: str) -> Behaviour:
    """The behaviour of an address; ORDINARY for nearly all."""
    local_part = address.rpartition("@")[0].lower()
    match = _AT_START.fullmatch(local_part) or _AS_TAG.fullmatch(local_part)
    return _BY_NAME[match[1]] if match else ORDINARY

"""What to do next with a target list. The apps above say it: they know what lists are for."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise

from targets.models import TargetList


@dataclass(frozen=True, slots=True)
class Onward:
    """A button of every target list; its page gets the list as `?target_list=`."""

    label: str | Promise
    url_name: str
    icon: str


_known: list[Onward] = []


def register(onward: Onward) -> None:
    if onward not in _known:
        _known.append(onward)


def ways_from(target_list: TargetList) -> list[tuple[Onward, str]]:
    """Each with its address."""
    return [(one, f"{reverse(one.url_name)}?target_list={target_list.pk}") for one in _known]

"""Demo data: each app registers what it adds to an empty Herald; everything is the same at every first start."""

from collections.abc import Callable

from django.utils.module_loading import autodiscover_modules

from crm.models import User

_registered: list[tuple[int, Callable[[User], None]]] = []


def register_demo(order: int, create: Callable[[User], None]) -> None:
    """Have `create(administrator)` called when an empty Herald is filled; lower orders come first."""
    _registered.append((order, create))


def create_demo(administrator: User) -> None:
    """Fill an empty database with what the `demo` modules of all apps have registered."""
    autodiscover_modules("demo")
    for _order, create in sorted(_registered, key=lambda entry: entry[0]):
        create(administrator)

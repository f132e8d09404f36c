"""Rows that every test of a module looks at, made once: each test rolls back to them, the module rolls them back."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from django.db import transaction
from pytest_django import DjangoDbBlocker

Made = TypeVar("Made")


@contextmanager
def kept(blocker: DjangoDbBlocker, make: Callable[[], Made]) -> Iterator[Made]:
    """What `make` gives, for a fixture of the scope `module`. No test may change it, and none may commit."""
    with blocker.unblock(), transaction.atomic():
        yield make()
        transaction.set_rollback(True)

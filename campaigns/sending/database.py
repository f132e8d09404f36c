"""The database is away: restarted, failed over, locked for too long. What is known is kept and written afterwards."""

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import InterfaceError, OperationalError, connection

from crm.stopping import stopping

logger = logging.getLogger(__name__)

T = TypeVar("T")

DATABASE_AWAY = (OperationalError, InterfaceError)
PATIENCE = 600.0  # seconds after which the journal is left to tell it
PAUSE = 1.0  # seconds between two questions


def insist(act: Callable[[], T]) -> T:
    """`act`, again and again while the database is away.

    Raises DATABASE_AWAY after PATIENCE, or as soon as the worker has to end.
    """
    give_up_at = time.monotonic() + PATIENCE
    while True:
        try:
            return act()
        except DATABASE_AWAY as error:
            if stopping.is_set() or time.monotonic() > give_up_at:
                raise
            logger.warning("The database is away and asked again: %s", error)
            drop_broken_connection()
            time.sleep(PAUSE)


def drop_broken_connection() -> None:
    """Django never connects anew by itself within a task."""
    connection.close_if_unusable_or_obsolete()

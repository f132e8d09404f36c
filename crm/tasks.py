"""Celery's doors of the core."""

import logging

from celery import shared_task
from celery.signals import before_task_publish
from django.db import DatabaseError, close_old_connections

from crm import background
from crm.jobs import note_alive, run_due_jobs

logger = logging.getLogger(__name__)
TICK = "crm.run_due_jobs"


@shared_task(name=TICK)
def run_due_jobs_task() -> None:
    """Beat's tick, once a minute."""
    run_due_jobs()


@shared_task(name="crm.run_background_task")
def run_background_task(task_id: int) -> None:
    background.run(task_id)


@before_task_publish.connect(sender=TICK)
def note_beat(**_told: object) -> None:
    """Only beat publishes the tick: that it does is its sign of life. A database that is away stops no tick."""
    close_old_connections()
    try:
        note_alive("beat")
    except DatabaseError:
        logger.warning("Beat could not note its sign of life", exc_info=True)

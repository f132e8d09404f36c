"""Celery's doors of the core."""

from celery import shared_task

from crm import background
from crm.jobs import run_due_jobs


@shared_task(name="crm.run_due_jobs")
def run_due_jobs_task() -> None:
    """Beat's tick, once a minute."""
    run_due_jobs()


@shared_task(name="crm.run_background_task")
def run_background_task(task_id: int) -> None:
    background.run(task_id)

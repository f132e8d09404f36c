"""Celery's doors of sending. A message carries one portion's id; the portion does not know Celery."""

from celery import shared_task
from celery.signals import worker_shutting_down

from campaigns.sending.deliver import send_portion
from crm.spoken import in_language_of_settings
from crm.stopping import stopping


@shared_task(name="campaigns.send_portion")
def send_portion_task(portion_id: int) -> None:
    with in_language_of_settings():
        send_portion(portion_id)


@worker_shutting_down.connect
def _stop_sending(**_details: object) -> None:
    """A worker that was asked to end finishes what is on the wire and hands the rest of its portion on to another."""
    stopping.set()

"""The shared core. The Celery application is loaded with it, so that every process hands its tasks to our broker."""

from crm.celery import app as celery_app

__all__ = ["celery_app"]

"""Herald's Celery application with short times: messages come again after 5 s, and beat ticks every second."""

from crm.celery import app

app.conf.broker_transport_options = {"visibility_timeout": 5}
app.conf.beat_schedule = {"run-due-jobs": {"task": "crm.run_due_jobs", "schedule": 1.0}}

__all__ = ["app"]

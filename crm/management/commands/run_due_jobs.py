"""For cron, where no beat runs."""

from typing import Any

from django.core.management.base import BaseCommand

from crm.jobs import run_due_jobs


class Command(BaseCommand):
    help = "Run the scheduled jobs that are due (what beat does once a minute)."

    def handle(self, *args: Any, **options: Any) -> None:
        for run in run_due_jobs():
            self.stdout.write(f"{run.job.key}: {run.status} {run.counts}")

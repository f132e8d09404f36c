"""`manage.py compile_catalogs`: .po to .mo without gettext programs."""

from typing import Any

from django.core.management.base import BaseCommand

from crm.catalogs import compile_catalogs


class Command(BaseCommand):
    help = "Compiles the message catalogues that have changed."

    def handle(self, *args: Any, **options: Any) -> None:
        for path in compile_catalogs():
            self.stdout.write(f"compiled {path}")

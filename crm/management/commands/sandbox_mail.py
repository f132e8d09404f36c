"""python manage.py sandbox_mail: the sandbox mail server, until SIGTERM or Ctrl-C."""

import asyncio
import signal
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from crm.mail.sandbox.server import SandboxServer


class Command(BaseCommand):
    requires_system_checks = ()  # needs neither database nor pages
    help = "Run the sandbox mail server: it accepts mail on loopback, keeps it for reading, and delivers it to nobody."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default=settings.HERALD_SANDBOX_HOST)
        parser.add_argument("--port", type=int, default=settings.HERALD_SANDBOX_PORT)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            asyncio.run(self._serve(options["host"], options["port"]))
        except OSError as error:
            raise CommandError(f"The sandbox mail server cannot listen: {error}") from error

    async def _serve(self, host: str, port: int) -> None:
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        async with SandboxServer(host, port) as server:
            self.stdout.write(f"Sandbox mail server on {server.host}:{server.port}")
            self.stdout.flush()
            await stop.wait()

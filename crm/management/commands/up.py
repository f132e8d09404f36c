"""`manage.py up`: everything that Herald needs on one machine, in one command."""

import os
import sys
from argparse import ArgumentParser
from contextlib import suppress
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from crm.catalogs import compile_catalogs
from crm.first_start import FIRST_LOGIN, create_first_administrator, first_password, same_password
from crm.processes import Supervisor
from crm.stack import CannotStart, Plan, check_sandbox_port, check_web_port, children, only_one, wait_until_ready
from crm.statics import collect_static


class Command(BaseCommand):
    help = "Prepares the database and starts web server, worker, scheduler and sandbox mail server."

    def add_arguments(self, parser: ArgumentParser) -> None:
        environment = os.environ
        parser.add_argument("--host", default=environment.get("HOST") or "127.0.0.1")
        parser.add_argument("--port", type=int, default=int(environment.get("PORT") or 8000))
        parser.add_argument("--senders", type=int, default=2, help="processes that send, one portion at a time each")
        parser.add_argument("--web-workers", type=int, default=1)
        parser.add_argument("--no-demo", action="store_true", help="leave an empty database empty")
        parser.add_argument("--prepare", action="store_true", help="prepare the database and static files, then end")

    def handle(self, *args: Any, **options: Any) -> None:
        plan = Plan(*(options[name] for name in ("host", "port", "senders", "web_workers")))
        try:
            with only_one():
                if not options["prepare"]:
                    check_web_port(plan)
                self.prepare(demo=not options["no_demo"])
                code = 0 if options["prepare"] else self.run(plan)
        except CannotStart as error:
            raise CommandError(str(error)) from error
        if code:
            sys.exit(code)

    def prepare(self, *, demo: bool) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        compile_catalogs()
        collect_static()
        if create_first_administrator(demo=demo):
            self.say("herald", "an empty database: made the first administrator" + (" and demo data" if demo else ""))

    def run(self, plan: Plan) -> int:
        check_sandbox_port()
        connections.close_all()
        # Links in mails lead to this Herald unless the environment or the settings say where recipients reach it.
        site_url = os.environ.get("SITE_URL") or plan.url
        environment = {**os.environ, "SITE_URL": site_url, "PYTHONUNBUFFERED": "1"}
        supervisor = Supervisor(children(plan), environment, self.say)

        def announce() -> None:
            if wait_until_ready(plan, supervisor.stopping):
                self.say("", welcome(plan))
            elif not supervisor.stopping.is_set():
                self.say("herald", "the web server or the sandbox does not answer; see the lines above")

        return supervisor.run(announce)

    def say(self, name: str, line: str) -> None:
        with suppress(OSError):  # the terminal is gone: the work goes on, and SIGHUP has already asked for the end
            self.stdout.write(f"{name:<8}| {line}" if name else line)
            self.stdout.flush()


def welcome(plan: Plan) -> str:
    """The last lines: where Herald is, and how to sign in as long as the first password holds."""
    lines = ["", f"  Herald is ready: {plan.url}/"]
    if password := first_password():
        lines.append(f"  Sign in as {FIRST_LOGIN} with the password {password}")
        if others := same_password():
            lines.append(f"  The same password signs in: {', '.join(others)}")
    return "\n".join([*lines, "  Stop it with Ctrl-C.", ""])

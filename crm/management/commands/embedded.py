"""Start, stop or look at the embedded PostgreSQL and Redis."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from crm import embedded


class Command(BaseCommand):
    """``manage.py embedded start|stop|status``."""

    help = "Start, stop or look at the embedded PostgreSQL and Redis."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=["start", "stop", "status"])

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        try:
            if action == "start":
                self.stdout.write(f"Started: {', '.join(embedded.ensure()) or 'nothing'}")
            elif action == "stop":
                self.stdout.write(f"Stopped: {', '.join(embedded.stop()) or 'nothing'}")
            else:
                for name, answers in embedded.status().items():
                    self.stdout.write(f"{name}: {'running' if answers else 'stopped'}")
        except embedded.EmbeddedError as error:
            raise CommandError(str(error)) from error

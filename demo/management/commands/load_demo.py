"""Load an invented firm to look around in, or to measure with."""

import secrets
import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from crm.schema_version import refuse_unknown_migrations
from demo.firm import DEMO_PASSWORD
from demo.load import empty, load
from demo.scales import SCALES
from staff.models import Employee


class Command(BaseCommand):
    """``manage.py load_demo --scale small|branch|firm [--share 0.1] [--reload]``."""

    help = "Load an invented firm with clients, visits and callbacks."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--scale", choices=sorted(SCALES), default="small")
        parser.add_argument(
            "--share", type=float, default=1.0, help="load this share of the branches only"
        )
        parser.add_argument(
            "--reload", action="store_true", help="empty the tables first: all people and clients"
        )
        parser.add_argument(
            "--i-know-this-is-not-a-demo",
            action="store_true",
            help="load invented people into a database that is not the embedded one",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.EMBEDDED and not options["i_know_this_is_not_a_demo"]:
            raise CommandError(
                "This is not the embedded demo: invented people do not belong among real ones. "
                "To load them all the same, add --i-know-this-is-not-a-demo."
            )
        if not 0 < options["share"] <= 1:
            raise CommandError("The share lies between 0 and 1, as in --share 0.1.")
        refuse_unknown_migrations()
        if options["reload"]:
            empty()
        elif Employee.objects.exists():
            raise CommandError(
                "There are employees already. To empty everything and load the demo firm anew, "
                "add --reload."
            )
        started = time.monotonic()
        scale = SCALES[options["scale"]].share(options["share"])
        # A password that everybody knows is for the embedded demo alone.
        password = DEMO_PASSWORD if settings.EMBEDDED else secrets.token_urlsafe(12)
        load(scale, password=password, say=self.stdout.write)
        self.stdout.write(f"Loaded in {time.monotonic() - started:.0f} s.")
        if not settings.EMBEDDED:
            self.stdout.write(f"Password of all accounts, shown only now: {password}")

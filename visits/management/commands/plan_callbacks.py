"""``manage.py plan_callbacks [--on DATE] [--as-of DATE] [--segment NAME]``."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Q

from clients.models import Segment
from crm.statistics import analyze
from visits.models import Callback
from visits.planning.planner import historical_view, plan_callbacks


class Command(BaseCommand):
    help = "Reconcile callbacks with clients and plans. Running it twice changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--on", help="business date of the run (default today)")
        parser.add_argument("--as-of", help="show what was due on a past day; writes nothing")
        parser.add_argument("--segment", help="key or name of one segment")

    def handle(self, *args: Any, **options: Any) -> None:
        segment = _segment(options["segment"])
        if options["as_of"]:
            self._show(_date(options["as_of"]), segment)
            return
        day = _date(options["on"]) if options["on"] else None
        counts = plan_callbacks(segment=segment, on=day)
        if counts.changed:
            analyze(Callback)
        self.stdout.write(
            f"created {counts.created}, kept {counts.kept}, "
            f"moved {counts.moved}, cancelled {counts.cancelled}"
        )

    def _show(self, day: date, segment: Segment | None) -> None:
        self.stdout.write(f"As of {day}, from the contacts known then:")
        for line in historical_view(as_of=day, segment=segment):
            self.stdout.write(
                f"{line.segment}: {line.clients} clients, {line.due} due, {line.overdue} overdue"
            )


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"{text} is no date. Write it as 2026-11-23.") from error


def _segment(name: str | None) -> Segment | None:
    if not name:
        return None
    segments = list(Segment.objects.filter(Q(key=name) | Q(name_zh=name) | Q(name_en=name)))
    if not segments:
        known = ", ".join(Segment.objects.order_by("pk").values_list("key", flat=True))
        raise CommandError(f"There is no segment {name}. There are: {known}.")
    if len(segments) > 1:
        raise CommandError(f"Several segments are called {name}. Give the key of one.")
    return segments[0]

"""Plan return visits now instead of tonight."""

from typing import Any

from django.core.management.base import BaseCommand

from compliance.planning.planner import plan


class Command(BaseCommand):
    """``manage.py plan_return_visits``"""

    help = "Plan the compliance return visits that the rules ask for, and give them out."

    def handle(self, *args: Any, **options: Any) -> None:
        counts = plan()
        self.stdout.write(
            f"planned {counts.planned}, taken back {counts.released}, given {counts.given}"
        )

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import migrations

POLICIES = [
    # After so many attempts that did not reach the client, another channel is proposed.
    ("unreached_attempts", 3, "attempts"),
    # And the next attempt is so much later, instead of what the outcome proposes.
    ("unreached_pause_days", 5, "trading days"),
]


def seed(apps: Any, schema_editor: Any) -> None:
    Policy = apps.get_model("staff", "Policy")
    Policy.objects.bulk_create(
        Policy(
            key=key,
            value=Decimal(value),
            unit=unit,
            citation="Firm's own setting",
            status="verified",
            valid_from=date(2000, 1, 1),
        )
        for key, value, unit in POLICIES
    )


class Migration(migrations.Migration):
    dependencies = [("staff", "0012_calendar")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]

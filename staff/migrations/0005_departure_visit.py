"""Within how many trading days a client is called after the manager left; a firm may change it."""

from datetime import date
from typing import Any

from django.db import migrations

KEY = "departure_visit_days"


def seed(apps: Any, schema_editor: Any) -> None:
    Policy = apps.get_model("staff", "Policy")
    if not Policy.objects.filter(key=KEY).exists():
        Policy.objects.create(
            key=KEY,
            value=5,
            unit="trading_days",
            citation="Firm's own setting",
            status="unverified",
            valid_from=date(2000, 1, 1),
        )


class Migration(migrations.Migration):
    dependencies = [("staff", "0004_hand_over_notifications")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]

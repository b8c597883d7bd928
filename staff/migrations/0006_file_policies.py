"""How early a client is asked about a paper or risk test that ends."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import migrations

POLICIES = [
    ("expiry_lead_days", 30, "days"),
]


def seed(apps: Any, schema_editor: Any) -> None:
    Policy = apps.get_model("staff", "Policy")
    for key, value, unit in POLICIES:
        Policy.objects.get_or_create(
            key=key,
            branch=None,
            valid_to=None,
            defaults={
                "value": Decimal(value),
                "unit": unit,
                "citation": "Firm's own setting",
                "status": "verified",
                "valid_from": date(2000, 1, 1),
            },
        )


class Migration(migrations.Migration):
    dependencies = [("staff", "0005_departure_visit")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]

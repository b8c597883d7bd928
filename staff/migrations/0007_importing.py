"""Numbers of the rules for exports of clients."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import migrations

POLICIES = [
    ("export_approval_rows", 500, "clients"),
    ("export_by_managers", 0, "yes_no"),
]


def seed(apps: Any, schema_editor: Any) -> None:
    Policy = apps.get_model("staff", "Policy")
    for key, value, unit in POLICIES:
        Policy.objects.get_or_create(
            key=key,
            branch=None,
            defaults={
                "value": Decimal(value),
                "unit": unit,
                "citation": "Firm's own setting",
                "status": "verified",
                "valid_from": date(2000, 1, 1),
            },
        )


def clear(apps: Any, schema_editor: Any) -> None:
    Policy = apps.get_model("staff", "Policy")
    Policy.objects.filter(key__in=[key for key, _value, _unit in POLICIES]).delete()


class Migration(migrations.Migration):
    dependencies = [("staff", "0006_file_policies")]
    operations = [migrations.RunPython(seed, clear)]

"""Quiet hours of messages that leave the house, and when overdue work goes to the head."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import migrations

POLICIES = [
    ("escalation_days", 3, "trading_days"),
    ("quiet_from", 21, "hour"),
    ("quiet_to", 8, "hour"),
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


def clear(apps: Any, schema_editor: Any) -> None:
    Policy = apps.get_model("staff", "Policy")
    Policy.objects.filter(key__in=[key for key, _value, _unit in POLICIES]).delete()


class Migration(migrations.Migration):
    dependencies = [("staff", "0010_remind")]
    operations = [migrations.RunPython(seed, clear)]

"""From how much on an opportunity is called great or middling: the rows that ship."""

from datetime import date
from typing import Any

from django.db import migrations

POLICIES = (("ranking_opportunity_high", 200_000), ("ranking_opportunity_middle", 50_000))


def seed(apps: Any, schema_editor: Any) -> None:
    Policy = apps.get_model("staff", "Policy")
    Policy.objects.bulk_create(
        Policy(
            key=key,
            value=value,
            unit="CNY",
            citation="Firm's own setting",
            status="verified",
            valid_from=date(2000, 1, 1),
        )
        for key, value in POLICIES
    )


def unseed(apps: Any, schema_editor: Any) -> None:
    keys = [key for key, _value in POLICIES]
    apps.get_model("staff", "Policy").objects.filter(key__in=keys).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("staff", "0003_notification_kinds"),
        ("pipeline", "0003_owner"),
    ]

    operations = [migrations.RunPython(seed, unseed)]

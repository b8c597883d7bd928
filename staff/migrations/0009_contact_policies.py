from datetime import date
from decimal import Decimal
from typing import Any

from django.db import migrations

POLICIES = [
    # Fewest days between two contacts of one client.
    ("contact_gap_days", 5, "days"),
    # How early a reason may join the contact that another reason makes.
    ("contact_merge_days", 14, "days"),
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
    dependencies = [("staff", "0008_absences")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]

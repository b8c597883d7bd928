"""Numbers of the rules that ship: each with its source and whether it is verified."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import migrations

POLICIES = [
    ("callback_daily_capacity", 20, "callbacks", "Firm's own setting", "verified"),
    ("new_account_call_days", 5, "trading_days", "Firm's own setting", "verified"),
    (
        "new_account_window_months",
        1,
        "months",
        "《关于加强证券经纪业务管理的规定》 (2010); replaced or refined by CSRC Order 204 (2023)",
        "unverified",
    ),
]


def seed(apps: Any, schema_editor: Any) -> None:
    Policy = apps.get_model("staff", "Policy")
    Policy.objects.bulk_create(
        Policy(
            key=key,
            value=Decimal(value),
            unit=unit,
            citation=citation,
            status=status,
            valid_from=date(2000, 1, 1),
        )
        for key, value, unit, citation, status in POLICIES
    )


class Migration(migrations.Migration):
    dependencies = [("staff", "0001_initial")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]

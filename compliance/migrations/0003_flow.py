from datetime import date
from typing import Any

from django.db import migrations, models

KEY = "return_visit_flow_over"


def seed(apps: Any, schema_editor: Any) -> None:
    apps.get_model("staff", "Policy").objects.create(
        key=KEY,
        value=5_000_000,
        unit="CNY",
        citation="Firms' return-visit policies; SAC rules (2023)",
        status="unverified",
        valid_from=date(2000, 1, 1),
    )


def unseed(apps: Any, schema_editor: Any) -> None:
    apps.get_model("staff", "Policy").objects.filter(key=KEY).delete()


class Migration(migrations.Migration):
    """Accounts with a large sum in or out within a month are visited."""

    dependencies = [("compliance", "0002_never_own"), ("staff", "0016_own_passwords")]

    operations = [
        migrations.AlterField(
            "returnvisit",
            "reason",
            models.CharField(
                choices=[
                    ("new_account", "New account"),
                    ("yearly", "Yearly sample"),
                    ("departure", "Manager left"),
                    ("assets", "Key client: large assets for the first time"),
                    ("flow", "Abnormal account: large sum in or out"),
                    ("complaint", "Complaint"),
                    ("hand", "Planned by compliance"),
                ],
                max_length=12,
                verbose_name="reason",
            ),
        ),
        migrations.RunPython(seed, unseed),
    ]

"""From which sum in or out within a month on a client is visited."""

from datetime import date
from typing import Any

from django.db import migrations

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
    dependencies = [("compliance", "0001_initial")]
    operations = [migrations.RunPython(seed, unseed)]

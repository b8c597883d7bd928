from datetime import date
from decimal import Decimal
from typing import Any

from django.db import migrations

KEY = "calendar_client_names"


def seed(apps: Any, schema_editor: Any) -> None:
    apps.get_model("staff", "Policy").objects.create(
        key=KEY,
        # 0: calendars outside the house name no client; 1: surname with title, and the place.
        value=Decimal(0),
        unit="0/1",
        citation="Firm's own setting",
        status="verified",
        valid_from=date(2000, 1, 1),
    )


class Migration(migrations.Migration):
    dependencies = [("staff", "0011_remind_policies")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]

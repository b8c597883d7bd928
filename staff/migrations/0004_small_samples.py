"""From how many cases on a share is shown: the row that ships."""

from datetime import date
from typing import Any

from django.db import migrations

KEY = "small_sample"


def seed(apps: Any, schema_editor: Any) -> None:
    apps.get_model("staff", "Policy").objects.create(
        key=KEY,
        value=20,
        unit="outcomes",
        citation="Firm's own setting",
        status="verified",
        valid_from=date(2000, 1, 1),
    )


def unseed(apps: Any, schema_editor: Any) -> None:
    apps.get_model("staff", "Policy").objects.filter(key=KEY).delete()


class Migration(migrations.Migration):
    dependencies = [("staff", "0003_notification_kinds")]

    operations = [migrations.RunPython(seed, unseed)]

from typing import Any

from django.db import migrations

KEY = "asked_referral"


def seed(apps: Any, schema_editor: Any) -> None:
    """Asked for a referral: two weeks later one asks what came of it."""
    Outcome = apps.get_model("visits", "Outcome")
    Outcome.objects.get_or_create(
        key=KEY,
        defaults={
            "name_zh": "已请求转介绍",
            "name_en": "Asked for a referral",
            "reached": True,
            "next_step": "call_again",
            "next_step_days": 10,
            "position": 35,
        },
    )


class Migration(migrations.Migration):
    dependencies = [("visits", "0017_counting")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]

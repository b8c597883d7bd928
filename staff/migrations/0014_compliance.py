"""Numbers of the return-visit rules, who makes such visits, and lines about them."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import migrations, models

RULES = "《关于加强证券经纪业务管理的规定》 (2010); replaced or refined by CSRC Order 204 (2023) and SAC rules (2023)"
FIRMS = "Firms' return-visit policies; SAC rules (2023)"
POLICIES = [
    # Share of last year's clients to be visited in a year.
    ("return_visit_yearly_percent", 10, "percent", RULES),
    # A client whose assets pass it for the first time is visited.
    ("return_visit_assets_over", 10_000_000, "CNY", FIRMS),
    # How long one has for visits after a departure, a complaint or passing that sum.
    ("return_visit_extra_days", 30, "days", FIRMS),
]


def seed(apps: Any, schema_editor: Any) -> None:
    Policy = apps.get_model("staff", "Policy")
    Policy.objects.bulk_create(
        Policy(
            key=key,
            value=Decimal(value),
            unit=unit,
            citation=citation,
            status="unverified",
            valid_from=date(2000, 1, 1),
        )
        for key, value, unit, citation in POLICIES
    )


class Migration(migrations.Migration):
    dependencies = [("staff", "0013_unreached")]
    operations = [
        migrations.AddField(
            model_name="employee",
            name="makes_return_visits",
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        migrations.AlterField(
            model_name="notification",
            name="kind",
            field=models.CharField(
                choices=[
                    ("digest", "Callbacks due"),
                    ("over_capacity", "Over capacity"),
                    ("holidays", "Holidays missing"),
                    ("system", "System"),
                    ("job", "Work finished"),
                    ("hand_over", "Hand-over"),
                    ("escalation", "Long overdue"),
                    ("outage", "Machinery silent"),
                    ("return_visits", "Compliance return visits"),
                    ("exception_case", "Exception case"),
                ],
                max_length=20,
                verbose_name="kind",
            ),
        ),
        migrations.RunPython(seed, migrations.RunPython.noop),
    ]

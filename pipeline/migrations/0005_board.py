from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """The first cards of a column are read in their order, without the rest of them."""

    atomic = False
    dependencies = [("pipeline", "0004_deals")]
    operations = [
        AddIndexConcurrently(
            "opportunity",
            models.Index(
                fields=["stage", "next_step_on", "-stage_since", "-id"],
                name="opportunity_urgency",
            ),
        ),
    ]

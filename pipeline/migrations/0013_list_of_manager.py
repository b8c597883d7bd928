from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """A manager's opportunities are read in the order of the list."""

    atomic = False
    dependencies = [("pipeline", "0012_prospect_type")]
    operations = [
        AddIndexConcurrently(
            "opportunity",
            models.Index(
                fields=["manager", "-stage_since", "-id"], name="opportunity_list_of_manager"
            ),
        ),
    ]

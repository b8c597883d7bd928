from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """A branch's and a manager's opportunities are read in the order of the board."""

    atomic = False
    dependencies = [("pipeline", "0009_client_copies")]
    operations = [
        AddIndexConcurrently(
            "opportunity",
            models.Index(
                fields=["branch", "stage", "next_step_on", "-stage_since", "-id"],
                name="opportunity_of_branch",
            ),
        ),
        AddIndexConcurrently(
            "opportunity",
            models.Index(
                fields=["manager", "stage", "next_step_on", "-stage_since", "-id"],
                name="opportunity_of_manager",
            ),
        ),
        AddIndexConcurrently(
            "opportunity",
            models.Index(
                fields=["branch", "-stage_since", "-id"], name="opportunity_list_of_branch"
            ),
        ),
        AddIndexConcurrently(
            "rankingscore",
            models.Index(
                fields=["branch", "-pin", "-score", "-opportunity"], name="ranking_order_of_branch"
            ),
        ),
        migrations.AlterField(
            "opportunity",
            "branch",
            models.ForeignKey(
                blank=True,
                db_index=False,
                editable=False,
                on_delete=models.PROTECT,
                related_name="+",
                to="staff.branch",
                verbose_name="branch",
            ),
        ),
        migrations.AlterField(
            "rankingscore",
            "branch",
            models.ForeignKey(
                db_index=False,
                on_delete=models.PROTECT,
                related_name="+",
                to="staff.branch",
                verbose_name="branch",
            ),
        ),
    ]

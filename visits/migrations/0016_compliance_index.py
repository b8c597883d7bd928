"""The list of suggestions asks for few among many visits; made beside the running product."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("visits", "0015_compliance")]
    operations = [
        AddIndexConcurrently(
            model_name="visit",
            index=models.Index(
                fields=["-occurred_at", "-id"],
                condition=~models.Q(suggestions="") & models.Q(void=False),
                name="visit_with_suggestion",
            ),
        ),
    ]

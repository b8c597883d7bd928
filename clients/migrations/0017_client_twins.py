from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # The table is large and in use: its index is built beside it.
    atomic = False
    dependencies = [("clients", "0016_hand_over_book")]

    operations = [
        AddIndexConcurrently(
            model_name="client",
            index=models.Index(
                condition=models.Q(("birthday__isnull", False)),
                fields=["name_pinyin", "birthday"],
                name="client_twins",
            ),
        ),
    ]

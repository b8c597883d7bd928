from django.db import migrations, models

import crm.notifications


class Migration(migrations.Migration):
    """Kinds of notifications are declared by the rooms; the column stays as it is."""

    dependencies = [("staff", "0002_seed")]
    operations = [
        migrations.AlterField(
            model_name="notification",
            name="kind",
            field=models.CharField(
                choices=crm.notifications.choices, max_length=20, verbose_name="kind"
            ),
        ),
    ]

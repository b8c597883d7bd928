from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("clients", "0015_counting")]

    operations = [
        migrations.AddField(
            model_name="bulkchange",
            name="until",
            field=models.DateField(blank=True, null=True, verbose_name="pinned until"),
        ),
        migrations.AddField(
            model_name="importedclient",
            name="accounts",
            field=models.JSONField(
                db_default=models.Value([], output_field=models.JSONField()), default=list
            ),
        ),
        migrations.AddField(
            model_name="handover",
            name="whole_book",
            field=models.BooleanField(
                db_default=False, default=False, verbose_name="the whole book"
            ),
        ),
        migrations.AddField(
            model_name="handover",
            name="attempts",
            field=models.PositiveSmallIntegerField(
                db_default=0, default=0, verbose_name="attempts"
            ),
        ),
    ]

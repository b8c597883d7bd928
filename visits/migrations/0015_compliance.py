"""Suggestions of clients are answered and closed."""

import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0014_lunar"),
        ("visits", "0014_script_texts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SuggestionReply",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("answered", "Answered"), ("closed", "Closed")],
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("words", models.TextField(verbose_name="words")),
                (
                    "at",
                    models.DateTimeField(
                        auto_now_add=True,
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="at",
                    ),
                ),
            ],
            options={
                "verbose_name": "reply to a suggestion",
                "verbose_name_plural": "replies to suggestions",
                "ordering": ["id"],
            },
        ),
        migrations.AddField(
            model_name="suggestionreply",
            name="employee",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="by",
            ),
        ),
        migrations.AddField(
            model_name="suggestionreply",
            name="visit",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="suggestion_replies",
                to="visits.visit",
                verbose_name="visit",
            ),
        ),
        migrations.AddConstraint(
            model_name="suggestionreply",
            constraint=models.UniqueConstraint(
                fields=("visit", "state"), name="suggestionreply_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="suggestionreply",
            constraint=models.CheckConstraint(
                condition=models.Q(("words", ""), _negated=True), name="suggestionreply_has_words"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="suggestionreply",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="f285dcf71d1da2739fecc70af0e60469f5180cdd",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_155c6",
                    table="visits_suggestionreply",
                    when="BEFORE",
                ),
            ),
        ),
    ]

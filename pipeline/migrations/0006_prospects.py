"""Public form, its consent text, and what a purge leaves."""

import uuid
from datetime import date
from typing import Any

import django.contrib.postgres.functions
import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

# {days} is the number of the policy row prospect.retention_days.
TEXT_ZH = (
    "您自愿提供姓名和电话，由本公司及向您出示二维码的客户经理处理，用于与您联系、介绍开户和证券投资服务。"
    "我们不会将其提供给其他公司。若您最终未开户，我们将在最后一次联系后 {days} 天内保存，期满删除。"
    "您可随时要求查阅、更正、删除您的信息，或撤回同意、拒绝来电，撤回前的处理仍然有效。"
    "投资有风险，任何人不得向您承诺收益或代您操作账户。"
)
TEXT_EN = (
    "You give us your name and phone of your own will. The firm and the account manager whose code "
    "you scanned use them to contact you and to present account opening and securities services. "
    "They are given to no other company. If you open no account, we keep them for {days} days after "
    "the last contact and then delete them. At any time you may ask to see, correct or delete them, "
    "withdraw your consent or refuse calls; what was done before stays lawful. Investing carries "
    "risk: nobody may promise you gains or trade for you."
)


def seed(apps: Any, schema_editor: Any) -> None:
    PrivacyNotice = apps.get_model("pipeline", "PrivacyNotice")
    PrivacyNotice.objects.create(
        version=1, text_zh=TEXT_ZH, text_en=TEXT_EN, valid_from=date(2000, 1, 1)
    )


class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0014_lunar"),
        ("pipeline", "0005_board"),
        ("staff", "0015_prospects"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PrivacyNotice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(unique=True, verbose_name="version")),
                ("text_zh", models.TextField(verbose_name="text (Chinese)")),
                (
                    "text_en",
                    models.TextField(blank=True, default="", verbose_name="text (English)"),
                ),
                ("valid_from", models.DateField(verbose_name="from")),
            ],
            options={
                "verbose_name": "consent text of the public form",
                "verbose_name_plural": "consent texts of the public form",
                "ordering": ["-version"],
            },
        ),
        migrations.CreateModel(
            name="PurgedStatistic",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("month", models.DateField(verbose_name="month")),
                (
                    "source",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("family_friends", "Family and friends"),
                            ("referral", "Referral"),
                            ("direct", "Direct contact"),
                            ("channel", "Channel"),
                            ("leaflet", "Leaflet"),
                            ("walk_in", "Walk-in"),
                            ("imported", "Imported list"),
                        ],
                        default="",
                        max_length=16,
                        verbose_name="source",
                    ),
                ),
                (
                    "prospect_type",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("avoidant", "Avoidant"),
                            ("delegating", "Delegating"),
                            ("advisory", "Advisory"),
                            ("self_directed", "Self-directed"),
                        ],
                        default="",
                        max_length=16,
                        verbose_name="prospect type",
                    ),
                ),
                ("count", models.PositiveIntegerField(verbose_name="number")),
            ],
            options={
                "verbose_name": "statistic of purged prospects",
                "verbose_name_plural": "statistics of purged prospects",
                "ordering": ["-month", "branch", "id"],
            },
        ),
        migrations.CreateModel(
            name="PurgeRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("on", models.DateField(verbose_name="date")),
                ("purged", models.PositiveIntegerField(verbose_name="purged")),
                ("kept", models.PositiveIntegerField(verbose_name="kept, in doubt")),
                ("rows", models.JSONField(default=dict, verbose_name="rows")),
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
                "verbose_name": "purge of prospects",
                "verbose_name_plural": "purges of prospects",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="RetentionHold",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.CharField(max_length=200, verbose_name="reason")),
                ("placed_on", models.DateField(verbose_name="placed on")),
                ("lifted_on", models.DateField(blank=True, null=True, verbose_name="lifted on")),
            ],
            options={
                "verbose_name": "hold against purging",
                "verbose_name_plural": "holds against purging",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="CaptureLink",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("token_hash", models.CharField(editable=False, max_length=64, unique=True)),
                ("ciphertext", models.BinaryField()),
                ("key_id", models.CharField(editable=False, max_length=20)),
                ("valid_until", models.DateField(verbose_name="valid until")),
                (
                    "revoked_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="revoked at"),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        auto_now_add=True,
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="created at",
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="pipeline.campaign",
                        verbose_name="campaign",
                    ),
                ),
                (
                    "channel",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="pipeline.channel",
                        verbose_name="channel",
                    ),
                ),
                (
                    "employee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="capture_links",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="employee",
                    ),
                ),
            ],
            options={
                "verbose_name": "QR code",
                "verbose_name_plural": "QR codes",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="CaptureEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "token",
                    models.UUIDField(
                        db_default=django.contrib.postgres.functions.RandomUUID(),
                        default=uuid.uuid4,
                        unique=True,
                    ),
                ),
                ("known", models.BooleanField(verbose_name="known already")),
                ("name", models.CharField(max_length=60, verbose_name="name as given")),
                (
                    "wish",
                    models.CharField(blank=True, default="", max_length=500, verbose_name="wish"),
                ),
                (
                    "at",
                    models.DateTimeField(
                        auto_now_add=True,
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="at",
                    ),
                ),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="clients.client",
                        verbose_name="client",
                    ),
                ),
                (
                    "link",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="pipeline.capturelink",
                        verbose_name="QR code",
                    ),
                ),
                (
                    "notice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="pipeline.privacynotice",
                        verbose_name="consent text",
                    ),
                ),
            ],
            options={
                "verbose_name": "public form received",
                "verbose_name_plural": "public forms received",
                "ordering": ["-id"],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="privacynotice",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="bf48ebe58cde0b5de89d7755a914718a1bf80766",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_8b2fc",
                    table="pipeline_privacynotice",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddField(
            model_name="purgedstatistic",
            name="branch",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="staff.branch",
                verbose_name="branch",
            ),
        ),
        migrations.AddField(
            model_name="purgedstatistic",
            name="lost_reason",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="pipeline.lostreason",
                verbose_name="reason for losing",
            ),
        ),
        migrations.AddField(
            model_name="purgedstatistic",
            name="stage",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="pipeline.stage",
                verbose_name="stage reached",
            ),
        ),
        migrations.AddField(
            model_name="retentionhold",
            name="client",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="clients.client",
                verbose_name="client",
            ),
        ),
        migrations.AddField(
            model_name="retentionhold",
            name="lifted_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="lifted by",
            ),
        ),
        migrations.AddField(
            model_name="retentionhold",
            name="placed_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="placed by",
            ),
        ),
        migrations.AddConstraint(
            model_name="purgedstatistic",
            constraint=models.UniqueConstraint(
                fields=("month", "branch", "source", "prospect_type", "stage", "lost_reason"),
                name="purgedstatistic_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="retentionhold",
            constraint=models.UniqueConstraint(
                condition=models.Q(("lifted_on__isnull", True)),
                fields=("client",),
                name="hold_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="retentionhold",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="hold_for_a_reason"
            ),
        ),
        migrations.RunPython(seed, migrations.RunPython.noop),
    ]

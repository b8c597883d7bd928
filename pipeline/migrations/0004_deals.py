"""Gates, assessments and competitors; stages of the other kinds of opportunity."""

from typing import Any

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

# Key, Chinese, English, sort, assessments required; positions count on from one kind to the next.
STAGES: dict[str, list[tuple[str, str, str, str, list[str]]]] = {
    "custody_transfer": [
        ("transfer_new", "新商机", "New", "open", []),
        ("transfer_contacted", "已联系", "Contacted", "open", []),
        ("transfer_willing", "有意转入", "Willing", "open", ["value"]),
        ("transfer_agreed", "已约定办理", "Agreed", "open", ["opportunity", "strategy"]),
        ("transfer_filing", "转托管办理中", "Being transferred", "open", []),
        ("transfer_done", "已转入", "Transferred", "won", []),
        ("transfer_lost", "未转入", "Not transferred", "lost", []),
    ],
    "sale": [
        ("sale_need", "了解需求", "Needs asked", "open", []),
        ("sale_matched", "适当性匹配", "Suitability matched", "open", ["value"]),
        ("sale_proposed", "方案沟通", "Proposal discussed", "open", ["opportunity", "strategy"]),
        ("sale_order", "认购办理中", "Order under way", "open", []),
        ("sale_done", "已成交", "Bought", "won", []),
        ("sale_lost", "未成交", "Not bought", "lost", []),
    ],
    "reactivation": [
        ("wake_listed", "待唤醒", "To be woken", "open", []),
        ("wake_contacted", "已联系", "Contacted", "open", []),
        ("wake_cause", "已了解原因", "Cause understood", "open", []),
        ("wake_agreed", "有意恢复交易", "Willing to come back", "open", ["value", "strategy"]),
        ("wake_done", "已激活", "Active again", "won", []),
        ("wake_lost", "唤醒失败", "Stays dormant", "lost", []),
    ],
    "referral": [
        ("referral_ask", "可请推荐", "May be asked", "open", []),
        ("referral_asked", "已请推荐", "Asked", "open", []),
        ("referral_promised", "答应推荐", "Promised", "open", []),
        ("referral_done", "已推荐", "Referred somebody", "won", []),
        ("referral_lost", "未推荐", "Did not refer", "lost", []),
    ],
}
GATES = {"assessed": ["value"], "opening": ["opportunity", "strategy"]}
LOST_REASONS = [
    ("transfer_effort", "custody_transfer", "嫌转托管手续繁琐", "Transfer too much trouble"),
    ("transfer_bound", "custody_transfer", "原券商挽留", "Kept by the present firm"),
    ("product_risk", "sale", "产品风险偏高", "Product too risky"),
    ("product_return", "sale", "收益预期不符", "Return not as hoped"),
    ("product_term", "sale", "期限或流动性不合适", "Term or liquidity does not fit"),
    ("money_gone", "reactivation", "资金已转出", "Money has left"),
    ("lost_faith", "reactivation", "对市场失去信心", "Lost faith in the market"),
    ("nobody_to_refer", "referral", "没有合适人选", "Knows nobody suitable"),
    ("keeps_private", "referral", "不愿提供他人信息", "Does not want to name others"),
]
COMPETITORS = [
    ("large_broker", "大型券商", "Large broker"),
    ("online_broker", "互联网券商", "Online broker"),
    ("local_broker", "本地券商", "Local broker"),
    ("bank", "银行", "Bank"),
    ("fund_company", "基金公司直销", "Fund company"),
    ("fund_platform", "第三方基金平台", "Fund platform"),
    ("other", "其他或不清楚", "Other, or not known"),
]


def seed(apps: Any, schema_editor: Any) -> None:
    Stage = apps.get_model("pipeline", "Stage")
    for number, (of, stages) in enumerate(STAGES.items(), 1):
        for place, (key, zh, en, kind, gates) in enumerate(stages, 1):
            Stage.objects.create(
                key=key, opportunity_kind=of, name_zh=zh, name_en=en, kind=kind, gates=gates,
                position=number * 100 + place * 10,
            )  # fmt: skip
    for key, gates in GATES.items():
        Stage.objects.filter(key=key).update(gates=gates)
    LostReason = apps.get_model("pipeline", "LostReason")
    for place, (key, of, zh, en) in enumerate(LOST_REASONS, 1):
        LostReason.objects.create(
            key=key, opportunity_kind=of, name_zh=zh, name_en=en, position=100 + place * 10
        )
    Competitor = apps.get_model("pipeline", "Competitor")
    for place, (key, zh, en) in enumerate(COMPETITORS, 1):
        Competitor.objects.create(key=key, name_zh=zh, name_en=en, position=place * 10)


def unseed(apps: Any, schema_editor: Any) -> None:
    keys = [stage[0] for stages in STAGES.values() for stage in stages]
    apps.get_model("pipeline", "Stage").objects.filter(key__in=keys).delete()
    reasons = [reason[0] for reason in LOST_REASONS]
    apps.get_model("pipeline", "LostReason").objects.filter(key__in=reasons).delete()


# An opportunity stands in a stage of its own kind, and its state is that stage's; so neither kind
# of a stage changes, nor does a stage go, while opportunities stand in it.
OF_ITS_KIND = """
ALTER TABLE pipeline_stage ADD CONSTRAINT stage_with_kinds UNIQUE (id, opportunity_kind, kind);
ALTER TABLE pipeline_opportunity ADD CONSTRAINT opportunity_in_stage_of_its_kind
    FOREIGN KEY (stage_id, kind, state) REFERENCES pipeline_stage (id, opportunity_kind, kind);
"""
OF_ANY_KIND = """
ALTER TABLE pipeline_opportunity DROP CONSTRAINT opportunity_in_stage_of_its_kind;
ALTER TABLE pipeline_stage DROP CONSTRAINT stage_with_kinds;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0014_lunar"),
        ("pipeline", "0003_origins"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Assessment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "which",
                    models.CharField(
                        choices=[
                            ("value", "Value assessment"),
                            ("opportunity", "Opportunity assessment"),
                            ("strategy", "Strategy assessment"),
                        ],
                        max_length=12,
                        verbose_name="assessment",
                    ),
                ),
                ("version", models.PositiveSmallIntegerField(default=1, verbose_name="version")),
                ("answers", models.JSONField(verbose_name="answers")),
                ("on", models.DateField(verbose_name="date")),
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
                "verbose_name": "assessment",
                "verbose_name_plural": "assessments",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="Competitor",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.SlugField(max_length=30, unique=True, verbose_name="key")),
                ("name_zh", models.CharField(max_length=60, verbose_name="name (Chinese)")),
                (
                    "name_en",
                    models.CharField(blank=True, max_length=60, verbose_name="name (English)"),
                ),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="position")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
            ],
            options={
                "verbose_name": "competitor",
                "verbose_name_plural": "competitors",
                "ordering": ["position", "id"],
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="opportunity",
            name="update_update",
        ),
        migrations.AddField(
            model_name="lostreason",
            name="opportunity_kind",
            field=models.CharField(
                blank=True,
                choices=[
                    ("account_opening", "Account opening"),
                    ("custody_transfer", "Transfer of custody in"),
                    ("sale", "Fund or product sale"),
                    ("reactivation", "Reactivation"),
                    ("referral", "Referral"),
                ],
                db_default="",
                default="",
                help_text="Empty: every kind.",
                max_length=20,
                verbose_name="kind of opportunity",
            ),
        ),
        migrations.AddField(
            model_name="opportunity",
            name="changed_by",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="changed by",
            ),
        ),
        migrations.AddField(
            model_name="opportunityevent",
            name="changed_by",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="changed by",
            ),
        ),
        migrations.AddField(
            model_name="stage",
            name="gates",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("value", "Value assessment"),
                        ("opportunity", "Opportunity assessment"),
                        ("strategy", "Strategy assessment"),
                    ],
                    max_length=12,
                ),
                blank=True,
                db_default=[],
                default=list,
                help_text="Nothing comes to this stage, or past it, without them.",
                size=None,
                verbose_name="assessments required",
            ),
        ),
        migrations.AddField(
            model_name="stagemove",
            name="version",
            field=models.PositiveIntegerField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="assessment",
            name="by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="by",
            ),
        ),
        migrations.AddField(
            model_name="assessment",
            name="opportunity",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="assessments",
                to="pipeline.opportunity",
                verbose_name="opportunity",
            ),
        ),
        migrations.AddField(
            model_name="opportunity",
            name="competitor",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="opportunities",
                to="pipeline.competitor",
                verbose_name="competitor",
            ),
        ),
        migrations.AddField(
            model_name="opportunityevent",
            name="competitor",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="pipeline.competitor",
                verbose_name="competitor",
            ),
        ),
        migrations.AddConstraint(
            model_name="opportunity",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__isnull", True), ("amount__gte", 0), _connector="OR"),
                name="opportunity_amount_not_negative",
                violation_error_message="An amount below nothing cannot be expected.",
            ),
        ),
        migrations.AddConstraint(
            model_name="assessment",
            constraint=models.UniqueConstraint(
                fields=("opportunity", "which", "version"), name="assessment_one_per_version"
            ),
        ),
        migrations.AddConstraint(
            model_name="assessment",
            constraint=models.CheckConstraint(
                condition=models.Q(("which__in", ["value", "opportunity", "strategy"])),
                name="assessment_is_known",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="opportunity",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."amount" IS DISTINCT FROM (NEW."amount") OR OLD."changed_by_id" IS DISTINCT FROM (NEW."changed_by_id") OR OLD."client_id" IS DISTINCT FROM (NEW."client_id") OR OLD."closed_on" IS DISTINCT FROM (NEW."closed_on") OR OLD."competitor_id" IS DISTINCT FROM (NEW."competitor_id") OR OLD."created_on" IS DISTINCT FROM (NEW."created_on") OR OLD."expected_on" IS DISTINCT FROM (NEW."expected_on") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."lost_note" IS DISTINCT FROM (NEW."lost_note") OR OLD."lost_reason_id" IS DISTINCT FROM (NEW."lost_reason_id") OR OLD."next_step" IS DISTINCT FROM (NEW."next_step") OR OLD."next_step_on" IS DISTINCT FROM (NEW."next_step_on") OR OLD."public_id" IS DISTINCT FROM (NEW."public_id") OR OLD."stage_id" IS DISTINCT FROM (NEW."stage_id") OR OLD."stage_since" IS DISTINCT FROM (NEW."stage_since") OR OLD."state" IS DISTINCT FROM (NEW."state"))',
                    func='INSERT INTO "pipeline_opportunityevent" ("amount", "changed_by_id", "client_id", "closed_on", "competitor_id", "created_on", "expected_on", "id", "kind", "lost_note", "lost_reason_id", "next_step", "next_step_on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "public_id", "stage_id", "stage_since", "state") VALUES (OLD."amount", OLD."changed_by_id", OLD."client_id", OLD."closed_on", OLD."competitor_id", OLD."created_on", OLD."expected_on", OLD."id", OLD."kind", OLD."lost_note", OLD."lost_reason_id", OLD."next_step", OLD."next_step_on", _pgh_attach_context(), NOW(), \'update\', OLD."id", OLD."public_id", OLD."stage_id", OLD."stage_since", OLD."state"); RETURN NULL;',
                    hash="86d4c182470cfe9e920d2d37b783c071ca1df150",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_79182",
                    table="pipeline_opportunity",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="assessment",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="2e297d4380dccfc83ca0f82191b401ae7c8c9e64",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_1859d",
                    table="pipeline_assessment",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RunSQL(OF_ITS_KIND, OF_ANY_KIND),
        migrations.RunPython(seed, unseed),
    ]

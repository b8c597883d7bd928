"""Segments and their rules that ship, and from which figures of the accounts classes follow."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import migrations

PROSPECT, CLIENT = "prospect", "client"
# key, zh, en, description zh, description en, tier, colour, priority, rule
SEGMENTS: list[tuple[str, str, str, str, str, int, str, int, dict[str, list[str]]]] = [
    (
        "prospect", "潜在客户", "Prospects",
        "尚未开户，重在认识与培育", "No account yet: get to know them and stay in touch",
        2, "purple", 10, {"lifecycles": [PROSPECT]},
    ),
    (
        "private", "高净值客户", "High net worth",
        "资产300万元以上", "Above 3 million CNY",
        1, "orange", 20, {"investment_sizes": ["very_large"]},
    ),
    (
        "active_large", "活跃大户", "Large and aggressive",
        "资产50万元以上，进取型或风险等级高", "Above 500,000 CNY, aggressive",
        1, "pink", 30, {"investment_sizes": ["large"], "investment_styles": ["aggressive"]},
    ),
    (
        "large", "稳健大户", "Large and steady",
        "资产50万至300万元", "500,000 to 3 million CNY",
        2, "blue", 40, {"investment_sizes": ["large"]},
    ),
    (
        "growing", "成长型客户", "Growing",
        "收入高、资产尚小，潜力大", "High income, assets still small: potential",
        2, "teal", 50,
        {"income_levels": ["high"], "investment_sizes": ["small", "medium"]},
    ),
    (
        "medium", "中户", "Medium",
        "资产10万至50万元", "100,000 to 500,000 CNY",
        3, "azure", 60, {"investment_sizes": ["medium"]},
    ),
    (
        "small_conservative", "小额稳健型客户", "Small and conservative",
        "资产10万元以下，风格稳健", "Below 100,000 CNY, conservative",
        3, "green", 70,
        {"investment_sizes": ["small"], "investment_styles": ["conservative"]},
    ),
    (
        "small_active", "小额活跃客户", "Small and active",
        "资产10万元以下，平衡型或进取型", "Below 100,000 CNY, balanced or aggressive",
        4, "blue", 80,
        {"investment_sizes": ["small"], "investment_styles": ["balanced", "aggressive"]},
    ),
]  # fmt: skip


# Where the figures of accounts turn into a style and a state; the unit says of what.
LIMITS = [
    ("figures_style_balanced", 2, "times_a_year"),
    ("figures_style_aggressive", 8, "times_a_year"),
    ("figures_half_dormant_months", 3, "months"),
    ("figures_half_dormant_amount", 10_000, "CNY"),
    ("figures_dormant_months", 12, "months"),
    ("figures_dormant_assets", 1_000, "CNY"),
    # From which commission of a year on a client is of a tier; below the first it is a low one.
    ("figures_commission_medium", 1_000, "CNY"),
    ("figures_commission_high", 10_000, "CNY"),
    ("figures_commission_top", 50_000, "CNY"),
]


def seed_segments(apps: Any, schema_editor: Any) -> None:
    Segment = apps.get_model("clients", "Segment")
    SegmentRule = apps.get_model("clients", "SegmentRule")
    for key, zh, en, about_zh, about_en, tier, colour, priority, rule in SEGMENTS:
        segment = Segment.objects.create(
            key=key,
            name_zh=zh,
            name_en=en,
            description_zh=about_zh,
            description_en=about_en,
            tier=tier,
            colour=colour,
        )
        SegmentRule.objects.create(
            segment=segment, priority=priority, valid_from=date(2000, 1, 1), **rule
        )
    Segment.objects.create(
        key="general",
        name_zh="一般客户",
        name_en="General",
        description_zh="资料不全，暂不符合任何规则",
        description_en="No rule matches: details are missing",
        tier=4,
        colour="secondary",
        is_default=True,
    )


def seed_limits(apps: Any, schema_editor: Any) -> None:
    Policy = apps.get_model("staff", "Policy")
    Policy.objects.bulk_create(
        Policy(
            key=key,
            value=Decimal(value),
            unit=unit,
            citation="Firm's own setting",
            status="verified",
            valid_from=date(2000, 1, 1),
        )
        for key, value, unit in LIMITS
    )


def take_limits(apps: Any, schema_editor: Any) -> None:
    Policy = apps.get_model("staff", "Policy")
    Policy.objects.filter(key__in=[key for key, _value, _unit in LIMITS]).delete()


class Migration(migrations.Migration):
    dependencies = [("clients", "0001_initial")]
    operations = [
        migrations.RunPython(seed_segments, migrations.RunPython.noop),
        migrations.RunPython(seed_limits, take_limits),
    ]

"""Segments that ship, and the wall between an employee's post and the clients they serve."""

from datetime import date
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


def seed(apps: Any, schema_editor: Any) -> None:
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


# The tables of staff/ know nothing of clients, so the wall is put up from this side.
WALL = """
CREATE FUNCTION clients_employee_keeps_post() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM clients_assignment
               WHERE employee_id = NEW.id AND kind = 'serves' AND valid_to IS NULL)
       AND (NEW.branch_id IS DISTINCT FROM OLD.branch_id
            OR NOT NEW.is_active
            OR NEW.role NOT IN ('manager', 'broker', 'branch_head', 'regional_head')) THEN
        RAISE EXCEPTION 'this employee still serves clients'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'employee_keeps_post';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER employee_keeps_post BEFORE UPDATE OF role, branch_id, is_active ON staff_employee
    FOR EACH ROW EXECUTE FUNCTION clients_employee_keeps_post();
"""
NO_WALL = """
DROP TRIGGER employee_keeps_post ON staff_employee;
DROP FUNCTION clients_employee_keeps_post();
"""


class Migration(migrations.Migration):
    dependencies = [("clients", "0001_initial"), ("staff", "0002_policies")]
    operations = [
        migrations.RunPython(seed, migrations.RunPython.noop),
        migrations.RunSQL(WALL, NO_WALL),
    ]

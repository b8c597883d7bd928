"""Stages and reasons for losing that ship."""

from typing import Any

from django.db import migrations

STAGES = [
    ("new", "新线索", "New", "open"),
    ("contacted", "已联系", "Contacted", "open"),
    ("interested", "有意向", "Interested", "open"),
    ("assessed", "已评估", "Assessed", "open"),
    ("opening", "开户中", "Opening", "open"),
    ("opened", "已开户", "Opened", "won"),
    ("lost", "已流失", "Lost", "lost"),
]
LOST_REASONS = [
    ("other_firm", "选择了其他券商", "Chose another firm"),
    ("commission", "佣金未谈拢", "Commission too high"),
    ("no_interest", "暂无投资意愿", "No wish to invest"),
    ("no_funds", "暂无资金", "No funds at present"),
    ("unreachable", "长期无法联系", "Cannot be reached"),
    ("unsuitable", "不符合适当性要求", "Not suitable"),
]


def seed(apps: Any, schema_editor: Any) -> None:
    Stage = apps.get_model("pipeline", "Stage")
    LostReason = apps.get_model("pipeline", "LostReason")
    for position, (key, zh, en, kind) in enumerate(STAGES, 1):
        Stage.objects.create(key=key, name_zh=zh, name_en=en, kind=kind, position=position * 10)
    for position, (key, zh, en) in enumerate(LOST_REASONS, 1):
        LostReason.objects.create(key=key, name_zh=zh, name_en=en, position=position * 10)


class Migration(migrations.Migration):
    dependencies = [("pipeline", "0001_initial")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]

"""Outcomes, scripts, callback plans, triggers and barred phrases that ship."""

from datetime import date, time
from typing import Any

from django.db import migrations

from visits.migrations._scripts import SCRIPTS

SINCE = date(2000, 1, 1)

# key, zh, en, reached, next step, after trading days, active, position
OUTCOMES: list[tuple[str, str, str, bool, str, int | None, bool, int]] = [
    ("talked", "已沟通", "Talked", True, "none", None, True, 10),
    ("interested", "有意向", "Interested", True, "meet", 3, True, 20),
    ("not_interested", "暂无兴趣", "Not interested", True, "send_material", 5, True, 30),
    # Two weeks later one asks what came of it.
    ("asked_referral", "已请求转介绍", "Asked for a referral", True, "call_again", 10, True, 35),
    ("dissatisfied", "有意见", "Dissatisfied", True, "call_again", 2, True, 40),
    ("no_answer", "无人接听", "No answer", False, "call_again", 1, True, 50),
    ("busy", "不便接听", "Not a good moment", False, "call_again", 1, True, 60),
    ("unreachable", "关机或无法接通", "Switched off", False, "call_again", 2, True, 70),
    ("wrong_number", "号码有误", "Wrong number", False, "none", None, True, 80),
    # For imported histories that say no more than that there was a contact.
    ("recorded", "历史记录", "On record", True, "none", None, False, 90),
]

# segment, every, unit, window (days), channel, remind at, lead (trading days), daily share
PLANS = [
    ("prospect", 14, "day", 5, "phone", time(13, 0), 0, 8),
    ("private", 14, "day", 5, "in_person", time(8, 30), 1, None),
    ("active_large", 15, "day", 5, "phone", time(8, 30), 0, None),
    ("large", 1, "month", 7, "phone", time(8, 30), 0, None),
    ("growing", 1, "month", 10, "wechat", time(8, 30), 0, 6),
    ("medium", 2, "month", 15, "phone", time(8, 30), 0, None),
    ("small_conservative", 3, "month", 20, "phone", time(8, 30), 0, None),
    ("small_active", 2, "month", 20, "wechat", time(8, 30), 0, 6),
    ("general", 6, "month", 30, "phone", time(13, 0), 0, 5),
]

# Cause, trading days until the call, days of the window, CNY.
TRIGGERS = [
    ("birthday", 0, 0, None),
    ("half_dormant", 5, 30, None),
    ("dormant", 3, 20, None),
    ("flow", 1, 5, 500_000),
    ("custody", 2, 5, None),
    ("purchase", 5, 10, None),
    ("complaint", 5, 5, None),
    ("event", 2, 5, None),
]

# phrase, why zh, why en, harmless in
PHRASES: list[tuple[str, str, str, list[str]]] = [
    ("保本", "不得承诺本金不受损失", "no promise that nothing is lost", []),
    ("稳赚", "不得承诺收益", "no promise of gains", []),
    ("保证收益", "不得承诺收益", "no promise of gains", ["不保证收益", "不能保证收益", "不得保证收益"]),
    ("分成", "不得约定分享收益", "no sharing of profits",
     ["十分成", "部分成", "充分成", "分成长", "分成本", "分成熟", "分成功", "分成两", "分成三", "分成几"]),
    ("代操作", "不得代客户操作账户", "no trading for a client", ["不代操作", "禁止代操作"]),
    ("帮你下单", "不得代客户下单", "no placing of a client's orders", []),
    ("帮您下单", "不得代客户下单", "no placing of a client's orders", ["不能帮您下单", "不会帮您下单"]),
    ("内部消息", "不得传播内幕或虚假信息", "no inside or false information", []),
    ("guaranteed return", "不得承诺收益", "no promise of gains", []),
    ("guaranteed profit", "不得承诺收益", "no promise of gains", []),
    ("risk-free", "不得承诺本金不受损失", "no promise that nothing is lost", []),
    ("inside information", "不得传播内幕或虚假信息", "no inside or false information", []),
]  # fmt: skip
CITATION = "Securities Law arts 134-136; broker rule art. 13"


def seed_outcomes(apps: Any, schema_editor: Any) -> None:
    Outcome = apps.get_model("visits", "Outcome")
    Outcome.objects.bulk_create(
        Outcome(
            key=key,
            name_zh=zh,
            name_en=en,
            reached=reached,
            next_step=step,
            next_step_days=days,
            is_active=active,
            position=position,
        )
        for key, zh, en, reached, step, days, active, position in OUTCOMES
    )


def seed_scripts(apps: Any, schema_editor: Any) -> None:
    names = ("Script", "ScriptVersion", "ScriptStep")
    Script, Version, Step = (apps.get_model("visits", name) for name in names)
    for key, (zh, en, purpose, steps) in SCRIPTS.items():
        script = Script.objects.create(key=key, name_zh=zh, name_en=en, purpose=purpose)
        version = Version.objects.create(script=script, number=1, valid_from=SINCE)
        Step.objects.bulk_create(
            Step(version=version, position=position, **values)
            for position, values in enumerate(steps, 1)
        )


def seed_plans(apps: Any, schema_editor: Any) -> None:
    """One plan for each shipped segment, with the script of the same key."""
    Plan = apps.get_model("visits", "CallbackPlan")
    Segment, Script = apps.get_model("clients", "Segment"), apps.get_model("visits", "Script")
    segments = {segment.key: segment for segment in Segment.objects.filter(branch=None)}
    scripts = {script.key: script for script in Script.objects.filter(branch=None)}
    Plan.objects.bulk_create(
        Plan(
            segment=segments[key],
            every=every,
            unit=unit,
            window_days=window,
            channel=channel,
            script=scripts[key],
            remind_at=at,
            remind_leads=[lead],
            daily_capacity=share,
            valid_from=SINCE,
        )
        for key, every, unit, window, channel, at, lead, share in PLANS
    )


def seed_triggers(apps: Any, schema_editor: Any) -> None:
    Trigger = apps.get_model("visits", "Trigger")
    Trigger.objects.bulk_create(
        Trigger(cause=cause, call_days=days, window_days=window, amount=amount)
        for cause, days, window, amount in TRIGGERS
    )


def seed_phrases(apps: Any, schema_editor: Any) -> None:
    Phrase = apps.get_model("visits", "BannedPhrase")
    Phrase.objects.bulk_create(
        Phrase(
            phrase=phrase,
            why_zh=zh,
            why_en=en,
            harmless_in=harmless,
            citation=CITATION,
            status="unverified",
            valid_from=SINCE,
        )
        for phrase, zh, en, harmless in PHRASES
    )


class Migration(migrations.Migration):
    dependencies = [("clients", "0002_seed"), ("visits", "0001_initial")]
    operations = [
        migrations.RunPython(seed_outcomes, migrations.RunPython.noop),
        migrations.RunPython(seed_scripts, migrations.RunPython.noop),
        migrations.RunPython(seed_plans, migrations.RunPython.noop),
        migrations.RunPython(seed_triggers, migrations.RunPython.noop),
        migrations.RunPython(seed_phrases, migrations.RunPython.noop),
    ]

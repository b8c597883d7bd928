"""Stages, reasons for losing, competitors, the text of the public form, numbers of the ranking."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import migrations

SINCE = date(2000, 1, 1)

# By kind of opportunity: key, Chinese, English, sort, assessments required.
STAGES: dict[str, list[tuple[str, str, str, str, list[str]]]] = {
    "account_opening": [
        ("new", "新线索", "New", "open", []),
        ("contacted", "已联系", "Contacted", "open", []),
        ("interested", "有意向", "Interested", "open", []),
        ("assessed", "已评估", "Assessed", "open", ["value"]),
        ("opening", "开户中", "Opening", "open", ["opportunity", "strategy"]),
        ("opened", "已开户", "Opened", "won", []),
        ("lost", "已流失", "Lost", "lost", []),
    ],
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
# Key, kind of opportunity (none: offered for every kind), Chinese, English.
LOST_REASONS = [
    ("other_firm", "", "选择了其他券商", "Chose another firm"),
    ("commission", "", "佣金未谈拢", "Commission too high"),
    ("no_interest", "", "暂无投资意愿", "No wish to invest"),
    ("no_funds", "", "暂无资金", "No funds at present"),
    ("unreachable", "", "长期无法联系", "Cannot be reached"),
    ("unsuitable", "", "不符合适当性要求", "Not suitable"),
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

OWN = "Firm's own setting"
POLICIES = [
    ("ranking_prior_strength", 20, "outcomes", OWN),
    ("ranking_min_outcomes", 500, "outcomes", OWN),
    ("ranking_min_each", 50, "outcomes", OWN),
    ("ranking_training_days", 7, "days", OWN),
    # 1: nobody is scored on this ground. Sex and marital state stay barred whatever stands here.
    ("ranking_excluded_sex", 1, "yes/no", "PIPL art. 24"),
    ("ranking_excluded_marital", 1, "yes/no", "PIPL art. 24"),
    ("ranking_excluded_age", 1, "yes/no", "PIPL art. 24"),
]


def seed_stages(apps: Any, schema_editor: Any) -> None:
    Stage = apps.get_model("pipeline", "Stage")
    # Positions count on from one kind to the next.
    Stage.objects.bulk_create(
        Stage(
            key=key,
            opportunity_kind=of,
            name_zh=zh,
            name_en=en,
            kind=kind,
            gates=gates,
            position=number * 100 + place * 10,
        )
        for number, (of, stages) in enumerate(STAGES.items())
        for place, (key, zh, en, kind, gates) in enumerate(stages, 1)
    )


def seed_words(apps: Any, schema_editor: Any) -> None:
    LostReason = apps.get_model("pipeline", "LostReason")
    for_all = sum(not of for _key, of, _zh, _en in LOST_REASONS)
    LostReason.objects.bulk_create(
        LostReason(
            key=key,
            opportunity_kind=of,
            name_zh=zh,
            name_en=en,
            # Those of one kind only stand behind the others, from 110 on.
            position=100 + (place - for_all) * 10 if of else place * 10,
        )
        for place, (key, of, zh, en) in enumerate(LOST_REASONS, 1)
    )
    Competitor = apps.get_model("pipeline", "Competitor")
    Competitor.objects.bulk_create(
        Competitor(key=key, name_zh=zh, name_en=en, position=place * 10)
        for place, (key, zh, en) in enumerate(COMPETITORS, 1)
    )
    PrivacyNotice = apps.get_model("pipeline", "PrivacyNotice")
    PrivacyNotice.objects.create(version=1, text_zh=TEXT_ZH, text_en=TEXT_EN, valid_from=SINCE)


def seed_policies(apps: Any, schema_editor: Any) -> None:
    Policy = apps.get_model("staff", "Policy")
    Policy.objects.bulk_create(
        Policy(
            key=key,
            value=Decimal(value),
            unit=unit,
            citation=citation,
            status="verified",
            valid_from=SINCE,
        )
        for key, value, unit, citation in POLICIES
    )


def take_policies(apps: Any, schema_editor: Any) -> None:
    Policy = apps.get_model("staff", "Policy")
    Policy.objects.filter(key__in=[policy[0] for policy in POLICIES]).delete()


class Migration(migrations.Migration):
    dependencies = [("pipeline", "0001_initial")]
    operations = [
        migrations.RunPython(seed_stages, migrations.RunPython.noop),
        migrations.RunPython(seed_words, migrations.RunPython.noop),
        migrations.RunPython(seed_policies, take_policies),
    ]

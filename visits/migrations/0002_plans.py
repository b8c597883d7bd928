"""Outcomes, scripts and callback plans that ship: one script and one plan per shipped segment."""

from datetime import date, time
from typing import Any

from django.db import migrations

SINCE = date(2000, 1, 1)

# key, zh, en, reached, next step, after trading days, active
OUTCOMES: list[tuple[str, str, str, bool, str, int | None, bool]] = [
    ("talked", "已沟通", "Talked", True, "none", None, True),
    ("interested", "有意向", "Interested", True, "meet", 3, True),
    ("not_interested", "暂无兴趣", "Not interested", True, "send_material", 5, True),
    ("dissatisfied", "有意见", "Dissatisfied", True, "call_again", 2, True),
    ("no_answer", "无人接听", "No answer", False, "call_again", 1, True),
    ("busy", "不便接听", "Not a good moment", False, "call_again", 1, True),
    ("unreachable", "关机或无法接通", "Switched off", False, "call_again", 2, True),
    ("wrong_number", "号码有误", "Wrong number", False, "none", None, True),
    # For imported histories that say no more than that there was a contact.
    ("recorded", "历史记录", "On record", True, "none", None, False),
]

# Steps: title zh, en, prompt zh, en, answer, options zh, options en
Step = tuple[str, str, str, str, str, list[str], list[str]]
GREETING: Step = (
    "问候与确认",
    "Greeting",
    "您好，我是您的客户经理，想占用您两分钟做个回访，现在方便吗？",
    "Good day, this is your account manager with a short call of two minutes. Is this a good time?",
    "none",
    [],
    [],
)
MOOD: Step = (
    "满意度",
    "Satisfaction",
    "您对我们的服务和资讯是否满意？哪里还可以做得更好？",
    "How content are you with our service and our information? What could we do better?",
    "text",
    [],
    [],
)
CLOSING: Step = (
    "致谢与约定",
    "Closing",
    "谢谢您。有需要随时找我；市场有风险，请以自己的判断为准。我们下次什么时候联系合适？",
    "Thank you. I am there when you need me; markets carry risk and the decision is yours. When shall we talk again?",
    "text",
    [],
    [],
)
SCRIPTS: dict[str, tuple[str, str, list[Step]]] = {
    "new_account": ("新开户首次回访", "First call after opening", [
        GREETING,
        ("本人与意愿", "Own will",
         "请问账户是您本人、自愿开立的吗？开户资料都已收到并看过吗？",
         "Did you open the account yourself and of your own will? Have you received and read the papers?",
         "choice", ["是", "否", "部分不清楚"], ["Yes", "No", "Partly unclear"]),
        ("风险提示", "Risk",
         "您是否了解自己的风险等级，以及股票、基金可能亏损？",
         "Do you know your risk grade, and that shares and funds may lose money?",
         "choice", ["了解", "不了解"], ["Yes", "No"]),
        ("交易软件", "Software",
         "登录和委托是否顺利？密码只由您自己保管，我们不会代您操作。",
         "Do login and orders work? Keep the password to yourself: we never trade for you.",
         "text", [], []),
        CLOSING,
    ]),
    "prospect": ("潜在客户沟通", "Talking with a prospect", [
        ("身份与寒暄", "Who is calling",
         "您好，我是证券公司的客户经理。上次您问到的资料我整理好了，方便说几句吗？",
         "Good day, I am an account manager of the securities firm. The material you asked about is ready. May I?",
         "none", [], []),
        ("了解需求", "Needs",
         "关于理财，您现在主要考虑哪些方面？以前做过股票或基金吗？",
         "What do you have in mind for your savings at present? Have you held shares or funds before?",
         "text", [], []),
        ("吸引", "Interest",
         "很多客户起初也有同样的顾虑，您最想先弄清楚的是哪一点？",
         "Many clients had the same doubt at first. What would you like to be clear about first?",
         "text", [], []),
        ("邀约", "Invitation",
         "欢迎来营业部坐坐，我给您讲讲开户流程和风险。这周或下周哪天方便？",
         "You are welcome at the branch; I explain the opening and the risks. Which day suits you?",
         "text", [], []),
    ]),
    "private": ("高净值客户回访", "High net worth call", [
        GREETING,
        ("资产与目标", "Aims",
         "近期家庭资金安排或投资目标有没有变化？",
         "Have your family's plans or your aims changed of late?", "text", [], []),
        ("组合检视", "Portfolio",
         "我们一起看看现有持仓的集中度和风险，您最担心哪一部分？",
         "Let us look at concentration and risk of your holdings. Which part worries you most?",
         "text", [], []),
        ("研究与活动", "Research and events",
         "本月的研究报告和投资者活动，您对哪些主题感兴趣？",
         "Which subjects of this month's research and events are of interest to you?", "text", [], []),
        MOOD, CLOSING,
    ]),
    "active_large": ("活跃大户回访", "Large and aggressive call", [
        GREETING,
        ("操作与节奏", "Pace",
         "近期交易节奏如何？有没有超出您原先设定的仓位或止损？",
         "How has the pace been? Did you go beyond the position or loss limits you had set?",
         "text", [], []),
        ("风险承受", "Risk",
         "如果短期回撤两成，您打算怎么应对？",
         "If it fell by a fifth in the short run, what would you do?", "text", [], []),
        ("资讯需要", "Information",
         "哪类资讯对您更有用：行业、个股公告，还是市场数据？",
         "What is of more use to you: industries, company notices or market data?",
         "choice", ["行业研究", "个股公告", "市场数据"], ["Industries", "Notices", "Data"]),
        MOOD, CLOSING,
    ]),
    "large": ("稳健大户回访", "Large and steady call", [
        GREETING,
        ("资金安排", "Plans",
         "今年的资金安排有变化吗？有没有近期要用的钱？",
         "Have your plans for the money changed this year? Is any of it needed soon?", "text", [], []),
        ("收益预期", "Expectations",
         "您对近期的收益和波动怎么看？与预期相比如何？",
         "What do you make of recent returns and swings, compared with what you expected?",
         "text", [], []),
        ("产品了解", "Products",
         "对与您风险等级相匹配的产品，您想了解哪一类？",
         "Which of the products that match your risk grade would you like to hear about?",
         "text", [], []),
        MOOD, CLOSING,
    ]),
    "growing": ("成长型客户回访", "Growing client call", [
        GREETING,
        ("事业与收入", "Career",
         "最近工作和收入情况怎么样？每月大概能拿出多少做长期投资？",
         "How are work and income? How much a month could go into long-term investment?",
         "text", [], []),
        ("知识", "Knowledge",
         "投资方面您最想补上的知识是哪一块？",
         "What would you most like to learn about investing?",
         "choice", ["基金", "股票", "债券", "资产配置"], ["Funds", "Shares", "Bonds", "Allocation"]),
        ("计划", "Plan",
         "我们可以一起做个简单的长期计划，您觉得从哪里开始好？",
         "We can draw up a simple long-term plan together. Where would you start?", "text", [], []),
        MOOD, CLOSING,
    ]),
    "medium": ("中户回访", "Medium client call", [
        GREETING,
        ("近况", "Lately",
         "最近账户里的操作和收益您自己怎么评价？",
         "How do you judge your own dealings and returns of late?", "text", [], []),
        ("需求", "Needs",
         "在选股、基金或交易软件上，有什么需要我帮忙弄清楚的？",
         "Is there anything about shares, funds or the software that I can make clear?",
         "text", [], []),
        MOOD, CLOSING,
    ]),
    # D-06: view of investing, agreement, recent returns, then satisfaction and advice.
    "small_conservative": ("小额稳健型客户回访", "Small and conservative call", [
        GREETING,
        ("投资观", "View of investing",
         "您平时做投资，更看重稳妥还是收益？是怎么想的？",
         "When you invest, do you look more to safety or to return? How do you see it?",
         "choice", ["稳妥第一", "稳中求进", "看重收益"],
         ["Safety first", "Steady growth", "Return"]),
        ("认同", "Agreement",
         "您这样想很有道理，稳扎稳打才能走得远。您一般会持有多久？",
         "That makes good sense: steady steps go far. How long do you usually hold?",
         "text", [], []),
        ("近期收益", "Recent returns",
         "近期的收益情况怎么样，与您的期望差多少？",
         "How have returns been lately, compared with what you hoped for?",
         "choice", ["高于预期", "符合预期", "低于预期", "亏损"],
         ["Above", "As hoped", "Below", "A loss"]),
        MOOD,
        ("建议", "Advice",
         "对我们的服务，您还有什么意见或建议？",
         "Is there any advice you would give us on our service?", "text", [], []),
        CLOSING,
    ]),
    "small_active": ("小额活跃客户回访", "Small and active call", [
        GREETING,
        ("交易习惯", "Habits",
         "您一般多久交易一次？一次买入前会看哪些东西？",
         "How often do you trade, and what do you look at before you buy?", "text", [], []),
        ("风险意识", "Risk",
         "有没有给单只股票设过仓位上限？频繁买卖的费用您算过吗？",
         "Have you set a limit for a single share? Have you added up what frequent dealing costs?",
         "choice", ["有", "没有", "想了解"], ["Yes", "No", "Tell me more"]),
        MOOD, CLOSING,
    ]),
    "general": ("一般客户回访", "General call", [
        GREETING,
        ("补全资料", "Details",
         "想和您核对一下：您的年收入、可投资金大概在什么范围？更偏向稳健还是进取？",
         "May I check with you: roughly, your yearly income and the sum to invest? Rather steady or bold?",
         "text", [], []),
        MOOD, CLOSING,
    ]),
}  # fmt: skip

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


def seed(apps: Any, schema_editor: Any) -> None:
    models = {name: apps.get_model("visits", name) for name in (
        "Outcome", "Script", "ScriptVersion", "ScriptStep", "CallbackPlan",
    )}  # fmt: skip
    for position, row in enumerate(OUTCOMES, 1):
        key, zh, en, reached, step, days, active = row
        models["Outcome"].objects.create(
            key=key,
            name_zh=zh,
            name_en=en,
            reached=reached,
            next_step=step,
            next_step_days=days,
            is_active=active,
            position=position * 10,
        )
    scripts = {}
    for key, (zh, en, steps) in SCRIPTS.items():
        scripts[key] = models["Script"].objects.create(key=key, name_zh=zh, name_en=en)
        version = models["ScriptVersion"].objects.create(
            script=scripts[key], number=1, valid_from=SINCE
        )
        names = (
            "title_zh",
            "title_en",
            "prompt_zh",
            "prompt_en",
            "answer",
            "options_zh",
            "options_en",
        )
        for position, step_row in enumerate(steps, 1):
            models["ScriptStep"].objects.create(
                version=version, position=position, **dict(zip(names, step_row, strict=True))
            )
    Segment = apps.get_model("clients", "Segment")
    for key, every, unit, window, channel, at, lead, share in PLANS:
        models["CallbackPlan"].objects.create(
            segment=Segment.objects.get(key=key, branch=None),
            every=every,
            unit=unit,
            window_days=window,
            channel=channel,
            script=scripts[key],
            remind_at=at,
            remind_lead_days=lead,
            daily_capacity=share,
            valid_from=SINCE,
        )


class Migration(migrations.Migration):
    dependencies = [("visits", "0001_initial"), ("clients", "0002_segments")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]

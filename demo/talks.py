"""What clients of the demo firm answer to the questions of its scripts."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

# How content a client is in a contact, as the scripts ask it.
CONTENT, SO_SO, UPSET = "满意", "一般", "不满意"
STARS: dict[str, tuple[int | None, ...]] = {
    CONTENT: (None, 4, 4, 5, 5),
    SO_SO: (None, 3, 3, 4),
    UPSET: (1, 2, 2, 3),
}
# To questions that take any words, by the title of the step.
SAID = {
    "风险承受": ["跌两成会先减一半仓位。", "按止损线走，不硬扛。", "长期资金，可以等它回来。"],
    "改进": ["行情提醒太多，只留重要的。", "希望软件操作有人教一下。", "回复再快一点就好。"],
    "致谢与约定": ["下个月中旬上午。", "季报出来以后再聊。", "微信先约时间。"],
    "事业与收入": [
        "工作稳定，今年涨了一点工资。",
        "换了单位，收入比去年高些。",
        "生意淡季，收入持平。",
    ],
    "计划": ["先从基金定投开始。", "先存够半年的备用金。", "想给孩子攒教育金。"],
    "资金安排": ["没有变化，暂时不用钱。", "年底要付一笔房款。", "有一笔存款下季度到期。"],
    "亏损的影响": ["影响不大，都是闲钱。", "有点超出预期，想降低仓位。"],
    "产品了解": ["想看看短债和货币类。", "想了解固收加。", "暂时不看新产品。"],
    "亏损原因": ["追高买了两只题材股。", "听朋友推荐买的，没看公告。"],
    "需求": ["条件单不会设。", "想弄清楚基金的费率。", "暂时没有问题。"],
    "资产与目标": ["目标不变，以保值为主。", "想拿一部分做长期配置。", "家里准备置换房产。"],
    "组合检视": ["单一行业占比偏高，想分散。", "担心汇率波动。", "回撤在可接受范围内。"],
    "研究与活动": ["想听宏观策略。", "对医药行业报告感兴趣。", "线下活动方便的话参加。"],
    "了解需求": [
        "手里有定期快到期，没做过股票。",
        "买过基金，亏了就没再看。",
        "想先了解开户流程。",
    ],
    "邀约": ["周四下午可以过来。", "下周再定时间。"],
    "资料与转介绍": ["资料发微信就行。", "有同事可能感兴趣，问问再说。"],
    "交易习惯": ["一周两三次，主要看均线和成交量。", "看新闻买，隔几天就换。"],
    "认同": ["一般拿一年以上。", "半年左右看一次。"],
    "亏损": ["亏在一只行业基金上，仓位不重。", "股票亏了一些，打算慢慢降仓位。"],
    "建议": ["没有意见，服务挺好。", "希望资讯简短一些。", "多办几场线下讲座。"],
    "原因": ["急跌时没忍住补了仓。", "临时听消息买的，没按计划。"],
}
# To questions for a sum, in CNY.
SUMS = {
    "每月可投": (1_000, 2_000, 3_000, 5_000),
    "可投资金": (50_000, 100_000, 200_000),
    "可用资金": (500_000, 1_000_000, 3_000_000),
}


def mood(outcome: str, random: Random) -> str:
    """How content the client is, as the outcome of the contact has it."""
    if outcome == "dissatisfied":
        return UPSET
    return random.choices([CONTENT, SO_SO], weights=[8, 2])[0]


def answers_to(
    steps: Sequence[Any], *, outcome: str, mood: str, random: Random
) -> list[dict[str, str]]:
    """Answers to ``steps`` as a visit keeps them; a step that waits for others is asked after them.

    A question for which there are no words here is not answered.
    """
    given: dict[int, str] = {}
    for step in steps:
        if step.if_step and given.get(step.if_step) not in step.if_values:
            continue
        if said := _said(step, outcome, mood, random):
            given[step.position] = said
    return [
        {"step": step.title_zh, "prompt": step.prompt_zh, "answer": given[step.position]}
        for step in steps
        if step.position in given
    ]


def _said(step: Any, outcome: str, mood: str, random: Random) -> str:
    if step.answer == "choice":
        if mood in step.options_zh and step.title_zh == "满意度":
            return mood
        if step.title_zh == "兴趣":
            place = {"interested": 0, "not_interested": -1}.get(outcome, 1)
            return str(step.options_zh[place])
        return str(random.choice(step.options_zh))
    if step.answer == "scale":
        return str(next(star for star in reversed(STARS[mood]) if star))
    if step.answer == "amount":
        return str(random.choice(SUMS[step.title_zh])) if step.title_zh in SUMS else ""
    return random.choice(SAID[step.title_zh]) if step.title_zh in SAID else ""

"""Answers to the three assessments, as managers of the demo firm give them."""

from decimal import Decimal
from random import Random

from pipeline.models import AssessmentKind
from pipeline.models.assessment import QUESTIONS

TEXTS = {
    "offer": ["投顾服务与佣金优惠", "债券基金组合", "条件单与策略工具培训", "家庭资产配置方案"],
    "plan": ["先讲流程，再约面谈", "邀请参加下周策略会", "发材料后三天内电话跟进", "请配偶一起来"],
    "note": ["", "", "客户重视服务响应速度", "资金年底到期", "对手续有顾虑"],
}


def answers_to(which: str, amount: Decimal, random: Random) -> dict[str, str]:
    """Answers that the assessment ``which`` accepts; the capital is ``amount``."""
    answers = {}
    for question in QUESTIONS[AssessmentKind(which)]:
        if question.choices is not None:
            answers[question.key] = str(random.choice(question.choices.values))
        elif question.is_amount:
            answers[question.key] = f"{amount:.2f}"
        else:
            answers[question.key] = random.choice(TEXTS[question.key])
    return answers

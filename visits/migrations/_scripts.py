"""The scripts that ship, in kinds of steps with branches, for segments and purposes."""

from typing import Any

Step = dict[str, Any]


def step(
    kind: str, title: str, prompt: str, answer: str = "none", options: str = "", **more: Any
) -> Step:
    """Texts are 'Chinese | English', options 'A/B | a/b'."""
    (title_zh, title_en), (prompt_zh, prompt_en) = title.split(" | "), prompt.split(" | ")
    zh, en = options.split(" | ") if options else ("", "")
    return {
        "kind": kind,
        "title_zh": title_zh,
        "title_en": title_en,
        "prompt_zh": prompt_zh,
        "prompt_en": prompt_en,
        "answer": answer,
        "options_zh": zh.split("/") if zh else [],
        "options_en": en.split("/") if en else [],
        **more,
    }


def ask(
    style: str, title: str, prompt: str, answer: str = "text", options: str = "", **more: Any
) -> Step:
    return step("question", title, prompt, answer, options, style=style, **more)


GREETING = step(
    "greeting",
    "问候与确认 | Greeting",
    "{greeting}！我是您的客户经理{manager}，想占用您两分钟做个回访，现在方便吗？ | "
    "{greeting}! This is {manager}, your account manager, with a short call of two minutes. Is this a good time?",
)
CLOSING = step(
    "closing",
    "致谢与约定 | Closing",
    "谢谢您。有需要随时找我；市场有风险，请以自己的判断为准。我们下次什么时候联系合适？ | "
    "Thank you. I am there when you need me; markets carry risk and the decision is yours. When shall we talk again?",
    "text",
)


def mood(after: int) -> list[Step]:
    """Satisfaction, and what is behind it where it is not full. ``after`` is its own number."""
    return [
        ask(
            "about",
            "满意度 | Satisfaction",
            "您对我们的服务和资讯总体满意吗？ | On the whole, are you content with our service and information?",
            "choice",
            "满意/一般/不满意 | Content/So-so/Not content",
        ),
        ask(
            "advice",
            "改进 | To do better",
            "您觉得哪里最该改进？我记下来，一定给您答复。 | Where should we do better first? I write it down and you will have an answer.",
            if_step=after,
            if_values=["一般", "不满意"],
        ),
    ]


SCRIPTS: dict[str, tuple[str, str, str, list[Step]]] = {
    "new_account": ("新开户首次回访", "First call after opening", "new_account", [
        GREETING,
        step("compliment", "感谢 | Thanks",
             "感谢您选择我们，开户手续办得很顺利。 | Thank you for choosing us; the opening went smoothly."),
        ask("about", "本人与意愿 | Own will",
            "请问账户是您本人、自愿开立的吗？开户资料都已收到并看过吗？ | "
            "Did you open the account yourself and of your own will? Have you received and read the papers?",
            "choice", "是/否/部分不清楚 | Yes/No/Partly unclear"),
        ask("about", "哪里不清楚 | What is unclear",
            "是哪一部分不清楚？我来说明，需要时请柜台再给您解释。 | Which part is unclear? I explain it, or the counter does.",
            if_step=3, if_values=["否", "部分不清楚"]),
        ask("assertion", "风险提示 | Risk",
            "您是否了解自己的风险等级，以及股票、基金可能亏损？ | "
            "Do you know your risk grade, and that shares and funds may lose money?",
            "choice", "了解/不了解 | Yes/No"),
        step("inform", "补充提示 | Explain",
             "我给您讲一下风险等级的含义，风险揭示书也请再看一遍。 | Let me explain the risk grade; please read the risk notice once more.",
             if_step=5, if_values=["不了解"]),
        ask("about", "交易软件 | Software",
            "登录和委托是否顺利？密码只由您自己保管，我们不会替您操作。 | "
            "Do login and orders work? Keep the password to yourself: we never trade for a client.",
            "text"),
        CLOSING,
    ]),
    "prospect": ("潜在客户沟通", "Talking with a prospect", "regular", [
        step("identify", "确认身份 | Identify",
             "请问您现在方便接电话吗？ | Is this a good moment for a call?"),
        step("greet", "寒暄 | Greet", "{greeting}！ | {greeting}!"),
        step("introduce", "自我介绍 | Introduce oneself",
             "我是证券公司的客户经理{manager}，上次您问到的资料我整理好了。 | "
             "I am {manager}, account manager of the securities firm. The material you asked about is ready."),
        step("compliment", "赞美 | Compliment",
             "您问得很仔细，先弄清楚再决定是好习惯。 | You ask with care; to understand first and decide later is a good habit."),
        ask("about", "了解需求 | Needs",
            "关于理财，您现在主要考虑哪些方面？以前做过股票或基金吗？ | "
            "What do you have in mind for your savings at present? Have you held shares or funds before?"),
        step("attract", "吸引 | Attract",
             "很多客户起初也有同样的顾虑，我用两分钟给您说明一下流程和风险。 | "
             "Many clients had the same doubt at first. In two minutes I explain the steps and the risks."),
        ask("counter", "兴趣 | Interest",
            "听下来，您愿意进一步了解吗？ | Would you like to know more?",
            "choice", "愿意/再考虑/没有兴趣 | Yes/Will think/No"),
        step("invite", "邀约 | Invite",
             "欢迎来营业部坐坐。这周或下周哪天方便？ | You are welcome at the branch. Which day suits you, this week or next?",
             "text", if_step=7, if_values=["愿意", "再考虑"]),
        step("closing", "资料与转介绍 | Material and referral",
             "没关系，我把宣传资料寄给您参考。身边有朋友想了解的，也请您帮忙介绍。 | "
             "That is fine; I send you our leaflet. If a friend would like to know more, please pass on my name.",
             "text", if_step=7, if_values=["没有兴趣"]),
    ]),
    "private": ("高净值客户回访", "High net worth call", "regular", [
        GREETING,
        ask("about", "资产与目标 | Aims",
            "近期家庭资金安排或投资目标有没有变化？ | Have your family's plans or your aims changed of late?"),
        ask("about", "可用资金 | Funds at hand",
            "如果有变化，大概涉及多少资金？ | If so, about how much money is concerned?", "amount"),
        ask("advice", "组合检视 | Portfolio",
            "我们一起看看现有持仓的集中度和风险，您最担心哪一部分？ | "
            "Let us look at concentration and risk of your holdings. Which part worries you most?"),
        ask("about", "研究与活动 | Research and events",
            "本月的研究报告和投资者活动，您对哪些主题感兴趣？ | "
            "Which subjects of this month's research and events are of interest to you?"),
        *mood(6), CLOSING,
    ]),
    "active_large": ("活跃大户回访", "Large and aggressive call", "regular", [
        GREETING,
        ask("about", "操作与节奏 | Pace",
            "近期交易节奏如何？有没有超出您原先设定的仓位或止损？ | "
            "How has the pace been? Did you go beyond the position or loss limits you had set?",
            "choice", "没有/有时/经常 | No/At times/Often"),
        ask("counter", "原因 | Why",
            "当时是什么情况？要不要一起把计划重新写一遍？ | What happened then? Shall we write the plan down anew?",
            if_step=2, if_values=["有时", "经常"]),
        ask("hypothetical", "风险承受 | Risk",
            "如果短期回撤两成，您打算怎么应对？ | If it fell by a fifth in the short run, what would you do?"),
        ask("advice", "资讯需要 | Information",
            "哪类资讯对您更有用：行业、个股公告，还是市场数据？ | "
            "What is of more use to you: industries, company notices or market data?",
            "choice", "行业研究/个股公告/市场数据 | Industries/Notices/Data"),
        *mood(6), CLOSING,
    ]),
    "large": ("稳健大户回访", "Large and steady call", "regular", [
        GREETING,
        ask("about", "资金安排 | Plans",
            "今年的资金安排有变化吗？有没有近期要用的钱？ | "
            "Have your plans for the money changed this year? Is any of it needed soon?"),
        ask("about", "收益与预期 | Expectations",
            "近期的收益与您的预期相比如何？ | How do recent returns compare with what you expected?",
            "choice", "高于预期/符合预期/低于预期/亏损 | Above/As expected/Below/A loss"),
        ask("about", "亏损的影响 | After a loss",
            "这次亏损对您的生活安排有影响吗？波动是否超出您能接受的范围？ | "
            "Does the loss touch your plans? Do the swings go beyond what you can bear?",
            if_step=3, if_values=["亏损"]),
        ask("advice", "产品了解 | Products",
            "对与您风险等级相匹配的产品，您想了解哪一类？ | "
            "Which of the products that match your risk grade would you like to hear about?"),
        *mood(6), CLOSING,
    ]),
    "growing": ("成长型客户回访", "Growing client call", "regular", [
        GREETING,
        ask("about", "事业与收入 | Career",
            "最近工作和收入情况怎么样？ | How are work and income?"),
        ask("hypothetical", "每月可投 | A month",
            "如果每月留出一部分做长期投资，大概多少比较从容？ | "
            "If part of each month went into long-term investment, how much would be easy?", "amount"),
        ask("advice", "知识 | Knowledge",
            "投资方面您最想补上的知识是哪一块？ | What would you most like to learn about investing?",
            "choice", "基金/股票/债券/资产配置 | Funds/Shares/Bonds/Allocation"),
        ask("assertion", "计划 | Plan",
            "您已经有了目标，我们一起做个简单的长期计划，从哪里开始好？ | "
            "You have an aim already: let us draw up a simple long-term plan. Where would you start?"),
        *mood(6), CLOSING,
    ]),
    "medium": ("中户回访", "Medium client call", "regular", [
        GREETING,
        ask("about", "近况 | Lately",
            "最近账户里的收益您自己怎么评价？ | How do you judge your own returns of late?",
            "choice", "满意/一般/亏损 | Good/So-so/A loss"),
        ask("about", "亏损原因 | About the loss",
            "主要亏在哪里？当时是怎么决定的？ | Where did it come from, and how did you decide then?",
            if_step=2, if_values=["亏损"]),
        ask("advice", "需求 | Needs",
            "在选股、基金或交易软件上，有什么需要我帮忙弄清楚的？ | "
            "Is there anything about shares, funds or the software that I can make clear?"),
        *mood(5), CLOSING,
    ]),
    # D-06: view of investing, agreement, recent returns, then satisfaction and advice.
    "small_conservative": ("小额稳健型客户回访", "Small and conservative call", "regular", [
        GREETING,
        ask("about", "投资观 | View of investing",
            "您平时做投资，更看重稳妥还是收益？是怎么想的？ | "
            "When you invest, do you look more to safety or to return? How do you see it?",
            "choice", "稳妥第一/稳中求进/看重收益 | Safety first/Steady growth/Return"),
        ask("assertion", "认同 | Agreement",
            "您这样想很有道理，稳扎稳打才能走得远。您一般会持有多久？ | "
            "That makes good sense: steady steps go far. How long do you usually hold?"),
        ask("about", "近期收益 | Recent returns",
            "近期的收益情况怎么样，与您的期望差多少？ | "
            "How have returns been lately, compared with what you hoped for?",
            "choice", "高于预期/符合预期/低于预期/亏损 | Above/As hoped/Below/A loss"),
        ask("about", "亏损 | The loss",
            "亏在哪一类品种上？现在的仓位您睡得着觉吗？ | In what kind of holding? Can you sleep well with it?",
            if_step=4, if_values=["亏损"]),
        *mood(6),
        ask("advice", "建议 | Advice",
            "对我们的服务，您还有什么意见或建议？ | Is there any advice you would give us on our service?"),
        CLOSING,
    ]),
    "small_active": ("小额活跃客户回访", "Small and active call", "regular", [
        GREETING,
        ask("about", "交易习惯 | Habits",
            "您一般多久交易一次？一次买入前会看哪些东西？ | "
            "How often do you trade, and what do you look at before you buy?"),
        ask("counter", "风险意识 | Risk",
            "有没有给单只股票设过仓位上限？频繁买卖的费用您算过吗？ | "
            "Have you set a limit for a single share? Have you added up what frequent dealing costs?",
            "choice", "有/没有/想了解 | Yes/No/Tell me more"),
        step("inform", "费用与仓位 | Cost and limits",
             "我们一起算一下：佣金、印花税加起来一年是多少；交易次数多不等于收益高。 | "
             "Let us add up commission and stamp duty of a year; more trades do not mean more return.",
             if_step=3, if_values=["没有", "想了解"]),
        *mood(5), CLOSING,
    ]),
    "general": ("一般客户回访", "General call", "regular", [
        GREETING,
        ask("about", "补全资料 | Details",
            "想和您核对一下：您更偏向稳健还是进取？ | May I check with you: rather steady or bold?",
            "choice", "稳健/平衡/进取 | Steady/Balanced/Bold"),
        ask("about", "可投资金 | Sum to invest",
            "可用于投资的资金大概在什么范围？ | About what sum is there to invest?", "amount"),
        *mood(4), CLOSING,
    ]),
    "expiry": ("证件或风险测评到期", "Paper or risk test expiring", "expiry", [
        GREETING,
        step("inform", "说明来意 | Why we call",
             "您的身份证件或风险测评快到期了，到期后部分业务会受限。 | "
             "Your identity paper or risk test ends soon; after that some services are limited."),
        ask("about", "是否方便 | How to renew",
            "您方便在手机上更新，还是来营业部办理？ | Will you renew on the phone or at the branch?",
            "choice", "手机办理/来营业部/暂不办理 | On the phone/At the branch/Not now"),
        ask("counter", "原因 | Why not",
            "是遇到什么困难吗？我看看怎么帮您。 | Is anything in the way? I see how I can help.",
            if_step=3, if_values=["暂不办理"]),
        step("inform", "测评提示 | On the test",
             "测评请按自己的真实情况填写，我们不能替您填。 | Please answer the test by your own situation; we cannot fill it in."),
        CLOSING,
    ]),
    "birthday": ("生日问候", "Birthday greeting", "birthday", [
        step("greet", "祝福 | Good wishes",
             "{greeting}！我是{manager}，祝您生日快乐，身体健康。 | {greeting}! This is {manager}. A happy birthday, and good health."),
        ask("about", "近况 | Lately",
            "最近一切都好吗？有什么我能帮上忙的？ | Is all well? Is there anything I can do?"),
        step("closing", "不谈业务 | No business",
             "今天不谈业务，改天再和您联系。 | No business today; I call another day."),
    ]),
    "dormant": ("休眠客户唤醒", "Dormant account", "dormant", [
        GREETING,
        ask("about", "近况 | Lately",
            "有段时间没看到您操作了，主要是什么原因？ | There has been little on your account for a while. What is the main reason?",
            "choice", "太忙/亏损/转到别家/没有合适机会 | Too busy/A loss/Moved to another firm/No good chance"),
        ask("about", "亏损 | The loss",
            "现在的持仓您怎么打算？我们一起看看风险。 | What do you plan for what you hold? Let us look at the risk.",
            if_step=2, if_values=["亏损"]),
        ask("advice", "原因 | What they do better",
            "那边哪一点做得更好？您的意见对我们很有用。 | What do they do better? Your view helps us.",
            if_step=2, if_values=["转到别家"]),
        step("attract", "资讯 | Information",
             "我可以按您的风险等级定期发一份简短的市场小结，您看合适吗？ | "
             "I can send you a short market summary that fits your risk grade. Would you like that?",
             "choice", "可以/不用 | Yes/No"),
        *mood(6), CLOSING,
    ]),
    "flow": ("大额资金变动", "Large inflow or outflow", "flow", [
        GREETING,
        ask("about", "方向 | Which way",
            "看到近期账户资金变动较大，是转入还是转出的安排？ | There was a large movement of late. Was it money in or out?",
            "choice", "转入/转出 | In/Out"),
        ask("about", "用途 | What for",
            "这笔资金打算做什么安排？多久会用到？ | What is the money meant for, and when will it be needed?",
            if_step=2, if_values=["转入"]),
        ask("counter", "原因 | Why out",
            "是生活上要用，还是对我们的服务不满意？ | Is it needed for something, or were you not content with us?",
            if_step=2, if_values=["转出"]),
        step("inform", "提示 | A word of care",
             "谨防诈骗：不要把资金转给陌生账户，我们也不会向您索要密码。 | "
             "Beware of fraud: send no money to strangers; we never ask for your password."),
        CLOSING,
    ]),
    "occasion": ("办理业务后回访", "After a transfer, purchase or event", "occasion", [
        GREETING,
        ask("about", "办理感受 | How it went",
            "前几天办理的业务（或参加的活动）您感觉怎么样？ | How was the matter, or the event, of the other day?",
            "scale"),
        ask("advice", "不足 | What was missing",
            "哪里让您不满意？ | What was not to your liking?", if_step=2, if_values=["1", "2", "3"]),
        ask("about", "是否清楚 | Clear",
            "产品的风险、期限和费用都清楚吗？ | Are risk, term and cost of it clear to you?",
            "choice", "清楚/不清楚/不适用 | Yes/No/Does not apply"),
        step("inform", "再次说明 | Explain again",
             "我再把风险、期限和费用逐条说明一遍。 | I go through risk, term and cost once more.",
             if_step=4, if_values=["不清楚"]),
        CLOSING,
    ]),
    "complaint": ("投诉办结回访", "After a complaint was closed", "complaint", [
        GREETING,
        step("inform", "致歉 | Apology",
             "上次的事给您添麻烦了，再次向您致歉。 | We are sorry again for the trouble."),
        ask("about", "处理结果 | The result",
            "处理结果您是否认可？ | Do you accept the result?", "choice", "认可/基本认可/不认可 | Yes/Mostly/No"),
        ask("counter", "还差什么 | What is missing",
            "还有哪一点没有解决？我今天就转给负责人。 | What is still open? I pass it on today.",
            if_step=3, if_values=["基本认可", "不认可"]),
        ask("about", "评分 | Rating", "对处理过程您打几分？ | How do you rate the way it was handled?", "scale"),
        CLOSING,
    ]),
    # The five questions of the return-visit rule.
    "compliance": ("合规回访", "Compliance return visit", "compliance", [
        step("identify", "身份 | Who calls",
             "{greeting}，我是公司客户回访专员{manager}，按规定做回访，通话会留痕。 | "
             "{greeting}. I am {manager} of the firm's return-visit desk. This visit is required by the rules and kept on record."),
        ask("", "客户本人 | In person",
            "请问您是账户持有人本人吗？ | Are you the holder of the account in person?",
            "choice", "是/否 | Yes/No", flags=["否"]),
        ask("", "账户变动 | Changes known",
            "近期账户的开立、变更或资金变动，您是否都知情？ | Do you know of the opening, changes and movements of your account?",
            "choice", "是/否 | Yes/No", flags=["否"]),
        ask("", "他人操作 | Operated by others",
            "营业部或工作人员是否操作过您的账户，或向您许诺过收益？ | "
            "Has the branch or anyone of its staff operated your account, or promised you a gain?",
            "choice", "否/是 | No/Yes", flags=["是"]),
        ask("", "风险揭示 | Risk disclosed",
            "业务的风险是否向您说明过？ | Were the risks explained to you?", "choice", "是/否 | Yes/No", flags=["否"]),
        ask("", "全权委托 | Discretionary mandate",
            "您是否把账户全权委托给他人决定买卖？ | Have you left buying and selling to the discretion of anybody else?",
            "choice", "否/是 | No/Yes", flags=["是"]),
        step("closing", "致谢 | Thanks", "谢谢您的配合。您还有其他意见吗？ | Thank you. Is there anything else?", "text"),
    ]),
}  # fmt: skip

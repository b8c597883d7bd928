"""Banned phrases as rules by pattern, with the examples that each is tried on."""

from typing import Any

import django.contrib.postgres.fields
from django.db import migrations, models

# Denials before a phrase: what is not promised may be said. It stands after the first sign of a pattern:
# a search for a pattern that begins with a sign is several times as fast.
DENIALS = [
    "[不没未非无]",
    "不会",
    "不可",
    "不得",
    "不可以",
    "[^能]不能",
    "没有",
    "禁止",
    "严禁",
    "拒绝",
]
NO = "".join(f"(?<!{denial}.)" for denial in DENIALS)
WHOM = "(?:他们|他|她|它|您|你|客户|客人|客|对方|家人|家属|父母|老人|本人|别人|人)"

# By phrase as it shipped: pattern, pinyin, must be found, must not be found.
RULES: dict[str, tuple[str, str, list[str], list[str]]] = {
    "保本": (
        "保" + NO + "(?<![确担].)(?<!不承诺.)(?<!不得承诺.)本(?!人|次|周|月|季|公司|年(?!化))",
        "bao ben",
        [
            "保 本",
            "保\u200b本",
            "能不能保本",
            "承诺保-本，年化5%",
            "ＢＡＯ ＢＥＮ",
            "bǎo běn",
            "bao3本",
        ],
        ["本产品不保本", "都不能保本", "请确保本人到场", "不得承诺保本"],
    ),
    "稳赚": (
        "[稳穩包肯]" + NO + "(?<!承.)(?:(?<=肯)定[能会]?|(?<!肯))[赚賺](?!不了)",
        "wen zhuan",
        ["稳赚不赔", "这只包赚", "肯定能赚", "ｗｅｎ zhuan"],
        ["没有稳赚的买卖", "投资不一定赚钱"],
    ),
    "保证收益": (
        "保" + NO + "[证證](?:有|您的|你的|客户的|最低)?收益|收益(?:有|能|可以)?保[证證](?!不)",
        "bao zheng shou yi",
        ["保 证-收益", "保证最低收益", "收益有保证", "baozheng收益"],
        ["不保证收益", "收益没有保证", "不得保证收益", "保证金收益率"],
    ),
    "分成": (
        "",
        "fen cheng",
        ["盈利三七分 成", "fencheng"],
        ["十分成功", "部分，成交", "分成两笔"],
    ),
    "代操作": (
        "[代替]" + NO + "(?<![现时].)为?" + WHOM + "?(?:来|进行)?操作(?!系统|手机|软件)",
        "dai cao zuo",
        ["代操作", "代他操作", "可以代客户操作账户", "替 您 操作", "代为操作", "ｄａｉ操作"],
        ["不代操作", "禁止代操作", "不得代客户操作", "现代操作系统", "代理人来访。操作正常"],
    ),
    "帮你下单": (
        "[帮幫替代]" + NO + "(?:他们|他|她|它|你|客户|客人|客|对方|家人|人)?下[单單]",
        "bang ni xia dan",
        ["帮你下单", "帮他 下单", "代客户下单", "bang你下单"],
        ["不能帮你下单", "不会代客下单", "帮他查下，单位地址变了"],
    ),
    "帮您下单": (
        "[帮幫替代]" + NO + "您下[单單]",
        "bang nin xia dan",
        ["可以帮您下单", "替您下 单", "bang nin xia dan"],
        ["不能帮您下单", "不会帮您下单"],
    ),
    "内部消息": (
        "内" + NO + "(?<!不传播.)(?<!不得传播.)(?<!不听信.)(?:[部幕]消息|幕信息|部情报)",
        "nei bu xiao xi",
        ["有内部消息", "内 幕 消 息", "内部　消息", "neibu消息"],
        ["没有内幕信息", "不得传播内部消息", "内部培训的消息"],
    ),
    "guaranteed return": (
        "g(?<!nog)(?<!notg)(?<!notag)uaranteed(?:annual)?return",
        "",
        ["Guaranteed  returns", "a GUARANTEED-RETURN of 5%"],
        ["There is no guaranteed return", "returns are not guaranteed"],
    ),
    "guaranteed profit": (
        "g(?<!nog)(?<!notg)(?<!notag)uaranteed?profit|profitguaranteed",
        "",
        ["guaranteed profits", "Profit guaranteed"],
        ["no guaranteed profit", "profit is not guaranteed"],
    ),
    "risk-free": (
        "r(?<!notr)(?<!neverr)(?<!isntr)iskfree(?!rate)",
        "",
        ["RISK FREE", "ＲＩＳＫ－ｆｒｅｅ"],
        ["no product is without risk", "the risk-free rate", "it is not risk-free"],
    ),
    "inside information": (
        "i(?<!noi)nsider?information",
        "",
        ["Inside information", "insider-information"],
        ["no inside information", "information inside the app"],
    ),
}


def seed(apps: Any, schema_editor: Any) -> None:
    """Rows that a firm ended or made itself stay as they are."""
    Phrase = apps.get_model("visits", "BannedPhrase")
    for phrase, (pattern, pinyin, must_hit, must_not_hit) in RULES.items():
        Phrase.objects.filter(phrase=phrase, branch=None, valid_to=None).update(
            pattern=pattern, pinyin=pinyin, must_hit=must_hit, must_not_hit=must_not_hit
        )


class Migration(migrations.Migration):
    dependencies = [
        ("visits", "0003_callback_of_client"),
    ]

    operations = [
        migrations.AddField(
            model_name="bannedphrase",
            name="must_hit",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=60),
                db_default=[],
                default=list,
                help_text="Examples, one a line. The rule is saved only if it finds each of them.",
                size=None,
                verbose_name="must be found",
            ),
        ),
        migrations.AddField(
            model_name="bannedphrase",
            name="must_not_hit",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=60),
                db_default=[],
                default=list,
                help_text="Examples, one a line. The rule is saved only if it finds none of them.",
                size=None,
                verbose_name="must not be found",
            ),
        ),
        migrations.AddField(
            model_name="bannedphrase",
            name="pattern",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="A regular expression that is searched for instead of the phrase itself, in small letters and without spaces and punctuation. Allowed: (a|b), [ab], ?, {0,3}, (?!a), (?<!a).",
                max_length=400,
                verbose_name="pattern",
            ),
        ),
        migrations.AddField(
            model_name="bannedphrase",
            name="pinyin",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="One syllable for each character, such as “bao ben”: found where any of them is spelled so.",
                max_length=100,
                verbose_name="pinyin",
            ),
        ),
        migrations.RunPython(seed, migrations.RunPython.noop),
    ]

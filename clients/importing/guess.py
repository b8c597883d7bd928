"""A mapping made in the browser: columns by choice, guessed from their headers first."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from clients.importing.registry import offers
from clients.importing.rows import CHOICES
from clients.models import Lifecycle

# Field, label, headers that mean it (compared without case, blanks and signs).
FIELDS: Sequence[tuple[str, str | Promise, Sequence[str]]] = (
    (
        "name",
        _("Name"),
        ("姓名", "客户姓名", "客户名称", "名称", "name", "client name", "full name"),
    ),
    ("key", _("Key there"), ("客户号", "客户编号", "编号", "id", "client id", "client no")),
    (
        "phone",
        _("Phone"),
        (
            "手机",
            "手机号",
            "手机号码",
            "电话",
            "联系电话",
            "移动电话",
            "phone",
            "mobile",
            "phone number",
            "telephone",
        ),
    ),
    (
        "id_card",
        _("Resident identity card"),
        (
            "身份证",
            "身份证号",
            "身份证号码",
            "证件号码",
            "证件号",
            "证件",
            "id card",
            "id number",
            "identity number",
        ),
    ),
    (
        "credit_code",
        _("Unified social credit code"),
        ("统一社会信用代码", "信用代码", "credit code"),
    ),
    ("kind", _("kind"), ("客户类型", "客户类别", "kind", "client type")),
    ("title", _("form of address"), ("称呼", "称谓", "性别", "title", "gender", "sex")),
    ("birthday", _("birthday"), ("生日", "出生日期", "birthday", "date of birth", "birth date")),
    ("lifecycle", _("Lifecycle"), ("客户状态", "状态", "lifecycle", "status")),
    (
        "opened_on",
        _("Opening date"),
        ("开户日期", "开户日", "开户时间", "opening date", "opened on", "account opened"),
    ),
    ("recorded_on", _("recorded on"), ("录入日期", "登记日期", "recorded on", "created")),
    ("income_level", _("income level"), ("收入水平", "收入", "income", "income level")),
    ("investment_size", _("investment size"), ("投资规模", "资产规模", "investment size")),
    ("investment_style", _("investment style"), ("投资风格", "investment style", "style")),
    ("prospect_type", _("prospect type"), ("潜客类型", "准客户类型", "prospect type")),
    ("risk_grade", _("Risk grade"), ("风险等级", "风险承受能力", "risk grade", "risk level")),
    ("risk_assessed_on", _("assessed on"), ("测评日期", "风险测评日期", "assessed on")),
    (
        "risk_expires_on",
        _("risk grade expires on"),
        ("测评到期日", "风险测评到期日", "有效期至", "risk expires on"),
    ),
    ("source", _("Source"), ("来源", "客户来源", "渠道来源", "source")),
    ("notes", _("notes"), ("备注", "说明", "notes", "remark", "remarks", "comment")),
    ("manager", _("Manager (login)"), ("客户经理", "客户经理账号", "经理工号", "manager", "login")),
)
# What offices write in columns with fixed choices, beside our own words for them.
_WORDS: dict[str, dict[str, str]] = {
    "title": {
        "先生": "mr",
        "男": "mr",
        "男性": "mr",
        "m": "mr",
        "male": "mr",
        "女士": "ms",
        "女": "ms",
        "女性": "ms",
        "小姐": "ms",
        "f": "ms",
        "female": "ms",
    },
    "kind": {
        "个人": "person",
        "自然人": "person",
        "机构": "organisation",
        "企业": "organisation",
        "公司": "organisation",
    },
    "lifecycle": {
        "潜在客户": "prospect",
        "准客户": "prospect",
        "客户": "client",
        "正式客户": "client",
        "正常": "client",
        "销户": "closed",
        "已销户": "closed",
    },
    # As our own lists called it before.
    "source": {"直接接触": "direct"},
    "income_level": {"高": "high", "中": "middle", "低": "low"},
    "investment_size": {"小": "small", "中": "medium", "大": "large"},
    "investment_style": {"保守": "conservative", "稳健": "balanced", "激进": "aggressive"},
    "risk_grade": {
        "保守型": "C1",
        "谨慎型": "C2",
        "稳健型": "C3",
        "积极型": "C4",
        "激进型": "C5",
        **{f"R{n}": f"C{n}" for n in range(1, 6)},
    },
}


@dataclass
class Choices:
    """Chosen options: a target per column ('' for none), and the treatment of the file."""

    header: list[str]
    targets: list[str]
    source: str
    lifecycle: str = Lifecycle.PROSPECT
    deal_out: bool = False
    errors: list[str] = field(default_factory=list)

    def mapping(self) -> dict[str, Any]:
        """The same structure as a mapping in TOML."""
        columns = {
            target: column
            for target, column in zip(self.targets, self.header, strict=True)
            if target
        }
        client: dict[str, Any] = {
            name: _entry(name, columns[name])
            for name, _label, _words in FIELDS
            if name in columns and name != "manager"
        }
        client.setdefault("key", {"template": "{row:06}"})
        if self.lifecycle == Lifecycle.CLIENT:
            client.setdefault("lifecycle", {"value": Lifecycle.CLIENT.value})
        made: dict[str, Any] = {"source": self.source, "client": client}
        if self.deal_out:
            made["managers"] = "round_robin"
        elif "manager" in columns:
            made["managers"] = {"column": columns["manager"]}
        for table, offer in offers().items():
            chosen = {
                target.partition(".")[2]: column
                for target, column in columns.items()
                if target.startswith(f"{table}.")
            }
            if entries := offer.table(chosen):
                made[table] = entries
        return made


def targets() -> list[tuple[str, str]]:
    """Everything that a column may become: key and label."""
    known = [(name, str(label)) for name, label, _words in FIELDS]
    for table, offer in offers().items():
        known += [(f"{table}.{name}", str(label)) for name, label, _words in offer.fields]
    return known


def guess(header: Sequence[str]) -> list[str]:
    """A target for each column guessed from its header, '' if unknown; each target once."""
    words: dict[str, str] = {}
    fields = [(name, synonyms) for name, _label, synonyms in FIELDS]
    for table, offer in offers().items():
        fields += [(f"{table}.{name}", synonyms) for name, _label, synonyms in offer.fields]
    for name, synonyms in fields:
        for synonym in (*synonyms, name):
            words.setdefault(_bare(synonym), name)
    targets: list[str] = []
    for column in header:
        bare = _bare(column)
        target = words.get(bare) or words.get(_bare(re.sub(r"[(（].*", "", column)), "")
        targets.append(target if target not in targets else "")
    return targets


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text)).lower()


def _entry(name: str, column: str) -> dict[str, Any]:
    choices = CHOICES.get(name)
    if choices is None:
        return {"column": column}
    values: dict[str, str] = {}
    for language in ("en", "zh-hans"):
        with override(language):
            for value, label in choices.choices:
                for word in (value, str(label)):
                    values |= {word: value, word.lower(): value, word.upper(): value}
    for word, value in _WORDS.get(name, {}).items():
        values |= {word: value, word.upper(): value}
    return {"column": column, "values": values}

"""The clients and prospects of the demo firm, before anything has happened with them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any
from uuid import UUID

from clients.models import (
    Activity,
    IncomeLevel,
    InvestmentSize,
    InvestmentStyle,
    Kind,
    Lifecycle,
    ProspectType,
    RiskGrade,
    Segment,
    SegmentRule,
    Source,
    Title,
)
from crm.trading_days import today
from demo.firm import Firm
from demo.names import company_name, credit_code, id_card, mobile, person_name
from demo.scales import Scale
from staff.models import Employee

# A value and how often it comes among a hundred; an empty one stands for "not known yet".
INCOMES = {IncomeLevel.LOW: 40, IncomeLevel.MIDDLE: 42, IncomeLevel.HIGH: 15, "": 3}
SIZES = {
    InvestmentSize.SMALL: 38,
    InvestmentSize.MEDIUM: 31,
    InvestmentSize.LARGE: 20,
    InvestmentSize.VERY_LARGE: 7,
    "": 4,
}
STYLES = {
    InvestmentStyle.CONSERVATIVE: 40,
    InvestmentStyle.BALANCED: 35,
    InvestmentStyle.AGGRESSIVE: 22,
    "": 3,
}
LIFECYCLES = {Lifecycle.CLIENT: 82, Lifecycle.PROSPECT: 16, Lifecycle.CLOSED: 2}
GRADES = {
    "": [RiskGrade.C2, RiskGrade.C3],
    InvestmentStyle.CONSERVATIVE: [RiskGrade.C1, RiskGrade.C2, RiskGrade.C2, RiskGrade.C3],
    InvestmentStyle.BALANCED: [RiskGrade.C2, RiskGrade.C3, RiskGrade.C3, RiskGrade.C4],
    InvestmentStyle.AGGRESSIVE: [RiskGrade.C3, RiskGrade.C4, RiskGrade.C4, RiskGrade.C5],
}
NOTES = [
    "喜欢上午接电话，下午常开会。",
    "关注新能源和医药板块。",
    "子女在国外读书，年底有学费支出。",
    "退休教师，偏好固定收益产品。",
    "由老客户转介绍，信任度较高。",
    "做餐饮生意，资金进出有季节性。",
    "不希望被频繁打扰，一般用微信联系。",
]


@dataclass(slots=True)
class Person:
    """A client to be: what is known of them, and when they were last reached."""

    id: int
    public_id: UUID
    name: str
    kind: str
    title: str
    lifecycle: str
    prospect_type: str
    income_level: str
    investment_size: str
    investment_style: str
    risk_grade: str
    birthday: date | None
    source: str
    notes: str
    phones: list[str]
    identity: str
    branch_id: int
    manager: Employee | None
    segment_id: int = 0
    rule_id: int | None = None
    activity: str = ""
    commission_tier: str = ""
    recorded_on: date = date.min
    opened_on: date | None = None
    risk_on: date | None = None
    # Contacts from old to new: date, and whether the client was reached.
    contacts: list[tuple[date, bool]] = field(default_factory=list)
    last_contact_on: date | None = None
    # Numbers of the fund accounts.
    accounts: list[str] = field(default_factory=list)
    # Who brought them, and what they wish of calls.
    referred_by: int | None = None
    calls_refused: bool = False
    call_from: time | None = None
    call_until: time | None = None
    contact_note: str = ""

    @property
    def recorded_at(self) -> datetime:
        return datetime.fromisoformat(f"{self.recorded_on}T10:00:00+08:00")

    @property
    def is_open(self) -> bool:
        return self.lifecycle != Lifecycle.CLOSED


def make_people(scale: Scale, firm: Firm, random: Random, ids: Sequence[int]) -> list[Person]:
    """All people of the firm, one book after the other; a few are served by nobody yet."""
    staffed = zip(firm.branches, firm.servers, strict=True)
    books = [(branch, server) for branch, servers in staffed for server in servers]
    classify = _Classifier()
    people = []
    for place, key in enumerate(ids):
        branch, manager = books[place * len(books) // len(ids)]
        unserved = random.random() < 0.01
        person = _person(random, key, branch.pk, None if unserved else manager)
        person.segment_id, person.rule_id = classify(person)
        people.append(person)
    return people


def _pick(random: Random, shares: Mapping[Any, int]) -> str:
    return str(random.choices(list(shares), weights=list(shares.values()))[0])


def _person(random: Random, key: int, branch_id: int, manager: Employee | None) -> Person:
    organisation, male = random.random() < 0.03, random.random() < 0.52
    lifecycle = _pick(random, LIFECYCLES)
    style = _pick(random, STYLES)
    prospect = lifecycle == Lifecycle.PROSPECT
    born = None if organisation else today() - timedelta(days=random.randrange(8_400, 27_000))
    identity = ""
    if organisation:
        identity = credit_code(random)
    elif born and random.random() < (0.1 if prospect else 0.8):
        identity = id_card(random, birthday=born, male=male)
    return Person(
        id=key,
        public_id=UUID(int=random.getrandbits(128), version=4),
        name=company_name(random) if organisation else person_name(random, male=male),
        kind=Kind.ORGANISATION if organisation else Kind.PERSON,
        title="" if organisation else (Title.MR if male else Title.MS),
        lifecycle=lifecycle,
        prospect_type=random.choice(ProspectType.values) if prospect else "",
        income_level=_pick(random, INCOMES),
        investment_size=_pick(random, SIZES),
        investment_style=style,
        risk_grade="" if prospect or random.random() < 0.1 else random.choice(GRADES[style]),
        birthday=born if random.random() < 0.9 else None,
        source=random.choice(Source.values[:-1]),
        notes=random.choice(NOTES) if random.random() < 0.15 else "",
        phones=[mobile(random) for _ in range(2 if random.random() < 0.06 else 1)],
        identity=identity,
        branch_id=branch_id,
        manager=manager,
        activity=_activity(random) if lifecycle == Lifecycle.CLIENT else "",
    )


def _activity(random: Random) -> str:
    return random.choices(Activity.values, weights=[75, 17, 8])[0]


class _Classifier:
    """The firm's rules in force, for rows that are not in the database yet.

    ``clients.classification`` stays the judge: the loader runs it afterwards and it must agree.
    """

    def __init__(self) -> None:
        rules = SegmentRule.objects.filter(valid_to__isnull=True, segment__branch__isnull=True)
        self.rules = list(rules.order_by("priority", "id"))
        self.default = Segment.objects.get(is_default=True).pk

    def __call__(self, person: Person) -> tuple[int, int | None]:
        for rule in self.rules:
            if all(not wanted or found in wanted for wanted, found in _asked(rule, person)):
                return rule.segment_id, rule.pk
        return self.default, None


def _asked(rule: SegmentRule, person: Person) -> Iterator[tuple[list[str], str]]:
    yield rule.lifecycles, person.lifecycle
    yield rule.investment_sizes, person.investment_size
    yield rule.investment_styles, person.investment_style
    yield rule.income_levels, person.income_level
    yield rule.risk_grades, person.risk_grade
    yield rule.activities, person.activity
    yield rule.prospect_types, person.prospect_type

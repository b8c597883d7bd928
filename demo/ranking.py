"""The ranking of the demo: types of those who opened, a first training, scores, some overrides."""

from datetime import timedelta
from random import Random

from clients.models import Lifecycle, ProspectType
from crm.statistics import analyze
from crm.trading_days import today
from demo.people import Person
from pipeline.models import Opportunity, RankingOverride, RankingScore, Stage
from pipeline.ranking import scoring, training
from staff.models import Employee

# Overrides of the people to log in with: how many days ahead, where to, why.
OVERRIDES = [
    (4, RankingOverride.Direction.FIRST, "客户来电, 约本周再谈"),
    (10, RankingOverride.Direction.LAST, "客户出差, 月底再联系"),
]


def remember_types(people: list[Person], random: Random) -> None:
    """Who opened within a year was a prospect of some type before; it stays known."""
    year = today() - timedelta(days=365)
    types = ProspectType.values
    for person in people:
        if person.lifecycle == Lifecycle.CLIENT and (person.opened_on or year) > year:
            # Self-directed ones open the sooner, avoidant ones seldom.
            person.prospect_type = random.choices(types, (1, 2, 3, 4))[0]


def rank() -> None:
    """Override some, learn if there is enough to learn from, and score everything."""
    # A firm of one branch lacks some of them.
    people = Employee.objects.filter(username__in=("manager1", "manager3"))
    for employee in people.order_by("username"):
        own = Opportunity.objects.filter(client__manager=employee, state=Stage.Kind.OPEN)
        for (days, direction, reason), row in zip(
            OVERRIDES, own.order_by("-stage_since", "id")[:2], strict=False
        ):
            RankingOverride.objects.create(
                opportunity=row,
                direction=direction,
                until=today() + timedelta(days=days),
                reason=reason,
                by=employee,
            )
    training.train()
    scoring.refresh()
    analyze(RankingScore)

"""Factories for bulk; the few named people are in cast.py."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import factory
from django.db.models import Model
from django.utils import timezone
from factory.django import DjangoModelFactory

from clients.models import (
    Assignment,
    Client,
    FundAccount,
    Lifecycle,
    MonthlyFigure,
    Segment,
)
from crm.trading_days import today
from pipeline.models import Assessment, Opportunity, OpportunityKind, Stage
from staff.models import Branch, Employee, Employment, Notification, Role
from visits.models import Callback, Outcome, Visit

M = TypeVar("M", bound=Model)


class Made(DjangoModelFactory[M]):
    """A factory whose call is typed as what it makes."""

    if TYPE_CHECKING:

        def __new__(cls, **kwargs: Any) -> M: ...  # type: ignore[misc]


class BranchFactory(Made[Branch]):
    class Meta:
        model = Branch

    code = factory.Sequence(lambda n: f"B{n:04}")
    name_zh = factory.Sequence(lambda n: f"第{n}营业部")
    name_en = factory.Sequence(lambda n: f"Branch {n}")
    kind = Branch.Kind.BRANCH
    parent = factory.LazyFunction(
        lambda: (
            Branch.objects.filter(parent__isnull=True).first()
            or Branch.objects.create(code="HO", name_zh="总部", kind=Branch.Kind.HEAD_OFFICE)
        )
    )


class EmployeeFactory(Made[Employee]):
    class Meta:
        model = Employee
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"employee{n}")
    full_name = factory.Sequence(lambda n: f"员工{n}")
    role = Role.MANAGER
    employment = factory.LazyAttribute(
        lambda o: Employment.AGENCY if o.role == Role.BROKER else Employment.EMPLOYED
    )
    branch = factory.SubFactory(BranchFactory)
    email = factory.LazyAttribute(lambda o: f"{o.username}@example.com")
    password = factory.django.Password("correct-horse-battery")


class NotificationFactory(Made[Notification]):
    class Meta:
        model = Notification

    employee = factory.SubFactory(EmployeeFactory)
    kind = "digest"
    key = factory.Sequence(lambda n: f"notification-{n}")
    params = {"due": 3, "overdue": 1}


class ClientFactory(Made[Client]):
    """A client served by ``manager``, with the assignment that says so, in the default segment."""

    class Meta:
        model = Client
        skip_postgeneration_save = True

    class Params:
        prospect = factory.Trait(lifecycle=Lifecycle.PROSPECT, opened_on=None)

    name = factory.Sequence(lambda n: f"客户{n}")
    name_pinyin = factory.Sequence(lambda n: f"kehu{n:06}")
    lifecycle = Lifecycle.CLIENT
    manager = factory.SubFactory(EmployeeFactory)
    branch = factory.LazyAttribute(lambda o: o.manager.branch)
    segment = factory.LazyFunction(lambda: Segment.objects.get(is_default=True))
    segment_since = factory.LazyFunction(lambda: today() - timedelta(days=400))
    recorded_on = factory.LazyFunction(lambda: today() - timedelta(days=400))
    opened_on = factory.LazyAttribute(lambda o: o.recorded_on)

    @factory.post_generation
    def assignment(self: Client, create: bool, extracted: Any, **kwargs: Any) -> None:
        if create and self.manager:
            Assignment.objects.create(
                client=self,
                employee=self.manager,
                kind=Assignment.Kind.SERVES,
                valid_from=self.recorded_on,
            )


class FundAccountFactory(Made[FundAccount]):
    """An account open since the client is one; ``number`` in the clear."""

    class Meta:
        model = FundAccount

    client = factory.SubFactory(ClientFactory)
    opened_on = factory.LazyAttribute(lambda o: o.client.opened_on or today())
    markets = ["sse", "szse"]

    @classmethod
    def _create(cls, model_class: type[FundAccount], *args: Any, **kwargs: Any) -> FundAccount:
        number = kwargs.pop("number", None) or f"8800{FundAccount.objects.count():08}"
        account = model_class(*args, **kwargs)
        account.set_number(number)
        account.save()
        return account


class MonthlyFigureFactory(Made[MonthlyFigure]):
    """A quiet month of an account."""

    class Meta:
        model = MonthlyFigure

    account = factory.SubFactory(FundAccountFactory)
    month = factory.LazyFunction(lambda: today().replace(day=1))
    assets = 200_000
    turnover = 50_000
    net_inflow = 0
    trades = 4
    commission = 12
    source = "test"
    as_of = factory.LazyFunction(today)


class CallbackFactory(Made[Callback]):
    """An open callback by hand, due today, for whoever serves the client."""

    class Meta:
        model = Callback

    client = factory.SubFactory(ClientFactory)
    employee = factory.LazyAttribute(lambda o: o.client.manager)
    kind = Callback.Kind.MANUAL
    occurrence = factory.Sequence(lambda n: f"manual:{n}")
    due_on = factory.LazyFunction(today)
    anchor_on = factory.LazyAttribute(lambda o: o.due_on)
    ideal_on = factory.LazyAttribute(lambda o: o.due_on)
    earliest_on = factory.LazyAttribute(lambda o: o.due_on)
    window_end = factory.LazyAttribute(lambda o: o.due_on)


class VisitFactory(Made[Visit]):
    """A telephone contact of now that reached the client, by whoever serves them."""

    class Meta:
        model = Visit

    client = factory.SubFactory(ClientFactory)
    employee = factory.LazyAttribute(lambda o: o.client.manager)
    occurred_at = factory.LazyFunction(timezone.now)
    occurred_on = factory.LazyAttribute(lambda o: timezone.localdate(o.occurred_at))
    channel = "phone"
    outcome = factory.LazyFunction(lambda: Outcome.objects.get(key="talked"))
    reached = factory.LazyAttribute(lambda o: o.outcome.reached)


class OpportunityFactory(Made[Opportunity]):
    """An account opening; of another ``kind`` with a client. In its first stage unless named."""

    class Meta:
        model = Opportunity

    client = factory.SubFactory(
        ClientFactory,
        prospect=factory.LazyAttribute(
            lambda o: _kind_of(o.factory_parent) == OpportunityKind.ACCOUNT_OPENING
        ),
    )
    kind = None
    stage = None
    created_on = factory.LazyFunction(today)
    stage_since = factory.LazyAttribute(lambda o: o.created_on)

    @classmethod
    def _create(cls, model_class: type[Opportunity], *args: Any, **kwargs: Any) -> Opportunity:
        stage = kwargs["stage"] or Stage.objects.of(_kind_of(kwargs))[0]
        kwargs |= {"stage": stage, "kind": stage.opportunity_kind}
        return model_class.objects.create(*args, **{"state": stage.kind} | kwargs)


def _kind_of(given: Any) -> str:
    """The kind that a call of the factory means: the one it names, or that of its stage."""
    read = given.get if isinstance(given, dict) else lambda name: getattr(given, name)
    if kind := read("kind"):
        return str(kind)
    stage = read("stage")
    return stage.opportunity_kind if stage else str(OpportunityKind.ACCOUNT_OPENING)


def assess_all(opportunity: Opportunity) -> Opportunity:
    """Make the three assessments, so that no gate is in the way."""
    for which, answers in ASSESSED.items():
        Assessment.objects.create(opportunity=opportunity, which=which, answers=answers, on=today())
    return opportunity


ASSESSED: dict[str, dict[str, str]] = {
    "value": {
        "capital": "500000.00",
        "funds": "salary",
        "elsewhere": "some",
        "growth": "medium",
        "note": "",
    },
    "opportunity": {
        "need": "stated",
        "timing": "now",
        "role": "decides",
        "rivalry": "none",
        "trust": "high",
        "note": "",
    },
    "strategy": {
        "style": "benefit",
        "obstacle": "fee",
        "offer": "投顾服务",
        "plan": "约面谈",
        "note": "",
    },
}

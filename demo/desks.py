"""What lies on desks in the demo: views that were saved, a hand-over and an export that wait."""

from datetime import timedelta

from clients.exporting import services as exporting
from clients.handovers.services import HandOverRequest, ask
from clients.models import Client, HandOver, Kind, Lifecycle
from crm.models import SavedView
from crm.trading_days import on_or_after, today
from staff.models import Employee

# Owner, name, what the list is asked for, and whether the branch has it too.
VIEWS = (
    ("manager1", "久未联系", "lifecycle=client&quiet=60&sort=contact", False),
    ("manager1", "潜在客户", "lifecycle=prospect&cols=segment&cols=source&cols=contact", False),
    ("manager3", "久未联系", "lifecycle=client&quiet=60&sort=contact", False),
    ("branchhead", "休眠客户", "activity=dormant&cols=segment&cols=manager&cols=contact", True),
    ("branchhead", "风险等级 C5", "risk=C5&cols=segment&cols=risk&cols=manager", True),
    ("headoffice", "新开户", "lifecycle=client&sort=-opened&cols=opened&cols=manager", False),
)
HANDED_OVER = 8


def lay_out() -> None:
    """Give the accounts to show around with work of other people's making."""
    people = {person.username: person for person in Employee.objects.select_related("branch")}
    SavedView.objects.bulk_create(
        SavedView(owner=people[owner], page="clients", name=name, query=query, shared=shared)
        for owner, name, query, shared in VIEWS
        if owner in people
    )
    if {"manager1", "manager2"} <= people.keys():
        _hand_over(people["manager2"], people["manager1"])
    if "branchhead" in people:
        exporting.ask(
            by=people["branchhead"],
            query="lifecycle=client&activity=dormant",
            format="xlsx",
            in_clear=True,
            reason="休眠客户唤醒短信名单",
            language="zh-hans",
        )


def _hand_over(origin: Employee, receiver: Employee) -> HandOver:
    rows = Client.objects.filter(manager=origin, kind=Kind.PERSON, lifecycle=Lifecycle.CLIENT)
    keys = list(rows.order_by("pk").values_list("pk", flat=True)[:HANDED_OVER])
    requested = HandOverRequest(
        origin=origin,
        receivers=[receiver],
        rule=HandOver.Rule.EVEN,
        effective_on=on_or_after(today() + timedelta(days=5)),
        departing=False,
        reason="客户住址迁至浦东，就近服务",
        note="多为早上接电话，先微信问候再约时间。",
        clients=keys,
    )
    return ask(requested=requested, by=origin)

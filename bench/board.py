"""The pipeline of a branch with 5,000 open cards: its rows, ranked, and who looks at which pages.

The firm around it is small, but the other branches have cards too, so that a page which reads them
all is seen to.
"""

import json
import os
from datetime import timedelta
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")

import django

django.setup()

from django.db import transaction
from django.http import QueryDict

from clients.models import Client, ProspectType, Segment
from crm.paging import paginate
from crm.statistics import analyze
from crm.trading_days import today
from demo.firm import DEMO_PASSWORD
from pipeline.board import selectors as board_selectors
from pipeline.models import Opportunity, RankingScore, Stage
from pipeline.ranking import scoring
from staff.models import OWNERS, Branch, Employee

CARDS = int(os.environ.get("BENCH_CARDS", "5000"))
ELSEWHERE = 4 * CARDS
READERS = {"manager": "manager1", "branch head": "branchhead"}
PAGES = {
    "Board of 5,000 cards": "/pipeline/",
    "Board in lanes by manager": "/pipeline/?lanes=manager",
    "Board in lanes by type": "/pipeline/?lanes=type",
    "List of opportunities": "/pipeline/list/",
    "Calendar": "/pipeline/calendar/",
    "Contact next": "/pipeline/next/",
}
_SOURCE = "bench"


def _managers(branch: Branch, inside: bool) -> list[Employee]:
    rows = (
        Employee.objects.filter(role__in=OWNERS, is_active=True)
        .exclude(branch=None)
        .select_related("branch")
    )
    rows = rows.filter(branch=branch) if inside else rows.exclude(branch=branch)
    return list(rows.order_by("pk"))


def _fill(managers: list[Employee], count: int) -> None:
    """``count`` open opportunities of prospects, spread evenly over people, stages and days."""
    day, stages = (
        today(),
        list(Stage.objects.filter(opportunity_kind="account_opening", kind="open")),
    )
    segment, types = Segment.objects.order_by("pk")[0], [*ProspectType.values, ""]
    # After the firm's own clients by name, so that the yardstick draws rows as full as elsewhere.
    clients = Client.objects.bulk_create(
        Client(
            name=f"测速{n}",
            name_pinyin=f"zzcesu{n:05}",
            lifecycle="prospect",
            prospect_type=types[n % len(types)],
            source_system=_SOURCE,
            source_key=f"{managers[0].pk}-{n}",
            manager=managers[n % len(managers)],
            branch=managers[n % len(managers)].branch,
            segment=segment,
            recorded_on=day - timedelta(days=n % 300),
            segment_since=day,
        )
        for n in range(count)
    )
    Opportunity.objects.bulk_create(
        Opportunity(
            client=client,
            stage=stages[n % len(stages)],
            state="open",
            amount=None if n % 5 == 0 else 10_000 + n * 7919 % 900_000,
            expected_on=day + timedelta(days=n % 120),
            next_step="" if n % 7 == 0 else "约面谈",
            next_step_on=None if n % 7 == 0 else day + timedelta(days=n % 60 - 10),
            created_on=day - timedelta(days=n % 300),
            stage_since=day - timedelta(days=n % 90),
        )
        for n, client in enumerate(clients)
    )


def _column(reader: Employee) -> str:
    """Address of the second cards of a column that the reader has."""
    rows = board_selectors.on_board(Opportunity.objects.visible_to(reader))
    for stage in Stage.objects.of("account_opening"):
        query = QueryDict(f"kind={stage.opportunity_kind}&stage={stage.key}")
        page = paginate(
            rows.filter(stage=stage),
            order=board_selectors.order_of(stage),
            query=query,
            size=board_selectors.CARDS,
        )
        if page.next_query:
            return f"{board_selectors.COLUMN}{page.next_query}"
    raise RuntimeError(f"No column of {reader} has more than its first cards.")


def prepared() -> dict[str, Any]:
    """Fill the firm once; say what to ask for and as whom."""
    head = Employee.objects.get(username=READERS["branch head"])
    assert head.branch is not None
    if not Client.objects.filter(source_system=_SOURCE).exists():
        with transaction.atomic():
            _fill(_managers(head.branch, inside=True), CARDS)
            _fill(_managers(head.branch, inside=False), ELSEWHERE)
            analyze(Client, Opportunity)
    if not RankingScore.objects.filter(opportunity__client__source_system=_SOURCE).exists():
        scoring.refresh()
        analyze(RankingScore)
    people = {title: Employee.objects.get(username=name) for title, name in READERS.items()}
    return {
        "readers": {
            title: {
                "name": person.username,
                "pages": PAGES | {"Next cards of a column": _column(person)},
            }
            for title, person in people.items()
        },
        "password": DEMO_PASSWORD,
        "manager": people["manager"].pk,
        "cards": Opportunity.objects.visible_to(head).filter(state="open").count(),
    }


if __name__ == "__main__":
    print(json.dumps(prepared(), ensure_ascii=False))

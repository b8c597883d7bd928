"""The head of the client file and its tabs: money first, then contact and next step."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clients.consents.services import give
from clients.documents.services import add
from clients.file.services import set_phones
from clients.models import Client, DerivedProfile, Document, Household, Membership
from crm.trading_days import today
from staff.models import Employee
from tests.cast import Browse
from tests.factories import (
    CallbackFactory,
    ClientFactory,
    FundAccountFactory,
    MonthlyFigureFactory,
    OpportunityFactory,
    VisitFactory,
)
from visits.models import Outcome

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def files(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def paper(n: int = 0) -> Any:
    """A small PDF, another one for each ``n``."""
    return ContentFile(b"%PDF-1.7\n" + b"x" * (100 + n) + b"\n%%EOF\n", name="scan.pdf")


TABS = ["", "timeline", "pipeline", "documents", "details"]


def facts(browse: Browse, person: Employee, client: Client) -> dict[str, Any]:
    """The facts of the head by their key, in Chinese."""
    Employee.objects.filter(pk=person.pk).update(language="zh-hans")
    shown = browse(person).get(client.get_absolute_url()).context["head"]["facts"]
    return {fact.key: fact for fact in shown}


def figures(client: Client, *assets: int) -> None:
    """Monthly assets of one account, the last of them of the month before this one."""
    account = FundAccountFactory(client=client)
    month = today().replace(day=1)
    for amount in reversed(assets):
        month = (month - timedelta(days=1)).replace(day=1)
        MonthlyFigureFactory(account=account, month=month, assets=Decimal(amount))


def derived(client: Client, amount: int) -> None:
    DerivedProfile.objects.create(
        client=client,
        as_of=today(),
        assets=amount,
        idle_months=0,
        investment_size="medium",
        activity="active",
    )


def family(*members: Client) -> None:
    household = Household.objects.create(head=members[0])
    for place, member in enumerate(members):
        relation = "spouse" if place else "head"
        Membership.objects.create(
            household=household, client=member, relation=relation, valid_from=today()
        )


@pytest.mark.parametrize(
    ("assets", "way", "change"),
    [
        ([1_000_000, 1_100_000], "up", "▲ ¥10 万 (10.00%)"),
        ([1_000_000, 900_000], "down", "▼ ¥10 万 (10.00%)"),
        ([1_000_000, 1_000_000], "", ""),
        ([1_000_000], "", ""),
    ],
)
def test_it_says_how_the_assets_changed_since_the_month_before(
    zhang: Client, manager: Employee, browse: Browse, assets: list[int], way: str, change: str
) -> None:
    figures(zhang, *assets)
    fact = facts(browse, manager, zhang)["assets"]
    amount = f"{Decimal(assets[-1]) / 10_000:.0f}"
    assert (fact.text, fact.unit, fact.way, fact.change) == (f"¥{amount}", "万", way, change)


def test_where_assets_are_unknown_it_says_nothing(
    zhang: Client, zhou: Client, manager: Employee, browse: Browse
) -> None:
    for client in (zhang, zhou):
        assert "assets" not in facts(browse, manager, client)
        assert "household" not in facts(browse, manager, client)


def test_the_household_is_added_up_with_the_own_share(
    zhang: Client, manager: Employee, browse: Browse
) -> None:
    wife = ClientFactory(manager=manager, name="刘敏")
    family(zhang, wife)
    figures(zhang, 750_000)
    derived(wife, 250_000)
    fact = facts(browse, manager, zhang)["household"]
    assert (fact.label, fact.text, fact.tail) == ("家庭资产 · 2 人", "¥100", "本人占 75.0%")


def test_of_the_household_only_members_in_sight_are_counted(
    zhang: Client, manager: Employee, colleague: Employee, head: Employee, browse: Browse
) -> None:
    wife, son = ClientFactory(manager=manager), ClientFactory(manager=colleague)
    family(zhang, wife, son)
    figures(zhang, 500_000)
    derived(wife, 250_000)
    derived(son, 9_000_000)
    seen = facts(browse, manager, zhang)["household"]
    assert (seen.text, seen.tail) == ("¥75", "本人占 66.7% · 仅计您可查看的 2 人")
    assert facts(browse, head, zhang)["household"].text == "¥975"


def test_it_says_when_and_how_the_client_was_last_reached(
    zhang: Client, manager: Employee, browse: Browse
) -> None:
    assert facts(browse, manager, zhang)["contact"].text == "尚未联系上"
    reached = Outcome.objects.filter(reached=True).first()
    missed = Outcome.objects.filter(reached=False).first()
    day = today() - timedelta(days=14)
    VisitFactory(client=zhang, occurred_on=day, channel="in_person", outcome=reached)
    Client.objects.filter(pk=zhang.pk).update(last_contact_on=day)
    # Tried so often since that the contact is not among the newest.
    for n in range(12):
        VisitFactory(client=zhang, occurred_on=today() - timedelta(days=n % 3), outcome=missed)
    fact = facts(browse, manager, zhang)["contact"]
    assert fact.text == "14 天前"
    assert fact.tail.endswith(f"面谈 · {reached}")


@pytest.mark.parametrize(
    ("days", "tone", "said"),
    [(-6, "late", "逾期 6 天"), (0, "today", "今日到期"), (3, "", "3 天后")],
)
def test_the_next_step_says_in_words_how_late_it_is(
    zhang: Client, manager: Employee, browse: Browse, days: int, tone: str, said: str
) -> None:
    set_phones(client=zhang, numbers=["+8613812341234"])
    Client.objects.filter(pk=zhang.pk).update(
        risk_grade="C3", risk_expires_on=today() + timedelta(days=300)
    )
    CallbackFactory(client=zhang, reason="问新股", due_on=today() + timedelta(days=days))
    fact = facts(browse, manager, zhang)["step"]
    assert (fact.text, fact.badge.text, fact.badge.tone) == ("问新股", said, tone)


def test_it_says_what_may_be_offered_and_when_to_call(
    zhang: Client, manager: Employee, browse: Browse
) -> None:
    Employee.objects.filter(pk=manager.pk).update(language="zh-hans")
    set_phones(client=zhang, numbers=["+8613812341234"])
    give(client=zhang, purpose="marketing", channel="wechat", on=today(), proof="x", by=manager)
    Client.objects.filter(pk=zhang.pk).update(
        call_from="15:00", call_until="17:30", contact_note="先发微信", birthday=date(1983, 6, 1)
    )
    answer = browse(manager).get(zhang.get_absolute_url())
    shown = answer.context["head"]
    assert [badge.text for badge in shown["consents"]] == [
        "微信推介 已同意",
        "电话推介 未同意，仅服务回访",
    ]
    assert (answer.context["phone"], shown["hours"]) == ("138****1234", "15:00–17:30 · 先发微信")
    assert shown["about"].endswith("岁")
    Client.objects.filter(pk=zhang.pk).update(calls_refused=True)
    shown = browse(manager).get(zhang.get_absolute_url()).context["head"]
    assert shown["consents"][0].tone == "late"


def test_one_button_is_solid_and_the_rest_stands_behind_the_dots(
    zhou: Client, manager: Employee, compliance: Employee, browse: Browse
) -> None:
    page = browse(manager).get(zhou.get_absolute_url()).content.decode()
    assert page.split("<main")[1].count("btn-primary") == 1
    menu = page.split('class="crm-menu crm-menu-over"')[1].split("</details>")[0]
    for place in ("appointment/", "occasions/", "edit/", "documents/", "consents/"):
        assert f'href="{zhou.get_absolute_url()}{place}"' in menu
    assert f"/prospects/{zhou.public_id}/" in menu or "opportunity" in menu
    read = browse(compliance).get(zhou.get_absolute_url()).content.decode().split("<main")[1]
    assert "btn-primary" not in read
    assert "occasions/" not in read


@pytest.mark.parametrize("tab", [*TABS, "no-such-tab"])
def test_each_tab_is_an_address(zhang: Client, manager: Employee, browse: Browse, tab: str) -> None:
    VisitFactory(client=zhang, notes="聊了新股")
    answer = browse(manager).get(zhang.get_absolute_url(), {"tab": tab} if tab else {})
    assert answer.status_code == 200
    chosen = [one.key for one in answer.context["tabs"] if one.chosen]
    assert chosen == [tab if tab in TABS else ""]
    page = answer.content.decode().split("<main")[1].split("</main")[0]
    assert page.count('aria-current="page"') == 1


def test_tabs_say_how_much_is_in_them(zhang: Client, manager: Employee, browse: Browse) -> None:
    add(client=zhang, kind="other", title="协议", file=paper(), by=manager)
    OpportunityFactory(client=zhang, kind="sale")
    tabs = browse(manager).get(zhang.get_absolute_url()).context["tabs"]
    counts = {tab.key: tab.count for tab in tabs}
    assert (counts["documents"], counts["pipeline"], counts["details"]) == (1, 1, None)
    page = browse(manager).get(f"{zhang.get_absolute_url()}?tab=documents").content.decode()
    assert "协议" in page
    Document.objects.update(voided_at=timezone.now(), voided_by=manager, void_reason="错传")
    tabs = browse(manager).get(zhang.get_absolute_url()).context["tabs"]
    assert {tab.key: tab.count for tab in tabs}["documents"] is None


@pytest.mark.parametrize("tab", TABS)
def test_a_tab_takes_the_same_queries_for_much_and_for_little(
    zhang: Client, manager: Employee, head: Employee, browse: Browse, tab: str
) -> None:
    browser = browse(head)
    url = f"{zhang.get_absolute_url()}?tab={tab}"
    members = [ClientFactory(manager=manager) for _n in range(3)]
    family(zhang, *members)
    counts = []
    for size in (1, 6):
        for n in range(size):
            VisitFactory(client=zhang, notes="一" * 200, answers=ANSWERS)
            CallbackFactory(client=zhang, reason=f"第 {n} 件")
            add(client=zhang, kind="other", title=f"{size}-{n}", file=paper(size * 10 + n), by=head)
        figures(zhang, *range(100_000, 100_000 + size))
        browser.get(url)
        with CaptureQueriesContext(connection) as queries:
            browser.get(url)
        counts.append(len(queries))
    assert counts[0] == counts[1]
    # The timeline reads each of its sources once.
    assert counts[0] <= (28 if tab == "timeline" else 16) + 3


ANSWERS = [
    {"step": "近况", "prompt": "近期收益怎么看？", "answer": "不急着加仓"},
    {"step": "资金", "prompt": "资金安排？", "answer": "年底转入"},
]


def test_a_contact_shows_questions_with_answers_and_folds_a_long_note(
    zhang: Client, manager: Employee, browse: Browse
) -> None:
    note = "有意参加沙龙。" + "细" * 150
    VisitFactory(client=zhang, notes=note, answers=ANSWERS, satisfaction_service=4)
    VisitFactory(client=zhang, notes="短的一句")
    for tab in ("", "?tab=timeline"):
        page = browse(manager).get(zhang.get_absolute_url() + tab).content.decode()
        assert page.count('<details class="crm-long">') == 1
        assert note in page
        assert "近期收益怎么看？</dt>" in page
        assert "不急着加仓</dd>" in page
        assert "短的一句</p>" in page


def test_three_chips_narrow_the_timeline_and_finer_kinds_stay_in_reach(
    zhang: Client, manager: Employee, browse: Browse
) -> None:
    VisitFactory(client=zhang)
    Client.objects.filter(pk=zhang.pk).update(notes="喜欢下午接电话")
    url = f"{zhang.get_absolute_url()}timeline/"
    context = browse(manager).get(url).context
    assert len(context["chips"]) == 3
    kinds = {
        kind: {entry.kind for entry in browse(manager).get(url, {"kind": kind}).context["entries"]}
        for kind in ("", "visit", "file", "change")
    }
    assert kinds["visit"] == {"visit"}
    assert kinds["file"] == kinds[""] - {"visit"}
    assert kinds["change"] == {"change"}
    finer = [chip.url.partition("kind=")[2] for chip in context["finer"]]
    assert {"callback", "document", "change", "segment", "service", "consent"} <= set(finer)


def test_outsiders_find_no_tab(
    zhang: Client, colleague: Employee, stranger: Employee, browse: Browse
) -> None:
    for person in (colleague, stranger):
        for tab in TABS:
            answer = browse(person).get(zhang.get_absolute_url(), {"tab": tab})
            assert answer.status_code == 404

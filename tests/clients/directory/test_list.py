"""The client list and the hits while typing."""

from datetime import date, timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clients.directory import views as lists
from clients.figures.derive import derive
from clients.file.services import set_phones
from clients.models import Client, DerivedProfile, Segment
from clients.search import name_pinyin, search_tokens
from crm.fields import lexemes
from crm.models import SavedView
from crm.trading_days import today
from staff.models import Branch, Employee, Role
from tests.cast import Browse
from tests.factories import (
    CallbackFactory,
    ClientFactory,
    EmployeeFactory,
    FundAccountFactory,
    MonthlyFigureFactory,
)

pytestmark = pytest.mark.django_db


def named(name: str, manager: Employee, **more: object) -> Client:
    return ClientFactory(
        name=name,
        name_pinyin=name_pinyin(name),
        search=lexemes(search_tokens(name, [])),
        manager=manager,
        **more,
    )


def shown(browse: Browse, person: Employee, query: str = "") -> list[str]:
    answer = browse(person).get(f"/clients/{query}")
    assert answer.status_code == 200
    return [client.salutation for client in answer.context["page"].items]


def test_it_shows_everyone_their_own_scope(
    browse: Browse,
    manager: Employee,
    colleague: Employee,
    stranger: Employee,
    head: Employee,
    regional_head: Employee,
    compliance: Employee,
    operations: Employee,
    administrator: Employee,
) -> None:
    named("张伟", manager)
    named("孙悦", stranger)
    assert shown(browse, manager) == ["张伟"]
    assert shown(browse, colleague) == []
    assert shown(browse, head) == ["张伟"]
    assert shown(browse, compliance) == ["张伟"]
    assert shown(browse, regional_head) == ["孙悦", "张伟"]
    assert shown(browse, administrator) == ["孙悦", "张伟"]
    assert shown(browse, operations) == []


def test_it_holds_no_number_and_a_constant_count_of_queries(
    browse: Browse, manager: Employee, head: Employee
) -> None:
    for n in range(30):
        named(f"客户{n:02}", manager)
    for person in (manager, head):
        browser = browse(person)
        browser.get("/clients/")
        with CaptureQueriesContext(connection) as few:
            answer = browser.get("/clients/")
        assert len(answer.context["rows"]) == 25
        # One of them is for the views of one's own at the side; savepoint and the name apart.
        assert len(few) <= 13 + 2
        Client.objects.filter(name__gt="客户02").update(manager=manager)
        with CaptureQueriesContext(connection) as again:
            browser.get("/clients/?lifecycle=client")
        assert len(again) == len(few)


def test_it_pages_in_order_without_gaps(browse: Browse, manager: Employee) -> None:
    names = sorted(f"a{n:03}" for n in range(60))
    for name in names:
        named(name, manager)
    browser = browse(manager)
    seen: list[str] = []
    query = ""
    for _ in range(3):
        answer = browser.get(f"/clients/{query}")
        seen += [client.salutation for client in answer.context["page"].items]
        query = answer.context["page"].next_query
    assert seen == names
    assert query == ""


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?lifecycle=prospect", ["周婷"]),
        ("?segment={small_conservative}", ["张伟"]),
        ("?segment={small_conservative}&manager={wang}&branch={branch}&lifecycle=client", ["张伟"]),
        ("?manager=none", ["无主"]),
        ("?quiet=30", ["无主", "张伟"]),
        ("?risk=C3", ["张伟"]),
        ("?risk=none", ["无主", "周婷"]),
        ("?source=referral", ["周婷"]),
        ("?activity=dormant", ["张伟"]),
        ("?commission=high", ["张伟"]),
        ("?q=zhangw", ["张伟"]),
        ("?q=张", ["张伟"]),
    ],
)
def test_it_narrows_to_what_the_address_asks(
    browse: Browse,
    head: Employee,
    manager: Employee,
    branch: Branch,
    segment: Segment,
    query: str,
    found: list[str],
) -> None:
    long_ago = today() - timedelta(days=300)
    named(
        "张伟",
        manager,
        segment=segment,
        risk_grade="C3",
        activity="dormant",
        commission_tier="high",
        last_contact_on=today() - timedelta(days=31),
    )
    named("周婷", manager, lifecycle="prospect", source="referral", last_contact_on=today())
    nobody = named("无主", manager, recorded_on=long_ago)
    nobody.assignments.update(valid_to=today())
    Client.objects.filter(pk=nobody.pk).update(manager=None)
    query = query.format(small_conservative=segment.pk, wang=manager.pk, branch=branch.pk)
    assert sorted(shown(browse, head, query)) == sorted(found)


@pytest.mark.parametrize(
    "query",
    [
        "segment=abc",
        "segment=999999",
        "manager=1e9",
        "manager=99999999999999999999",
        "branch=-1",
        "lifecycle=open",
        "commission=huge",
        "quiet=%C2%B2",
        "quiet=0",
        "risk=C9",
        "branch=%00",
    ],
)
def test_it_answers_a_malformed_filter_with_a_sentence(
    browse: Browse, manager: Employee, head: Employee, zhang: Client, query: str
) -> None:
    for person in (manager, head):
        answer = browse(person).get(f"/clients/?{query}")
        assert answer.status_code == 400
        assert 'role="alert"' in answer.content.decode()
        assert answer.context["rows"] == []


def test_a_nul_in_the_address_finds_nobody(browse: Browse, head: Employee, zhang: Client) -> None:
    assert shown(browse, head, "?tag=%00") == []
    assert shown(browse, head, "?tag=a%00b") == []
    answer = browse(head).post(
        "/clients/export/", {"query": "tag=%00", "format": "csv", "reason": "核对"}
    )
    assert answer.status_code == 422


def test_it_offers_and_accepts_only_what_is_within_scope(
    browse: Browse, manager: Employee, head: Employee, stranger: Employee, other_branch: Branch
) -> None:
    page = browse(head).get("/clients/filters/")
    field = next(row for row in page.context["fields"] if row.name == "manager")
    assert manager.full_name in [label for _, label in field.field.widget.choices]
    assert stranger.full_name not in page.content.decode()
    assert browse(head).get(f"/clients/?manager={stranger.pk}").status_code == 400
    assert browse(head).get(f"/clients/?branch={other_branch.pk}").status_code == 400
    assert browse(manager).get(f"/clients/?manager={head.pk}").status_code == 400


def test_it_takes_a_branch_with_all_below_it(
    browse: Browse,
    regional_head: Employee,
    company: Branch,
    branch: Branch,
    manager: Employee,
    stranger: Employee,
) -> None:
    named("张伟", manager)
    named("孙悦", stranger)
    assert shown(browse, regional_head, f"?branch={branch.pk}") == ["张伟"]
    assert shown(browse, regional_head, f"?branch={company.pk}") == ["孙悦", "张伟"]


def test_it_only_reads(browse: Browse, manager: Employee) -> None:
    assert browse(manager).post("/clients/").status_code == 405
    assert browse(manager).post("/clients/search/").status_code == 405


def test_it_finds_hits_within_scope_only(
    browse: Browse, manager: Employee, stranger: Employee
) -> None:
    client = named("张<b>", manager)
    page = browse(manager).get("/clients/search/?q=张").content.decode()
    assert f'<li><a href="/clients/{client.public_id}/">张&lt;b&gt;' in page
    assert browse(stranger).get("/clients/search/?q=张").content.decode().startswith("<p>")
    assert browse(manager).get("/clients/search/?q=+").content == b""
    assert browse(manager).get("/clients/search/?q=%00").content == b""


def test_it_offers_a_new_client_to_those_who_may_have_one(
    browse: Browse, manager: Employee, compliance: Employee
) -> None:
    assert 'href="/clients/new/"' in browse(manager).get("/clients/").content.decode()
    assert 'href="/clients/new/"' not in browse(compliance).get("/clients/").content.decode()


def test_a_broker_sees_the_clients_they_serve(browse: Browse, branch: Branch) -> None:
    broker = EmployeeFactory(role=Role.BROKER, employment="agency", branch=branch)
    named("陈晨", broker)
    assert shown(browse, broker) == ["陈晨"]


@pytest.mark.parametrize(
    "sort", ["contact", "-contact", "opened", "-opened", "segment", "-segment"]
)
def test_it_sorts_by_a_column_without_gaps(
    browse: Browse, manager: Employee, zhang: Client, zhou: Client, sort: str
) -> None:
    for n in range(30):
        day = today() - timedelta(days=n % 7) if n % 3 else None
        ClientFactory(manager=manager, last_contact_on=day)
    browser = browse(manager)
    seen: list[int] = []
    query = f"?sort={sort}"
    while query:
        page = browser.get(f"/clients/{query}").context["page"]
        seen += [client.pk for client in page.items]
        query = page.next_query
    assert len(seen) == len(set(seen)) == 32
    if sort == "contact":
        days = dict(Client.objects.values_list("pk", "last_contact_on"))
        known = [day for day in (days[pk] for pk in seen) if day]
        assert known == sorted(known)
        assert days[seen[-1]] is None


def test_it_shows_the_chosen_columns_escaped(browse: Browse, manager: Employee) -> None:
    ClientFactory(manager=manager, name="<b>粗体</b>", investment_size="large")
    answer = browse(manager).get("/clients/?cols=size&cols=none")
    assert answer.context["columns"].shown == ["size"]
    page = answer.content.decode()
    assert "<b>粗体" not in page
    assert "&lt;b&gt;粗体" in page


def test_a_list_that_is_too_long_is_not_sorted_but_says_so(
    browse: Browse, manager: Employee, zhang: Client, zhou: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "MOST_NARROWED", 1)
    answer = browse(manager).get("/clients/?sort=contact")
    assert answer.context["too_many"]
    assert [client.pk for client in answer.context["page"].items] == [zhang.pk, zhou.pk]


def test_a_view_is_kept_shared_and_deleted(
    browse: Browse, manager: Employee, colleague: Employee, stranger: Employee
) -> None:
    browser = browse(manager)
    query = "lifecycle=client&cols=size&sort=contact&cursor=x&evil=1"
    posted = {"name": "久未联系", "query": query, "shared": "1"}
    assert browser.post("/clients/views/", posted).status_code == 302
    view = SavedView.objects.get()
    assert view.query == "lifecycle=client&sort=contact&cols=size"
    assert "久未联系" in browse(colleague).get("/clients/").content.decode()
    assert "久未联系" not in browse(stranger).get("/clients/").content.decode()
    delete = f"/clients/views/{view.pk}/delete/"
    assert browse(colleague).post(delete).status_code == 404
    assert browser.get(delete).status_code == 405
    assert browser.post(delete).status_code == 302
    assert not SavedView.objects.exists()


def test_a_view_needs_a_name_and_no_novel(browse: Browse, manager: Employee) -> None:
    browser = browse(manager)
    assert browser.post("/clients/views/", {"name": " ", "query": ""}).status_code == 400
    long = {"name": "长", "query": "q=" + "长" * 600}
    assert browser.post("/clients/views/", long).status_code == 400
    assert not SavedView.objects.exists()


def test_an_empty_search_box_offers_what_was_opened_last(
    browse: Browse, manager: Employee, colleague: Employee, zhang: Client, zhou: Client
) -> None:
    cache.clear()
    browser = browse(manager)
    assert browser.get("/clients/search/").content == b""
    for client in (zhang, zhou, zhang):
        browser.get(client.get_absolute_url())
    page = browser.get("/clients/search/").content.decode()
    assert page.index(zhang.get_absolute_url()) < page.index(zhou.get_absolute_url())
    # What is no longer one's own is no longer offered.
    Client.objects.filter(pk=zhang.pk).update(manager=colleague)
    assert zhang.get_absolute_url() not in browser.get("/clients/search/").content.decode()


def test_assets_and_turnover_are_columns_to_choose(
    browse: Browse, manager: Employee, zhang: Client
) -> None:
    Employee.objects.filter(pk=manager.pk).update(language="en")
    zhou = named("周婷", manager)
    account = FundAccountFactory(client=zhang)
    for month in (4, 5, 6):
        MonthlyFigureFactory(account=account, month=date(2026, month, 1), assets=600_000)
    derive()
    rate = DerivedProfile.objects.get(client=zhang).turnover_rate
    plain = browse(manager).get("/clients/").content.decode()
    # Money stands in the list unless other columns are chosen.
    assert ">600,000<" in plain
    assert ">600,000<" not in browse(manager).get("/clients/?cols=segment").content.decode()
    browser = browse(manager)
    browser.get("/clients/")
    numbers = []
    for query in ("?cols=segment", "?cols=segment&cols=assets&cols=turnover"):
        with CaptureQueriesContext(connection) as queries:
            page = browser.get(f"/clients/{query}").content.decode()
        numbers.append(len(queries))
    assert numbers[0] == numbers[1]
    assert ">600,000<" in page
    assert rate is not None
    assert f">{rate.normalize():f}<" in page
    assert zhou.name in page


def test_shared_views_do_not_push_out_ones_own(
    browse: Browse, manager: Employee, colleague: Employee, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "MOST_VIEWS", 2)
    for name in ("a", "b", "c"):
        SavedView.objects.create(owner=colleague, page="clients", name=name, shared=True)
    SavedView.objects.create(owner=manager, page="clients", name="z")
    views = browse(manager).get("/clients/").context["views"]
    assert [view.name for view in views] == ["z", "a"]


def test_a_row_tells_money_its_change_the_tail_and_what_is_next(
    browse: Browse, manager: Employee, zhang: Client, zhou: Client
) -> None:
    set_phones(client=zhang, numbers=["+8613812341234"])
    account = FundAccountFactory(client=zhang)
    month = today().replace(day=1)
    before = (month - timedelta(days=1)).replace(day=1)
    MonthlyFigureFactory(account=account, month=before, assets=1_000_000)
    MonthlyFigureFactory(account=account, month=month, assets=1_047_500)
    derive()
    late = CallbackFactory(client=zhang, due_on=today() - timedelta(days=6))
    Client.objects.filter(pk=zhang.pk).update(
        risk_grade="C5", risk_expires_on=today() + timedelta(days=9)
    )
    hidden = CallbackFactory(client=zhou, confidential=True)
    page = browse(manager).get("/clients/").content.decode()
    for text in ("1234", "104.75", "▲ 4.75%", "逾期 6 天", "C5 将到期", late.get_absolute_url()):
        assert text in page, text
    assert hidden.get_absolute_url() not in page
    assert f"{zhang.get_absolute_url()}record/" in page
    assert f"{zhang.get_absolute_url()}callback/" in page


def test_a_change_is_not_told_where_a_figure_is_unknown(
    browse: Browse, manager: Employee, zhang: Client
) -> None:
    month = today().replace(day=1)
    before = (month - timedelta(days=1)).replace(day=1)
    old, new = FundAccountFactory(client=zhang), FundAccountFactory(client=zhang)
    MonthlyFigureFactory(account=old, month=before, assets=1_000_000)
    for account in (old, new):
        MonthlyFigureFactory(account=account, month=month, assets=1_000_000)
    derive()
    assert "▲" not in browse(manager).get("/clients/").content.decode()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?assets_from=1000000", ["张伟"]),
        ("?assets_to=1000000", ["周婷"]),
        ("?assets_from=1000000&assets_to=2000000", []),
        ("?sort=-assets", ["张伟", "周婷", "无名"]),
        ("?sort=assets", ["无名", "周婷", "张伟"]),
        ("?sort=-name", ["周婷", "张伟", "无名"]),
    ],
)
def test_assets_narrow_and_sort(
    browse: Browse, manager: Employee, query: str, found: list[str]
) -> None:
    for name, assets in (("张伟", 3_000_000), ("周婷", 500_000)):
        account = FundAccountFactory(client=named(name, manager))
        MonthlyFigureFactory(account=account, assets=assets)
    named("无名", manager)
    derive()
    assert shown(browse, manager, query) == found


def test_filters_in_use_are_chips_and_all_of_them_are_a_sheet(
    browse: Browse, manager: Employee, operations: Employee, zhang: Client
) -> None:
    browser = browse(manager)
    chips = browser.get("/clients/?assets_from=3000000&q=z&cols=size").context["filters"]
    assert [chip.text for chip in chips.shown_chips] == ["资产 ≥ ¥300 万"]
    assert chips.shown_chips[0].url == "?q=z&cols=size"
    sheet = browser.get("/clients/filters/?q=z&cols=size", headers={"hx-request": "true"})
    text = sheet.content.decode()
    assert "<html" not in text
    assert 'name="cols" value="size"' in text
    assert 'name="assets_from"' in text
    assert "<html" in browser.get("/clients/filters/").content.decode()
    assert browser.post("/clients/filters/").status_code == 405
    assert browse(operations).get("/clients/filters/").status_code == 200


def test_rows_cost_no_more_statements_for_many(browse: Browse, manager: Employee) -> None:
    counts = []
    for size in (2, 20):
        for client in ClientFactory.create_batch(size, manager=manager):
            set_phones(client=client, numbers=[f"+86138{client.pk:08}"])
            CallbackFactory(client=client)
            MonthlyFigureFactory(account=FundAccountFactory(client=client))
        derive()
        browser = browse(manager)
        browser.get("/clients/")
        with CaptureQueriesContext(connection) as queries:
            browser.get("/clients/")
        counts.append(len(queries))
    assert counts[0] == counts[1]

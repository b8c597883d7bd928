"""Who gets which clients: shared by number, assets and work, households together, all four shown."""

import re
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clients.handovers import services as handovers
from clients.handovers import sharing
from clients.models import Client, DerivedProfile, HandOver, Household, Membership
from crm.trading_days import today
from staff.models import Branch, Employee
from tests.cast import Browse
from tests.clients.handovers.test_handovers import NEW, ask, book, decide, typed
from tests.factories import CallbackFactory, ClientFactory, EmployeeFactory, OpportunityFactory

pytestmark = pytest.mark.django_db


def worth(client: Client, assets: int) -> Client:
    """A client whose figures say that they have so much with the firm."""
    DerivedProfile.objects.create(
        client=client, as_of=today(), assets=Decimal(assets), idle_months=0
    )
    return client


def family(*members: Client) -> Household:
    home = Household.objects.create(head=members[0])
    for number, client in enumerate(members):
        Membership.objects.create(
            household=home,
            client=client,
            relation="spouse" if number else "head",
            valid_from=today(),
        )
    return home


@pytest.fixture
def third(branch: Branch) -> Employee:
    return EmployeeFactory(branch=branch)


def previewed(
    origin: Employee, *receivers: Employee, by: Employee, rule: str = "fair", together: bool = True
) -> list[sharing.Share]:
    requested = handovers.HandOverRequest(
        origin, receivers, rule, today(), False, "调岗", "", None, together=together
    )
    pairs = [(c.pk, to) for c, to in handovers.distribute(requested=requested, by=by)]
    return sharing.shares(pairs, sharing.loads([key for key, _one in pairs]))


def test_clients_assets_and_work_are_all_shared(
    manager: Employee, colleague: Employee, third: Employee
) -> None:
    for number in range(12):
        client = worth(ClientFactory(manager=manager), 9_000_000 if number < 2 else 100_000)
        for turn in range(3 if number in {5, 6} else 0):
            CallbackFactory(client=client, employee=manager, occurrence=f"x:{turn}")
    shares = previewed(manager, colleague, third, by=manager)
    assert [share.clients for share in shares] == [6, 6]
    assert [share.assets for share in shares] == [Decimal(9_500_000)] * 2
    assert [share.work for share in shares] == [3, 3]


def test_the_rule_says_what_is_shared(
    manager: Employee, colleague: Employee, third: Employee
) -> None:
    worth(ClientFactory(manager=manager), 900_000)
    for _number in range(9):
        worth(ClientFactory(manager=manager), 100_000)
    by_assets = previewed(manager, colleague, third, by=manager, rule="assets")
    assert sorted(share.clients for share in by_assets) == [1, 9]
    assert [share.assets for share in by_assets] == [Decimal(900_000)] * 2
    by_number = previewed(manager, colleague, third, by=manager, rule="even")
    assert [share.clients for share in by_number] == [5, 5]


def test_work_is_callbacks_and_opportunities_without_what_others_make(
    zhang: Client, zhou: Client, manager: Employee, colleague: Employee
) -> None:
    CallbackFactory(client=zhang, employee=manager)
    CallbackFactory(client=zhang, employee=None, kind="compliance", occurrence="c")
    CallbackFactory(
        client=zhang,
        employee=manager,
        status="cancelled",
        cancelled_because="not_due",
        occurrence="d",
    )
    OpportunityFactory(client=zhou)
    assert sharing.loads([zhang.pk, zhou.pk]).work == {zhang.pk: 1, zhou.pk: 1}


def test_a_household_goes_to_one_receiver(
    manager: Employee, colleague: Employee, third: Employee
) -> None:
    clients = ClientFactory.create_batch(8, manager=manager)
    home = family(*clients[:3])
    gone = family(clients[4], clients[5])
    Membership.objects.filter(household=gone).update(valid_to=today())
    for rule in HandOver.Rule.values:
        shares = previewed(manager, colleague, third, by=manager, rule=rule)
        assert sum(share.clients for share in shares) == 8
        assert [share.homes for share in shares if share.homes] == [{home.pk}]
        assert sum(share.households for share in shares) == 1
    # Asked to, it is divided.
    apart = previewed(manager, colleague, third, by=manager, rule="even", together=False)
    assert [share.clients for share in apart] == [4, 4]
    assert sum(share.households for share in apart) == 2


def test_the_four_figures_stand_in_the_preview_and_before_the_decision(
    manager: Employee, colleague: Employee, third: Employee, head: Employee, browse: Browse
) -> None:
    rich, poor = (ClientFactory(manager=manager) for _number in range(2))
    family(worth(rich, 1_234_567), poor)
    CallbackFactory(client=rich, employee=manager)
    values = {**typed(manager, colleague), "rule": "fair", "together": "on"}
    preview = browse(manager).post(NEW, values).content.decode()
    row = ask(browse, manager, **values)
    decision = browse(head).get(row.get_absolute_url()).content.decode()
    for page in (preview, decision):
        cells = f'{colleague}</th><td class="num">2</td><td class="num">¥123.46 万</td>'
        assert cells in page
        assert '<td class="num">1</td><td class="num">1</td></tr>' in page
    # Whoever takes over sees numbers of clients alone until they are theirs.
    assert "123.46" not in browse(colleague).get(row.get_absolute_url()).content.decode()


def test_more_clients_ask_no_more(
    manager: Employee, colleague: Employee, third: Employee, head: Employee, browse: Browse
) -> None:
    numbers = []
    for size in (3, 12):
        for client in ClientFactory.create_batch(size, manager=manager):
            worth(client, 5)
        values = {**typed(manager, colleague, third), "rule": "fair"}
        with CaptureQueriesContext(connection) as queries:
            assert browse(head).post(NEW, values).status_code == 200
        numbers.append(len(queries))
    assert numbers[0] == numbers[1]


def test_who_joins_later_follows_their_household(
    manager: Employee, colleague: Employee, third: Employee, head: Employee, browse: Browse
) -> None:
    clients = ClientFactory.create_batch(4, manager=manager)
    values = {**typed(manager, colleague, third), "together": "on"}
    row = ask(browse, head, **values)
    late = ClientFactory(manager=manager)
    family(clients[0], late)
    decide(browse, head, row, "approve")
    assert handovers.run(row.pk)
    late.refresh_from_db()
    assert late.manager == Client.objects.get(pk=clients[0].pk).manager


class TestNobodyInCharge:
    """Clients without a manager are handed out together, by heads."""

    @pytest.fixture
    def left(self, branch: Branch, zhang: Client) -> list[Client]:
        return [ClientFactory(manager=None, branch=branch) for _number in range(5)]

    def values(self, *receivers: Employee, **more: Any) -> dict[str, Any]:
        return {**typed(receivers[0], *receivers), "origin": "nobody", **more}

    def test_they_are_shared_after_approval(
        self,
        left: list[Client],
        manager: Employee,
        colleague: Employee,
        third: Employee,
        head: Employee,
        regional_head: Employee,
        browse: Browse,
    ) -> None:
        callback = CallbackFactory(client=left[0], employee=None)
        row = ask(browse, head, **self.values(colleague, third))
        page = browse(head).get(row.get_absolute_url()).content.decode()
        assert "待分配" in page
        assert decide(browse, manager, row, "approve") == 404
        assert decide(browse, regional_head, row, "approve") == 302
        # One is given to somebody meanwhile and stays there.
        Client.objects.filter(pk=left[4].pk).update(manager=manager)
        assert handovers.run(row.pk)
        owners = Counter(Client.objects.filter(pk__in=[c.pk for c in left]).values_list("manager"))
        assert sorted(owners.values()) == [1, 2, 2]
        assert owners[(manager.pk,)] == 1
        callback.refresh_from_db()
        assert callback.employee in {colleague, third}
        assert book(manager) == {"张伟", left[4].name}
        # To whom should they go back?
        assert browse(head).get(row.get_absolute_url()).context["goes_back"] is False
        assert decide(browse, head, row, "back") == 409

    def test_from_the_list_they_are_found_by_themselves(
        self, left: list[Client], colleague: Employee, head: Employee, browse: Browse
    ) -> None:
        keys = [str(client.public_id) for client in left[:2]]
        answer = browse(head).post(NEW, {"client": keys, "query": ""})
        assert answer.context["form"].initial["origin"] == "nobody"
        row = ask(browse, head, **self.values(colleague), client=keys)
        assert row.items.count() == 2
        assert not row.whole_book

    def test_nobody_else_hands_them_out(
        self, left: list[Client], manager: Employee, colleague: Employee, browse: Browse
    ) -> None:
        answer = browse(manager).post(NEW, {**self.values(colleague), "ask": "1"})
        assert answer.status_code == 422
        assert not HandOver.objects.exists()

    def test_nobody_does_not_leave(
        self, left: list[Client], colleague: Employee, head: Employee, browse: Browse
    ) -> None:
        answer = browse(head).post(NEW, {**self.values(colleague, departing="on"), "ask": "1"})
        assert answer.status_code == 422
        assert "departing" in answer.context["form"].errors

    def test_those_of_another_branch_stay(
        self, left: list[Client], stranger: Employee, colleague: Employee, head: Employee
    ) -> None:
        far = ClientFactory(manager=None, branch=stranger.branch)
        requested = handovers.HandOverRequest(
            None, [colleague], "even", today(), False, "x", "", None
        )
        got = [client for client, _one in handovers.distribute(requested=requested, by=head)]
        assert far not in got
        assert len(got) == 5


class TestMeetsAnother:
    """Clients of another hand-over are named and can be left out."""

    @pytest.fixture
    def waiting(
        self, zhang: Client, manager: Employee, colleague: Employee, head: Employee, browse: Browse
    ) -> HandOver:
        keys = [str(zhang.public_id)]
        return ask(browse, head, **typed(manager, colleague), client=keys)

    def test_it_names_them_and_goes_on_without(
        self,
        waiting: HandOver,
        zhang: Client,
        zhou: Client,
        manager: Employee,
        colleague: Employee,
        head: Employee,
        browse: Browse,
    ) -> None:
        values = typed(manager, colleague)
        answer = browse(head).post(NEW, values)
        assert answer.status_code == 422
        page = answer.content.decode()
        (fault,) = answer.context["form"].non_field_errors()
        assert zhang.salutation in fault
        assert zhou.salutation not in fault
        assert 'name="leave_out"' in page
        preview = browse(head).post(NEW, {**values, "leave_out": "1"})
        assert preview.status_code == 200
        assert [share.clients for share in preview.context["shares"]] == [1]
        # The preview carries it on.
        (kept,) = re.findall(
            r'<input type="hidden" name="leave_out"[^>]*>', preview.content.decode()
        )
        assert 'value="1"' in kept
        row = ask(browse, head, **values, leave_out="1")
        assert list(row.items.values_list("client", flat=True)) == [zhou.pk]

    def test_many_are_counted(
        self, manager: Employee, colleague: Employee, head: Employee, browse: Browse
    ) -> None:
        ClientFactory.create_batch(13, manager=manager)
        ask(browse, head, **typed(manager, colleague))
        answer = browse(head).post(NEW, {**typed(manager, colleague), "ask": "1"})
        assert answer.status_code == 422
        assert "13" in str(answer.context["form"].non_field_errors())

    def test_where_all_are_of_others_nobody_is_left(
        self,
        waiting: HandOver,
        manager: Employee,
        colleague: Employee,
        head: Employee,
        browse: Browse,
    ) -> None:
        values = {**typed(manager, colleague), "leave_out": "1", "ask": "1"}
        answer = browse(head).post(NEW, values)
        assert answer.status_code == 422
        assert HandOver.objects.count() == 1

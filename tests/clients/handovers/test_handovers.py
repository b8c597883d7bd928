"""Hand-overs: previewed, approved, done whole on their day; history and attribution stay."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clients.handovers import services as handovers
from clients.handovers import tasks
from clients.handovers import views as pages
from clients.models import Assignment, Client, HandOver, HandOverItem
from crm import operations
from crm.trading_days import today
from staff.models import Branch, Employee, Notification
from tests.cast import Browse
from tests.factories import CallbackFactory, ClientFactory, EmployeeFactory
from visits.planning import planner

pytestmark = pytest.mark.django_db
NEW = "/hand-overs/new/"


def typed(origin: Employee, *receivers: Employee, **values: Any) -> dict[str, Any]:
    return {
        "origin": origin.pk,
        "receivers": [person.pk for person in receivers],
        "rule": "even",
        "effective_on": today().isoformat(),
        "reason": "调岗",
        **values,
    }


def ask(browse: Browse, by: Employee, **values: Any) -> HandOver:
    answer = browse(by).post(NEW, {**values, "ask": "1"})
    assert answer.status_code == 302, answer.context["form"].errors
    return HandOver.objects.latest("pk")


def decide(browse: Browse, by: Employee, row: HandOver, what: str, **more: str) -> int:
    answer = browse(by).post(f"{row.get_absolute_url()}decide/", {"what": what, **more})
    return int(answer.status_code)


def book(employee: Employee) -> set[str]:
    return set(Client.objects.filter(manager=employee).values_list("name", flat=True))


def test_the_whole_book_goes_with_its_callbacks_after_approval(
    zhang: Client,
    zhou: Client,
    manager: Employee,
    colleague: Employee,
    head: Employee,
    browse: Browse,
) -> None:
    callback = CallbackFactory(client=zhang, employee=manager)
    won = Assignment.objects.create(
        client=zhang, employee=manager, kind="developed", valid_from=today() - timedelta(days=9)
    )
    values = typed(manager, colleague)
    preview = browse(manager).post(NEW, values)
    assert preview.status_code == 200
    (share,) = preview.context["shares"]
    assert (share.receiver, share.clients) == (colleague, 2)
    assert not HandOver.objects.exists()
    row = ask(browse, manager, **values)
    assert book(manager) == {"张伟", "周婷"}
    assert decide(browse, manager, row, "approve") == 403
    assert decide(browse, head, row, "approve") == 302
    assert handovers.run(row.pk)
    assert not handovers.run(row.pk)
    assert book(colleague) == {"张伟", "周婷"}
    callback.refresh_from_db()
    assert callback.employee == colleague
    served = Assignment.objects.filter(client=zhang, kind="serves").order_by("id")
    assert [(one.employee, one.valid_to) for one in served] == [
        (manager, today()),
        (colleague, None),
    ]
    won.refresh_from_db()
    assert (won.employee, won.valid_to) == (manager, None)
    lines = Notification.objects.filter(kind="hand_over")
    told = set(lines.exclude(employee=head).values_list("employee", flat=True))
    assert told == {manager.pk, colleague.pk}
    page = browse(colleague).get(row.get_absolute_url()).content.decode()
    assert zhang.get_absolute_url() in page


def test_chosen_clients_are_shared_among_several(
    manager: Employee, colleague: Employee, head: Employee, branch: Branch, browse: Browse
) -> None:
    third = EmployeeFactory(branch=branch)
    clients = ClientFactory.create_batch(5, manager=manager)
    keys = [str(client.public_id) for client in clients[:4]]
    row = ask(browse, head, **typed(manager, colleague, third), client=keys)
    decide(browse, head, row, "approve")
    handovers.run(row.pk)
    assert len(book(colleague)) == len(book(third)) == 2
    assert book(manager) == {clients[4].name}


def test_the_branch_of_the_client_decides_where_it_can(
    manager: Employee, colleague: Employee, stranger: Employee, administrator: Employee
) -> None:
    here = ClientFactory.create_batch(3, manager=manager)
    far = ClientFactory(manager=manager, branch=stranger.branch)
    requested = handovers.HandOverRequest(
        manager, [colleague, stranger], "branch", today(), False, "x", "", None
    )
    distribution = dict(handovers.distribute(requested=requested, by=administrator))
    assert {distribution[client] for client in here} == {colleague}
    assert distribution[far] == stranger


def test_it_waits_for_its_day(
    zhang: Client, manager: Employee, colleague: Employee, head: Employee, browse: Browse
) -> None:
    later = today() + timedelta(days=3)
    row = ask(browse, head, **typed(manager, colleague, effective_on=later.isoformat()))
    decide(browse, head, row, "approve")
    tasks.tick_hand_overs()
    assert book(manager) == {"张伟"}
    HandOver.objects.update(effective_on=today())
    tasks.tick_hand_overs()
    assert book(colleague) == {"张伟"}


def test_a_part_that_fails_takes_everything_back(
    zhang: Client, manager: Employee, colleague: Employee, head: Employee, browse: Browse
) -> None:
    row = ask(browse, head, **typed(manager, colleague))
    decide(browse, head, row, "approve")

    def fail(_event: operations.ClientsHandedOver) -> None:
        raise RuntimeError

    operations.hand_over.register("test", 99, fail)
    try:
        with pytest.raises(RuntimeError):
            handovers.run(row.pk)
    finally:
        operations.hand_over.unregister("test")
    assert book(manager) == {"张伟"}
    assert not Assignment.objects.filter(employee=colleague).exists()
    row.refresh_from_db()
    assert row.state == "approved"
    assert handovers.run(row.pk)


def test_a_receiver_who_left_meanwhile_stops_it_with_a_sentence(
    zhang: Client, manager: Employee, colleague: Employee, head: Employee, browse: Browse
) -> None:
    row = ask(browse, head, **typed(manager, colleague))
    decide(browse, head, row, "approve")
    Employee.objects.filter(pk=colleague.pk).update(is_active=False)
    assert not handovers.run(row.pk)
    row.refresh_from_db()
    assert row.state == "failed"
    assert colleague.full_name in row.answer
    assert book(manager) == {"张伟"}
    assert Notification.objects.filter(employee=head, kind="hand_over").exists()


def test_who_was_given_to_somebody_else_meanwhile_is_left_out(
    zhang: Client,
    zhou: Client,
    manager: Employee,
    colleague: Employee,
    head: Employee,
    browse: Browse,
) -> None:
    row = ask(browse, head, **typed(manager, colleague))
    decide(browse, head, row, "approve")
    Client.objects.filter(pk=zhou.pk).update(manager=head)
    handovers.run(row.pk)
    assert book(colleague) == {"张伟"}
    states = dict(HandOverItem.objects.values_list("client__name", "state"))
    assert states == {"张伟": "done", "周婷": "skipped"}


@pytest.mark.parametrize("wrong", ["past", "nobody", "self", "post", "empty", "far", "reason"])
def test_bad_input_is_a_sentence(
    wrong: str,
    zhang: Client,
    manager: Employee,
    colleague: Employee,
    head: Employee,
    operations: Employee,
    stranger: Employee,
    browse: Browse,
) -> None:
    asked = {
        "past": typed(manager, colleague, effective_on="2020-01-01"),
        "nobody": typed(manager),
        "self": typed(manager, manager),
        "post": typed(manager, operations),
        "empty": typed(colleague, manager),
        "far": typed(manager, stranger),
        "reason": typed(manager, colleague, reason=" "),
    }[wrong]
    answer = browse(head).post(NEW, {**asked, "ask": "1"})
    assert answer.status_code == 422
    assert answer.context["form"].errors
    assert not HandOver.objects.exists()


def test_a_client_is_of_one_open_hand_over_only(
    zhang: Client, manager: Employee, colleague: Employee, head: Employee, browse: Browse
) -> None:
    ask(browse, manager, **typed(manager, colleague))
    answer = browse(head).post(NEW, {**typed(manager, colleague), "ask": "1"})
    assert answer.status_code == 422
    assert HandOver.objects.count() == 1


def test_it_is_refused_with_a_reason_or_taken_back(
    zhang: Client, manager: Employee, colleague: Employee, head: Employee, browse: Browse
) -> None:
    row = ask(browse, manager, **typed(manager, colleague))
    assert decide(browse, head, row, "refuse", reason=" ") == 409
    assert decide(browse, head, row, "refuse", reason="客户不同意") == 302
    assert decide(browse, head, row, "approve") == 409
    assert decide(browse, manager, row, "cancel") == 409
    assert "客户不同意" in browse(manager).get(row.get_absolute_url()).content.decode()
    again = ask(browse, manager, **typed(manager, colleague))
    assert decide(browse, manager, again, "cancel") == 302
    assert decide(browse, head, again, "dance") == 409
    assert book(manager) == {"张伟"}


def test_a_manager_hands_over_their_own_only_and_a_stranger_sees_nothing(
    zhang: Client,
    manager: Employee,
    colleague: Employee,
    stranger: Employee,
    compliance: Employee,
    browse: Browse,
) -> None:
    answer = browse(colleague).post(NEW, {**typed(manager, colleague), "ask": "1"})
    assert answer.status_code == 422
    row = ask(browse, manager, **typed(manager, colleague))
    assert browse(stranger).get(row.get_absolute_url()).status_code == 404
    assert decide(browse, stranger, row, "approve") == 404
    assert browse(compliance).get(NEW).status_code == 403
    assert browse(manager).get(f"{row.get_absolute_url()}decide/").status_code == 405


def test_a_large_book_takes_the_same_number_of_statements(
    manager: Employee, colleague: Employee, head: Employee, browse: Browse
) -> None:
    numbers = []
    # Both books are planned as a firm is: up to planner.FEW clients take fewer statements.
    for size in (25, 60):
        assert size > planner.FEW
        ClientFactory.create_batch(size, manager=manager)
        row = ask(browse, head, **typed(manager, colleague))
        decide(browse, head, row, "approve")
        with CaptureQueriesContext(connection) as queries:
            assert handovers.run(row.pk)
        numbers.append(len(queries))
    assert numbers[0] == numbers[1]


def test_even_shares_differ_by_one_at_most(manager: Employee, branch: Branch) -> None:
    receivers = [EmployeeFactory(branch=branch) for _ in range(3)]
    ClientFactory.create_batch(10, manager=manager)
    for rule in ("even", "tier"):
        requested = handovers.HandOverRequest(
            manager, receivers, rule, today(), False, "x", "", None
        )
        counts = [0, 0, 0]
        for _client, person in handovers.distribute(requested=requested, by=manager):
            counts[receivers.index(person)] += 1
        assert max(counts) - min(counts) <= 1


@pytest.mark.parametrize("more", [{}, {"client": ["x"]}, {"client": "far"}])
def test_a_choice_of_nobody_is_never_the_whole_book(
    more: dict[str, Any],
    zhang: Client,
    manager: Employee,
    colleague: Employee,
    stranger: Employee,
    browse: Browse,
) -> None:
    if more.get("client") == "far":
        more = {"client": [str(ClientFactory(manager=stranger).public_id)]}
    answer = browse(manager).post(NEW, {**more, "query": ""})
    assert answer.status_code == 422
    assert answer.context["fault"]
    if more:
        typed_in = {**typed(manager, colleague), **more, "ask": "1"}
        answer = browse(manager).post(NEW, typed_in)
        assert answer.status_code == 422
        assert answer.context["form"].data["reason"] == "调岗"
    assert not HandOver.objects.exists()
    with pytest.raises(ValidationError):
        handovers.ask(
            requested=handovers.HandOverRequest(
                manager, [colleague], "even", today(), False, "x", "", []
            ),
            by=manager,
        )


def test_too_many_are_refused_and_not_cut_off(
    zhang: Client,
    zhou: Client,
    manager: Employee,
    colleague: Employee,
    browse: Browse,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pages, "MOST", 1)
    values = {**typed(manager, colleague), "everything": "1", "query": "", "ask": "1"}
    assert browse(manager).post(NEW, values).status_code == 422
    assert not HandOver.objects.exists()


def test_the_preview_says_whom_somebody_else_serves(
    zhang: Client, manager: Employee, colleague: Employee, head: Employee, browse: Browse
) -> None:
    other = ClientFactory(manager=colleague)
    keys = [str(zhang.public_id), str(other.public_id)]
    answer = browse(head).post(NEW, {**typed(manager, colleague), "client": keys})
    assert answer.context["left_out"] == 1
    assert "所选客户中有 1 位由他人服务" in answer.content.decode()


def test_who_decides_sees_how_many_each_gets(
    manager: Employee, colleague: Employee, branch: Branch, head: Employee, browse: Browse
) -> None:
    third = EmployeeFactory(branch=branch)
    ClientFactory.create_batch(5, manager=manager)
    row = ask(browse, manager, **typed(manager, colleague, third))
    shares = browse(head).get(row.get_absolute_url()).context["shares"]
    assert sorted(share.clients for share in shares) == [2, 3]
    assert {share.receiver for share in shares} == {colleague, third}


def test_one_that_fails_holds_up_no_other(
    zhang: Client,
    manager: Employee,
    colleague: Employee,
    head: Employee,
    browse: Browse,
) -> None:
    ClientFactory(manager=colleague, name="王芳")
    first = ask(browse, head, **typed(manager, head))
    second = ask(browse, head, **typed(colleague, head))
    for row in (first, second):
        decide(browse, head, row, "approve")

    def fail(event: operations.ClientsHandedOver) -> None:
        if event.key == first.pk:
            raise RuntimeError

    operations.hand_over.register("test", 99, fail)
    try:
        tasks.tick_hand_overs()
    finally:
        operations.hand_over.unregister("test")
    assert book(head) == {"王芳"}
    assert book(manager) == {"张伟"}


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_the_second_is_told(
    zhang: Client, manager: Employee, colleague: Employee, head: Employee
) -> None:
    requested = handovers.HandOverRequest(
        manager, [colleague], "even", today(), False, "x", "", None
    )
    said: list[str] = []

    def second() -> None:
        try:
            handovers.ask(requested=requested, by=head)
        except ValidationError as error:
            said.extend(error.messages)
        finally:
            connection.close()

    other = threading.Thread(target=second)
    with transaction.atomic():
        handovers.ask(requested=requested, by=manager)
        other.start()
        other.join(1)
        assert other.is_alive()  # waits for the first
    other.join(10)
    assert len(said) == 1
    assert HandOver.objects.count() == 1


def test_a_reason_with_a_nul_is_refused_with_a_sentence(
    zhang: Client, manager: Employee, colleague: Employee, head: Employee, browse: Browse
) -> None:
    row = ask(browse, manager, **typed(manager, colleague))
    answer = browse(head).post(
        f"{row.get_absolute_url()}decide/", {"what": "refuse", "reason": "a\x00"}
    )
    assert answer.status_code == 400
    assert answer.content
    row.refresh_from_db()
    assert row.state == "asked"


def test_the_heads_who_decide_are_told(
    zhang: Client,
    manager: Employee,
    colleague: Employee,
    head: Employee,
    regional_head: Employee,
    browse: Browse,
) -> None:
    row = ask(browse, manager, **typed(manager, colleague))
    lines = Notification.objects.filter(kind="hand_over")
    assert set(lines.values_list("employee", flat=True)) == {head.pk, regional_head.pk}
    line = lines.get(employee=head)
    assert line.url == row.get_absolute_url()
    assert line.title == "王芳的客户：1 位的移交待您审批"
    # A head who asks decides too and needs no line.
    decide(browse, manager, row, "cancel")
    before = lines.filter(params__state="asked").count()
    ask(browse, head, **typed(manager, colleague))
    assert lines.filter(params__state="asked").count() == before


def test_one_that_keeps_failing_is_given_up_and_told(
    zhang: Client, manager: Employee, colleague: Employee, head: Employee, browse: Browse
) -> None:
    row = ask(browse, manager, **typed(manager, colleague))
    decide(browse, head, row, "approve")

    def fail(_event: operations.ClientsHandedOver) -> None:
        raise RuntimeError

    operations.hand_over.register("test", 99, fail)
    try:
        for _minute in range(handovers.MOST_ATTEMPTS - 1):
            tasks.tick_hand_overs()
        row.refresh_from_db()
        assert row.state == "approved"
        tasks.tick_hand_overs()
    finally:
        operations.hand_over.unregister("test")
    row.refresh_from_db()
    assert (row.state, book(manager)) == ("failed", {"张伟"})
    assert row.answer
    told = Notification.objects.filter(params__state="failed").values_list("employee", flat=True)
    assert set(told) == {manager.pk, head.pk}


def test_who_joins_a_whole_book_before_the_day_goes_too(
    zhang: Client, manager: Employee, colleague: Employee, head: Employee, browse: Browse
) -> None:
    whole = ask(browse, manager, **typed(manager, colleague))
    late = ClientFactory(manager=manager, name="新来")
    decide(browse, head, whole, "approve")
    assert handovers.run(whole.pk)
    assert book(colleague) == {"张伟", "新来"}
    assert whole.items.filter(client=late, state="done").exists()
    # Chosen ones are exactly those.
    part = ask(browse, colleague, **typed(colleague, manager), client=[str(zhang.public_id)])
    ClientFactory(manager=colleague, name="更晚")
    decide(browse, head, part, "approve")
    assert handovers.run(part.pk)
    assert book(manager) == {"张伟"}


def test_who_joins_goes_to_who_gets_the_fewest(
    manager: Employee, colleague: Employee, branch: Branch, head: Employee, browse: Browse
) -> None:
    third = EmployeeFactory(branch=branch)
    ClientFactory.create_batch(3, manager=manager)
    row = ask(browse, manager, **typed(manager, colleague, third))
    ClientFactory(manager=manager)
    decide(browse, head, row, "approve")
    assert handovers.run(row.pk)
    assert len(book(colleague)) == len(book(third)) == 2


def test_a_done_one_is_taken_back_by_one_the_other_way(
    manager: Employee, colleague: Employee, branch: Branch, head: Employee, browse: Browse
) -> None:
    third = EmployeeFactory(branch=branch)
    ClientFactory.create_batch(4, manager=manager)
    row = ask(browse, manager, **typed(manager, colleague, third))
    decide(browse, head, row, "approve")
    handovers.run(row.pk)
    gone = Client.objects.filter(manager=third)[0]
    Client.objects.filter(pk=gone.pk).update(manager=head)  # somebody decided otherwise since
    assert decide(browse, third, row, "back") == 409
    assert decide(browse, manager, row, "back") == 302
    assert decide(browse, manager, row, "back") == 409  # waits already
    ways = list(HandOver.objects.exclude(pk=row.pk))
    assert {way.origin for way in ways} == {colleague, third}
    assert not book(manager)
    for way in ways:
        assert decide(browse, manager, way, "approve") == 403
        assert decide(browse, head, way, "approve") == 302
        assert handovers.run(way.pk)
    assert len(book(manager)) == 3
    assert Client.objects.get(pk=gone.pk).manager == head


def test_a_done_one_is_taken_back_for_a_day_only(
    zhang: Client, manager: Employee, colleague: Employee, head: Employee, browse: Browse
) -> None:
    row = ask(browse, head, **typed(manager, colleague))
    decide(browse, head, row, "approve")
    handovers.run(row.pk)
    assert 'value="back"' in browse(head).get(row.get_absolute_url()).content.decode()
    HandOver.objects.filter(pk=row.pk).update(done_at=timezone.now() - timedelta(hours=25))
    assert 'value="back"' not in browse(head).get(row.get_absolute_url()).content.decode()
    assert decide(browse, head, row, "back") == 409
    assert HandOver.objects.count() == 1

"""What stands before one hands over: each client's assets and open work, and what receivers have."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clients.models import Client, HandOver
from staff.models import Employee
from tests.cast import Browse
from tests.clients.handovers.test_handovers import NEW, ask, typed
from tests.clients.handovers.test_sharing import worth
from tests.factories import CallbackFactory, ClientFactory

pytestmark = pytest.mark.django_db


def test_each_client_stands_there_by_assets_with_totals(
    zhang: Client, zhou: Client, manager: Employee, head: Employee, browse: Browse
) -> None:
    worth(zhang, 100_000)
    worth(zhou, 3_000_000)
    CallbackFactory(client=zhang, employee=manager)
    answer = browse(head).get(NEW, {"origin": manager.pk})
    book = answer.context["book"]
    assert [(line.client, line.work) for line in book.lines] == [(zhou, 0), (zhang, 1)]
    assert (book.clients, book.assets, book.work) == (2, Decimal(3_100_000), 1)


def test_receivers_show_what_they_have_to_heads_alone(
    zhang: Client, manager: Employee, colleague: Employee, head: Employee, browse: Browse
) -> None:
    worth(ClientFactory(manager=colleague), 500_000)
    values = {
        person: dict(browse(person).get(NEW).context["form"].fields["receivers"].choices)
        for person in (head, manager)
    }
    labels = {
        person: next(text for key, text in named.items() if key.value == colleague.pk)
        for person, named in values.items()
    }
    assert "1" in labels[head]
    assert labels[head].startswith(str(colleague))
    assert labels[manager] == str(colleague)


def test_only_the_ticked_of_a_book_go(
    zhang: Client, zhou: Client, manager: Employee, colleague: Employee, browse: Browse
) -> None:
    values = {**typed(manager, colleague), "book": "1", "client": [str(zhou.public_id)]}
    preview = browse(manager).post(NEW, values)
    assert [share.clients for share in preview.context["shares"]] == [1]
    assert preview.context["ticked"] == {zhou.pk}
    assert preview.context["book"].clients == 2
    row = ask(browse, manager, **values)
    assert [item.client for item in row.items.all()] == [zhou]
    assert not row.whole_book


def test_unticking_everybody_who_was_chosen_is_not_the_whole_book(
    zhang: Client, manager: Employee, colleague: Employee, browse: Browse
) -> None:
    answer = browse(manager).post(NEW, {**typed(manager, colleague), "picked": "1", "ask": "1"})
    assert answer.status_code == 422
    assert not HandOver.objects.exists()


def test_a_head_asks_and_approves_in_one_step(
    zhang: Client, manager: Employee, colleague: Employee, head: Employee, browse: Browse
) -> None:
    values = {**typed(manager, colleague), "at_once": "1"}
    # Nobody else does: nothing is saved, nothing typed is lost.
    answer = browse(manager).post(NEW, values)
    assert answer.status_code == 422
    assert "调岗" in answer.content.decode()
    assert not HandOver.objects.exists()
    assert browse(head).post(NEW, values).status_code == 302
    row = HandOver.objects.get()
    assert (row.state, row.asked_by, row.decided_by) == ("approved", head, head)


@pytest.mark.parametrize("origin", ["", "x", "999999", "nobody", "9" * 500])
def test_an_origin_that_is_none_is_no_error_of_the_page(
    origin: str, head: Employee, browse: Browse
) -> None:
    assert browse(head).get(NEW, {"origin": origin}).status_code == 200


def test_the_decision_shows_them_by_assets(
    zhang: Client,
    zhou: Client,
    manager: Employee,
    colleague: Employee,
    head: Employee,
    browse: Browse,
) -> None:
    worth(zhou, 3_000_000)
    row = ask(browse, manager, **typed(manager, colleague))
    lines = browse(head).get(row.get_absolute_url()).context["items"]
    assert [line.item.client for line in lines] == [zhou, zhang]
    assert lines[0].assets == Decimal(3_000_000)


def test_the_number_of_queries_does_not_grow(
    manager: Employee, colleague: Employee, head: Employee, browse: Browse
) -> None:
    browser = browse(head)
    numbers: dict[str, list[int]] = {"form": [], "row": []}
    for more in (2, 20):
        for client in ClientFactory.create_batch(more, manager=manager):
            worth(client, 1000)
            CallbackFactory(client=client, employee=manager)
        with CaptureQueriesContext(connection) as queries:
            browser.get(NEW, {"origin": manager.pk})
        numbers["form"].append(len(queries))
        row = ask(browse, manager, **typed(manager, colleague))
        with CaptureQueriesContext(connection) as queries:
            browser.get(row.get_absolute_url())
        numbers["row"].append(len(queries))
        HandOver.objects.update(state="cancelled")
    assert numbers["form"][0] == numbers["form"][1]
    assert numbers["row"][0] == numbers["row"][1]

"""Several return visits of one client and day are one: asked once, reviewed once, counted once."""

import uuid
from datetime import date, timedelta

import pytest

from clients.models import Client
from compliance.coverage import selectors as coverage
from compliance.integration.operations import join_return_visits, split_return_visits
from compliance.models import ReturnVisit
from compliance.planning import planner
from compliance.return_visits import services as return_visits
from crm.operations import ClientsMerged, ClientsSplit
from crm.trading_days import add, on_or_after, today
from staff.models import Employee
from tests.cast import Browse
from tests.compliance.conftest import made, posted
from tests.factories import ClientFactory
from visits.models import Callback, Occasion, Visit

pytestmark = pytest.mark.django_db
LIST = "/compliance/visits/"


def another(client: Client, officer: Employee, on: date | None = None) -> ReturnVisit:
    """One more return visit to a client, on the same day unless another is given."""
    row = return_visits.plan_by_hand(
        client=client, due_on=on or today(), words="大额转出", by=officer, token=uuid.uuid4()
    )
    return ReturnVisit.objects.get(pk=row.pk)


@pytest.fixture
def flow(planned: ReturnVisit, zhang: Client, compliance: Employee) -> ReturnVisit:
    """A second reason, on the day of the first."""
    row = another(zhang, compliance)
    ReturnVisit.objects.filter(pk=row.pk).update(reason="flow")
    return ReturnVisit.objects.select_related("callback").get(pk=row.pk)


def states() -> list[str]:
    rows = ReturnVisit.objects.select_related("callback").order_by("pk")
    return [str(row.state) for row in rows]


def test_it_stands_once_in_the_list_with_all_its_reasons(
    planned: ReturnVisit, flow: ReturnVisit, mei: Employee, compliance: Employee, browse: Browse
) -> None:
    assert flow.callback.merged_into_id == planned.callback_id
    for person in (mei, compliance):
        answer = browse(person).get(LIST)
        assert [row.pk for row in answer.context["page"].items] == [planned.pk]
        assert "异常账户：大额资金进出" in answer.content.decode()
    # Whichever reason one looks for.
    for reason in ("hand", "flow"):
        items = browse(compliance).get(LIST, {"reason": reason}).context["page"].items
        assert [row.pk for row in items] == [planned.pk]
    shown = browse(mei).get("/today/").context["panels"]
    panel = next(one for one in shown if one["key"] == "compliance")
    assert panel["due"] + panel["late"] <= 1
    (line,) = coverage.coverage(compliance, today().year)
    assert line.open.value == 1
    # The address of the other leads to the one.
    answer = browse(mei).get(flow.get_absolute_url())
    assert (answer.status_code, answer["Location"]) == (302, planned.get_absolute_url())


def test_one_on_another_day_stays_by_itself(
    planned: ReturnVisit, zhang: Client, compliance: Employee
) -> None:
    row = another(zhang, compliance, on=add(today(), 3))
    assert Callback.objects.get(pk=row.callback_id).status == "open"


def test_the_client_is_asked_once_and_one_review_decides(
    planned: ReturnVisit, flow: ReturnVisit, mei: Employee, compliance: Employee, browse: Browse
) -> None:
    assert browse(mei).post(planned.get_absolute_url(), posted()).status_code == 302
    assert Visit.objects.count() == 1
    assert states() == ["to_review", "to_review"]
    assert set(ReturnVisit.objects.values_list("visited_by", "visited_on")) == {(mei.pk, today())}
    items = browse(compliance).get(LIST, {"status": "to_review"}).context["page"].items
    assert [row.pk for row in items] == [planned.pk]
    (line,) = coverage.coverage(compliance, today().year)
    assert (line.open.value, line.to_review.value) == (0, 1)
    browse(compliance).post(f"{planned.get_absolute_url()}review/", {"decision": "accept"})
    assert states() == ["accepted", "accepted"]
    assert set(flow.steps.values_list("action", flat=True)) == {"planned", "visited", "accepted"}


def test_sent_back_it_is_one_visit_again(
    planned: ReturnVisit, flow: ReturnVisit, mei: Employee, compliance: Employee
) -> None:
    made(planned, mei)
    # By the address of the other reason as well.
    return_visits.review(return_visit=flow, by=compliance, accept=False, words="重问第三题")
    assert states() == ["returned", "returned"]
    assert Callback.objects.filter(kind="compliance", status="open").count() == 1
    made(planned, mei)
    assert states() == ["to_review", "to_review"]


def test_a_try_in_vain_moves_it_as_one_and_meets_what_is_there(
    planned: ReturnVisit, flow: ReturnVisit, zhang: Client, mei: Employee, compliance: Employee
) -> None:
    later = another(zhang, compliance, on=add(today(), 1))
    made(planned, mei, outcome="no_answer")
    lead = Callback.objects.get(kind="compliance", status="open", client=zhang)
    assert lead.due_on >= add(today(), 1)
    joined = set(Callback.objects.filter(status="merged").values_list("merged_into", flat=True))
    assert joined == {lead.pk}
    made(ReturnVisit.objects.get(callback=lead), mei)
    assert states() == ["to_review"] * 3
    assert ReturnVisit.objects.get(pk=later.pk).visit == ReturnVisit.objects.get(pk=flow.pk).visit


def test_the_tightest_limit_of_all_holds_for_the_next_try(
    planned: ReturnVisit, flow: ReturnVisit, mei: Employee
) -> None:
    limit = add(today(), 1)
    Callback.objects.filter(pk=planned.callback_id).update(hard_limit_on=add(today(), 9))
    Callback.objects.filter(pk=flow.callback_id).update(hard_limit_on=limit)
    Callback.objects.filter(pk=planned.callback_id).update(attempts=5)
    made(planned, mei, outcome="no_answer")
    assert Callback.objects.get(pk=planned.callback_id).due_on <= limit


def test_closing_it_closes_every_reason(
    planned: ReturnVisit, flow: ReturnVisit, compliance: Employee
) -> None:
    return_visits.close(return_visit=planned, words="客户身故", by=compliance)
    assert states() == ["closed", "closed"]
    assert flow.steps.filter(action="closed", words="客户身故").exists()


def test_the_night_joins_what_it_plans_and_does_it_once(
    planned: ReturnVisit, zhang: Client, mei: Employee, compliance: Employee
) -> None:
    Occasion.objects.create(
        client=zhang, kind="complaint", happened_on=today() - timedelta(days=1), source_key="c"
    )
    planner.plan()
    complaint = Callback.objects.get(occurrence__startswith="occasion:", kind="compliance")
    Callback.objects.filter(pk=planned.callback_id).update(due_on=complaint.due_on)
    assert planner.plan() == planner.Counts()
    complaint.refresh_from_db()
    assert (complaint.status, complaint.merged_into_id) == ("merged", planned.callback_id)
    assert planner.plan() == planner.Counts()
    # A client who was closed by mistake comes back with it.
    Callback.objects.filter(pk=complaint.pk).update(status="cancelled", cancelled_because="not_due")
    assert planner.plan().planned == 1
    complaint.refresh_from_db()
    assert complaint.status in {"open", "merged"}


def test_it_moves_to_the_survivor_of_a_merge_and_back(
    planned: ReturnVisit, flow: ReturnVisit, zhang: Client, manager: Employee
) -> None:
    survivor = ClientFactory(manager=manager)
    moved: dict[str, list[int]] = {}
    join_return_visits(ClientsMerged(survivor=survivor, merged=zhang, moved=moved, by=manager))
    rows = Callback.objects.filter(kind="compliance").order_by("pk")
    assert list(rows.values_list("client", "status")) == [
        (survivor.pk, "open"),
        (survivor.pk, "merged"),
    ]
    split_return_visits(ClientsSplit(survivor=survivor, merged=zhang, moved=moved, by=manager))
    assert list(rows.values_list("client", "status")) == [(zhang.pk, "open"), (zhang.pk, "merged")]


def test_who_gets_it_gets_all_of_it(
    planned: ReturnVisit, flow: ReturnVisit, compliance: Employee, zhang: Client
) -> None:
    return_visits.assign(return_visit=flow, to=compliance, by=compliance)
    rows = Callback.objects.filter(kind="compliance", client=zhang)
    assert set(rows.values_list("employee", flat=True)) == {compliance.pk}
    assert on_or_after(today()) == rows.get(status="open").due_on

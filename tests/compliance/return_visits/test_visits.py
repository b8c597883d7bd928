"""Return visits: made by whoever they are given to, reviewed by another, never by a manager."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from clients.file.services import assign as hand_client
from clients.models import Assignment, Client
from compliance.models import ExceptionCase, ReturnVisit, ReturnVisitStep
from compliance.return_visits import services as return_visits
from compliance.visitors import services as visitors
from crm.models import AccessLog
from crm.trading_days import today
from staff.models import Employee
from tests.cast import Browse
from tests.compliance.conftest import made, posted, steps
from tests.factories import CallbackFactory, EmployeeFactory
from visits.models import Callback, Script, ScriptVersion, Visit

pytestmark = pytest.mark.django_db


def url(row: ReturnVisit, action: str = "") -> str:
    return row.get_absolute_url() + (f"{action}/" if action else "")


def fresh(row: ReturnVisit) -> ReturnVisit:
    return ReturnVisit.objects.select_related("callback").get(pk=row.pk)


class TestMaking:
    def test_it_asks_the_five_questions(
        self, planned: ReturnVisit, mei: Employee, browse: Browse
    ) -> None:
        text = browse(mei).get(url(planned)).content.decode()
        assert len(steps()) == 5
        for step in steps():
            assert f'name="answer_{step.pk}"' in text

    def test_it_is_kept_as_a_confidential_visit(
        self, planned: ReturnVisit, mei: Employee, browse: Browse
    ) -> None:
        answer = browse(mei).post(url(planned), posted(notes="一切正常"))
        assert answer.status_code == 302
        visit = Visit.objects.get()
        assert visit.confidential
        assert visit.employee == mei
        assert len(visit.answers) == 5
        row = fresh(planned)
        assert row.state == ReturnVisit.State.TO_REVIEW
        assert (row.visit, row.visited_by, row.visited_on) == (visit, mei, today())
        assert not ExceptionCase.objects.exists()

    def test_it_promises_the_manager_nothing(
        self, planned: ReturnVisit, mei: Employee, zhang: Client
    ) -> None:
        before = zhang.last_contact_on
        cadence = set(Callback.objects.exclude(kind="compliance").values_list("pk", "status"))
        made(planned, mei)
        made_after = Callback.objects.exclude(kind="compliance")
        assert not made_after.filter(kind="promise").exists()
        zhang.refresh_from_db()
        assert zhang.last_contact_on == before
        assert cadence <= set(made_after.values_list("pk", "status"))

    def test_every_question_is_answered_where_one_talked(
        self, planned: ReturnVisit, mei: Employee, browse: Browse
    ) -> None:
        data = posted()
        data.pop(f"answer_{steps()[0].pk}")
        answer = browse(mei).post(url(planned), data)
        assert answer.status_code == 422
        assert not Visit.objects.exists()

    def test_what_was_typed_comes_back_with_the_error(
        self, planned: ReturnVisit, mei: Employee, browse: Browse
    ) -> None:
        answer = browse(mei).post(
            url(planned), posted(notes="客户😀𠮷", outcome="talked", channel="x")
        )
        assert answer.status_code == 422
        assert "客户😀𠮷" in answer.content.decode()

    def test_very_long_notes_are_refused_whole(
        self, planned: ReturnVisit, mei: Employee, browse: Browse
    ) -> None:
        answer = browse(mei).post(url(planned), posted(notes="长" * 10_000))
        assert answer.status_code == 422
        assert "长" * 10_000 in answer.content.decode()
        assert not Visit.objects.exists()

    def test_nobody_reached_leaves_it_open_for_another_day(
        self, planned: ReturnVisit, mei: Employee
    ) -> None:
        made(planned, mei, outcome="no_answer")
        row = fresh(planned)
        assert row.state == ReturnVisit.State.PLANNED
        assert row.callback.attempts == 1
        assert row.callback.due_on > today()
        assert row.visit is None
        assert row.steps.filter(action="tried", employee=mei).exists()

    def test_the_same_form_twice_is_one_visit(
        self, planned: ReturnVisit, mei: Employee, browse: Browse
    ) -> None:
        data = posted()
        for _turn in range(2):
            browse(mei).post(url(planned), data)
        assert Visit.objects.count() == 1

    def test_the_slower_of_two_is_told(
        self, planned: ReturnVisit, mei: Employee, compliance: Employee, browse: Browse
    ) -> None:
        made(planned, mei)
        answer = browse(mei).post(url(planned), posted())
        assert answer.status_code == 403
        assert Visit.objects.count() == 1

    @pytest.mark.parametrize("person", ["compliance", "head", "regional_head"])
    def test_those_who_see_it_cannot_make_it(
        self,
        planned: ReturnVisit,
        person: str,
        browse: Browse,
        request: pytest.FixtureRequest,
    ) -> None:
        browser = browse(request.getfixturevalue(person))
        assert browser.get(url(planned)).status_code == 200
        assert browser.post(url(planned), posted()).status_code == 403
        assert not Visit.objects.exists()

    @pytest.mark.parametrize("person", ["manager", "colleague", "stranger", "operations"])
    @pytest.mark.parametrize("action", ["", "dial", "review", "assign", "close"])
    def test_it_is_not_there_for_others(
        self,
        planned: ReturnVisit,
        person: str,
        action: str,
        browse: Browse,
        request: pytest.FixtureRequest,
    ) -> None:
        browser = browse(request.getfixturevalue(person))
        assert browser.post(url(planned, action), posted()).status_code == 404

    def test_a_firm_without_the_script_says_so(
        self, planned: ReturnVisit, mei: Employee, browse: Browse
    ) -> None:
        Script.objects.filter(purpose="compliance").update(purpose="regular")
        answer = browse(mei).get(url(planned))
        assert answer.status_code == 200
        assert answer.context["form"] is None

    def test_a_branchs_copy_of_the_script_is_never_asked(
        self, planned: ReturnVisit, mei: Employee, browse: Browse
    ) -> None:
        own = Script.objects.create(
            key="compliance", name_zh="x", purpose="compliance", branch=mei.branch
        )
        ScriptVersion.objects.create(script=own, number=1, valid_from=today())
        form = browse(mei).get(url(planned)).context["form"]
        assert len(form.asked) >= 5

    def test_the_number_is_shown_to_the_visitor_and_logged(
        self,
        planned: ReturnVisit,
        mei: Employee,
        zhang: Client,
        compliance: Employee,
        browse: Browse,
    ) -> None:
        phone = zhang.phones.model(client=zhang, valid_from=today())
        phone.set_number("+8613812345678")
        phone.save()
        assert "13812345678" not in browse(mei).get(url(planned)).content.decode()
        answer = browse(mei).post(url(planned, "dial"))
        assert "tel:+8613812345678" in answer.content.decode()
        assert AccessLog.objects.get().employee == mei
        assert browse(compliance).post(url(planned, "dial")).status_code == 403
        assert browse(mei).get(url(planned, "dial")).status_code == 405

    def test_the_callback_page_leads_here(
        self, planned: ReturnVisit, head: Employee, browse: Browse
    ) -> None:
        answer = browse(head).get(f"/callbacks/{planned.callback.public_id}/")
        assert answer["Location"] == url(planned)

    @pytest.mark.parametrize("action", ["snooze", "cancel", "move", "reassign", "dial", "draft"])
    def test_a_head_cannot_put_it_off_as_a_callback(
        self, planned: ReturnVisit, action: str, head: Employee, browse: Browse
    ) -> None:
        answer = browse(head).post(f"/callbacks/{planned.callback.public_id}/{action}/")
        assert answer.status_code == 403


class TestReview:
    def test_another_accepts_it(
        self, planned: ReturnVisit, mei: Employee, compliance: Employee, browse: Browse
    ) -> None:
        made(planned, mei)
        answer = browse(compliance).post(url(planned, "review"), {"decision": "accept"})
        assert answer.status_code == 302
        row = fresh(planned)
        assert row.state == ReturnVisit.State.ACCEPTED
        assert row.reviewed_by == compliance

    def test_a_head_may_review(
        self, planned: ReturnVisit, mei: Employee, head: Employee, browse: Browse
    ) -> None:
        made(planned, mei)
        browse(head).post(url(planned, "review"), {"decision": "accept"})
        assert fresh(planned).reviewed_by == head

    def test_whoever_made_it_does_not(
        self, planned: ReturnVisit, compliance: Employee, browse: Browse
    ) -> None:
        return_visits.assign(return_visit=planned, to=compliance, by=compliance)
        made(planned, compliance)
        answer = browse(compliance).post(url(planned, "review"), {"decision": "accept"})
        assert answer.status_code == 403
        assert fresh(planned).state == ReturnVisit.State.TO_REVIEW

    def test_the_database_wants_two_people(self, planned: ReturnVisit, mei: Employee) -> None:
        made(planned, mei)
        rows = ReturnVisit.objects.filter(pk=planned.pk)
        with pytest.raises(IntegrityError, match="another_reviews"), transaction.atomic():
            rows.update(reviewed_by=mei, reviewed_at="2026-01-01T00:00Z")

    def test_sent_back_it_is_open_again(
        self, planned: ReturnVisit, mei: Employee, compliance: Employee, browse: Browse
    ) -> None:
        made(planned, mei)
        data = {"decision": "return", "words": "第三问没有问清"}
        browse(compliance).post(url(planned, "review"), data)
        row = fresh(planned)
        assert row.state == ReturnVisit.State.RETURNED
        assert row.callback.employee == mei
        assert row.callback.due_on > today()
        made(planned, mei)
        assert fresh(planned).state == ReturnVisit.State.TO_REVIEW
        actions = list(planned.steps.order_by("pk").values_list("action", flat=True))
        assert actions == ["planned", "visited", "returned", "visited"]

    @pytest.mark.parametrize(
        "data", [{}, {"decision": "maybe"}, {"decision": "return", "words": " "}]
    )
    def test_bad_input_changes_nothing(
        self,
        planned: ReturnVisit,
        mei: Employee,
        compliance: Employee,
        browse: Browse,
        data: dict[str, str],
    ) -> None:
        made(planned, mei)
        answer = browse(compliance).post(url(planned, "review"), data)
        assert answer.status_code == 422
        assert fresh(planned).state == ReturnVisit.State.TO_REVIEW
        assert browse(compliance).get(url(planned, "review")).status_code == 405


class TestWhoMakesIt:
    def test_an_officer_gives_it_to_somebody(
        self, planned: ReturnVisit, compliance: Employee, browse: Browse
    ) -> None:
        answer = browse(compliance).post(url(planned, "assign"), {"to": compliance.pk})
        assert answer.status_code == 302
        assert fresh(planned).callback.employee == compliance

    @pytest.mark.parametrize("person", ["manager", "colleague", "stranger"])
    def test_only_to_those_who_may(
        self,
        planned: ReturnVisit,
        mei: Employee,
        compliance: Employee,
        person: str,
        browse: Browse,
        request: pytest.FixtureRequest,
    ) -> None:
        to = request.getfixturevalue(person)
        answer = browse(compliance).post(url(planned, "assign"), {"to": to.pk})
        assert answer.status_code == 422
        assert fresh(planned).callback.employee == mei

    def test_a_head_gives_none_away(
        self, planned: ReturnVisit, head: Employee, mei: Employee, browse: Browse
    ) -> None:
        assert browse(head).post(url(planned, "assign"), {"to": mei.pk}).status_code == 403
        assert browse(head).post(url(planned, "close"), {"words": "x"}).status_code == 403

    def test_the_database_refuses_the_manager(
        self, planned: ReturnVisit, manager: Employee
    ) -> None:
        with pytest.raises(IntegrityError, match="manager of the client"), transaction.atomic():
            Callback.objects.filter(pk=planned.callback_id).update(employee=manager)

    def test_and_whoever_served_once(
        self, planned: ReturnVisit, zhang: Client, colleague: Employee
    ) -> None:
        Assignment.objects.create(
            client=zhang,
            employee=colleague,
            kind="developed",
            valid_from=today() - timedelta(900),
            valid_to=today() - timedelta(800),
        )
        with pytest.raises(IntegrityError, match="manager of the client"), transaction.atomic():
            Callback.objects.filter(pk=planned.callback_id).update(employee=colleague)
        made(planned, planned.callback.employee or colleague)
        rows = ReturnVisit.objects.filter(pk=planned.pk)
        with pytest.raises(IntegrityError, match="client of their own"), transaction.atomic():
            rows.update(reviewed_by=colleague, reviewed_at="2026-01-01T00:00Z")

    def test_a_visitor_who_gets_the_client_loses_the_visit(
        self,
        planned: ReturnVisit,
        zhang: Client,
        colleague: Employee,
        compliance: Employee,
        browse: Browse,
    ) -> None:

        visitors.name(employee=colleague, branch=zhang.branch, by=compliance)
        return_visits.assign(return_visit=planned, to=colleague, by=compliance)
        hand_client(client=zhang, employee=colleague, on=today(), reason="换人")
        assert browse(colleague).get(url(planned)).status_code == 404

    def test_closed_for_a_reason(
        self, planned: ReturnVisit, compliance: Employee, browse: Browse
    ) -> None:
        browser = browse(compliance)
        assert browser.post(url(planned, "close"), {"words": ""}).status_code == 422
        assert browser.post(url(planned, "close"), {"words": "客户已移居"}).status_code == 302
        row = fresh(planned)
        assert row.state == ReturnVisit.State.CLOSED
        assert row.steps.filter(action="closed", words="客户已移居", employee=compliance).exists()
        assert browser.post(url(planned, "close"), {"words": "again"}).status_code == 403


def test_its_log_is_never_changed(planned: ReturnVisit) -> None:
    step = ReturnVisitStep.objects.get()
    for change in (lambda: step.delete(), lambda: step.save()):
        with pytest.raises(Exception, match="pgtrigger"), transaction.atomic():
            change()


def test_the_list_asks_no_more_for_more_rows(
    planned: ReturnVisit, compliance: Employee, mei: Employee, browse: Browse
) -> None:
    browser = browse(compliance)
    browser.get("/compliance/visits/")
    with CaptureQueriesContext(connection) as few:
        assert browser.get("/compliance/visits/").status_code == 200
    for _turn in range(5):
        callback = CallbackFactory(
            client__manager=EmployeeFactory(branch=mei.branch),
            employee=mei,
            kind="compliance",
            confidential=True,
        )
        ReturnVisit.objects.create(callback=callback, reason="yearly")
    with CaptureQueriesContext(connection) as more:
        assert len(browser.get("/compliance/visits/").context["page"].items) == 6
    assert len(more) == len(few)


def test_the_visitor_lists_only_their_own(
    planned: ReturnVisit, mei: Employee, compliance: Employee, operations: Employee, browse: Browse
) -> None:
    assert len(browse(mei).get("/compliance/visits/").context["page"].items) == 1
    return_visits.assign(return_visit=planned, to=compliance, by=compliance)
    assert browse(mei).get("/compliance/visits/").context["page"].items == []
    assert browse(operations).get("/compliance/visits/").status_code == 403
    assert browse(compliance).get("/compliance/visits/?status=nonsense").status_code == 400

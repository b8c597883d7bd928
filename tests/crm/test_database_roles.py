"""The suite runs as the application's role, and each request names its employee to the database.

What the role may not do to tables is told in test_migrate_roles.py.
"""

from typing import Any

import pytest
from django.contrib.auth.decorators import login_not_required
from django.db import connection, transaction
from django.db.utils import InternalError, ProgrammingError
from django.http import HttpRequest, HttpResponse
from django.test import Client as Browser
from django.urls import include, path

from crm.models import Heartbeat
from staff.middleware import name_employee
from staff.models import Employee
from tests.cast import Browse
from tests.factories import EmployeeFactory


def employee_named() -> str:
    """Who the database believes the transaction works for; '' for nobody."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting('crm.employee_id', true), '')")
        return str(cursor.fetchone()[0])


@login_not_required
def tell(request: HttpRequest) -> HttpResponse:
    return HttpResponse(employee_named())


def write_and_fail(request: HttpRequest) -> HttpResponse:
    Heartbeat.objects.create(name="written", beat_at="2026-01-01T00:00Z")
    raise RuntimeError("after the write")


def write_and_answer_500(request: HttpRequest) -> HttpResponse:
    Heartbeat.objects.create(name="written", beat_at="2026-01-01T00:00Z")
    return HttpResponse(status=500)


urlpatterns = [
    path("tell/", tell),
    path("fail/", write_and_fail),
    path("answer-500/", write_and_answer_500),
    path("", include("crm.urls")),
]


@pytest.fixture
def role(db: None) -> dict[str, Any]:
    """The row of the current role in pg_roles."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication"
            " FROM pg_roles WHERE rolname = current_user"
        )
        names = [column[0] for column in cursor.description]
        return dict(zip(names, cursor.fetchone(), strict=True))


def test_it_works_as_the_application_without_any_special_right(role: dict[str, Any]) -> None:
    assert role.pop("rolname") == "crm_app"
    assert role == dict.fromkeys(role, False)


@pytest.mark.django_db
def test_it_owns_nothing_in_the_schema() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            " AND pg_has_role(current_user, relowner, 'USAGE')"
        )
        assert cursor.fetchall() == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE clients_client DISABLE TRIGGER ALL",
        "ALTER TABLE visits_visit DISABLE ROW LEVEL SECURITY",
        "DROP TRIGGER employee_keeps_post ON staff_employee",
        "CREATE POLICY open ON visits_visit USING (true)",
        "ALTER TABLE visits_visit DROP CONSTRAINT visit_void_for_a_reason",
        "DROP INDEX visit_timeline",
        "SET session_replication_role = replica",
    ],
)
def test_it_cannot_take_down_a_wall(statement: str) -> None:
    with (
        pytest.raises((ProgrammingError, InternalError), match=r"permission denied|must be owner"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


@pytest.mark.urls(__name__)
@pytest.mark.django_db(transaction=True)
class TestTheEmployeeOfATransaction:
    def test_it_is_named_inside_a_request_and_gone_after(self, browse: Browse) -> None:
        first, second = EmployeeFactory(), EmployeeFactory()
        assert browse(first).get("/tell/").content.decode() == str(first.pk)
        assert employee_named() == ""
        assert browse(second).post("/tell/").content.decode() == str(second.pk)
        assert employee_named() == ""

    def test_it_is_nobody_before_login(self) -> None:
        assert Browser().get("/tell/").content.decode() == ""

    def test_it_is_zero_for_the_machinery(self) -> None:
        with transaction.atomic():
            name_employee(None)
            assert employee_named() == "0"
        assert employee_named() == ""

    @pytest.mark.parametrize("url", ["/fail/", "/answer-500/"])
    def test_it_leaves_nothing_half_written(self, url: str, browse: Browse) -> None:
        browser = browse(EmployeeFactory())
        browser.raise_request_exception = False
        assert browser.post(url).status_code == 500
        assert not Heartbeat.objects.exists()
        assert employee_named() == ""


@pytest.mark.django_db
def test_the_history_tells_who_changed_a_row(browse: Browse) -> None:
    manager: Employee = EmployeeFactory(employment="employed")
    browse(manager).post("/me/", {"language": "en", "theme": "dark"})
    administrator = EmployeeFactory(is_staff=True, is_superuser=True, role="administrator")
    url = f"/admin/staff/employee/{manager.pk}/change/"
    form = browse(administrator).get(url).context["adminform"].form
    sent = {key: value for key, value in form.initial.items() if value not in (None, False)}
    sent |= {
        "employment": "agency",
        "postings-TOTAL_FORMS": "0",
        "postings-INITIAL_FORMS": "0",
        "groups": [],
        "user_permissions": [],
    }
    answer = browse(administrator).post(url, sent)
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    history: Any = manager
    event = history.events.latest("pgh_id")
    assert event.employment == "employed"
    assert event.pgh_context.metadata == {"employee": administrator.pk}

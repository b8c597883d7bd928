"""Two database roles: one makes the tables, the other works in them and can do no more."""

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from crm.checks import check_role
from crm.database_roles import as_owner, as_purger, kept_tables, may_purge
from crm.models import Heartbeat

pytestmark = pytest.mark.django_db


def _one(sql: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


def test_it_works_as_the_application_role() -> None:
    assert _one("SELECT current_user") == "crm_app"
    assert _one("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = 'crm_app'") is False


def test_it_owns_no_table() -> None:
    owners = "SELECT array_agg(DISTINCT tableowner) FROM pg_tables WHERE schemaname = 'public'"
    assert _one(owners) == ["crm_owner"]


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (id int)",
        "ALTER TABLE crm_heartbeat ADD COLUMN extra int",
        "TRUNCATE crm_heartbeat",
        "DROP TABLE crm_heartbeat",
        "DELETE FROM django_migrations",
        "SET ROLE crm_owner",
    ],
)
def test_it_may_not_change_the_tables(statement: str) -> None:
    if statement.startswith("SET ROLE") and _one("SELECT session_user") != "crm_app":
        pytest.skip("the login given by DATABASE_URL may become the owner by design")
    with (
        pytest.raises(ProgrammingError, match=r"permission denied|must be owner"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_it_reads_and_writes_every_table() -> None:
    lacking = (
        "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND relkind = 'r' AND relname <> 'django_migrations' AND NOT ("
        "has_table_privilege(oid, 'SELECT') AND has_table_privilege(oid, 'INSERT')"
        " AND has_table_privilege(oid, 'UPDATE'))"
    )
    assert _one(lacking) == 0


def test_it_deletes_no_row_that_a_purge_alone_deletes() -> None:
    kept = (
        "SELECT array_agg(relname::text ORDER BY relname) FROM pg_class"
        " WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
        " AND relname <> 'django_migrations' AND NOT has_table_privilege(oid, 'DELETE')"
    )
    with connection.cursor() as cursor:
        tables = kept_tables(cursor)
    assert _one(kept) == tables
    named = {name for name in tables if not name.endswith("event")}
    assert named == {
        "clients_assignment",
        "clients_client",
        "clients_consent",
        "clients_document",
        "clients_identity",
        "clients_phone",
        "clients_riskassessment",
        "clients_segmentchange",
        "crm_accesslog",
        "pipeline_opportunity",
        "pipeline_stagemove",
        "visits_callbackchange",
        "visits_visit",
    }


def test_it_deletes_no_history() -> None:
    histories = (
        "SELECT count(*), count(*) FILTER (WHERE has_table_privilege(c.oid, 'DELETE'))"
        " FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'pgh_obj_id'"
        " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'"
    )
    with connection.cursor() as cursor:
        cursor.execute(histories)
        found, deletable = cursor.fetchone()
    assert found > 10
    assert deletable == 0


def test_the_role_of_the_purge_is_taken_for_a_block_only() -> None:
    with transaction.atomic():
        with as_purger():
            assert _one("SELECT current_user") == "crm_purge"
        assert _one("SELECT current_user") == "crm_app"
        with pytest.raises(RuntimeError), transaction.atomic(), as_purger():
            raise RuntimeError
        assert _one("SELECT current_user") == "crm_app"
    assert may_purge()


def test_the_role_of_the_purge_makes_and_changes_no_table() -> None:
    for statement in ("INSERT INTO crm_heartbeat VALUES ('x', now())", "DROP TABLE crm_heartbeat"):
        with (
            pytest.raises(ProgrammingError, match=r"permission denied|must be owner"),
            transaction.atomic(),
            as_purger(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def test_it_reports_a_superuser_only_where_there_is_one() -> None:
    ids = [message.id for message in check_role(databases=["default"])]
    superuser = _one("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = session_user")
    assert ids == (["crm.W009"] if superuser else [])


@pytest.mark.django_db(transaction=True)
def test_it_migrates_as_the_owner_and_comes_back_as_the_application() -> None:
    with as_owner():
        assert _one("SELECT current_user") == "crm_owner"
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE later (id bigserial PRIMARY KEY)")
    call_command("migrate", verbosity=0)
    assert _one("SELECT current_user") == "crm_app"
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO later DEFAULT VALUES")
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("DROP TABLE later")


def test_it_takes_no_other_login_inside_a_transaction() -> None:
    with pytest.raises(RuntimeError, match="inside a transaction"), as_owner():
        pass


@pytest.mark.django_db(transaction=True)
def test_it_leaves_nothing_behind_1() -> None:
    assert Heartbeat.objects.count() == 0
    Heartbeat.objects.create(name="left", beat_at="2026-01-01T00:00Z")


@pytest.mark.django_db(transaction=True)
def test_it_leaves_nothing_behind_2() -> None:
    assert Heartbeat.objects.count() == 0
    content_types = _one("SELECT count(*) FROM django_content_type")
    assert isinstance(content_types, int)
    assert content_types > 0


def test_the_command_says_which_roles_it_made(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("create_database_roles")
    assert capsys.readouterr().out.strip() == "Both roles exist."

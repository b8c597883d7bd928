"""The text of a database tells every difference that could matter."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from crm.database_roles import as_owner
from crm.schema_catalog import describe
from staff.models import Policy

# What is done to the database, and what the changed or new line begins with.
CHANGES = {
    "ALTER TABLE crm_holiday ADD COLUMN more int": "column crm_holiday.more: integer",
    "ALTER TABLE crm_holiday ALTER name TYPE varchar(99)": "column crm_holiday.name: character",
    "ALTER TABLE crm_holiday ALTER name DROP NOT NULL": "column crm_holiday.name: character",
    "ALTER TABLE crm_holiday ALTER name SET DEFAULT 'x'": "column crm_holiday.name: character",
    "ALTER TABLE crm_job ALTER id SET GENERATED ALWAYS": "column crm_job.id: bigint",
    "ALTER SEQUENCE crm_job_id_seq INCREMENT 2": "sequence crm_job_id_seq: bigint",
    "ALTER TABLE crm_holiday ADD CONSTRAINT c CHECK (day > '2000-01-01')": "constraint crm_holiday.c",
    "ALTER TABLE crm_holiday ADD CONSTRAINT c CHECK (day > '2000-01-01') NOT VALID": "constraint crm_h",
    "CREATE INDEX i ON crm_holiday (name)": "index crm_holiday.i: CREATE INDEX",
    "CREATE VIEW v AS SELECT day FROM crm_holiday": "view v: owner crm_owner",
    "CREATE TABLE t ()": "table t: owner crm_owner",
    "ALTER TABLE staff_employee DISABLE TRIGGER employee_keeps_post": "trigger staff_employee.employee",
    "COMMENT ON COLUMN crm_holiday.name IS 'said'": "comment column name of table crm_holiday",
    "CREATE OR REPLACE FUNCTION crm_analyze(tables text[]) RETURNS void LANGUAGE sql AS ''": "function",
    "CREATE TYPE mood AS ENUM ('well')": "type mood",
    "CREATE STATISTICS s ON day, name FROM crm_holiday": "statistics s",
    "REVOKE DELETE ON crm_holiday FROM crm_app": "grant crm_holiday to crm_app",
    "GRANT EXECUTE ON FUNCTION crm_analyze(text[]) TO crm_purge": "grant crm_analyze(text[]) to crm_p",
}


def _lines(*, rows: bool = False) -> set[str]:
    with connection.cursor() as cursor:
        return set(describe(cursor, rows=rows))


@pytest.mark.django_db(transaction=True)
def test_it_tells_of_every_change() -> None:
    with as_owner():
        before = _lines()
        for statement, begins in CHANGES.items():
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)
                told = _lines() - before
                transaction.set_rollback(True)
            assert any(line.startswith(begins) for line in told), (statement, told)
        assert _lines() == before


@pytest.mark.django_db
def test_it_tells_of_rows_by_what_they_hold() -> None:
    before = _lines(rows=True)
    policy = Policy.objects.get(key="callback_daily_capacity", branch=None)
    policy.value += 1
    policy.save()
    told = _lines(rows=True) - before
    # The row, and the old one in the history of policies.
    assert {line.split(":")[0] for line in told} == {"row staff_policy", "row staff_policyevent"}
    assert any('"value": "21.00"' in line for line in told)


@pytest.mark.django_db
def test_it_compares_with_an_earlier_print(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("schema_catalog", "--rows")
    printed = capsys.readouterr().out
    earlier = tmp_path / "catalog.txt"
    earlier.write_text(printed, encoding="utf-8")
    call_command("schema_catalog", "--rows", "--compare", str(earlier))
    assert f"No line of {len(printed.splitlines())} differs." in capsys.readouterr().out
    earlier.write_text(
        printed.replace("column crm_holiday.day: date", "column crm_holiday.day: text")
    )
    with pytest.raises(CommandError, match="Lines that differ: 2"):
        call_command("schema_catalog", "--rows", "--compare", str(earlier))
    assert "-column crm_holiday.day: text" in capsys.readouterr().out

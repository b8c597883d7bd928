"""The first migrations: frozen, and told apart from those that were before them."""

import hashlib
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from crm.database_roles import as_owner
from crm.models import Holiday
from crm.schema_version import refuse_unknown_migrations, unknown_migrations
from staff.models import Employee

# The files of the baseline, as sha256 of what they hold.
FROZEN = {
    "clients/migrations/0001_initial.py": "b6cd6144b67fd43612a4a37f8543bbbbab9da10cd7dd500d1e32a14662154eb3",
    "clients/migrations/0002_seed.py": "9e1d6ca0c2ee00413b4f1ae9ad44a90e5e07cc93f728de2d2b57ec837c1029ba",
    "compliance/migrations/0001_initial.py": "cc6b082bca00f5f426e698b2e67cb1ab57a8d30e480507d82a62f944efb339e6",
    "compliance/migrations/0002_seed.py": "13c2e606d47f2a477285e918d1abc541e4b8b9a01d2386f716300a87d8009e28",
    "crm/migrations/0001_initial.py": "292fa46f1f9b8cd82f43d757dc2f605fab1ae2c69853a248885a05bf0a44fbaf",
    "crm/migrations/0002_seed.py": "a1a3adf29ddf4bcbc48f5f9fea73c25503c1cd3439782df113a1a05d6f4ea9ae",
    "pipeline/migrations/0001_initial.py": "91c0e52f96b1aa18efd2580e303298cbccc18c2df041c6e4dc18c21d522d16cf",
    "pipeline/migrations/0002_seed.py": "3e16af613a9c2efb4147bc8f0b068d064e30c7d3e143df975719907cc7f4c92e",
    "staff/migrations/0001_initial.py": "93dee7743bc65f8d0c3f25e516fab71d23442d73d0fac3838b227d6db35b14e8",
    "staff/migrations/0002_seed.py": "46ab3857698231a319dd3692c4e9de41e481d1df13707431755934f6ac7d76b4",
    "visits/migrations/0001_initial.py": "a9911f788c3e76784d20ec26c2afd86e465734cabc4ff4c0d179134e50e08a80",
    "visits/migrations/0002_seed.py": "727ba980a339fc9e8b55a6d65178d0f84930dd6318d6e0cbea3bcea49db75c40",
    "visits/migrations/_scripts.py": "91fc1daedc4802623952b841b1aa047ba03ebfa35a33106117899d17f117a064",
}
ADD = (
    "The baseline is frozen, for installations have run it: leave it as it was and add a migration "
    "(manage.py makemigrations). Only where a module that it imports has moved is the new digest "
    "written into this test."
)


@pytest.mark.parametrize("name", FROZEN)
def test_it_is_frozen(name: str) -> None:
    content = (Path(settings.BASE_DIR) / name).read_bytes()
    assert hashlib.sha256(content).hexdigest() == FROZEN[name], ADD


def test_it_is_frozen_as_a_whole() -> None:
    found = {
        str(path.relative_to(settings.BASE_DIR))
        for pattern in ("*/migrations/0001_*.py", "*/migrations/0002_*.py", "*/migrations/_*.py")
        for path in Path(settings.BASE_DIR).glob(pattern)
        if path.name != "__init__.py"
    }
    assert found == set(FROZEN)


@pytest.mark.django_db
def test_its_statements_can_be_read() -> None:
    out = StringIO()
    call_command("sqlmigrate", "compliance", "0001", stdout=out)
    assert 'CREATE TABLE "compliance_returnvisit"' in out.getvalue()
    assert "CREATE FUNCTION compliance_never_own()" in out.getvalue()


@pytest.fixture
def older(transactional_db: None) -> Iterator[None]:
    """A database that was made by migrations which are no more."""
    _write(
        "INSERT INTO django_migrations (app, name, applied) VALUES ('crm', '0003_holidays', now())"
    )
    yield
    _write("DELETE FROM django_migrations WHERE name = '0003_holidays'")


def _write(statement: str) -> None:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.django_db
def test_nothing_is_unknown_in_a_database_of_this_version() -> None:
    assert unknown_migrations() == []
    refuse_unknown_migrations()


@pytest.mark.parametrize("command", [["migrate"], ["load_demo", "--reload"]])
def test_it_changes_nothing_in_an_older_database(
    older: None, command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "EMBEDDED", True)
    Employee.objects.create(username="kept", full_name="Kept", role="administrator")
    holidays = Holiday.objects.count()
    with pytest.raises(CommandError) as refused:
        call_command(*command, verbosity=0)
    sentence = str(refused.value)
    assert sentence.startswith("Nothing was changed")
    assert "(crm.0003_holidays)" in sentence
    assert "move" in sentence
    assert "away" in sentence
    assert Employee.objects.filter(username="kept").exists()
    assert Holiday.objects.count() == holidays


def test_it_says_what_to_do_on_a_server(older: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "EMBEDDED", False)
    with pytest.raises(CommandError, match="give DATABASE_URL an empty database"):
        refuse_unknown_migrations()

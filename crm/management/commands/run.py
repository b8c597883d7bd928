"""Everything for one machine: servers, tables, demo firm, then web, worker and beat together."""

import contextlib
import fcntl
import hashlib
import io
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from crm import checks, embedded
from crm.management.commands.compile_translations import compile_stale
from crm.schema_version import refuse_unknown_migrations

# Every process of a run carries this in its environment: whoever is left after kill -9 is known.
MARK = "CRM_RUN_HOME"


class Command(BaseCommand):
    """``manage.py run``: what ``make run`` calls once the packages are installed."""

    help = "Prepare everything, then serve web, worker and beat until Ctrl-C."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(line_buffering=True)  # into a file or pipe, too
        # A shell starts background jobs with Ctrl-C ignored; here it always means "stop".
        signal.signal(signal.SIGINT, _interrupt)
        signal.signal(signal.SIGTERM, _interrupt)
        with _only_run(), contextlib.suppress(KeyboardInterrupt):
            if faults := checks.check_environment():
                raise CommandError("\n".join(str(fault) for fault in faults))
            self._run(settings.HOST, settings.PORT)

    def _run(self, host: str, port: int) -> None:
        stop_leftovers()
        _require_free(host, port)
        ours = embedded.run_directory() / "started-servers"
        try:
            if embedded.ensure():
                ours.touch()
            self._prepare()
            self._serve(host, port)
        except embedded.EmbeddedError as error:
            raise CommandError(str(error)) from error
        finally:
            connections.close_all()
            stop_leftovers()
            if ours.exists():  # also when an earlier run, killed, had started them
                embedded.stop()
                ours.unlink()
                self.stdout.write("Stopped.")

    def _prepare(self) -> None:
        refuse_unknown_migrations()
        compile_stale()
        if _pending_migrations():
            self.stdout.write("Creating the tables …")
            call_command("migrate", verbosity=0, interactive=False)
        _collect_static()
        if not get_user_model().objects.exists():
            self.stdout.write("Loading the demo firm …")
            call_command("load_demo", scale="small", stdout=self.stdout)

    def _serve(self, host: str, port: int) -> None:
        environment = os.environ | {
            MARK: str(embedded.home()),
            "BIND": f"{host}:{port}",
            "SITE_URL": settings.SITE_URL,
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "PYTHONUNBUFFERED": "1",
            # In a container the demo may well be root; its messages are JSON, never pickles.
            "PYTHONWARNINGS": "ignore:You're running the worker with superuser",
        }
        honcho = subprocess.Popen(
            [sys.executable, "-m", "honcho", "start", "-f", str(settings.BASE_DIR / "Procfile")],
            cwd=settings.BASE_DIR,
            env=environment,
            start_new_session=True,  # Ctrl-C reaches us alone, and we end it once
        )
        threading.Thread(target=self._announce, args=(port,), daemon=True).start()
        try:
            _wait_for_an_end(honcho)
        except KeyboardInterrupt:
            self.stdout.write("Stopping …")
        else:
            raise CommandError("One of web, worker and beat ended, so all were stopped; see above.")
        finally:
            _ignore_interrupts()
            honcho.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                honcho.wait(timeout=20)

    def _announce(self, port: int) -> None:
        """Print the address and the logins once the site answers."""
        for _ in range(300):
            with contextlib.suppress(urllib.error.URLError, OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5)
                break
            time.sleep(0.2)
        self.stdout.write(f"\nThe CRM is ready: http://localhost:{port}/  (Ctrl-C stops it)\n")
        if settings.EMBEDDED:
            if settings.HOST not in settings.LOOPBACK:
                self.stderr.write(
                    f"Others reach it too, because HOST is {settings.HOST}. Everyone knows these "
                    "passwords: put no real clients in."
                )
            try:
                call_command("demo_logins", stdout=self.stdout)
            except CommandError as error:  # people of one's own, and no demo firm
                self.stdout.write(str(error))
            connections.close_all()


def _wait_for_an_end(honcho: "subprocess.Popen[bytes]") -> None:
    """Return as soon as honcho or one of the parts has ended.

    Honcho alone notices late: children of a killed part keep its output open for a while.
    """
    while honcho.poll() is None:
        time.sleep(0.5)
        with contextlib.suppress(psutil.NoSuchProcess):
            readers = psutil.Process(honcho.pid).children()
            parts = [part for reader in readers for part in reader.children()]
            if any(part.status() == psutil.STATUS_ZOMBIE for part in parts):
                return


def _interrupt(*_args: Any) -> None:
    raise KeyboardInterrupt


def _ignore_interrupts() -> None:
    """A second Ctrl-C must not leave half of the processes behind."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


@contextlib.contextmanager
def _only_run() -> Iterator[None]:
    """Hold this home's run lock; the system frees it even after kill -9."""
    with (embedded.run_directory() / "run.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CommandError(
                f"The CRM already runs with the state in {embedded.home()}. Stop it there, or "
                "set CRM_HOME to another directory."
            ) from error
        yield


def stop_leftovers() -> int:
    """End the processes that a killed run of this home left behind; return how many."""
    left = list(_marked())
    for process in left:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()
    _, stubborn = psutil.wait_procs(left, timeout=10)
    for process in stubborn:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(stubborn, timeout=5)
    return len(left)


def _marked() -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.environ().get(MARK) == str(embedded.home()):
                yield process


def _require_free(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(
                f"Port {port} is in use ({error.strerror}). Choose another: PORT=8001 make run"
            ) from error


def _pending_migrations() -> bool:
    try:
        executor = MigrationExecutor(connections["default"])
        return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    finally:
        connections.close_all()


def _collect_static() -> None:
    """Run collectstatic when a source changed; compressing all of it takes a while."""
    root = Path(settings.STATIC_ROOT)
    stamp = root / ".sources"
    digest = hashlib.sha256()
    sources = [settings.BASE_DIR / "package-lock.json", settings.BASE_DIR / "requirements.txt"]
    sources += sorted(p for p in (settings.BASE_DIR / "static").rglob("*") if p.is_file())
    for source in sources:
        digest.update(str(source).encode() + source.read_bytes())
    if stamp.exists() and stamp.read_text() == digest.hexdigest():
        return
    shutil.rmtree(root, ignore_errors=True)
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(digest.hexdigest())

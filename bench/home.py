"""A firm of a given size with servers of its own, kept between runs.

A firm that takes minutes or an hour to load is kept for as long as its stamp (``bench/stamp.py``)
holds. It lives on the day that it was loaded on: to the processes of its home the clock stands as
many days back, so that what was due then is due now.
"""

import json
import os
import shlex
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.stamp import Stamp

PROJECT = Path(__file__).resolve().parent.parent


@dataclass
class Home:
    """A directory with its embedded servers and a demo firm of ``scale`` and ``share``.

    A ``lasting`` firm is kept whatever the day is; another is loaded anew each day.
    """

    directory: Path
    scale: str
    share: float = 1.0
    lasting: bool = False
    rebuild: bool = False
    prepared: bool = False

    @property
    def stamp(self) -> Path:
        return self.directory / "firm.json"

    @property
    def environment(self) -> dict[str, str]:
        clean = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "REDIS_URL"}}
        kept = Stamp.read(self.stamp)
        return clean | {
            "CRM_HOME": str(self.directory),
            "LOG_LEVEL": "WARNING",
            "DJANGO_SETTINGS_MODULE": "bench.settings",
            "BENCH_DAY": kept.day if kept and self.lasting else "",
        }

    def manage(self, *arguments: str) -> None:
        subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=PROJECT,
            env=self.environment,
            check=True,
        )

    def prepare(self) -> None:
        """Make tables, static files and the firm; a firm that is there and fits stays."""
        wanted = Stamp.wanted(self.scale, self.share)
        kept = self._fits(wanted)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.prepared = True
        self.manage("migrate", "--verbosity", "0")
        self.manage("collectstatic", "--no-input", "--verbosity", "0")
        if not kept:
            share = ["--share", str(self.share)]
            self.manage("load_demo", "--scale", self.scale, *share, "--reload")
            wanted.write(self.stamp)

    def _fits(self, wanted: Stamp) -> bool:
        """Whether the firm is there and fits; one that does not is dropped, with a sentence."""
        if not self.directory.exists():
            return False
        kept = Stamp.read(self.stamp)
        if kept is None:
            why = "it is not finished, or of an older version"
        elif self.rebuild:
            why = "it was asked for"
        elif kept.day != wanted.day and not self.lasting:
            why = "it is of another day"
        elif not (why := kept.outdated(wanted)):
            return True
        print(f"The firm in {self.directory} is built anew: {why}.", flush=True)
        self.drop()
        return False

    def drop(self) -> None:
        """Stop the servers and delete all that the home holds."""
        if not self.directory.exists():
            return
        self.stop()
        layout = self.directory / "layout.json"
        if layout.exists():  # the data may lie elsewhere, where PostgreSQL's user can reach it
            shutil.rmtree(json.loads(layout.read_text())["postgres"], ignore_errors=True)
        shutil.rmtree(self.directory)

    def reload(self) -> None:
        """The firm as it was, where a measurement changed it."""
        self.manage("load_demo", "--scale", self.scale, "--reload", "--verbosity", "0")

    def ask(self, module: str, *arguments: str) -> Any:
        """What a module of bench/ finds out in this home, as JSON on its last line."""
        found = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=PROJECT,
            env=self.environment,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        return json.loads(found.stdout.strip().splitlines()[-1])

    def stop(self) -> None:
        self.manage("embedded", "stop")


class Site:
    """A home served as the Procfile says, on a free port."""

    def __init__(self, home: Home) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        line = next(p for p in (PROJECT / "Procfile").read_text().splitlines() if "gunicorn" in p)
        command = line.split(":", 1)[1].replace("exec ", "").replace("crm.wsgi", "bench.wsgi")
        command = command.replace('"$BIND"', f"127.0.0.1:{self.port}")
        self.process = subprocess.Popen(
            [sys.executable, "-m", *shlex.split(command)], cwd=PROJECT, env=home.environment
        )

    def wait(self) -> None:
        for _ in range(120):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/accounts/login/", timeout=30)
            except OSError:
                time.sleep(0.5)
            else:
                return
        raise RuntimeError("The site did not start.")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=30)

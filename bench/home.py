"""A firm of a given size with servers of its own, kept between runs."""

import json
import os
import shlex
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

PROJECT = Path(__file__).resolve().parent.parent


@dataclass
class Home:
    """A directory with its embedded servers and a demo firm of ``scale`` and ``share``."""

    directory: Path
    scale: str
    share: float = 1.0
    prepared: bool = False

    @property
    def environment(self) -> dict[str, str]:
        clean = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "REDIS_URL"}}
        return clean | {"CRM_HOME": str(self.directory), "LOG_LEVEL": "WARNING"}

    def manage(self, *arguments: str) -> None:
        subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=PROJECT,
            env=self.environment,
            check=True,
        )

    def prepare(self) -> None:
        """Make tables, static files and the firm; a firm that is there and of today stays."""
        self.directory.mkdir(parents=True, exist_ok=True)
        self.prepared = True
        self.manage("migrate", "--verbosity", "0")
        self.manage("collectstatic", "--no-input", "--verbosity", "0")
        stamp = self.directory / "firm.json"
        wanted = {"scale": self.scale, "share": self.share, "day": _today()}
        if not stamp.exists() or json.loads(stamp.read_text()) != wanted:
            stamp.unlink(missing_ok=True)
            share = ["--share", str(self.share)]
            self.manage("load_demo", "--scale", self.scale, *share, "--reload")
            stamp.write_text(json.dumps(wanted))

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


def _today() -> str:
    """The business date: what is due today in a firm of yesterday is not what one has to do."""
    return datetime.now(ZoneInfo("Asia/Shanghai")).date().isoformat()


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

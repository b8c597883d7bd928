"""Processes of servers: started apart from this one, looked at, waited for."""

import contextlib
import os
import subprocess
import time
from pathlib import Path
from typing import Any

from crm.embedded.places import START_SECONDS, EmbeddedError


def as_user(user: int, cwd: Path | None) -> dict[str, Any]:
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


def detached(command: list[str], output: Any, **arguments: Any) -> "subprocess.Popen[bytes]":
    """A server in a session of its own: Ctrl-C and the end of our process do not reach it."""
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        **arguments,
    )


def is_process(pid: int, name: str, cwd: Path) -> bool:
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


def wait_gone(pid: int, name: str) -> None:
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

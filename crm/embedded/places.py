"""Where the embedded servers keep what, and the secrets of the demo; made once, read ever after."""

import base64
import contextlib
import functools
import hashlib
import json
import os
import re
import secrets
import stat
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent.parent
DATABASE = "crm"
OWNER_ROLE = "crm_owner"
APP_ROLE = "crm_app"
# Deletes prospects past their retention, and nothing else ever takes it.
PURGE_ROLE = "crm_purge"
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
    return directory(home() / "run")


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
        directory(home())
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


def layout() -> Layout:
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
    data = base / "postgres" if reachable else root_store() / suffix / "postgres"
    sockets = base / "run"
    plain = PLAIN_PATH.fullmatch(str(sockets)) is not None
    if not (plain and reachable and len(os.fsencode(sockets)) <= SOCKET_DIRECTORY_BYTES):
        sockets = Path("/tmp") / f"crm-{suffix}"
    return Layout(home=str(base), postgres=str(data), sockets=str(sockets))


def _others_may_enter(path: Path) -> bool:
    """Whether a user without rights of its own can walk down to ``path`` (made 0755 if absent)."""
    existing = [p for p in (path, *path.parents) if p.exists()]
    return all(p.stat().st_mode & stat.S_IXOTH for p in existing)


def root_store() -> Path:
    """Where root keeps what its unprivileged server must reach."""
    library = Path("/var/lib")
    usable = os.access(library, os.W_OK) and _others_may_enter(library)
    return (library if usable else Path("/tmp")) / "crm-embedded"


def directory(path: Path, mode: int = 0o755, owner: int | None = None) -> Path:
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


def private_sockets(layout: Layout) -> None:
    """Make the socket directory; one under /tmp must be ours, for others could plant it."""
    path = directory(Path(layout.sockets))
    found = path.lstat()
    if stat.S_ISLNK(found.st_mode) or found.st_uid not in {os.geteuid(), 0}:
        raise EmbeddedError(
            f"{path} belongs to another user. Set CRM_HOME to another directory of your own."
        )


def durable() -> bool:
    """The tests' cluster sets ``CRM_EMBEDDED_DURABLE=0``: faster, and lost with the machine."""
    return os.environ.get("CRM_EMBEDDED_DURABLE", "1") != "0"

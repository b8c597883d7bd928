"""What a kept firm was made by: migrations and loader by their content, size, and its day."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

PROJECT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Stamp:
    """``schema`` and ``loader`` are hashes of files; ``day`` is the business date of the firm."""

    scale: str
    share: float
    schema: str
    loader: str
    day: str

    @classmethod
    def wanted(cls, scale: str, share: float) -> Stamp:
        """That of a firm which is built now."""
        return cls(
            scale=scale,
            share=share,
            schema=fingerprint(PROJECT.glob("*/migrations/*.py")),
            loader=fingerprint(PROJECT.glob("demo/**/*.py")),
            day=today(),
        )

    @classmethod
    def read(cls, file: Path) -> Stamp | None:
        """The stamp in ``file``; ``None`` where there is none that this version understands."""
        try:
            return cls(**json.loads(file.read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def write(self, file: Path) -> None:
        file.write_text(json.dumps(asdict(self)))

    def outdated(self, wanted: Stamp) -> str:
        """Why a firm of this stamp is no use to whoever wants another; '' where it is."""
        reasons = {
            "its size is another one": (self.scale, self.share) != (wanted.scale, wanted.share),
            "migrations have changed": self.schema != wanted.schema,
            "the loader of the demo has changed": self.loader != wanted.loader,
        }
        return " and ".join(reason for reason, holds in reasons.items() if holds)


def fingerprint(files: Iterable[Path]) -> str:
    """A hash of the names and contents of ``files``, whatever their order."""
    found = hashlib.sha256()
    for file in sorted(files):
        found.update(
            str(file.relative_to(PROJECT) if file.is_relative_to(PROJECT) else file).encode()
        )
        found.update(hashlib.sha256(file.read_bytes()).digest())
    return found.hexdigest()


def today() -> str:
    """The business date."""
    return datetime.now(ZoneInfo("Asia/Shanghai")).date().isoformat()

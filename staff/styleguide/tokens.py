"""The names of the design tokens, read from the sheet that holds them."""

import re
from collections import defaultdict
from functools import lru_cache
from pathlib import Path

from django.conf import settings

# Colours that stand for no surface or text: parts of a colour, and those of paper and the admin.
LEFT_OUT = ("brand-rgb", "print", "scrim", "admin-")


@lru_cache(maxsize=1)
def tokens() -> dict[str, list[str]]:
    """Names by kind (``c`` colours, ``t`` sizes of type, ``s`` space, ``r`` radii), as in the sheet."""
    path = Path(settings.BASE_DIR) / "static" / "css" / "tokens.css"
    names: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for kind, name in re.findall(r"--([ctsr])-([\w-]+):", path.read_text(encoding="utf-8")):
        if not name.startswith(LEFT_OUT):
            names[kind][name] = None
    return {kind: list(found) for kind, found in names.items()}

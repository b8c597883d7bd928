"""``python -m tests.days.index``: a page that shows the pictures of ``make days`` side by side."""

from __future__ import annotations

import sys
from html import escape
from pathlib import Path

_PAGE = """<!DOCTYPE html><meta charset="utf-8"><title>Days</title>
<style>
  body {{ font: 14px system-ui; margin: 16px }} nav a {{ margin-right: 12px }}
  section {{ display: flex; flex-wrap: wrap; gap: 12px; align-items: start }}
  figure {{ margin: 0 }} img {{ height: 420px; border: 1px solid #bbb }}
</style>
<nav>{links}</nav>{parts}
"""


def write(folder: Path) -> Path:
    """Write index.html over all pictures below ``folder``, by person and way of looking."""
    parts, links = [], []
    for day in sorted({picture.parent for picture in folder.rglob("*.png")}):
        name = f"{day.name} {day.parent.name}"
        figures = "".join(
            f'<figure><a href="{escape(str(picture.relative_to(folder)))}">'
            f'<img loading="lazy" src="{escape(str(picture.relative_to(folder)))}"></a>'
            f"<figcaption>{escape(picture.stem)}</figcaption></figure>"
            for picture in sorted(day.glob("*.png"))
        )
        links.append(f'<a href="#{escape(name)}">{escape(name)}</a>')
        parts.append(f'<h2 id="{escape(name)}">{escape(name)}</h2><section>{figures}</section>')
    page = folder / "index.html"
    page.write_text(_PAGE.format(links="".join(links), parts="".join(parts)), encoding="utf-8")
    return page


if __name__ == "__main__":
    sys.stdout.write(f"{write(Path(sys.argv[1]))}\n")

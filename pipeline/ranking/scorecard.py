"""Scorecards: logistic regression over bins, stored as plain numbers.

Numbers are cut at their deciles and every bin, every category and "unknown" gets points; a line
gets a slope. So the sum can be explained, is the same in SQL, and needs no unpickling. The
regression itself is scikit-learn's, with a strong ridge: what is seen seldom hardly counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Column = NDArray[Any]
    Table = dict[str, Column]

BINS = 10
# Inverse strength of the ridge; chosen in time order, see docs/ranking.md.
RIDGE = 0.05
Card = dict[str, Any]


def fit(table: Table, won: Column, lines: Iterable[str] = ()) -> Card:
    """Learn points from ``table`` (columns of text, or of numbers with NaN for unknown).

    ``lines`` names columns that count as they are, in proportion. Both outcomes must occur.
    """
    import numpy as np
    from scipy import sparse
    from sklearn.linear_model import LogisticRegression

    straight = set(lines)
    parts: list[Any] = []
    known: list[dict[str, Any]] = []
    for name, values in table.items():
        part = _line(name, values) if name in straight else _parts(name, values)
        known.append(part)
        parts.append(_encoded(part, values))
    matrix = sparse.hstack(parts).tocsr()
    learnt = LogisticRegression(C=RIDGE, max_iter=1000).fit(matrix, won)
    points = np.asarray(learnt.coef_[0])
    place = 0
    for part, encoded in zip(known, parts, strict=True):
        width = encoded.shape[1]
        part["points"] = [round(float(p), 6) for p in points[place : place + width]]
        place += width
    return {"intercept": round(float(learnt.intercept_[0]), 6), "parts": known}


def _line(name: str, values: Column) -> dict[str, Any]:
    spread = float(values.std()) or 1.0
    return {"name": name, "kind": "line", "mean": float(values.mean()), "spread": spread}


def _parts(name: str, values: Column) -> dict[str, Any]:
    import numpy as np

    if values.dtype.kind != "f":
        return {"name": name, "kind": "category", "values": sorted({str(v) for v in values})}
    seen = values[~np.isnan(values)]
    cuts: Any = np.quantile(seen, np.linspace(0, 1, BINS + 1)[1:-1]) if len(seen) else []
    return {"name": name, "kind": "number", "cuts": [float(c) for c in np.unique(cuts)]}


def _places(part: dict[str, Any], values: Column) -> np.ndarray[Any, Any]:
    """Index of the points that apply; the last one is for unknown or unseen values."""
    import numpy as np

    if part["kind"] == "category":
        places = {value: place for place, value in enumerate(part["values"])}
        return np.array([places.get(str(v), len(places)) for v in values], dtype=int)
    cuts = np.asarray(part["cuts"], dtype=float)
    found = np.searchsorted(cuts, values, side="right")
    return np.where(np.isnan(values), len(cuts) + 1, found)


def _encoded(part: dict[str, Any], values: Column) -> Any:
    import numpy as np
    from scipy import sparse

    if part["kind"] == "line":
        return sparse.csr_matrix(((values - part["mean"]) / part["spread"])[:, None])
    width = len(part["values"]) + 1 if part["kind"] == "category" else len(part["cuts"]) + 2
    rows = np.arange(len(values))
    ones = np.ones(len(values))
    return sparse.csr_matrix((ones, (rows, _places(part, values))), shape=(len(values), width))


def logits(card: Card, table: Table) -> Column:
    """The sum of the points of each row."""
    import numpy as np

    rows = len(next(iter(table.values())))
    total = np.full(rows, card["intercept"], dtype=float)
    for part in card["parts"]:
        values, points = table[part["name"]], np.asarray(part["points"])
        if part["kind"] == "line":
            total += points[0] * (values - part["mean"]) / part["spread"]
        else:
            total += points[_places(part, values)]
    return total


def predict(card: Card, table: Table) -> Column:
    """The probability of each row."""
    import numpy as np

    return np.asarray(1 / (1 + np.exp(-logits(card, table))))


def calibrated(card: Card, offset: float, slope: float) -> Card:
    """The same card with its sum stretched and shifted (Platt)."""
    parts = [
        part | {"points": [round(slope * p, 6) for p in part["points"]]} for part in card["parts"]
    ]
    return {"intercept": round(offset + slope * card["intercept"], 6), "parts": parts}


def sql(card: Card, lines: dict[str, float]) -> tuple[str, list[Any]]:
    """The sum of the points as SQL over columns named like the features, with its parameters.

    ``lines`` are the values of the straight ones, which are one number for all rows.
    """
    total = float(card["intercept"])
    terms: list[str] = []
    params: list[Any] = []
    for part in card["parts"]:
        name, points = part["name"], part["points"]
        if part["kind"] == "line":
            total += points[0] * (lines[name] - part["mean"]) / part["spread"]
        elif part["kind"] == "category":
            whens = " ".join("WHEN %s THEN %s::float8" for _ in part["values"])
            terms.append(f"CASE coalesce(f.{name}, '') {whens} ELSE %s::float8 END")
            for value, point in zip(part["values"], points, strict=False):
                params += [value, point]
            params.append(points[-1])
        else:
            whens = " ".join(f"WHEN f.{name} < %s THEN %s::float8" for _ in part["cuts"])
            terms.append(f"CASE WHEN f.{name} IS NULL THEN %s::float8 {whens} ELSE %s::float8 END")
            params.append(points[-1])
            for cut, point in zip(part["cuts"], points, strict=False):
                params += [cut, point]
            params.append(points[len(part["cuts"])])
    return " + ".join(["%s::float8", *terms]), [total, *params]


def counted(card: Card, facts: dict[str, Any]) -> list[tuple[str, Any, float]]:
    """Each feature of one row with its value and points, the weightiest first."""
    import bisect

    point_rows = []
    for part in card["parts"]:
        name, points, value = part["name"], part["points"], facts.get(part["name"])
        if part["kind"] == "line":
            given = part["mean"] if value is None else float(value)
            point = points[0] * (given - part["mean"]) / part["spread"]
        elif part["kind"] == "category":
            kept = part["values"]
            text = "" if value is None else str(value)
            point = points[kept.index(text)] if text in kept else points[-1]
        elif value is None:
            point = points[-1]
        else:
            point = points[bisect.bisect_right(part["cuts"], float(value))]
        point_rows.append((name, value, float(point)))
    return sorted(point_rows, key=lambda row: -abs(row[2]))

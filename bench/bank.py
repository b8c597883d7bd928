"""The ranking's learning on bank-full.csv: one set of features, two views of the same rows.

Real telephone contacts in time order. Barred: sex is not in it, marital state and age are left out
as the policies say; so are the duration (known after the call), day and month (a calendar), and
the kind of telephone, whose unknown values mark the first summer. Days serve only to tell which
outcomes were known before.
"""

from __future__ import annotations

import csv
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split

from bench.process import peak
from pipeline.ranking import evaluation, scorecard

CATEGORIES = ("job", "education", "default", "housing", "loan", "poutcome")
NUMBERS = ("balance", "campaign", "pdays", "previous")
LINE = "latest"
SEEDS = 5
ORDER = {"success": 3.0, "other": 2.0, "failure": 1.0}


class Bank:
    """The file as columns; ``day`` counts its days in order."""

    def __init__(self, file: Path) -> None:
        with file.open(encoding="utf-8") as source:
            rows = list(csv.DictReader(source, delimiter=";"))
        self.won = np.array([row["y"] == "yes" for row in rows], dtype=float)
        self.table: scorecard.Table = {
            name: np.array([row[name] for row in rows], dtype=object) for name in CATEGORIES
        }
        for name in NUMBERS:
            self.table[name] = np.array([float(row[name] or "nan") for row in rows])
        self.day = np.zeros(len(rows))
        month, day = rows[0]["month"], rows[0]["day"]
        for place, row in enumerate(rows):
            changed = (row["month"] or month, row["day"] or day) != (month, day)
            month, day = row["month"] or month, row["day"] or day
            self.day[place] = (self.day[place - 1] if place else 0) + changed

    def with_latest(self, known: Any) -> scorecard.Table:
        """The table and the share of yes among the latest of the ``known`` rows, days before."""
        share = evaluation.latest_share(
            self.day, self.day[known], self.won[known], evaluation.LATEST
        )
        return self.table | {LINE: share}


def at_random(bank: Bank) -> dict[str, Any]:
    """Random split, 30 % kept for the test, over the seeds; outcomes of the test are unknown."""
    areas, halves = [], []
    everything = np.arange(len(bank.won))
    for seed in range(SEEDS):
        past, later = train_test_split(
            everything, test_size=0.3, random_state=seed, stratify=bank.won
        )
        table = bank.with_latest(np.sort(past))
        found = evaluation.learnt(LINE)(table, bank.won, past, later)
        areas.append(float(roc_auc_score(bank.won[later], found)))
        halves.append(evaluation.lift(found, bank.won[later])[4]["reached"])
    return {
        "auc": float(np.mean(areas)),
        "auc_spread": float(np.std(areas)),
        "half": float(np.mean(halves)),
        "half_spread": float(np.std(halves)),
        "seeds": SEEDS,
    }


def _heuristic(table: scorecard.Table, won: Any, past: Any, later: Any) -> Any:
    """The last outcome alone: a yes before other, a no, and nothing known."""
    return np.array([ORDER.get(str(value), 0.0) for value in table["poutcome"][later]]) / 4 + 0.05


def in_time(bank: Bank) -> dict[str, Any]:
    """Eight later blocks, each learnt on everything before it."""
    places = np.arange(len(bank.won), dtype=float)
    methods = {
        "learnt": evaluation.learnt(LINE),
        "rates": evaluation.simple(["poutcome", "job"], 20),
        "rates of the last outcome": evaluation.simple(["poutcome"], 20),
        "last outcome": _heuristic,
    }
    table = bank.with_latest(np.arange(len(bank.won)))
    found, blocks = evaluation.in_time(table, bank.won, places, places, methods)
    won = bank.won[np.concatenate(blocks)]
    found["learnt"] = evaluation.recalibrated(found["learnt"], won, blocks)
    measured = {name: evaluation.measures(rows, won, blocks) for name, rows in found.items()}
    own = np.array(measured["learnt"]["auc_blocks"])
    gains = {}
    for name in list(methods)[1:]:
        gain = own - np.array(measured[name]["auc_blocks"])
        gains[name] = {
            "mean": float(gain.mean()),
            "spread": float(gain.std()),
            "least": float(gain.min()),
            "pooled": measured["learnt"]["auc"] - measured[name]["auc"],
        }
    return {
        "measures": measured,
        "gains": gains,
        "calibration": evaluation.calibration(found["learnt"], won),
        "lift": evaluation.lift(found["learnt"], won),
    }


def training(bank: Bank) -> dict[str, Any]:
    """Seconds of a whole training as the product does it (tests on later blocks, then the card)."""
    started = time.perf_counter()
    in_time(bank)
    table = bank.with_latest(np.arange(len(bank.won)))
    scorecard.fit(table, bank.won, [LINE])
    return {
        "rows": len(bank.won),
        "seconds": time.perf_counter() - started,
        "peak": peak(),
    }


def measured(what: str) -> dict[str, Any] | None:
    """One of the views; nothing where the file is absent."""
    directory = os.environ.get("CRM_REAL_DATA", "")
    file = Path(directory) / "bank-full.csv"
    if not directory or not file.exists():
        return None
    bank = Bank(file)
    return {"random": at_random, "time": in_time, "training": training}[what](bank)


if __name__ == "__main__":
    print(json.dumps(measured(sys.argv[1])))

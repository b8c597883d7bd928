"""``make bench``: prints how fast the product is beside its limits.

``ARGS="--record"`` adds a dated copy to docs/benchmarks.md; ``--only PART`` (see ``PARTS``)
measures one part. ``--rebuild`` loads the firms anew, ``--drop`` deletes them. ``BENCH_SCALE``
(default firm) and ``BENCH_ROUNDS`` (default 40) shrink a run.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from bench.first_visit import measure_first_visit
from bench.home import PROJECT, Home
from bench.pages import Result, measure, measure_board, measure_forms
from bench.ranking_document import write as write_ranking
from bench.report import record, save, table
from bench.walk import measure_walk

PLANNING_LIMIT, IMPORT_LIMIT, FIGURES_LIMIT, MEMORY_LIMIT = 3.0, 8.0, 8.0, 300.0
DISPATCH_LIMIT, CLASSES_LIMIT, PLANNING_MEMORY = 2.0, 3.0, 200.0
RANKING_LIMIT, TRAINING_LIMIT, TRAINING_MEMORY = 2.0, 60.0, 500.0
PARTS = (
    "pages",
    "planning",
    "classes",
    "figures",
    "import",
    "memory",
    "dispatch",
    "board",
    "ranking",
    "contacts",
    "visit",
)
# The parts that are measured in the large firm; the others have small ones of their own.
OF_FIRM = {"pages", "planning", "classes", "figures", "memory", "ranking", "contacts", "walk"}
# Measured where it is asked for by name: what is above its limit is a list of work to do.
ASKED_FOR = ("walk",)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--only", choices=(*PARTS, *ASKED_FOR), action="append")
    parser.add_argument("--rebuild", action="store_true", help="load the firms anew")
    parser.add_argument("--drop", action="store_true", help="delete the firms, measure nothing")
    options = parser.parse_args()
    wanted = options.only or PARTS
    scale = os.environ.get("BENCH_SCALE", "firm")
    root = Path(os.environ.get("BENCH_HOME", PROJECT / "var" / "bench"))
    anew = options.rebuild
    large = Home(root / scale, scale, lasting=True, rebuild=anew)
    tenth = Home(root / f"{scale}-tenth", scale, share=0.1, lasting=True, rebuild=anew)
    own, office, cards = (
        Home(root / name, "small", rebuild=anew) for name in ("import", "dispatch", "board")
    )
    homes = (large, tenth, own, office, cards)
    if options.drop:
        for home in homes:
            home.drop()
        return 0
    subprocess.run([sys.executable, "manage.py", "compile_translations"], cwd=PROJECT, check=True)
    results: list[Result] = []
    walked: list[Result] = []
    try:
        if OF_FIRM & set(wanted) or options.record:
            large.prepare()
        if "pages" in wanted:
            tenth.prepare()
            results += measure(large, tenth, int(os.environ.get("BENCH_ROUNDS", "40")))
        if "contacts" in wanted:
            tenth.prepare()
            results += measure_forms(large, tenth, int(os.environ.get("BENCH_ROUNDS", "40")))
        if "planning" in wanted:
            results += _planning(large)
            print(*results[-2:], sep="\n", flush=True)
        if "classes" in wanted:
            results.append(_classes(large))
            print(results[-1], flush=True)
        if "figures" in wanted:
            results += _figures(large)
        if "import" in wanted:
            own.prepare()
            results += _import(own)
        if "memory" in wanted:
            own.prepare()
            results += _memory(large, own)
        if "dispatch" in wanted:
            office.prepare()
            results.append(_dispatch(office))
        if "board" in wanted:
            cards.prepare()
            results += measure_board(cards, int(os.environ.get("BENCH_ROUNDS", "40")))
        if "ranking" in wanted:
            results += _ranking(large)
        if "visit" in wanted:
            office.prepare()
            results += measure_first_visit(office, int(os.environ.get("BENCH_VISITS", "5")))
        if "walk" in wanted:
            walked = measure_walk(large)
            results += walked
        size = large.ask("bench.facts") if large.prepared else {}
    finally:
        for home in homes:
            if home.prepared:
                home.stop()
    print(table(results))
    size = {key: size.get(key) for key in ("clients", "visits")} | {"scale": scale}
    save(results, size)
    if options.record:
        # Of the walk, what is to be done about.
        record([r for r in results if r not in walked or not r.passed], size)
    return 0 if all(result.passed for result in results) else 1


def _planning(home: Home) -> list[Result]:
    found = home.ask("bench.writing", "planning")
    detail = f"{found['planned']:.1f} s; {found['copied']:.1f} s for {found['rows']} rows"
    ratio = found["planned"] / found["copied"]
    return [
        Result("Planning everybody", ratio, PLANNING_LIMIT, "× copying the rows", detail),
        Result("Memory of planning", found["peak"], PLANNING_MEMORY, "MB", "peak of the process"),
    ]


def _classes(home: Home) -> Result:
    found = home.ask("bench.segments")
    detail = f"{found['classified']:.1f} s; {found['updated']:.1f} s for {found['rows']} clients"
    ratio = found["classified"] / found["updated"]
    return Result("Reclassifying the firm", ratio, CLASSES_LIMIT, "× UPDATE … FROM", detail)


def _figures(home: Home) -> list[Result]:
    found = home.ask("bench.figures")
    detail = f"{found['imported']:.1f} s; {found['copied']:.1f} s for {found['rows']} rows"
    ratio = found["imported"] / found["copied"]
    return [
        Result("Import of 100,000 monthly figures", ratio, FIGURES_LIMIT, "× COPY", detail),
        Result("Memory of that import", found["peak"], MEMORY_LIMIT, "MB", "peak of the process"),
    ]


def _memory(large: Home, own: Home) -> list[Result]:
    asked = [
        *((f"Memory of an export ({how})", large, ("export", how)) for how in ("csv", "xlsx")),
        *((f"Memory of a client import, {n}×", own, ("import", str(n))) for n in (1, 6)),
    ]
    results = []
    for title, home, arguments in asked:
        found = home.ask("bench.memory", *arguments)
        if found is not None:
            detail = f"{found['rows']} clients, peak of the process"
            results.append(Result(title, found["peak"], MEMORY_LIMIT, "MB", detail))
            print(results[-1], flush=True)
        if home is own:
            own.reload()
    return results


def _dispatch(home: Home) -> Result:
    found = home.ask("bench.dispatch")
    detail = f"{found['sent']:.1f} s; {found['written']:.1f} s for {found['digests']} empty tasks"
    ratio = found["sent"] / found["written"]
    return Result("Dispatch of 10,000 digests", ratio, DISPATCH_LIMIT, "× empty tasks", detail)


def _ranking(home: Home) -> list[Result]:
    """Speed of scoring; what the learning finds on real contacts goes to docs/ranking.md."""
    found = home.ask("bench.ranking")
    detail = f"{found['scored']:.1f} s; {found['plain']:.1f} s for {found['rows']} rows"
    if found["learnt"] is not None:  # its features are read from a million visits besides
        detail += f"; {found['learnt']:.1f} s by the learnt model"
    ratio = found["scored"] / found["plain"]
    results = [Result("Ranking of 100,000", ratio, RANKING_LIMIT, "× plain SQL", detail)]
    random, later, trained = (
        home.ask("bench.bank", view) for view in ("random", "time", "training")
    )
    if random is None:
        print("Learning was not measured: CRM_REAL_DATA does not say where bank-full.csv is.")
        return results
    write_ranking(random, later, trained)
    rows = f"{trained['rows']} rows"
    print(
        f"AUC {random['auc']:.3f} at random, half reaches {random['half']:.1f} %; docs/ranking.md"
    )
    gain = min(
        min(by["mean"], by["pooled"]) for by in later["gains"].values()
    )  # over base rates and the last outcome alone
    short = max(0.78 - random["auc"], 0.0), max(80 - random["half"], 0.0), max(0.02 - gain, 0.0)
    return [
        *results,
        Result("Learning, at random", short[0], 0.0, "short of AUC 0.78", f"{random['auc']:.3f}"),
        Result("Learning, better half", short[1], 0.0, "% short of 80", f"{random['half']:.1f} %"),
        Result("Learning, in time order", short[2], 0.0, "short of +0.02", f"+{gain:.3f} AUC"),
        Result("Training of the ranking", trained["seconds"], TRAINING_LIMIT, "s", rows),
        Result("Memory of that training", trained["peak"], TRAINING_MEMORY, "MB", "its peak"),
    ]


def _import(home: Home) -> list[Result]:
    found = home.ask("bench.writing", "importing")
    if found is None:
        print("Import was not measured: CRM_REAL_DATA does not say where bank-full.csv is.")
        return []
    detail = f"{found['imported']:.1f} s; {found['copied']:.1f} s for {found['rows']} rows"
    ratio = found["imported"] / found["copied"]
    return [Result("Import of bank-full.csv", ratio, IMPORT_LIMIT, "× COPY", detail)]


if __name__ == "__main__":
    sys.exit(main())

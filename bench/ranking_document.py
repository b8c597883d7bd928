"""The measured figures of the ranking in docs/ranking.md, between its two marks."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from bench.report import PROJECT, machine

DOCUMENT = PROJECT / "docs" / "ranking.md"
BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"
TITLES = {
    "learnt": "learnt",
    "rates": "base rates: last outcome, job",
    "rates of the last outcome": "base rates: last outcome",
    "last outcome": "last outcome alone",
}


def lines(random: dict[str, Any], later: dict[str, Any], training: dict[str, Any]) -> list[str]:
    """The section in Markdown."""
    made = [
        f"Measured {datetime.now(UTC):%Y-%m-%d}. {machine()}.",
        "",
        f"**Random split** (sanity check; 70 : 30, mean ± spread of {random['seeds']} seeds): AUC"
        f" {random['auc']:.3f} ± {random['auc_spread']:.3f}; the better half reaches"
        f" {random['half']:.1f} ± {random['half_spread']:.1f} % of those who say yes.",
        "",
        "**Time order** (ten blocks; each of the last eight is ranked by what was learnt on all"
        " blocks before it):",
        "",
        "| way | AUC, mean of blocks | spread | AUC, all blocks together | log loss |",
        "|---|---|---|---|---|",
    ]
    for name, title in TITLES.items():
        m = later["measures"][name]
        made.append(
            f"| {title} | {m['auc_mean']:.3f} | {m['auc_spread']:.3f} | {m['auc']:.3f} |"
            f" {m['log_loss']:.3f} |"
        )
    made += [
        "",
        "| gain of the learnt over | mean of blocks | spread | least block | all together |",
        "|---|---|---|---|---|",
    ]
    for name, gain in later["gains"].items():
        made.append(
            f"| {TITLES[name]} | {gain['mean']:+.3f} | {gain['spread']:.3f} | {gain['least']:+.3f} |"
            f" {gain['pooled']:+.3f} |"
        )
    blocks = [", ".join(f"{v:.2f}" for v in later["measures"][n]["auc_blocks"]) for n in TITLES]
    made += ["", "AUC block by block:", ""]
    made += [f"- {title}: {row}" for title, row in zip(TITLES.values(), blocks, strict=True)]
    made += [
        "",
        "| tenth of the prediction | predicted | came | | best part of the list | reaches |",
        "|---|---|---|---|---|---|",
    ]
    both = zip(later["calibration"], later["lift"], strict=True)
    for place, (row, part) in enumerate(both, 1):
        made.append(
            f"| {place} | {row['predicted']} % | {row['came']} % | | {part['share']} % |"
            f" {part['reached']} % |"
        )
    return [
        *made,
        "",
        f"Training on {training['rows']:,} rows, tests on later blocks included:"
        f" {training['seconds']:.1f} s, {training['peak']} MB at most in a process of its own.",
    ]


def write(random: dict[str, Any], later: dict[str, Any], training: dict[str, Any]) -> None:
    """Replace what stands between the marks."""
    text = DOCUMENT.read_text()
    before, rest = text.split(BEGIN, 1)
    after = rest.split(END, 1)[1]
    section = "\n".join(lines(random, later, training))
    DOCUMENT.write_text(f"{before}{BEGIN}\n{section}\n{END}{after}")

"""Reads what Lastgood has written, and calls its command line: all that the notebooks beside it know of it.

In a workspace (environment variable LASTGOOD_WORKSPACE) its commands are run and their documents read. Without one, the
sample beside this file stands for what they would have said. Nothing here writes to live: plans are only made.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import tempfile
from pathlib import Path

import pandas as pd

SAMPLE = Path(__file__).with_name("sample")
WORKSPACE = os.environ.get("LASTGOOD_WORKSPACE")
COMMAND = os.environ.get("LASTGOOD", "lastgood")

# What ended, if not always well: 1 found something, 3 could not look at everything.
ENDED = (0, 1, 3)

# So many records a condition names one by one.
MOST_NAMED = 200

# What a row for a field has at least.
EXPLODED = ["dataset", "key", "class", "step", "action", "path", "before", "after", "live", "desired", "kind"]


def command(*arguments: str) -> str:
    """How a person types it."""
    where = ["-w", WORKSPACE] if WORKSPACE else []
    return " ".join(shlex.quote(one) for one in ["lastgood", *arguments, *where])


def _run(*arguments: str) -> str:
    ended = subprocess.run(
        [COMMAND, *arguments, "-w", WORKSPACE, "--no-progress"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    if ended.returncode not in ENDED:
        raise RuntimeError(f"{command(*arguments)} ended with {ended.returncode}\n{ended.stderr}")
    return ended.stdout


def document(*arguments: str) -> dict:
    """The JSON document of a command. Of the sample: the file that is named after the command."""
    if WORKSPACE:
        return json.loads(_run(*arguments, "--json"))
    name = "-".join(one for one in arguments if not one.startswith("-"))
    return json.loads((SAMPLE / f"{name}.json").read_text(encoding="utf-8"))


def audit() -> tuple[dict, pd.DataFrame, pd.DataFrame]:
    """Audits: the document, the findings, and every record that differs from the baseline, a row each."""
    if not WORKSPACE:
        return document("audit"), lines(SAMPLE / "findings.jsonl"), lines(SAMPLE / "changes.jsonl")
    with tempfile.TemporaryDirectory() as folder:
        findings, changes = Path(folder, "findings.jsonl"), Path(folder, "changes.jsonl")
        found = document("audit", "--findings", str(findings), "--changes", str(changes))
        return found, lines(findings), lines(changes)


def plan(*arguments: str) -> tuple[dict, pd.DataFrame]:
    """Makes a restore plan: its document, and a row for every step and for everything it leaves alone, and why."""
    if not WORKSPACE:
        return document("restore", "plan"), lines(SAMPLE / "plan.jsonl")
    made = document("restore", "plan", *arguments)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "plan.jsonl")
        _run("restore", "show", made["plan"], "--out", str(file))
        return made, lines(file)


def lines(file: Path) -> pd.DataFrame:
    """A file of JSON Lines, a row a line. Numbers keep every digit, as text: pandas would round them."""
    with open(file, encoding="utf-8") as text:
        return pd.DataFrame([json.loads(line, parse_float=str) for line in text])


def key(of: dict) -> str:
    """The key of a record as 'restore plan --key' and 'history' take it."""
    return ",".join(str(value) for value in of.values())


def among(keys: list[dict]) -> str:
    """A condition for 'restore plan --where' that is true of these records of one dataset."""
    names = list(keys[0])
    values = ["(" + ", ".join(_literal(key[name]) for name in names) + ")" for key in keys]
    fields = ", ".join(f"`{name}`" for name in names)
    if len(names) == 1:
        return f"{fields} in ({', '.join(value[1:-1] for value in values)})"
    return f"({fields}) in ({', '.join(values)})"


def _literal(value: object) -> str:
    if isinstance(value, str):
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def trimmed(made: dict, incident: str, steps: pd.DataFrame, keep: pd.DataFrame) -> list[str]:
    """The commands from a plan to the one that writes the kept steps alone, all of one dataset; a sentence if there are none."""
    if keep.empty:
        return ["No step is kept: there is nothing to plan."]
    show = command("restore", "show", made["plan"])
    if len(keep) == len(steps):
        return [show, "and when it is the plan you want: " + command("restore", "approve", made["plan"])]
    if keep["dataset"].nunique() > 1:
        return ["Steps of several datasets are kept, and some are not: keep those of one, and make a plan for each."]
    dataset = keep["dataset"].iloc[0]
    dropped = steps[(steps["dataset"] == dataset) & ~steps["step"].isin(keep["step"])]
    where = []
    if 0 < len(dropped) <= MOST_NAMED:
        where = ["--where", "not " + among(list(dropped["key"]))]
    elif not dropped.empty and len(keep) <= MOST_NAMED:
        where = ["--where", among(list(keep["key"]))]
    elif not dropped.empty:
        return [
            f"{len(keep)} steps of {dataset} are kept and {len(dropped)} dropped: more than {MOST_NAMED} records cannot be named one"
            " by one. Write a condition on their fields instead, and give it to 'restore plan --where'."
        ]
    return [
        show,
        command("restore", "plan", "--incident", incident, "--dataset", dataset, *where),
        "and with the id that it prints in place of PLAN: " + command("restore", "approve", "PLAN"),
    ]


def exploded(rows: pd.DataFrame) -> pd.DataFrame:
    """A row for every field that changed, with the record it is of."""
    if rows.empty or "fields" not in rows or rows["fields"].dropna().empty:
        return pd.DataFrame(columns=EXPLODED)
    each = rows.explode("fields").dropna(subset=["fields"]).reset_index(drop=True)
    fields = pd.DataFrame(list(each["fields"]))
    # What is said of the field goes before what is said of its record.
    return pd.concat([each.drop(columns=["fields", *(set(fields) & set(each))]), fields], axis=1)

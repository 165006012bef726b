"""Audit, snapshot and verification of a workspace, as an Airflow DAG (Airflow 2.4 or later, and 3).

A task whose exit code says that the world was in the way (4) is tried again. One that found something (1), or that cannot
succeed as it stands (2, 3, 5), fails at once: the same again would say the same.
"""

from __future__ import annotations

import os
import subprocess
from datetime import datetime, timedelta

try:  # Airflow 3
    from airflow.sdk import dag, task
except ImportError:  # Airflow 2
    from airflow.decorators import dag, task
from airflow.exceptions import AirflowException, AirflowFailException

WORKSPACE = os.environ.get("LASTGOOD_WORKSPACE", "/srv/shop")
LASTGOOD = os.environ.get("LASTGOOD", "/opt/lastgood/bin/lastgood")

MEANING = {
    1: "findings, damage or conflicts",
    2: "usage or configuration",
    3: "inconclusive: something could not be looked at",
    5: "refused for safety",
}


def lastgood(*arguments: str) -> None:
    """Runs a command to its end; raises what makes Airflow retry or fail."""
    command = [LASTGOOD, *arguments, "--workspace", WORKSPACE, "--no-progress"]
    code = subprocess.run(command, check=False).returncode
    if code == 0:
        return
    if code in MEANING:
        raise AirflowFailException(f"lastgood {arguments[0]} ended with {code}: {MEANING[code]}")
    raise AirflowException(f"lastgood {arguments[0]} ended with {code}: the environment, or it was killed")


@dag(
    schedule="15 2 * * *",
    start_date=datetime(2026, 1, 1),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 2, "retry_delay": timedelta(minutes=10), "execution_timeout": timedelta(hours=4)},
    tags=["lastgood"],
)
def lastgood_nightly():
    @task
    def audit():
        lastgood("audit")

    # What an audit found is no reason to have no snapshot of today.
    @task(trigger_rule="all_done")
    def take():
        lastgood("snapshot", "take")

    @task(trigger_rule="all_done")
    def verify():
        lastgood("snapshot", "verify", "--level", "L2", "--budget", "30m")

    # The run has failed if anything has: of a chain, Airflow would only look at the last task.
    @task(trigger_rule="all_success")
    def all_passed():
        pass

    audited, taken, verified = audit(), take(), verify()
    audited >> taken >> verified
    [audited, taken, verified] >> all_passed()


lastgood_nightly()

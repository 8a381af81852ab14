"""What every DAG promises, read from the DAGs as Airflow reads them."""

import subprocess
import sys
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG

from social_crm.documentation.sources import doc_page
from social_crm.orchestration.failures import report_failed_run, report_failure
from social_crm.sources import SOURCES

ROOT = Path(__file__).resolve().parents[2]
INGEST = {f"ingest_{source.name}": source for source in SOURCES}


@pytest.fixture(scope="module")
def dags() -> dict[str, DAG]:
    bag = DagBag(ROOT / "dags")
    assert bag.import_errors == {}
    return bag.dags


def test_there_is_one_dag_per_source_and_each_of_the_others(dags: dict[str, DAG]) -> None:
    assert set(dags) == set(INGEST) | {
        "activate",
        "maintain_warehouse",
        "notify_people",
        "report_executive",
        "transform",
    }


def test_no_dag_catches_up_or_runs_without_bounds(dags: dict[str, DAG]) -> None:
    assert {dag_id for dag_id, dag in dags.items() if dag.catchup} == set()
    assert {dag_id for dag_id, dag in dags.items() if dag.dagrun_timeout is None} == set()
    assert {dag_id: dag.max_active_runs for dag_id, dag in dags.items() if dag.max_active_runs > 2} == {}
    assert dags["transform"].max_active_runs == dags["activate"].max_active_runs == 1


def test_every_dag_has_a_doc_page_and_tags(dags: dict[str, DAG]) -> None:
    assert {dag_id for dag_id, dag in dags.items() if len(dag.doc_md or "") < 40} == set()
    for dag_id, source in INGEST.items():
        assert dags[dag_id].doc_md == doc_page(source)
        assert {"ingest", source.name} <= dags[dag_id].tags
    assert "transform" in dags["transform"].tags


def test_every_task_has_an_owner_retries_a_time_limit_and_a_failure_message(dags: dict[str, DAG]) -> None:
    for task in (task for dag in dags.values() for task in dag.tasks):
        assert task.owner == "data-engineering", task
        assert task.retries >= 1, task
        assert timedelta(0) < task.execution_timeout <= timedelta(hours=2), task
        assert report_failure in task.on_failure_callback, task


def test_every_dag_tells_of_tasks_that_were_killed(dags: dict[str, DAG]) -> None:
    assert {dag_id for dag_id, dag in dags.items() if dag.on_failure_callback != report_failed_run} == set()


def test_windows_of_daily_runs_are_days_in_utc(dags: dict[str, DAG]) -> None:
    for dag_id in INGEST:
        schedule = dags[dag_id].timetable
        assert type(schedule).__name__ == "CronDataIntervalTimetable", dag_id
        assert schedule.expression == "0 0 * * *", dag_id


def test_a_resource_is_checked_as_soon_as_it_has_landed(dags: dict[str, DAG]) -> None:
    for dag_id in INGEST:
        dag = dags[dag_id]
        assert set(dag.task_ids) == {"land.extract_and_load", "land.validate"}
        assert dag.get_task("land.extract_and_load").downstream_task_ids == {"land.validate"}


def test_the_transform_publishes_only_what_was_audited(dags: dict[str, DAG]) -> None:
    steps = ["begin", "stage", "enrich", "build", "audit", "publish"]
    transform = dags["transform"]
    assert set(transform.task_ids) == set(steps)
    for before, after in pairwise(steps):
        assert after in transform.get_task(before).downstream_task_ids


def test_what_was_published_goes_out(dags: dict[str, DAG]) -> None:
    activate = dags["activate"]
    assert activate.timetable.asset_condition.uri == "x-warehouse://bi"
    assert activate.get_task("make_cases").downstream_task_ids == {"write_notes"}


def test_people_are_told_after_a_publication_and_without_one(dags: dict[str, DAG]) -> None:
    notify = dags["notify_people"]
    assert type(notify.timetable).__name__ == "AssetOrTimeSchedule"
    assert notify.timetable.asset_condition.uri == "x-warehouse://bi"
    # One channel that is down holds up no other.
    assert {task.task_id: task.upstream_task_ids for task in notify.tasks} == {
        "send_mail": set(),
        "post_to_chat": set(),
    }


def test_lineage_leads_from_every_source_to_bi(dags: dict[str, DAG]) -> None:
    for dag_id, source in INGEST.items():
        extract, validate = (dags[dag_id].get_task(f"land.{name}") for name in ("extract_and_load", "validate"))
        assert [asset.uri for asset in extract.inlets] == [f"x-warehouse://source/{source.name}"]
        assert [asset.uri for asset in validate.outlets] == [f"x-warehouse://raw/{source.name}"]
    transform = dags["transform"]
    raw = {f"x-warehouse://raw/{source.name}" for source in SOURCES}
    assert {asset.uri for asset in transform.get_task("begin").inlets} == raw
    assert {asset.uri for asset in transform.timetable.asset_condition.objects} == raw
    assert [asset.uri for asset in transform.get_task("publish").outlets] == ["x-warehouse://bi"]


def test_parsing_a_dag_file_imports_nothing_heavy() -> None:
    heavy = ["pandas", "numpy", "great_expectations", "dbt.cli", "psycopg_c", "s3fs", "social_crm.quality.doors"]
    # One process for all: importing Airflow takes longer than any of the files.
    code = f"""
import pathlib, runpy, sys
import airflow.sdk
before = set(sys.modules)
for file in sorted(pathlib.Path("dags").glob("*.py")):
    runpy.run_path(str(file))
    print(file, sorted(set({heavy!r}) & (set(sys.modules) - before)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr[-800:]
    found = [line for line in done.stdout.splitlines() if line.startswith("dags/")]
    assert [line for line in found if not line.endswith(" []")] == []
    assert len(found) == len(list((ROOT / "dags").glob("*.py")))

"""`make demo`: the bundled company's fourteen days through the real DAGs, and what a manager reads at the end.

The first thirteen days are history: two backfills, for X serves no more than seven days back. Then the company's clock
moves on, and the last day comes as a daily run, with the edits, reopened tickets and late files that belong to it; of
some sources it takes all days at once.
"""

import argparse
import shlex
import sys
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import httpx
import psycopg

from social_crm.command import parser_of, run_command
from social_crm.errors import WarehouseError
from social_crm.local import dashboards, postgres, stack, summary
from social_crm.local.airflow_api import AirflowApi, Run, newest_of_each_dag
from social_crm.local.connections import READ_ONCE, company_sources
from social_crm.local.environment import (
    AIRFLOW_USER,
    Demo,
    child_environment,
    demo_root,
    leave_taken_ports,
    open_demo,
    warehouse_environment,
)
from social_crm.local.processes import ProcessStopped
from social_crm.local.progress import Progress, describe, told

FIRST_DAY = datetime(2026, 10, 26, tzinfo=UTC)
DAYS = [FIRST_DAY + timedelta(days=number) for number in range(14)]
HISTORY = ((DAYS[0:7], "the first week"), (DAYS[7:13], "the second week"))
AFTER_MIDNIGHT = timedelta(hours=1)  # when real daily runs start, too: nothing of the day is in progress
RUNS_AT_ONCE = 2
POLL_SECONDS = 2.0
EVENT_SECONDS = 10.0  # by then, an event or the hourly schedule has started everything that it will start
PATIENCE_SECONDS = 1800
# Airflow's API server crashed in Python itself in one of some dozens of runs; Compose restarts it as well.
MOST_RESTARTS = 2


class DemoFailed(RuntimeError):
    """Raised when a run of the demo did not succeed; the message names it and where to read more."""


def up() -> None:
    """Start everything, land and publish what is not yet there, and print the summary."""
    progress = Progress()
    demo = stack.settle_ports(open_demo(demo_root()))
    progress.say("Starting the embedded Postgres")
    server = stack.start_postgres(demo)
    stack.prepare_warehouse(demo, server)
    for restarts in range(MOST_RESTARTS + 1):
        try:
            _run_through(demo, server, progress)
            break
        except ProcessStopped as stopped:
            if restarts == MOST_RESTARTS:
                raise
            progress.say(f"{stopped.name} has stopped ({stopped.log}): starting it again")
    progress.say("Done")
    show_summary(demo, server)


def _run_through(demo: Demo, server: postgres.EmbeddedServer, progress: Progress) -> None:
    """Start what is not running, and do what is not done yet."""
    variables = child_environment(demo, server)
    progress.say("Starting the bundled company's APIs")
    stack.start_sample_server(demo, variables)
    api = stack.start_airflow(demo, variables, progress.say)
    with stack.watched(demo):
        _tell_the_story(demo, server, api, progress)


def _tell_the_story(demo: Demo, server: postgres.EmbeddedServer, api: AirflowApi, progress: Progress) -> None:
    """Land, publish and send out what is missing."""
    _rerun_failed(api)
    sources = company_sources(demo)
    for source in sources:
        api.unpause(f"ingest_{source}")
    for days, name in HISTORY:
        _land(demo, api, [source for source in sources if source not in READ_ONCE], days, name, progress)
    # From here on, every arrival starts a transform by itself; while history came in, two cores were busy enough.
    api.unpause("transform")
    _publish_rest(demo, api, server, progress)
    _land(demo, api, sources, DAYS[13:], "the last day, as the daily run does", progress)
    _publish_rest(demo, api, server, progress)
    _write_documentation(api)
    _open_dashboards(demo, server, progress)
    _send_out(demo, api, progress)


def _rerun_failed(api: AirflowApi) -> None:
    """Run again what failed before: the cause, such as an outage or another version, may be gone."""
    for run in api.runs(state="failed"):
        if run.is_of_a_day:
            api.clear(run.dag_id, run.run_id)
        elif run in newest_of_each_dag(api.runs(run.dag_id)):
            # In a new run, because a run that another version began is not continued.
            api.trigger(run.dag_id)


def _write_documentation(api: AirflowApi) -> None:
    """Write the models' documentation site while the dashboards are installed, unless it exists."""
    if not api.runs("maintain_warehouse"):
        api.unpause("maintain_warehouse")
        api.trigger("maintain_warehouse")


def show_dashboards() -> None:
    """Serve the dashboards of an existing demo, and print where."""
    demo = leave_taken_ports(open_demo(demo_root()), "SUPERSET_PORT")
    _open_dashboards(demo, _open_server(demo), Progress())
    print(_DASHBOARDS.format(url=demo.superset_url, file=demo.env_file))


def _open_dashboards(demo: Demo, server: postgres.EmbeddedServer, progress: Progress) -> None:
    progress.say("Installing and starting the dashboards")
    dashboards.start(demo, server, dashboards.dashboards_environment(demo, server))


def show_summary(demo: Demo, server: postgres.EmbeddedServer) -> None:
    """Print what a manager wants to know, and where to look next."""
    url = server.url("warehouse", "bi_reader", demo.values["READER_PASSWORD"])
    with psycopg.connect(url) as reader, psycopg.connect(server.url("warehouse")) as admin:
        print(summary.write(reader, admin))
    print(
        _DASHBOARDS.format(url=demo.superset_url, file=demo.env_file)
        + _WHERE_NEXT.format(
            airflow=demo.airflow_url, user=AIRFLOW_USER, password_file=demo.password_file, logs=demo.log_dir
        )
    )


def _land(demo: Demo, api: AirflowApi, sources: list[str], days: list[datetime], name: str, progress: Progress) -> None:
    """Let each of these sources land these days, unless it already has."""
    wanted = {f"{day:%F}" for day in days}
    known = {source: api.runs(f"ingest_{source}") for source in sources}
    missing = [source for source in sources if not wanted <= _landed(known[source])]
    if not missing:
        return
    progress.say(f"Ingesting {name}")
    clock = {"now": f"{days[-1] + timedelta(days=1) + AFTER_MIDNIGHT:%FT%TZ}"}
    httpx.post(f"{demo.sample_url}/_sample/clock", json=clock, timeout=30).raise_for_status()
    for source in missing:
        # Some runs of an interrupted demo are still in progress, and Airflow continues them.
        absent = [day for day in days if f"{day:%F}" not in {run.day for run in known[source]}]
        if len(absent) == 1:
            api.trigger_day(f"ingest_{source}", absent[0], DAYS[0] if source in READ_ONCE else None)
        elif absent:
            api.backfill(f"ingest_{source}", absent[0], absent[-1], RUNS_AT_ONCE)

    def is_landed() -> bool:
        runs = api.runs()
        progress.show(describe(runs, wanted))
        _refuse_failures(api, runs)
        landed = [_landed(run for run in runs if run.dag_id == f"ingest_{source}") for source in missing]
        return all(wanted <= days for days in landed) and not api.is_backfilling()

    stack.wait_until(demo, f"all sources landed {name}", is_landed, PATIENCE_SECONDS, POLL_SECONDS)


def _publish_rest(demo: Demo, api: AirflowApi, server: postgres.EmbeddedServer, progress: Progress) -> None:
    """Wait until everything landed is published; start a transform if neither an event nor the clock does."""
    idle_since = time.monotonic()

    def is_published() -> bool:
        nonlocal idle_since
        runs = api.runs("transform")
        _refuse_failures(api, runs)
        if any(not run.is_finished for run in runs):
            progress.show(f"transform: {_current_step(api, runs)}")
            idle_since = time.monotonic()
            return False
        if not _is_anything_unpublished(server):
            return True
        if time.monotonic() - idle_since > EVENT_SECONDS:
            api.trigger("transform")
        return False

    if _is_anything_unpublished(server):
        progress.say("Transforming what is not published yet")
    stack.wait_until(demo, "everything is published", is_published, PATIENCE_SECONDS, POLL_SECONDS)


def _send_out(demo: Demo, api: AirflowApi, progress: Progress) -> None:
    """Create the cases and notes that the rules ask for; nothing is sent twice."""
    progress.say("Making cases in the helpdesk and notes in the CRM")
    api.unpause("activate")
    api.trigger("activate")

    def is_sent() -> bool:
        runs = api.runs("activate")
        _refuse_failures(api, runs)
        return bool(runs) and all(run.is_finished for run in runs)

    stack.wait_until(demo, "everything is sent out", is_sent, PATIENCE_SECONDS, POLL_SECONDS)


def _is_anything_unpublished(server: postgres.EmbeddedServer) -> bool:
    with psycopg.connect(server.url("warehouse")) as warehouse:
        return warehouse.execute(_UNPUBLISHED).fetchone() != (0,)


def _landed(runs: Iterable[Run]) -> set[str]:
    return {run.day for run in runs if run.state == "success"}


def _current_step(api: AirflowApi, runs: list[Run]) -> str:
    """Return which step of the transform is running, or that it is over."""
    for run in runs:
        if not run.is_finished:
            tasks = api.tasks(run.dag_id, run.run_id, state="running")
            return tasks[0]["task_id"] if tasks else run.state
    return "over"


def _refuse_failures(api: AirflowApi, runs: list[Run]) -> None:
    failed = [run for run in runs if run.state == "failed" and (run.is_of_a_day or run in newest_of_each_dag(runs))]
    if not failed:
        return
    run = failed[0]
    tasks = [task["task_id"] for task in api.tasks(run.dag_id, run.run_id, state="failed")]
    raise DemoFailed(
        f"{run.dag_id}, run {run.run_id}, failed in {', '.join(tasks) or 'no task'}: see Airflow and its log."
        " `make demo` runs it again"
    )


def _open_server(demo: Demo) -> postgres.EmbeddedServer:
    """Return the demo's server, and start it if necessary; raises DemoFailed before the first `make demo`."""
    if not (demo.root / "postgres/data/PG_VERSION").exists():
        raise DemoFailed("there is no demo yet: run `make demo` first")
    return postgres.start(demo.root / "postgres/data")


def main() -> int:
    """Run one command of the demo and return the exit code."""
    parser = parser_of("local.demo", __doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("up", help="start, ingest, transform, and summarise")
    commands.add_parser("bi", help="start the dashboards on what is published")
    commands.add_parser("summary", help="print the summary again")
    commands.add_parser("down", help="stop every process and delete what the demo wrote")
    commands.add_parser("sql", help="psql as bi_reader").add_argument("query", nargs="?")
    commands.add_parser("env", help="print what a shell must export for other commands to find this warehouse")
    arguments = parser.parse_args()
    try:
        return _run(arguments)
    except (httpx.HTTPError, RuntimeError, TimeoutError, WarehouseError) as error:
        print(f"\n{told(error)}", file=sys.stderr)
        return 1


def _run(arguments: argparse.Namespace) -> int:
    if arguments.command == "up":
        up()
    elif arguments.command == "bi":
        show_dashboards()
    elif arguments.command == "down":
        stack.stop(demo_root())
        stack.remove(demo_root())
    else:
        demo = open_demo(demo_root())
        server = _open_server(demo)
        if arguments.command == "sql":
            return stack.ask(demo, server, arguments.query)
        if arguments.command == "env":
            for name, value in warehouse_environment(demo, server).items():
                print(f"export {name}={shlex.quote(value)}")
        else:
            show_summary(demo, server)
    return 0


_UNPUBLISHED = """
select count(*) from raw.completed_loads as loads
where not exists (select 1 from ops.published_loads as published where published.load_id = loads.load_id)
"""

_DASHBOARDS = """
Where to look next
  Dashboards   {url}  user admin, password SUPERSET_ADMIN_PASSWORD in {file}"""
_WHERE_NEXT = """
  Airflow      {airflow}  user {user}, password in {password_file}
  Read         {airflow}/documentation/index.html  guides, metrics, glossary, models, checks (sign in to Airflow first)
  SQL          make sql    or    make sql Q="select channel_code, count(*) from bi.fct_interactions group by 1"
  Logs         {logs}
  Stop         make down"""


if __name__ == "__main__":
    sys.exit(run_command(main, if_interrupted="`make demo` again continues, `make down` stops what runs"))

"""The two doors: new data is checked before a transform may see it, and the star before BI users do."""

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from social_crm.database import cause_of, connect
from social_crm.errors import FrontDoorRefused, GateRefused, PublicationRefused, SuiteUnusable, WarehouseFailed
from social_crm.quality.data_docs import Inspector, inspector
from social_crm.quality.suites import Examination, RuleResult, Suite, is_of_server, not_checked, quiet, read_suite
from social_crm.settings import PROJECT_ROOT, load_settings
from social_crm.sources import source_named
from social_crm.sources.fields import described
from social_crm.sources.model import Connection, Resource

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuiteValidationResult

EXPECTATIONS = PROJECT_ROOT / "expectations"
# Nobody can tell whether all words of a load arrived once retention removed some, or once the place of an erased author
# holds a stand-in.
_LEDGER = """
select
    load_id, window_start, window_end, erased_count,
    load_id not in (select clearings.load_id from ops.clearings) as is_whole
from raw.load_ledger
"""
_MISSING = """
select
    case
        when ledger.is_whole and (ledger.erased_count = 0 or payload::text !~ 'erased-[0-9a-f]{32}') then 'missing'
    end as missing
"""
# Broken attempts before a refused load are refused with it once a later attempt begins, because alone they are
# incomplete.
_IS_SUPERSEDED = """
status = 'rejected' and exists (
    select from raw.load_ledger as later
    where
        later.source = ledger.source and later.resource = ledger.resource
        and later.window_start = ledger.window_start and later.window_end = ledger.window_end
        and later.attempt > ledger.attempt
)
"""
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Load:
    load_id: int
    resource: str
    window_end: datetime
    attempts: list[int]  # this load and earlier broken attempts at its window, whose rows count once it is checked


def check_raw(
    source_name: str,
    load_ids: Sequence[int],
    connection: Connection | None = None,
    *,
    expectations: Path = EXPECTATIONS,
) -> list[RuleResult]:
    """Check loads of one source that have just landed, and mark each `checked` or `rejected`.

    The source's connection says what dropped files call our columns, for messages.
    Raises FrontDoorRefused if a critical expectation failed; the other loads are then checked all the same. A load that
    was rejected before is examined again, so that repeating the step does not turn it green.
    """
    settings = load_settings()
    quiet()
    with connect(settings.warehouse_transformer_url) as warehouse:
        # One at a time per source: of two loads whose rows contradict each other, the second check sees the first load.
        warehouse.execute("select pg_advisory_lock(hashtextextended(%s, 0))", [f"front door {source_name}"])
        loads = _loads_to_check(warehouse, source_name, load_ids)
        if not loads:
            return []
        with inspector(settings.warehouse_transformer_url, settings.data_docs_dir) as gx:
            door = _Door(warehouse, gx)
            found = {load.load_id: _check_load(door, source_name, load, connection, expectations) for load in loads}
            for result in _check_volumes(door, loads, expectations):
                # A failed rule on the whole, or one that cannot be evaluated, names no load, so it lets no load in.
                for load_id in map(int, result.sample_keys) if result.sample_keys else list(found):
                    found[load_id].append(result)
            door.write_docs(f"loads {', '.join(map(str, found))}", max(load.window_end for load in loads))
        for load_id, results in found.items():
            _mark(warehouse, load_id, results)
    results = [result for load in loads for result in found[load.load_id]]
    _report(results)
    if blocking := [result for result in results if result.is_blocking]:
        raise FrontDoorRefused(
            f"{'; '.join(str(result) for result in blocking)}. What landed is kept, marked rejected, and stays out of"
            " the transform. Correct the source, or the rule in expectations/raw, and re-run the window."
        )
    return results


def check_bi(transform_id: int, *, expectations: Path = EXPECTATIONS) -> list[RuleResult]:
    """Run every suite of `expectations/bi`, record what it found, and raise GateRefused if anything critical failed."""
    settings = load_settings()
    quiet()
    paths = sorted((expectations / "bi").glob("*.yml"))
    if not paths:
        raise SuiteUnusable(f"there are no suites in {expectations / 'bi'}: nothing would be checked")
    with connect(settings.warehouse_transformer_url) as warehouse:
        row = warehouse.execute(
            "select as_of from ops.transform_runs where transform_id = %s", [transform_id]
        ).fetchone()
        if row is None:
            raise SuiteUnusable(f"there is no transform {transform_id}: begin one first")
        with inspector(settings.warehouse_transformer_url, settings.data_docs_dir) as gx:
            door = _Door(warehouse, gx)
            results = [result for suite in map(read_suite, paths) for result in door.examine(suite, suite.rows)]
            door.write_docs(f"transform {transform_id}", row[0])
        _record(warehouse, transform_id, results)
    _report(results)
    if blocking := [result for result in results if result.is_blocking]:
        raise GateRefused(
            f"{'; '.join(str(result) for result in blocking)}. `bi` keeps its previous version. Data Docs show every"
            " rule; docs/runbooks/gate-refused.md says how to find the rows."
        )
    return results


def require_passed(transform_id: int) -> None:
    """Raise PublicationRefused unless the gate found nothing critical, whatever the state of its task."""
    with connect(load_settings().warehouse_transformer_url) as warehouse:
        found = warehouse.execute(
            "select table_name || ': ' || rule, severity = 'critical' and not is_success from ops.gate_results"
            " where transform_id = %s order by 1",
            [transform_id],
        ).fetchall()
    if not found:
        raise PublicationRefused(
            f"transform {transform_id} has not passed the gate, so `bi` keeps its previous version: its audit was"
            " marked, not run. Clear the audit task and let it run."
        )
    if blocking := [rule for rule, is_blocking in found if is_blocking]:
        raise PublicationRefused(
            f"transform {transform_id}: the gate refused {', '.join(blocking)}, so `bi` keeps its previous version."
            " docs/runbooks/gate-refused.md says how to find the rows; correct them and run transform again."
        )


class _Door:
    """Examines suites one after another and collects their pages for Data Docs."""

    def __init__(self, warehouse: psycopg.Connection, gx: Inspector) -> None:
        self._warehouse, self._gx = warehouse, gx
        self._validations: dict[str, ExpectationSuiteValidationResult] = {}
        self._batches = 0

    def examine(self, suite: Suite, rows: str) -> list[RuleResult]:
        """Run a suite on the rows of a query."""
        try:
            with self._warehouse.transaction():
                self._warehouse.execute("set transaction read only")
                [(count,)] = self._warehouse.execute(f"select count(*) from ({rows}) as r".encode())  # noqa: S608
        except psycopg.Error as error:
            if is_of_server(type(error).__name__):
                raise WarehouseFailed(f"{suite.name}: {not_checked(cause_of(error))}") from None
            raise SuiteUnusable(
                f"{suite.name}: its rows cannot be read, so nothing was checked: {cause_of(error)}"
            ) from None
        self._batches += 1
        batch = self._gx.batch(f"{suite.name} {self._batches}", rows)
        results, self._validations[suite.name] = Examination(suite, batch, count).run()
        return results

    def write_docs(self, run_name: str, run_time: datetime) -> None:
        """Write the pages; a check counts even if they cannot be written."""
        try:
            self._gx.write_docs(self._warehouse, self._validations, run_name, run_time)
        except OSError as error:
            log.warning("Data Docs were not written (%s): the check itself counts", error)


def _loads_to_check(warehouse: psycopg.Connection, source_name: str, load_ids: Sequence[int]) -> list[_Load]:
    """Return the loads not checked yet; raises FrontDoorRefused if one of them never finished landing."""
    rows = warehouse.execute(
        f"select case when {_IS_SUPERSEDED} then 'superseded' else status end, load_id, resource, window_end, array("  # noqa: S608
        "  select earlier.load_id from raw.load_ledger as earlier"
        "  where earlier.source = ledger.source and earlier.resource = ledger.resource"
        "  and earlier.window_start = ledger.window_start and earlier.window_end = ledger.window_end"
        "  and (earlier.load_id = ledger.load_id"
        "   or earlier.attempt < ledger.attempt and earlier.status in ('interrupted', 'failed')))"
        " from raw.load_ledger as ledger where source = %s and load_id = any(%s) order by load_id",
        [source_name, list(load_ids)],
    ).fetchall()
    unfinished = set(load_ids) - {row[1] for row in rows if row[0] in ("loaded", "rejected", "checked")}
    if unfinished:
        names = ", ".join(str(load_id) for load_id in sorted(unfinished))
        raise FrontDoorRefused(
            f"{source_name}: load {names} is not in the ledger as loaded, so there is nothing to let in:"
            " it failed, or a later attempt took its place. Re-run the window."
        )
    return [_Load(*row[1:]) for row in rows if row[0] != "checked"]


def _check_load(
    door: _Door, source_name: str, load: _Load, connection: Connection | None, expectations: Path
) -> list[RuleResult]:
    suite = read_suite(expectations / "raw" / source_name / f"{load.resource}.yml")
    resource = source_named(source_name).resource(load.resource)
    suite = replace(suite, origin=("_file", "_line"), meant=_read_from(resource))
    if connection and resource.told_as:
        suite = replace(suite, told_as=partial(resource.told_as, connection))
    columns = "".join(f", {expression} as {name}" for name, expression in suite.columns.items())
    attempts = ", ".join(str(int(load_id)) for load_id in load.attempts)
    table = sql.Identifier(f"raw_{source_name}", load.resource).as_string()
    # A row that retention emptied cannot be wrong.
    rows = (
        "select _record_key, _event_at, _version_at, _extracted_at, _load_id, ledger.window_start, ledger.window_end,"  # noqa: S608
        f" payload ->> '_file' as _file, payload ->> '_line' as _line{columns} from {table}"
        f" inner join ({_LEDGER}) as ledger on ledger.load_id = _load_id"
        f" cross join lateral ({_MISSING}) as told"
        f" where _load_id in ({attempts}) and payload <> '{{}}'"
    )
    return door.examine(suite, rows)


def _read_from(resource: Resource) -> dict[str, list[str]]:
    """Return, for each column that landing writes, the file's columns from which the source reads it."""
    said = {"_record_key": described(resource.key), "_event_at": described(resource.event_at)}
    return {own: re.findall(r"\w+", " ".join(re.findall("`([^`]+)`", words))) for own, words in said.items()}


def _check_volumes(door: _Door, loads: list[_Load], expectations: Path) -> list[RuleResult]:
    """Compare how much was read with earlier windows; a result only concerns the loads that it names."""
    suite = read_suite(expectations / "raw" / "load_volumes.yml")
    columns = "".join(f", {expression} as {name}" for name, expression in suite.columns.items())
    ids = ", ".join(str(load.load_id) for load in loads)
    rows = f"select *{columns} from raw.load_volumes where load_id in ({ids})"  # noqa: S608
    return [result for result in door.examine(suite, rows) if not result.is_success]


def _mark(warehouse: psycopg.Connection, load_id: int, results: list[RuleResult]) -> None:
    blocking = [result for result in results if result.is_blocking]
    warehouse.execute(
        "update raw.load_ledger as ledger set status = %s, error_kind = %s, error_message = %s"  # noqa: S608
        f" where load_id = %s and status in ('loaded', 'rejected') and not ({_IS_SUPERSEDED})",
        [
            "rejected" if blocking else "checked",
            FrontDoorRefused.kind if blocking else None,
            "; ".join(str(result) for result in blocking) or None,
            load_id,
        ],
    )
    warnings = [result for result in results if not result.is_success and result.severity == "warning"]
    with warehouse.transaction(), warehouse.cursor() as cursor:
        cursor.execute("delete from ops.load_warnings where load_id = %s", [load_id])
        cursor.executemany(
            "insert into ops.load_warnings values (%s, %s, %s, %s, %s)",
            [(load_id, found.table, found.rule, found.checked_count, found.failed_count) for found in warnings],
        )


def _record(warehouse: psycopg.Connection, transform_id: int, results: list[RuleResult]) -> None:
    with warehouse.transaction(), warehouse.cursor() as cursor:
        cursor.execute("delete from ops.gate_results where transform_id = %s", [transform_id])
        cursor.executemany(
            "insert into ops.gate_results values (%s, %s, %s, %s, %s, %s, %s)",
            [
                (transform_id, found.table, found.rule, found.severity, found.is_success, found.checked_count,
                 found.failed_count)
                for found in results
            ],
        )  # fmt: skip


def _report(results: list[RuleResult]) -> None:
    for result in results:
        if not result.is_success:
            log.log(logging.ERROR if result.is_blocking else logging.WARNING, "%s", result)

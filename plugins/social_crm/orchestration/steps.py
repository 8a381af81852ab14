"""What each task does: it calls one step of the package, in Airflow's terms.

Only ids and counts are returned, for what a task returns is kept in Airflow's database and shown to its users.
Heavy libraries are imported within the functions of the package, never when a DAG file is parsed.
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from airflow.sdk import get_current_context
from airflow.sdk.exceptions import AirflowRescheduleException, AirflowSkipException

from social_crm.errors import WindowMissing
from social_crm.orchestration.connections import optional_connection, source_connection
from social_crm.orchestration.failures import airflow_outcomes
from social_crm.settings import load_settings
from social_crm.sources import source_named
from social_crm.sources.model import Window
from social_crm.transform import dbt_runner, parts, runs
from social_crm.transform.dbt_runner import NodeResult

log = logging.getLogger(__name__)


def extract_and_load(source_name: str, resource: str) -> int:
    """Land this run's window of one resource in raw and return the load id."""
    from social_crm.landing.loading import load_resource

    source = source_named(source_name)
    with airflow_outcomes():
        wait_until_settled(_window(), source.settle)
        connection = source_connection(source)
        counts = load_resource(source, source.resource(resource), connection, _window(), _run_id())
    log.info("%s.%s: %s", source_name, resource, counts)
    return counts.load_id


def wait_until_settled(window: Window, settle: timedelta) -> None:
    """Defer until the source shows all of a window, without holding a worker slot until then."""
    settled_at = window.end + settle
    if settled_at > datetime.now(UTC):
        raise AirflowRescheduleException(settled_at)  # type: ignore[no-untyped-call]


def validate(source_name: str, load_id: int) -> None:
    """Check one load at the front door, which admits or refuses it."""
    from social_crm.quality.doors import check_raw

    with airflow_outcomes():
        check_raw(source_name, [load_id], optional_connection(f"{source_name}_api", source_named(source_name).options))


def begin_transform() -> int:
    """Decide what this run brings into the star; skip the run if nothing is pending."""
    with airflow_outcomes():
        is_asked = bool(get_current_context()["params"].get("full_refresh"))
        transform_id = runs.begin_transform(_run_id(), full_refresh=is_asked)
    if transform_id is None:
        raise AirflowSkipException(
            "no load, label or decision is pending, and neither the dbt project nor the classifier changed"
        )
    return transform_id


def stage(transform_id: int) -> int:
    """Bring seeds, staging and the contracts up to date with the visible loads."""
    return _built(parts.stage, transform_id)


def enrich(transform_id: int) -> int:
    """Decide what new texts mean, and who changed authors may be."""
    with airflow_outcomes():
        counts, relinked = parts.enrich(transform_id)
    log.info("%s, %s authors with other probable customers", counts, relinked)
    return counts.stored_count


def build(transform_id: int) -> int:
    """Build everything behind the contracts; readers of `bi` do not see it yet."""
    return _built(parts.build, transform_id)


def audit(transform_id: int) -> int:
    """Check the built star against the gate's expectations and return how many rules were checked."""
    from social_crm.quality.doors import check_bi

    with airflow_outcomes():
        runs.require(transform_id, "built")
        return len(check_bi(transform_id))


def publish(transform_id: int) -> int:
    """Publish what was built and audited, which is verified: somebody may have marked a task without running it."""
    from social_crm.publishing import publication
    from social_crm.quality.doors import require_passed

    with airflow_outcomes():
        require_passed(transform_id)
        publication.publish(transform_id)
    return transform_id


def _built(half: Callable[[int], list[NodeResult]], transform_id: int) -> int:
    """Build one half of a transform, log the result of each model, and return how many there were."""
    with airflow_outcomes():
        results = half(transform_id)
    lines = (f"\n{node.status:<8} {node.seconds:>7.1f} s  {node.node}" for node in results)
    log.info("%s models%s", len(results), "".join(lines))
    return len(results)


def clear_words() -> int:
    """Remove words whose time is over by seed source_policies and return how many rows changed."""
    from social_crm.privacy import retention

    with airflow_outcomes():
        return sum(cleared.row_count for cleared in retention.clear_words())


def reapply_erasures() -> int:
    """Remove everybody who was ever erased from raw again, in case something brought them back; return the rows."""
    from social_crm.privacy import erasure

    with airflow_outcomes():
        return sum(erased.row_count for erased in erasure.reapply())


def compare_with_publication() -> int:
    """Check whether somebody changed what was published, and return how many tables were counted."""
    from social_crm.publishing import comparison

    with airflow_outcomes():
        return comparison.compare_with_publication()


def write_documentation() -> None:
    """Rewrite the documentation site of the models and the lineage of every table."""
    from social_crm.documentation import lineage

    settings = load_settings()
    with airflow_outcomes():
        manifest = dbt_runner.write_dbt_site(settings)
        lineage.write_events(manifest, settings.documentation_dir)


def _run_id() -> str:
    run = get_current_context()["dag_run"]
    return f"{run.dag_id}/{run.run_id}"


def _window() -> Window:
    """Return the run's data interval; a run triggered without a date has none."""
    context = get_current_context()
    start, end = context.get("data_interval_start"), context.get("data_interval_end")
    if start is None or end is None:
        raise WindowMissing("the run was triggered without a date, so it has no window")
    return Window(_plain(start), _plain(end))


def _plain(moment: datetime) -> datetime:
    """Return Airflow's pendulum moment as the standard library's."""
    return datetime.fromtimestamp(moment.timestamp(), UTC)

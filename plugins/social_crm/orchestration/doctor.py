"""Ask every configured source whether it accepts our credentials, and say what to fix: `make doctor`.

Run it where Airflow's connections are: `docker compose exec scheduler python -m social_crm.orchestration.doctor`.
"""

import logging
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from enum import Enum
from typing import NamedTuple

from social_crm.command import run_command
from social_crm.errors import WarehouseError
from social_crm.orchestration.connections import optional_connection
from social_crm.sources import SOURCES
from social_crm.sources.model import Source


class Health(Enum):
    """How a source answered."""

    WELL = "ok"
    ABSENT = "--"
    ILL = "FAILED"


class Finding(NamedTuple):
    """The result for one source."""

    source: str
    health: Health
    message: str


def diagnose(source: Source) -> Finding:
    """Check one source with one attempt, extracting nothing; the message shows no secret."""
    connection_id = f"{source.name}_api"
    variable = f"AIRFLOW_CONN_{connection_id.upper()}"
    try:
        connection = optional_connection(connection_id, source.options)
        if connection is None:
            return _absent(source, variable)
        told = source.check(replace(connection, options={**connection.options, "attempts": 1}))
    except WarehouseError as error:
        fix = error.next_step.partition(", then clear")[0]
        return Finding(source.name, Health.ILL, f"{error.kind}: {error}. Next: {fix}")
    except Exception as error:
        # The error's text may repeat the connection.
        return Finding(source.name, Health.ILL, f"{type(error).__name__}: compare connection {connection_id} with its example in .env.example")  # fmt: skip  # noqa: E501
    return Finding(source.name, Health.WELL, f"{source.title} lets us in{f'. {told}' if told else ''}")


def _absent(source: Source, variable: str) -> Finding:
    if os.environ.get(variable, "").strip():
        message = f"{variable} names no host. Next: compare it with its example in .env.example"
        return Finding(source.name, Health.ILL, message)
    return Finding(source.name, Health.ABSENT, f"not configured: {variable} is empty")


def report(findings: Iterable[Finding]) -> Iterator[str]:
    """Yield one line per source."""
    for finding in findings:
        yield f"{finding.health.value:<7} {finding.source:<14} {finding.message}"


def main() -> int:
    """Print what was found; returns 1 if a source failed or none is configured."""
    logging.disable(logging.WARNING)
    # Outside of a task, only Airflow's server processes look for connections both in its own store and in the
    # environment.
    os.environ.setdefault("_AIRFLOW_PROCESS_CONTEXT", "server")
    findings = [diagnose(source) for source in SOURCES]
    print(*report(findings), sep="\n")
    is_ill = any(finding.health is Health.ILL for finding in findings)
    return int(is_ill or all(finding.health is Health.ABSENT for finding in findings))


if __name__ == "__main__":
    sys.exit(run_command(main))

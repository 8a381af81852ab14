"""What follows from the registry of sources: their table, their DAGs' pages, examples of connections, lists of them.

`make generate` rewrites all of it, each part between two marks in its file; a structure test checks that it is
current. Nothing between the marks is edited by hand.
"""

import json
import sys
from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from textwrap import wrap
from typing import Any

import yaml

from social_crm.command import run_command
from social_crm.settings import PROJECT_ROOT
from social_crm.sources import SOURCES
from social_crm.sources.fields import described
from social_crm.sources.model import Resource, Source

STAGING = PROJECT_ROOT / "dbt_project/models/staging"
_TABLE_MARKS = "[//]: # (sources, written by make generate)", "[//]: # (end of sources)"
_LINE_MARKS = "# Sources, written by `make generate`", "# End of sources"
_SQL_MARKS = "-- Sources of dropped files, written by `make generate`", "-- End of sources"


def doc_page(source: Source) -> str:
    """Return what an engineer should know of a source before its DAG, as Markdown."""
    lines = [source.description, ""]
    for resource in source.resources:
        lines += [f"**raw_{source.name}.{resource.name}** {resource.description}", "", *_facts_of(resource), ""]
        lines += [*_columns_of(resource), ""] if resource.columns else []
    return "\n".join(
        [
            *lines,
            f"Access: {source.access}",
            "",
            f"Limits: {source.limits}",
            "",
            f"Retention: {source.retention}",
            "",
            f"Tested against: {_judges(source)}.",
            "",
            f"Connection `{source.name}_api`: `{json.dumps(source.connection)}`",
            "",
            *_options_of(source),
        ]
    )


def _facts_of(resource: Resource) -> list[str]:
    return [
        f"- key: {described(resource.key)}",
        f"- event time: {described(resource.event_at)}",
        f"- version: {described(resource.version_at)}",
        f"- order: {resource.order}",
        f"- a window takes: {resource.window}",
        f"- deletions ({_seen(resource.deletion_delay)}): {resource.deletions}",
    ]


def _columns_of(resource: Resource) -> list[str]:
    """Return a table of the columns of dropped files, in whatever order they stand."""
    rows = (f"| `{name}` | {kind} | {holds} |" for name, kind, holds in resource.columns)
    return [f"| Column of {resource.name} | In each file | Holds |", "|---|---|---|", *rows]


def _options_of(source: Source) -> list[str]:
    """Return a table of what may stand in `extra` of the source's connection."""
    rows = (f"| `{name}` | {says} |" for name, says in source.options.items())
    return ["| Option in its `extra` | Says |", "|---|---|", *rows]


def _seen(delay: timedelta | None) -> str:
    if delay is None:
        return "not seen"
    hours = delay // timedelta(hours=1)
    return f"within {hours // 24} days" if hours >= 48 else f"within {hours} hours"


def _judges(source: Source) -> str:
    return "; ".join(f"{judge} ({what})" for judge, what in source.tested_against.items())


def source_table(sources: Iterable[Source]) -> list[str]:
    """Return one row per source: what is read, when deletions are seen, its limits, what it was tested against."""
    rows = [
        f"| `{source.name}` {source.title} | {', '.join(source.resource_names)} | {_deletions(source)} |"
        f" {source.limits} | {_judges(source)} |"
        for source in sources
    ]
    return ["| Source | Tables | Deletions | Limits | Tested against |", "|---|---|---|---|---|", *rows]


def _deletions(source: Source) -> str:
    tables: dict[str, list[str]] = {}
    for resource in source.resources:
        tables.setdefault(_seen(resource.deletion_delay), []).append(resource.name)
    if len(tables) == 1:
        return next(iter(tables))
    return "; ".join(f"{', '.join(names)}: {seen}" for seen, names in tables.items())


def connection_examples(sources: Iterable[Source]) -> list[str]:
    """Return what `.env.example` says of each source: its access, its connection as an example, and one to fill in."""
    return [
        line
        for source in sources
        for line in (
            f"# {source.title}. {source.access}",
            f"# {_variable(source)}={json.dumps(source.connection)}",
            f"{_variable(source)}=",
        )
    ]


def connection_variables(sources: Iterable[Source]) -> list[str]:
    """Return the lines by which docker-compose.yml hands each source's connection on."""
    return [f"    {_variable(source)}: ${{{_variable(source)}:-}}" for source in sources]


def _variable(source: Source) -> str:
    return f"AIRFLOW_CONN_{source.name.upper()}_API"


def dbt_lists(sources: Iterable[Source]) -> list[str]:
    """Return the variables that tell models which staging models there are, from the files themselves."""
    registered = list(sources)
    utterances = [f"stg_{s.name}__{r.name}" for s in registered for r in s.resources if r.is_utterance]
    lists = {
        "interaction_sources": [s.name for s in registered if _has(s, "interactions")],
        "case_event_sources": [s.name for s in registered if _has(s, "case_events")],
        "page_day_sources": [s.name for s in registered if _has(s, "page_days")],
        # A pending load in one of these means that a conversation changed.
        "conversation_relations": _telling(registered, {"conversation_native_id", "_load_id"}),
        # Those of them whose records are utterances, which int_interactions knows as `source:_record_key`.
        "interaction_relations": sorted(utterances),
        # Who customers are, in any CRM.
        "customer_relations": _telling(registered, {"customer_id", "lifetime_value_usd", "valid_to"}),
        "account_relations": _telling(registered, {"account_id", "industry", "_load_id"}),
    }
    return [line for name, values in lists.items() for line in (f"  {name}:", *(f"    - {v}" for v in values))]


def dropped_names(sources: Iterable[Source], indent: str, spoken: bool = False) -> list[str]:
    """Return the lines by which a suite names the sources of dropped files, or those where somebody speaks."""
    names = [
        source.name
        for source in sources
        if any(resource.columns and (resource.is_utterance or not spoken) for resource in source.resources)
    ]
    return wrap(", ".join(map(repr, names)), initial_indent=indent, subsequent_indent=indent, width=120)


def _has(source: Source, contract: str) -> bool:
    return (STAGING / source.name / f"stg_{source.name}__{contract}.sql").exists()


def _telling(sources: Iterable[Source], wanted: set[str]) -> list[str]:
    """Return the staging models, source by source, that have all of these columns."""
    paths = [path for source in sources for path in sorted((STAGING / source.name).glob("stg_*.yml"))]
    models = [model for path in paths for model in _models(path)]
    return [model["name"] for model in models if wanted <= {column["name"] for column in model.get("columns", [])}]


def _models(path: Path) -> list[dict[str, Any]]:
    return list(yaml.safe_load(path.read_text())["models"])


def generated_files(sources: Iterable[Source] = SOURCES) -> Mapping[Path, str]:
    """Return every file that holds such a part, as it should be."""
    registered = list(sources)
    parts = {
        "README.md": (_TABLE_MARKS, ["", *source_table(registered), ""]),
        ".env.example": (_LINE_MARKS, connection_examples(registered)),
        "docker-compose.yml": (_LINE_MARKS, connection_variables(registered)),
        "dbt_project/dbt_project.yml": (_LINE_MARKS, dbt_lists(registered)),
        "expectations/raw/load_volumes.yml": (_SQL_MARKS, dropped_names(registered, " " * 8)),
        "expectations/bi/daily_volumes.yml": (_SQL_MARKS, dropped_names(registered, " " * 14, spoken=True)),
        "expectations/bi/unlisted_accounts.yml": (_SQL_MARKS, dropped_names(registered, " " * 8, spoken=True)),
    }
    return {
        PROJECT_ROOT / name: _replaced((PROJECT_ROOT / name).read_text(), *marks, lines)
        for name, (marks, lines) in parts.items()
    }


def _replaced(text: str, begin: str, end: str, lines: list[str]) -> str:
    head, _, rest = text.partition(begin)
    inside, _, tail = rest.partition(end)
    indent = inside.rpartition("\n")[2]
    return "\n".join([f"{head}{begin}", *lines, f"{indent}{end}{tail}"])


def main() -> None:
    """Rewrite every part."""
    for path, text in generated_files().items():
        path.write_text(text)


if __name__ == "__main__":
    sys.exit(run_command(main))

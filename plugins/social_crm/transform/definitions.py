"""What the rows of the star depend on: if that changed, all of history is rebuilt.

Incremental models keep rows built from former files, so the files of every model and seed they depend on count, without
comments. In seeds with rows per source, each source counts by itself: one that has delivered nothing has no history.
"""

import csv
import hashlib
import json
import re
from collections import defaultdict
from functools import cache
from io import StringIO
from typing import TYPE_CHECKING, Any

import psycopg
import yaml

from social_crm.errors import TransformRefused
from social_crm.transform import dbt_runner

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

# The only variable that rows depend on; the others list sources.
HORIZON = "business_horizon"
_CALLS = re.compile(r"\b(\w+)\s*\(")
_COMMENTS = re.compile(r"\{#.*?#\}|^\s*--[^\n]*", re.DOTALL | re.MULTILINE)


def record(warehouse: psycopg.Connection, version: str) -> None:
    """Record what rows depend on in the current version of the dbt project, unless it is known.

    Raises SeedRefused, RulesRefused or ModelFailed for files that cannot be used, TransformRefused if they changed
    meanwhile.
    """
    if warehouse.execute("select from ops.definitions where project_version = %s", [version]).fetchone() is None:
        found = json.dumps(_definitions_of(version))
        warehouse.execute("insert into ops.definitions values (%s, %s) on conflict do nothing", [version, found])


def changed(warehouse: psycopg.Connection, before: str, now: str) -> list[str] | None:
    """Return the models, seeds and functions that differ between two versions of the project; None if one is unknown.

    What only the later one has is built whole by its first run, and rows about a source from which no transform took a
    record change nothing that exists. A source whose loads are published already, and which is added to another list of
    sources, needs a full refresh that somebody asks for.
    """
    row = warehouse.execute(_CHANGED, {"before": before, "now": now}).fetchone()
    return row[0] if row else None


def definitions(project: "Manifest") -> dict[str, str]:
    """Return a fingerprint of each model and seed that incremental models depend on, and of SQL functions.

    Seeds whose first column is `source` have one for each source, named `source_accounts of phone`.
    """
    macros = {
        one.name: one.macro_sql for one in project.macros.values() if one.package_name == project.metadata.project_name
    }
    wanted = [key for key, node in project.nodes.items() if node.config.get("materialized") == "incremental"]
    found: dict[str, str] = {file.name: _fingerprint(file.read_text(encoding="utf-8")) for file in dbt_runner.FUNCTIONS}
    horizon = yaml.safe_load((dbt_runner.DBT_PROJECT_DIR / "dbt_project.yml").read_text()).get("vars", {}).get(HORIZON)
    found[HORIZON] = _fingerprint(json.dumps(horizon))
    nodes: dict[str, Any] = dict(project.nodes)
    behind = set[str]()
    while wanted:
        key = wanted.pop()
        if key in nodes and key not in behind:
            behind.add(key)
            wanted += getattr(nodes[key].depends_on, "nodes", [])
    for node in map(nodes.__getitem__, behind):
        found |= _of_seed(node) if node.resource_type == "seed" else {node.name: _of_model(node, macros)}
    return found


def _of_seed(node: Any) -> dict[str, str]:
    content = (dbt_runner.DBT_PROJECT_DIR / node.original_file_path).read_bytes()
    if not content.startswith(b"source,"):
        # dbt's own checksum of a large file is its path.
        return {node.name: hashlib.sha256(content).hexdigest()}
    rows = defaultdict[str, list[dict[str, str]]](list)
    for row in csv.DictReader(StringIO(content.decode(), newline="")):
        rows[row["source"]].append(row)
    return {
        f"{node.name} of {source}": hashlib.sha256(json.dumps(told).encode()).hexdigest()
        for source, told in rows.items()
    }


def _of_model(node: Any, macros: dict[str, str]) -> str:
    # By name, wherever they are called: dbt records only the calls in the branches that it took while parsing.
    called, texts = dict[str, str](), [node.raw_code]
    while texts:
        for name in _CALLS.findall(texts.pop()):
            if name in macros and name not in called:
                called[name] = macros[name]
                texts.append(macros[name])
    return _fingerprint(node.raw_code, *(called[name] for name in sorted(called)))


def _fingerprint(*texts: str) -> str:
    plain = [" ".join(_COMMENTS.sub("", text).split()) for text in texts]
    return hashlib.sha256("\n".join(plain).encode()).hexdigest()


@cache
def _definitions_of(version: str) -> dict[str, str]:
    # Files that managers edit are read first as people wrote them, so that an error names a line.
    from social_crm.enrichment.classification.rules import load_rules
    from social_crm.seed_checks import check_seeds

    check_seeds()
    load_rules()
    found = definitions(dbt_runner.read_project())
    if dbt_runner.project_version() != version:
        # They would be taken for those of the former files if these come back.
        raise TransformRefused("files of dbt_project/ changed while they were read. Start a new transform run.")
    return found


_CHANGED = """
select array(
    select key
    from jsonb_each_text(before.definitions) as earlier
    full join jsonb_each_text(now.definitions) as later using (key)
    where
        earlier.value is distinct from later.value
        and case
            when key like '%% of %%'
                then split_part(key, ' of ', 2) in (
                    select ledger.source
                    from raw.load_ledger as ledger
                    inner join ops.transform_loads on ledger.load_id = transform_loads.load_id
                    where ledger.appended_count > 0
                )
            else num_nulls(earlier.value, later.value) = 0
        end
    order by key
)
from ops.definitions as before
inner join ops.definitions as now on before.project_version = %(before)s and now.project_version = %(now)s
"""

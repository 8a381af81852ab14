"""From scored pairs to links: probable enough, and never on a name alone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb

from social_crm.enrichment.identity.blocking import Rule, count
from social_crm.enrichment.identity.comparisons import agreement_sql, evidence_sql
from social_crm.enrichment.identity.fields import ID, NAME_FIELDS
from social_crm.enrichment.identity.model import FEWEST_TO_TRAIN_ON, Say, score_pairs
from social_crm.enrichment.identity.records import normalise, read_blocklist, read_file, shared_fields
from social_crm.enrichment.identity.thresholds import STEP

# A pair that was compared and found this unlikely is not linked through a third record either.
_CONTRADICTED: Final = 0.02


@dataclass(frozen=True)
class Links:
    """The table of links, `links`, in a connection, and the fields that were compared."""

    connection: duckdb.DuckDBPyConnection
    fields: list[str]

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield the links in order of their ids: `left`, `right`, `probability`, `through` and the evidence."""
        evidence = ", ".join(f"evidence_{field}" for field in self.fields)
        cursor = self.connection.execute(
            f"select unique_id_l, unique_id_r, probability, through, {evidence} from links order by 1, 2"  # noqa: S608
        )
        while batch := cursor.fetchmany(10_000):
            for left, right, probability, through, *found in batch:
                told = {field: level for field, level in zip(self.fields, found, strict=True) if level is not None}
                yield {"left": left, "right": right, "probability": probability, "through": through, "evidence": told}


def link_files(connection: duckdb.DuckDBPyConnection, paths: list[Path], threshold: float, say: Say) -> Links:
    """Link one file with itself, or two with each other."""
    sides = ["left_records", "right_records"][: len(paths)]
    columns = [read_file(connection, f"{side}_read", path) for side, path in zip(sides, paths, strict=True)]
    fields = shared_fields(columns)
    blocklist = read_blocklist()
    for side, found, path in zip(sides, columns, paths, strict=True):
        rows = normalise(connection, side, f"{side}_read", found, fields, blocklist)
        say(f"{path}: {rows:,} records, {', '.join(f'{field} from {found[field]}' for field in found)}")
    trained = min(count(connection, side) for side in sides) >= FEWEST_TO_TRAIN_ON
    return link_tables(connection, sides, fields, threshold, say, trained=trained)


def link_tables(
    connection: duckdb.DuckDBPyConnection,
    tables: list[str],
    fields: list[str],
    threshold: float,
    say: Say,
    *,
    trained: bool = True,
    rules: Sequence[Rule] = (),
) -> Links:
    """Link normalised tables: one with itself, or two with each other, by `rules` or those allowed by their sizes."""
    scored = score_pairs(connection, tables, fields, say, trained=trained, rules=rules)
    more_than_names = " or ".join(agreement_sql(field) for field in fields if field not in NAME_FIELDS)
    evidence = ", ".join(f"{evidence_sql(field)} as evidence_{field}" for field in fields)
    connection.execute(
        f"""
        create or replace table links as
        select {ID}_l, {ID}_r, round(match_probability, 6) as probability, null::varchar as through, {evidence}
        from {scored}
        where round(match_probability, 6) >= {threshold} and ({more_than_names})
        """  # noqa: S608 -- names and numbers of ours
    )
    if len(tables) == 1:
        _link_through(connection, scored, fields)
    say(f"{count(connection, 'links'):,} links")
    return Links(connection, fields)


def _link_through(connection: duckdb.DuckDBPyConnection, scored: str, fields: list[str]) -> None:
    """Link two records if a third is surely the same person as both, unless their comparison contradicts it."""
    no_evidence = ", ".join(f"null as evidence_{field}" for field in fields)
    connection.execute(
        f"""
        insert into links
        with sure as (
            select {ID}_l as a, {ID}_r as b, probability from links where probability >= {STEP}
            union all
            select {ID}_r, {ID}_l, probability from links where probability >= {STEP}
        ),
        implied as (
            select
                first.a as {ID}_l, second.b as {ID}_r,
                round(first.probability * second.probability, 6) as probability, first.b as through
            from sure as first
            inner join sure as second on first.b = second.a and first.a < second.b
            qualify row_number() over (
                partition by first.a, second.b order by first.probability * second.probability desc, first.b
            ) = 1
        )
        select implied.*, {no_evidence}
        from implied
        left join {scored} as compared
            on least(compared.{ID}_l, compared.{ID}_r) = implied.{ID}_l
            and greatest(compared.{ID}_l, compared.{ID}_r) = implied.{ID}_r
        where coalesce(compared.match_probability, 1) >= {_CONTRADICTED}
            and not exists (
                select 1 from links
                where least(links.{ID}_l, links.{ID}_r) = implied.{ID}_l
                and greatest(links.{ID}_l, links.{ID}_r) = implied.{ID}_r
            )
        """  # noqa: S608 -- names and numbers of ours
    )

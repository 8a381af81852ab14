"""A warehouse into which a test lands records, and that it updates one transform at a time."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from psycopg import sql

from social_crm.database import connect
from social_crm.enrichment.assessment import SCORER_VERSION
from social_crm.enrichment.classification import classifier_version
from social_crm.landing.loading import load_resource
from social_crm.local import postgres
from social_crm.publishing.publication import publish
from social_crm.settings import Settings
from social_crm.sources import SOURCES, source_named
from social_crm.sources.model import Connection, Page, Record, Window
from social_crm.transform.dbt_runner import NodeResult, load_seeds, run_models
from social_crm.transform.parts import BEHIND, STAGE, STANDING, to_stage
from social_crm.transform.runs import begin_transform, is_full_refresh, is_project_built
from worlds.star_world import FIRST_DAY, build_days
from worlds.warehouses import copy_in_use, copy_warehouse, drop_warehouse, in_use, keep_as

FAR_FUTURE = FIRST_DAY + timedelta(days=99)


class StarWarehouse:
    """Lands, transforms and compares; the front door lets everything pass."""

    def __init__(self, settings: Settings) -> None:
        """Connect as the administrator, who may do what landing, the front door and publishing do."""
        self.admin = connect(settings.warehouse_admin_url)

    def land(self, table: str, records: list[Record], day: int = 0) -> None:
        """Land records as one day's window of a table."""
        source_name, resource_name = table.split(".")
        source = source_named(source_name)
        resource = replace(source.resource(resource_name), extract=lambda request: iter([Page(records)]))
        window = Window(FIRST_DAY + timedelta(days=day), FIRST_DAY + timedelta(days=day + 1))
        load_resource(source, resource, Connection(url=""), window, "test", now=FAR_FUTURE)
        self.admin.execute("update raw.load_ledger set status = 'checked'")

    def land_days(self, seed: int) -> None:
        """Land every day of the world with this seed."""
        for day, tables in enumerate(build_days(seed)):
            for table, records in tables.items():
                self.land(table, records, day)

    def transform(
        self, *, full_refresh: bool = False, is_thorough: bool = False, is_done_again: bool = False
    ) -> list[NodeResult]:
        """Run one transform and publish it; a thorough refresh also rebuilds what could not differ.

        One that is done again was built whole before, and failed when it had to say so.
        """
        transform_id = begin_transform("test", full_refresh=full_refresh)
        assert transform_id is not None
        self._score()
        self._classify()
        # Both halves at once, because nothing needs enriching between them here.
        is_refresh = is_full_refresh(transform_id)
        is_spared = is_refresh and not is_thorough and bool(self.tables("bi"))
        is_built = is_project_built(transform_id)
        results = [] if is_spared or is_built else load_seeds(full_refresh=is_refresh)
        select, exclude = (to_stage(transform_id), STANDING) if is_built else (STAGE, ())
        if is_spared:
            select, exclude = self._landed(), ("tag:standing,config.materialized:table",)
        for _ in range(2 if is_done_again else 1):
            results += run_models([*select, *BEHIND], is_refresh, exclude=exclude)
        publish(transform_id)
        return results

    def _landed(self) -> list[str]:
        """Return the selection of the staging that a refresh could build differently: most sources have no records."""
        landed = self.admin.execute("select distinct source from raw.load_ledger order by 1")
        return [f"staging.{source}" for (source,) in landed]

    def transform_killed_after(self, selection: str) -> None:
        """Run a transform, not the first, that never gets beyond `selection`."""
        transform_id = begin_transform("killed")
        assert transform_id is not None
        assert is_project_built(transform_id)
        # Recreating a view drops the views that read it, and some of them are not selected here.
        staged = set(to_stage(transform_id))
        absent = [name for source in SOURCES if (name := f"staging.{source.name}") not in staged]
        run_models(selection.split(), exclude=[*STANDING, *absent])

    def _score(self) -> None:
        """Score texts by their length, which is as good as any score here."""
        self.admin.execute(
            "insert into enriched.text_sentiment (text_key, scorer_version, language, compound,"
            " positive, neutral, negative, care_compound)"
            " select distinct encode(sha256(convert_to(said, 'UTF8')), 'hex'), %s, 'en',"
            "  (length(said) %% 20 - 10) / 10.0, 0.1, 0.2, 0.7, (length(said) %% 10 - 5) / 5.0"
            " from (select payload ->> 'text' as said from raw_x.posts"
            "       union all select 'comment ' || n from generate_series(1, 500) as n) as texts"
            " where said is not null"
            " on conflict do nothing",
            [SCORER_VERSION],
        )

    def _classify(self) -> None:
        """Classify the scored texts by their key, which is as good as any decision here."""
        self.admin.execute(
            "insert into enriched.text_classification"
            " select text_key, %(version)s, kind < 'a', case when kind < 'a' then 'question' else 'courtesy' end, 1,"
            "  'rule', 'r1', array[case when kind < 'a' then 'question' else 'courtesy' end], '{1}', '{rule}', '{r1}',"
            "  array['charges_fees', 'security_fraud'], array['credit_card', 'unknown'], '{0.75,0.25}', '{rule,rule}',"
            "  '{r2,r3}', case when kind = '0' then '{card_number}' else '{}' end::text[],"
            "  case when kind = '0' then '{r4}' else '{}' end::text[]"
            " from enriched.text_sentiment cross join lateral (select left(text_key, 1) as kind) as kinds"
            " on conflict do nothing",
            {"version": classifier_version()},
        )
        self.admin.execute(
            "insert into enriched.classifier_in_use (classifier_version) values (%s) on conflict do nothing",
            [classifier_version()],
        )

    def tables(self, schema: str) -> list[str]:
        """Return the names of the facts, dimensions and bridges of one schema."""
        rows = self.admin.execute(
            "select tablename from pg_tables where schemaname = %s and tablename ~ '^(fct|dim|bridge|rpt)_' order by 1",
            [schema],
        )
        return [name for (name,) in rows]

    def keep(self, name: str) -> None:
        """Keep a copy of marts as schema `name`."""
        self.admin.execute(sql.SQL("create schema {}").format(sql.Identifier(name)))
        for table in self.tables("marts"):
            copy = sql.SQL("create table {} as select * from {}")
            self.admin.execute(copy.format(sql.Identifier(name, table), sql.Identifier("marts", table)))

    def differences(self, left: str, right: str) -> dict[str, list[tuple]]:
        """Return some of the rows of each table that only one of two schemas contains."""
        found = {}
        for table in self.tables("marts"):
            a, b = sql.Identifier(left, table), sql.Identifier(right, table)
            query = sql.SQL(
                "(select 'only left', t.* from (select * from {a} except all select * from {b}) as t) union all"
                " (select 'only right', t.* from (select * from {b} except all select * from {a}) as t)"
            ).format(a=a, b=b)
            if rows := self.admin.execute(query).fetchall():
                found[table] = rows[:6]
        return found

    def assert_refresh_changes_nothing(self, *, is_thorough: bool = False) -> None:
        """Fail unless `bi` shows what transforms built step by step and a full refresh builds the same."""
        assert not (unpublished := self.differences("marts", "bi")), unpublished
        self.keep("incremental")
        self.transform(full_refresh=True, is_thorough=is_thorough)
        assert not (otherwise := self.differences("incremental", "marts")), otherwise

    def one(self, query: str, *values: Any) -> int:
        """Return the single number that a query gives."""
        row = self.admin.execute(query, values or None).fetchone()  # type: ignore[arg-type]
        assert row is not None
        return int(row[0])


@contextmanager
def star_of(server: postgres.EmbeddedServer, original: Settings, directory: Path) -> Iterator[StarWarehouse]:
    """Copy a star, make the copy the warehouse that `load_settings` returns, and drop it at the end."""
    with copy_in_use(server, original, directory) as settings:
        star = StarWarehouse(settings)
        with closing(star.admin):
            yield star


@contextmanager
def kept_star(
    server: postgres.EmbeddedServer,
    original: Settings,
    directory: Path,
    name: str,
    tell: Callable[[StarWarehouse], Any],
) -> Iterator[Settings]:
    """Copy a star, let `tell` update it, and keep it under a name until the end, so that tests can copy it."""
    settings = copy_warehouse(server, directory, original)
    with in_use(settings):
        star = StarWarehouse(settings)
        with closing(star.admin):
            tell(star)
    kept = keep_as(server, settings, name)
    yield kept
    drop_warehouse(server, kept)

"""The main job without Airflow: land, check, and one whole transform, for tests on real data."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import pytest

from social_crm.database import connect
from social_crm.landing.loading import LoadCounts, load_resource
from social_crm.publishing.publication import publish
from social_crm.quality import doors
from social_crm.quality.doors import check_bi, check_raw
from social_crm.settings import load_settings
from social_crm.sources import source_named
from social_crm.sources.model import Connection, Page, Record, Window
from social_crm.transform.dbt_runner import load_seeds, run_models
from social_crm.transform.parts import STAGE, build, enrich, stage
from social_crm.transform.runs import begin_transform, held


def land(table: str, connection: Connection, window: Window) -> LoadCounts:
    """Extract one window of `source.resource` over its own protocol, land it and pass it through the front door."""
    source_name, resource = table.split(".")
    return land_source(source_name, connection, window, [resource])[0]


def land_source(
    source_name: str, connection: Connection, window: Window, resources: Sequence[str] = ()
) -> list[LoadCounts]:
    """Land one window of a source's resources (all of them by default), and check them together."""
    source = source_named(source_name)
    counts = [
        load_resource(source, source.resource(name), connection, window, "test")
        for name in resources or source.resource_names
    ]
    with without_pages():
        check_raw(source.name, [count.load_id for count in counts])
    return counts


def land_records(table: str, records: Iterable[Record], window: Window) -> LoadCounts:
    """Land records as if the source had sent them, a thousand a page, and pass them through the front door."""
    source = source_named(table.split(".")[0])

    def pages(_: object) -> Iterator[Page]:
        page: list[Record] = []
        for record in records:
            page.append(record)
            if len(page) == 1000:
                yield Page(page)
                page = []
        yield Page(page)

    resource = replace(source.resource(table.split(".")[1]), extract=pages)
    counts = load_resource(source, resource, Connection(url=""), window, "test")
    with without_pages():
        check_raw(source.name, [counts.load_id])
    return counts


def transform(*, full_refresh: bool = False, prepare_seeds: str = "") -> int:
    """Bring pending data into `bi` through every step; the first one runs the SQL `prepare_seeds` on its seeds."""
    transform_id = begin_transform("test", full_refresh=full_refresh)
    assert transform_id is not None
    if prepare_seeds:
        with held(transform_id, needs="begun", leaves="staged"):
            load_seeds()
            with connect(load_settings().warehouse_transformer_url) as warehouse:
                warehouse.execute(prepare_seeds)  # type: ignore[arg-type]
            run_models(STAGE)
    else:
        stage(transform_id)
    enrich(transform_id)
    build(transform_id)
    with without_pages():
        check_bi(transform_id)
    publish(transform_id)
    return transform_id


@contextmanager
def without_pages() -> Iterator[None]:
    """Check without writing pages for people, which takes longer than the check; tests of the doors read them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(doors._Door, "write_docs", lambda *_: None)
        yield


def ask(query: str) -> list[tuple]:
    """Return the answer that a BI user gets."""
    with connect(load_settings().warehouse_reader_url) as reader:
        return reader.execute(query).fetchall()  # type: ignore[arg-type]

"""Another pseudonym key is refused, because it would make second people of authors; a full refresh adopts it."""

import hashlib
import hmac
from dataclasses import replace

import psycopg
import pytest

from social_crm.database import connect
from social_crm.database.preparation import prepare
from social_crm.errors import PseudonymKeyChanged
from social_crm.privacy.pseudonyms import CANARY, fingerprint_of
from social_crm.settings import Settings, load_settings
from social_crm.sources import SOURCES
from social_crm.transform import runs
from social_crm.transform.parts import build, stage
from worlds.star_warehouse import StarWarehouse
from worlds.warehouses import use_warehouse

ANOTHER = "quite-another-key"
STATE = (
    "select t::text from ops.transform_runs as t", "select t::text from ops.transform_loads as t",
    "select t::text from ops.pseudonym_key as t",
)  # fmt: skip
LOAD = """
insert into raw.load_ledger (source, resource, window_start, window_end, attempt, run_id, status)
select 'x', 'posts', day, day + interval '1 day', 1, 'run', 'checked'
from (select '2026-11-01'::timestamptz + count(*) * interval '1 day' as day from raw.load_ledger) as days
"""


def take_key(key: str, patch: pytest.MonkeyPatch) -> None:
    """Start the next step as a process would that was given this key."""
    use_warehouse(replace(load_settings(), pseudonym_key=key), patch)


def begin(settings: Settings, *, full_refresh: bool = False) -> int | None:
    with connect(settings.warehouse_admin_url) as admin:
        admin.execute(LOAD)
    return runs.begin_transform("run", full_refresh=full_refresh)


def state(settings: Settings) -> list[list[tuple]]:
    with connect(settings.warehouse_admin_url) as admin:
        return [admin.execute(query).fetchall() for query in STATE]


def fingerprint(settings: Settings) -> str:
    with connect(settings.warehouse_admin_url) as admin:
        [(kept,)] = admin.execute("select fingerprint from ops.pseudonym_key").fetchall()
    return str(kept)


def test_another_key_is_refused_with_nothing_changed_and_the_former_goes_on(
    warehouse: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert begin(warehouse) == 1
    before = state(warehouse)
    take_key(ANOTHER, monkeypatch)
    with pytest.raises(PseudonymKeyChanged, match="former key") as refused:
        begin(warehouse)
    for step in (stage, build):
        with pytest.raises(PseudonymKeyChanged):
            step(1)
    # Not even a full refresh that nobody asked for takes it.
    with monkeypatch.context() as deployment:
        deployment.setattr(runs, "_is_half_refreshed", lambda _: True)
        with pytest.raises(PseudonymKeyChanged):
            begin(warehouse)
    assert state(warehouse) == before
    for secret in (ANOTHER, warehouse.pseudonym_key, fingerprint_of(ANOTHER), fingerprint_of(warehouse.pseudonym_key)):
        assert secret not in str(refused.value)
    take_key(warehouse.pseudonym_key, monkeypatch)
    assert begin(warehouse) == 2


def test_the_fingerprint_is_the_pseudonym_of_what_no_author_can_be(warehouse: Settings) -> None:
    begin(warehouse)
    with connect(warehouse.warehouse_transformer_url) as session:
        session.execute("select set_config('social_crm.pseudonym_key', %s, false)", [warehouse.pseudonym_key])
        assert session.execute("select ops.pseudonym(%s)", [CANARY]).fetchone() == (fingerprint(warehouse),)
    assert "|" not in CANARY


def test_a_warehouse_of_before_keeps_the_key_of_its_next_transform(
    warehouse: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(warehouse)
    with connect(warehouse.warehouse_admin_url) as admin:
        admin.execute("drop table ops.pseudonym_key")
    prepare(warehouse, SOURCES)
    assert begin(warehouse) == 2
    prepare(warehouse, SOURCES)
    take_key(ANOTHER, monkeypatch)
    with pytest.raises(PseudonymKeyChanged):
        begin(warehouse)


@pytest.mark.parametrize("role", ["loader", "reader"])
def test_nobody_but_the_transformer_sees_the_fingerprint(warehouse: Settings, role: str) -> None:
    with (
        connect(getattr(warehouse, f"warehouse_{role}_url")) as session,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        session.execute("select fingerprint from ops.pseudonym_key")


def keys_by_table(star: StarWarehouse) -> dict[str, set[str]]:
    """Return the keys of authors in every table that has some, whoever made it."""
    tables = star.admin.execute(
        "select distinct format('%I.%I', table_schema, table_name) from information_schema.columns"
        " inner join information_schema.tables using (table_schema, table_name)"
        " where column_name = 'author_key' and table_type = 'BASE TABLE'"
    ).fetchall()
    found = {table: star.admin.execute(f"select distinct author_key from {table}").fetchall() for (table,) in tables}
    return {table: {key for (key,) in keys if key and len(key) == 64} for table, keys in found.items()}


def test_a_full_refresh_with_another_key_leaves_no_author_their_former_pseudonym(
    week: StarWarehouse, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    before = keys_by_table(week)
    former = before["bi.dim_author"]
    take_key(ANOTHER, monkeypatch)
    week.transform(full_refresh=True)
    authors = week.admin.execute("select source || '|' || author_native_id from intermediate.int_author_customers")
    new = {hmac.new(ANOTHER.encode(), author.encode(), hashlib.sha256).hexdigest() for (author,) in authors}
    after = keys_by_table(week)
    assert after["bi.dim_author"] == after["marts.dim_author"] == new
    assert len(new) == len(former) > 10
    assert {"vault.authors", "bi.bridge_customer_identities", "bi.fct_interactions"} <= after.keys()
    assert {table for table, keys in after.items() if not keys <= new} == set()
    assert {table: len(keys) for table, keys in after.items() if len(keys) != len(before[table])} == {}
    assert ANOTHER not in caplog.text
    assert "gives new pseudonyms to all authors" in caplog.text
    # It is the warehouse's key from now on, and the one of before is another.
    take_key("test-pseudonym-key", monkeypatch)
    with pytest.raises(PseudonymKeyChanged):
        week.transform()

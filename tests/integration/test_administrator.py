"""That the administrator's session runs nobody else's code, and what the server logs of the sessions of all."""

import psycopg
import pytest

from social_crm.database import connect
from social_crm.database.preparation import prepare
from social_crm.local import postgres
from social_crm.publishing.entitlements import role_password
from social_crm.settings import Settings
from social_crm.sources import SOURCES

# What a worker that was broken into could leave for the next preparation.
TRAP = """
create function bi.trap() returns trigger language plpgsql as $$
begin
    if current_setting('is_superuser') = 'on' then
        raise exception 'the administrator ran it';
    end if;
    return null;
end $$;
create trigger trap before insert or update or delete on bi.{table} for each statement execute function bi.trap();
"""


@pytest.mark.parametrize("table", ["activations", "market_entitlements", "publications"])
def test_no_trigger_of_the_transformers_runs_as_the_administrator(table: str, warehouse: Settings) -> None:
    with connect(warehouse.warehouse_transformer_url) as transformer:
        transformer.execute(TRAP.format(table=table).encode())
    prepare(warehouse, SOURCES)


def test_no_function_of_the_transformers_is_found_by_the_administrator(warehouse: Settings) -> None:
    with connect(warehouse.warehouse_transformer_url) as transformer:
        # A schema of an administrator's own name is looked into, and the function that fits best is taken.
        transformer.execute("create schema postgres; grant usage on schema postgres to public")
        transformer.execute(
            "create function postgres.format(text, name) returns text language plpgsql"
            " as $$ begin raise exception 'the administrator ran it'; end $$"
        )
    prepare(warehouse, SOURCES)


# Rules of an erasure that find nobody: a trigger for each statement runs all the same.
NOBODY = (
    '{"people": [[{"kind": "x", "place": "a", "paths": ["$.a"]}]], "places": ["a"], "names": [], "keeps": [],'
    ' "only": {}, "case": null, "owns_case": false, "opens": {}}'
)


@pytest.mark.parametrize(
    "call",
    [
        f"raw.erase_people('mine', 'trap', '{NOBODY}', null, null)",
        # Of a load that whoever has the loader's role could write into the ledger.
        "raw.clear_words((select max(load_id) from raw.load_ledger), null, array['text'])",
    ],
)
def test_no_function_of_the_administrators_changes_a_table_of_the_transformers(call: str, warehouse: Settings) -> None:
    with connect(warehouse.warehouse_loader_url) as loader:
        loader.execute(
            "insert into raw.load_ledger (source, resource, window_start, window_end, attempt, run_id, status)"
            " values ('mine', 'trap', '2026-10-26', '2026-10-27', 1, 'mine', 'checked')"
        )
    with connect(warehouse.warehouse_transformer_url, **{"social_crm.pseudonym_key": "mine"}) as transformer:
        transformer.execute(
            "create schema raw_mine;"
            "create table raw_mine.trap (_record_key text, _load_id bigint, _extracted_at timestamptz, payload jsonb);"
            "create table raw_mine.ran (by_whom text);"
            "create function raw_mine.run() returns trigger language plpgsql as $$"
            " begin insert into raw_mine.ran values (current_user); return null; end $$;"
            "create trigger run before update on raw_mine.trap for each statement execute function raw_mine.run()"
        )
        transformer.execute(
            "with request as (insert into ops.erasures (requested_by, reason, identifier_count, key_fingerprint)"
            " values ('mine', 'mine', 1, 'mine') returning erasure_id)"
            " insert into ops.erased_identifiers select 'mine', erasure_id from request"
        )
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match=r"raw_mine\.trap is no table"):
            transformer.execute(f"select * from {call}".encode())
        assert transformer.execute("select by_whom from raw_mine.ran").fetchall() == []


def test_no_raw_table_that_the_transformer_made_first_is_taken_for_ours(warehouse: Settings) -> None:
    with (
        connect(warehouse.warehouse_admin_url) as admin,
        connect(warehouse.warehouse_transformer_url) as transformer,
    ):
        transformer.execute("create schema mine; create table mine.posts (like raw_x.posts including all)")
        # As a warehouse of before the source was known.
        admin.execute("drop schema raw_x cascade")
        transformer.execute("create schema raw_x; alter table mine.posts set schema raw_x")
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match=r"raw_x\.posts is no table of an administrator"):
        prepare(warehouse, SOURCES)


class ServerLog:
    """What the server has logged since the test began."""

    def __init__(self, server: postgres.EmbeddedServer) -> None:
        self._file = server.data_dir / "server.log"
        self._start = self._file.stat().st_size

    def __str__(self) -> str:
        return self._file.read_bytes()[self._start :].decode()


@pytest.fixture
def server_log(postgres_server: postgres.EmbeddedServer) -> ServerLog:
    return ServerLog(postgres_server)


def test_no_password_of_a_role_is_in_a_statement(warehouse: Settings, server_log: ServerLog) -> None:
    database = warehouse.warehouse_admin_url.rpartition("/")[2]
    with connect(warehouse.warehouse_admin_url) as admin:
        admin.execute(f"alter database {database} set log_statement = 'ddl'".encode())
    prepare(warehouse, SOURCES)
    assert 'alter role "loader" with login password' in str(server_log)
    assert "loader-test" not in str(server_log)
    assert role_password(warehouse.bi_secret, "bi_global") not in str(server_log)
    for url in (warehouse.warehouse_loader_url, warehouse.warehouse_reader_url):
        connect(url).close()


def test_the_server_logs_neither_whom_somebody_looked_for_nor_a_record(
    warehouse: Settings, server_log: ServerLog
) -> None:
    server = warehouse.warehouse_reader_url.rpartition("@")[2]
    password = role_password(warehouse.bi_secret, "bi_global_360")
    with (
        connect(f"postgresql://bi_global_360:{password}@{server}") as looking,
        psycopg.ClientCursor(looking) as cursor,
        pytest.raises(psycopg.errors.UndefinedTable),  # nothing was built yet
    ):
        cursor.execute("select * from customer_360.find(%s, 'ada')", ["Ann Oakley"])
    with (
        connect(warehouse.warehouse_loader_url) as loader,
        pytest.raises(psycopg.errors.InvalidTextRepresentation),
        loader.cursor().copy("copy raw_x.posts (payload) from stdin") as copy,
    ):
        copy.write('{"text": "Ann Oakley says" broken}\n')
    assert str(server_log).count("ERROR:") == 2
    assert "Oakley" not in str(server_log)

"""Erasing a person from any source leaves records that the contract reads as before, except for who they were."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from social_crm.database import connect
from social_crm.database.preparation import prepare
from social_crm.landing.loading import load_resource
from social_crm.local.postgres import EmbeddedServer
from social_crm.privacy.erasure import erase
from social_crm.quality.doors import check_raw
from social_crm.settings import Settings
from social_crm.sources import SOURCES, source_named
from social_crm.sources.model import Connection, Page, Record, Source
from social_crm.transform.dbt_runner import run_models
from worlds.recorded_answers import DAY, RECORDED, land_recorded, stage_recorded
from worlds.warehouses import copy_in_use, prepared

# What is erased of the others is tested in test_erasure.py and at the end of this file.
SPEAKING = [source for source in RECORDED if any(resource.is_utterance for resource in source.resources)]
WHO = {
    "author_native_id", "author_handle", "author_name", "author_email", "author_phone", "author_external_id",
    "text_plain", "url",
}  # fmt: skip
Rows = dict[str, list[dict[str, Any]]]


def read(warehouse: psycopg.Connection[dict[str, Any]]) -> Rows:
    """Return what the contract says of each source."""
    return {
        source.name: warehouse.execute(
            f"select * from staging.stg_{source.name}__interactions order by interaction_id".encode()
        ).fetchall()
        for source in SPEAKING
    }


def identifiers_of(source: str, row: dict[str, Any]) -> Iterator[str]:
    """Yield by what an author would be given to the command."""
    by_kind = {
        {"phone": "phone", "stores": "reference", "surveys": "reference"}.get(source, source): row["author_native_id"],
        "email": row["author_email"],
        f"{source} ": row["author_handle"],
    }
    if source == "instagram" and row["author_handle"] == "acmebank":  # whose own media name nobody
        return
    if "@" in (row["author_native_id"] or ""):  # as WordPress knows its guests
        by_kind["email"] = row["author_native_id"]
    if source == "complaints":
        by_kind = {"complaints": row["native_id"]}
    if source == "feeds":
        by_kind = {"feeds": row["author_name"]}
    if source == "reviews":
        by_kind = {"reviews": row["conversation_native_id"]}
    for kind, value in by_kind.items():
        if value:
            yield f"{kind.strip()}:{value.removeprefix('user/')}"


@pytest.fixture(scope="module")
def contracts(postgres_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Rows, Rows]]:
    """Read the contract of all sources before and after everybody who speaks to the company is erased."""
    with copy_in_use(postgres_server, prepared(postgres_server), tmp_path_factory.mktemp("erased")) as settings:
        loads = [land_recorded(source, resource) for source in SPEAKING for resource in source.resources]
        models = stage_recorded(SPEAKING, loads)
        with psycopg.connect(settings.warehouse_transformer_url, row_factory=dict_row, autocommit=True) as warehouse:
            before = read(warehouse)
            spoken = [(name, row) for name, rows in before.items() for row in rows if row["direction"] == "inbound"]
            known = sorted({known for name, row in spoken for known in identifiers_of(name, row)})
            erase(known, by="dpo", reason="everybody")
            run_models(models, full_refresh=True)
            yield before, read(warehouse)


@pytest.mark.parametrize("name", [source.name for source in SPEAKING])
def test_only_who_they_were_and_their_words_are_gone(contracts: tuple[Rows, Rows], name: str) -> None:
    before, after = (rows[name] for rows in contracts)
    assert before
    pairs = list(zip(before, after, strict=True))
    assert [_changed(was, now) - WHO for was, now in pairs] == [set()] * len(pairs)
    for was, now in pairs:
        if was["direction"] == "inbound" and list(identifiers_of(name, was)):
            assert now["text_plain"] is None or now["text_plain"].startswith("["), was["interaction_id"]
            # Addresses are made of keys, which stay.
            assert WHO - {"url"} - _changed(was, now) - _empty(was) == set(), was["interaction_id"]


def test_an_author_who_is_erased_is_still_one_author(contracts: tuple[Rows, Rows]) -> None:
    before, after = contracts
    for name in before:
        pairs = {
            (was["author_native_id"], now["author_native_id"])
            for was, now in zip(before[name], after[name], strict=True)
            if was["author_native_id"]
        }
        assert len(pairs) == len({was for was, _ in pairs}) == len({now for _, now in pairs}), name


@pytest.mark.parametrize("source", SPEAKING, ids=lambda source: source.name)
def test_what_is_suppressed_on_arrival_passes_the_front_door(
    warehouse: Settings, contracts: tuple[Rows, Rows], source: Source
) -> None:
    said = [row for row in contracts[0][source.name] if row["direction"] == "inbound"]
    erase({known for row in said for known in identifiers_of(source.name, row)}, by="dpo", reason="everybody")
    for resource in source.resources:
        load_id = land_recorded(source, resource)
        # It would raise: that nobody said a word is told, and refuses nothing.
        check_raw(source.name, [load_id])
    with connect(warehouse.warehouse_admin_url) as admin:
        is_noticed = admin.execute("select sum(erased_count) > 0 from raw.load_ledger").fetchall()
    assert is_noticed == [(True,)], f"nobody of {source.name} was known: say in identifiers_of by what its authors are"


CONTACT = {"market": "sg", "tier": "gold", "x_handle": "@AnnOaks", "external_ref": "REF-1"}


CONTACTS = [
    (
        "hubspot.contacts",
        {
            "id": "7", "createdAt": "2026-06-30T09:00:00Z", "updatedAt": "2026-06-30T09:00:00Z", "chosen": CONTACT,
            "properties": {"email": "ann@mail.example", "firstname": "Ann", "associatedcompanyid": "3"},
        },
        {"properties": {"associatedcompanyid": "3"}, "chosen": {"market": "sg", "tier": "gold"}, "id": "7"},
    ),
    (
        "salesforce.contacts",
        {
            "Id": "003A", "IsDeleted": False, "AccountId": "001A", "FirstName": "Ann", "Email": "ann@mail.example",
            "Phone": None, "CreatedDate": "2026-06-30T09:00:00Z", "SystemModstamp": "2026-06-30T09:00:00Z",
            "chosen": CONTACT,
        },
        {"Id": "003A", "IsDeleted": False, "AccountId": "001A", "chosen": {"market": "sg", "tier": "gold"}},
    ),
]  # fmt: skip


def land_one(table: str, record: Record) -> int:
    source = source_named(table.split(".")[0])
    resource = replace(source.resource(table.split(".")[1]), extract=lambda request: iter([Page([record])]))
    return load_resource(source, resource, Connection(url=""), DAY, "test").load_id


@pytest.mark.parametrize(("table", "record", "kept"), CONTACTS)
def test_a_contact_keeps_how_they_stand(warehouse: Settings, table: str, record: Record, kept: Record) -> None:
    land_one(table, record)
    erase(["email:ANN@mail.example"], by="dpo", reason="request 18")
    with connect(warehouse.warehouse_admin_url) as admin:
        [(payload,)] = admin.execute(f"select payload from raw_{table}".encode()).fetchall()
    assert "ann" not in json.dumps(payload).lower()
    shown = {
        name: {part: value for part, value in inner.items() if not str(value).startswith("erased-")}
        if isinstance(inner, dict)
        else inner
        for name, inner in payload.items()
    }
    assert {name: shown[name] for name in kept} == kept


@pytest.mark.parametrize(("table", "record"), [contact[:2] for contact in CONTACTS])
def test_a_contact_who_is_suppressed_on_arrival_passes_the_front_door(
    warehouse: Settings, table: str, record: Record
) -> None:
    erase(["email:ANN@mail.example"], by="dpo", reason="request 18")
    assert check_raw(table.split(".")[0], [land_one(table, record)]) != []
    with connect(warehouse.warehouse_admin_url) as admin:
        assert admin.execute("select erased_count from raw.load_ledger").fetchall() == [(1,)]


@pytest.mark.parametrize(
    ("customer", "known_by"),
    [("C-8", "crm|c-8"), ("salesforce:003A", "salesforce|003a"), ("own_crm:7:b", "own_crm|7:b"), ("7", "crm|7")],
)
def test_a_customer_is_known_by_the_crm_that_their_id_names(warehouse: Settings, customer: str, known_by: str) -> None:
    with connect(warehouse.warehouse_transformer_url) as transformer:
        query = "select ops.customer_identifier(%s)"
        assert transformer.execute(query, [customer]).fetchall() == [(known_by,)]


@pytest.mark.parametrize(
    ("table", "participant", "opener"),
    [
        ("request_tracker.messages", "email:agent@acmebank.example", "jo@else.example"),
        ("intercom.conversation_parts", "email:sam@acmebank.example", "robin@else.example"),
    ],
)
def test_who_took_part_in_a_case_takes_no_words_but_their_own(
    warehouse: Settings, table: str, participant: str, opener: str
) -> None:
    source = source_named(table.split(".")[0])
    for resource in source.resources:
        land_recorded(source, resource)
    others = (
        f"select payload from raw_{table} where payload::text like '%%' || %s || '%%' order by _record_key".encode()
    )
    with connect(warehouse.warehouse_admin_url) as admin:
        before = admin.execute(others, [opener]).fetchall()
        erase([participant], by="dpo", reason="a former agent")
        assert admin.execute(others, [opener]).fetchall() == before != []
        assert admin.execute(others, [participant.removeprefix("email:")]).fetchall() == []


AT = "2026-06-30T09:00:00Z"
COPY = {"author": {"handle": "ann.example"}, "text": "secretword"}


@pytest.mark.parametrize(
    ("table", "record", "kept"),
    [
        (
            "bluesky.posts",
            {"uri": "at://did:plc:bo/app.bsky.feed.post/1", "record": {"createdAt": AT, "text": "so"}, "embed": COPY},
            {"uri": "at://did:plc:bo/app.bsky.feed.post/1", "record": {"createdAt": AT, "text": "so"}},
        ),
        ("reddit.submissions", {"name": "t3_9", "crosspost_parent_list": [COPY]}, {"name": "t3_9"}),
        ("mastodon.statuses", {"id": "5", "quote": {"quoted_status": COPY}}, {"id": "5"}),
        ("crm.accounts", {"id": "A-1", "name": "Oakley", "industry": None}, {"id": "A-1", "industry": None}),
        ("salesforce.accounts", {"Id": "001A", "Name": "Oakley", "Industry": "Gas"}, {"Id": "001A", "Industry": "Gas"}),
        (
            "hubspot.companies",
            {"id": "3", "properties": {"name": "Oakley", "industry": "GAS"}},
            {"id": "3", "properties": {"industry": "GAS"}},
        ),
    ],
)  # fmt: skip
def test_copies_of_others_words_and_names_of_accounts_never_land(
    warehouse: Settings, table: str, record: Record, kept: Record
) -> None:
    land_one(table, record)
    with connect(warehouse.warehouse_admin_url) as admin:
        landed = f"select payload from raw_{table}".encode()
        assert admin.execute(landed).fetchall() == [(kept,)]
        # Those of a warehouse from before are taken out.
        admin.execute(f"comment on table raw_{table} is null".encode())
        admin.execute(f"update raw_{table} set payload = %s".encode(), [Jsonb(record)])
        prepare(warehouse, SOURCES)
        assert admin.execute(landed).fetchall() == [(kept,)]


def _changed(was: dict[str, Any], now: dict[str, Any]) -> set[str]:
    return {column for column in was if was[column] != now[column]}


def _empty(row: dict[str, Any]) -> set[str]:
    return {column for column in row if row[column] is None}

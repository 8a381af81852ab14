"""Whoever was erased stays so: when they are read again, under another key, and by what is left of them."""

import hashlib
from dataclasses import replace

import pytest
from psycopg.errors import UndefinedTable

from social_crm.database.preparation import prepare
from social_crm.errors import ErasureUnenforceable, PseudonymKeyChanged
from social_crm.privacy import erasure_sweep
from social_crm.privacy.erasure import IdentifierRefused, reapply
from social_crm.privacy.pseudonyms import accept_key
from social_crm.quality.doors import check_raw
from social_crm.settings import load_settings
from social_crm.sources import SOURCES
from worlds.erased_person import changed, first_day, land, post, raw, request
from worlds.star_warehouse import StarWarehouse
from worlds.warehouses import use_warehouse


def take_key(key: str, patch: pytest.MonkeyPatch) -> None:
    """Go on as a worker would that was given this key."""
    use_warehouse(replace(load_settings(), pseudonym_key=key), patch)


def test_what_is_counted_of_the_erased_later_leaves_what_they_meant(told: StarWarehouse) -> None:
    request()
    told.transform()
    told.keep("before")
    liked = [post for post in first_day()["x.posts"] if post["id"] in ("7001", "7002")]
    told.land("x.posts", [post | {"public_metrics": {"like_count": 9}} for post in liked], day=1)
    assert told.one("select sum(erased_count) from raw.load_ledger where window_start = '2026-10-27'") == 1
    told.transform()
    assert told.one("select count(*) from marts.fct_interactions where likes = 9") == 2
    meant = {"fct_interactions", "fct_contacts", "bridge_interaction_contact_types", "bridge_interaction_issues"}
    assert changed(told, "- array['likes', 'extracted_at']") & meant == set()


def test_what_is_suppressed_on_arrival_passes_the_front_door(star: StarWarehouse) -> None:
    request()
    land(star)
    star.admin.execute("update raw.load_ledger set status = 'loaded'")
    erased = "select array_agg(load_id) from raw.load_ledger where source = %s and erased_count > 0"
    # All others are read from what was recorded of them in test_erasure_from_sources.py.
    for source in ("crm", "forms", "mail", "x", "zendesk"):
        [(loads,)] = star.admin.execute(erased, [source]).fetchall()
        # It would raise: that nobody said a word is told, and refuses nothing.
        assert check_raw(source, loads) != []


def test_tables_of_models_that_are_gone_keep_nobody(star: StarWarehouse) -> None:
    star.admin.execute("create table staging.stg_crm__customer_versions as select 'Ann Oakley' as customer_name")
    star.admin.execute("create view public.reading as select * from staging.stg_crm__customer_versions")
    prepare(load_settings(), SOURCES)
    assert star.one("select count(*) from public.reading") == 1
    star.admin.execute("drop view public.reading")
    prepare(load_settings(), SOURCES)
    assert star.one("select count(*) from pg_tables where tablename = 'stg_crm__customer_versions'") == 0


@pytest.mark.parametrize("table", ["text_sentiment", "text_classification"])
def test_no_score_is_found_by_guessing_what_the_erased_said(told: StarWarehouse, table: str) -> None:
    # One of them she says with somebody else, whose words stay.
    told.land("x.posts", [post(7011, 5, "cy", "@AcmeBank secretword thanks")], day=1)
    told.transform()
    query = f"select text_key from enriched.{table} where text_key = any(%s)"
    said = ["@AcmeBank my card secretword", "@AcmeBank secretword thanks", "@AcmeBank mine too"]
    keys = [hashlib.sha256(text.encode()).hexdigest() for text in said]
    assert {key for (key,) in told.admin.execute(query, [keys])} == set(keys)
    request()
    told.transform()
    reapply()
    assert {key for (key,) in told.admin.execute(query, [keys])} == set(keys[1:])


def test_scores_are_looked_through_once_an_erasure_however_often_that_is_killed(
    told: StarWarehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Of a text that nobody says: it goes whenever all texts are looked through.
    unsaid = "insert into enriched.text_sentiment values ('unsaid', 'v', 'en', null, null, null, null, 'no_text', null)"
    kept = "select count(*) from enriched.text_sentiment where text_key = 'unsaid'"
    told.admin.execute(unsaid)
    request()
    told.transform()
    with monkeypatch.context() as patch:
        patch.setattr(erasure_sweep, "_SCORING", (*erasure_sweep._SCORING, "gone"))
        for _ in range(2):
            with pytest.raises(UndefinedTable):
                reapply()
            assert told.one(kept) == 1
    told.admin.execute("update ops.transform_runs set status = 'running' where transform_id = 1")
    reapply()
    assert told.one(kept) == 1
    told.admin.execute("update ops.transform_runs set status = 'published' where transform_id = 1")
    reapply()
    assert told.one(kept) == 0

    told.admin.execute(unsaid)
    reapply()
    assert told.one(kept) == 1
    request("x:bo")
    reapply()
    assert told.one(kept) == 1
    told.transform()
    reapply()
    assert told.one(kept) == 0


def test_another_key_is_refused_and_who_is_lost_is_named(told: StarWarehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    # Two people for one reason, and the first of them once more.
    request()
    request("x:bo")
    request()
    take_key("another key", monkeypatch)
    with pytest.raises(PseudonymKeyChanged):
        reapply()
    accept_key(told.admin, may_change=True)
    with pytest.raises(ErasureUnenforceable, match=r"people of erasures 1, 2 .* were registered under another"):
        reapply()
    request(repeats=1)
    with pytest.raises(ErasureUnenforceable, match=r"people of erasures 2 .* were registered under another"):
        reapply()
    request("x:bo", repeats=2, reason="request 17, the other one")
    assert reapply() == []


def test_under_another_key_a_handle_leads_to_its_account_once_both_are_read(
    told: StarWarehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    request()
    take_key("another key", monkeypatch)
    accept_key(told.admin, may_change=True)
    request(repeats=1)
    derived = "select count(*) from ops.erased_identifiers where is_derived and erasure_id = 2"
    assert told.one(derived) == 0
    told.land("x.posts", [post(7012, 8800771, "AnnOak", "secretword again")], day=1)
    told.land("x.posts", [post(7013, 8800771, "NewHandle", "secretword once more")], day=2)
    assert told.one(derived) == 1
    query = "select payload::text from raw_x.posts where _record_key in ('7012', '7013')"
    kept = [row for (row,) in told.admin.execute(query)]
    assert len(kept) == 2
    assert not any(trace in row for row in kept for trace in ("8800771", "secretword", "NewHandle", "AnnOak"))


def test_only_what_was_erased_under_a_former_key_can_be_repeated(told: StarWarehouse) -> None:
    request()
    for erasure_id in (1, 2):
        with pytest.raises(IdentifierRefused, match="--repeats names no erasure"):
            request(repeats=erasure_id)
    assert told.one("select count(*) from ops.erasures") == 1


def test_nothing_lands_under_a_key_that_would_recognise_nobody(
    told: StarWarehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    request()
    before = raw(told)
    take_key("another key", monkeypatch)
    with pytest.raises(PseudonymKeyChanged, match=r"^x\.posts .* give this worker the warehouse's key"):
        told.land("x.posts", [post(7012, 8800771, "AnnOak", "secretword again")], day=1)
    assert raw(told) == before
    # Once it is the warehouse's, landing goes on, and the night names who is lost.
    accept_key(told.admin, may_change=True)
    told.land("x.posts", [post(7012, 5, "bo", "hello")], day=1)
    assert raw(told) != before


def test_any_key_lands_what_nobody_was_erased_from(told: StarWarehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    take_key("another key", monkeypatch)
    told.land("x.posts", [post(7012, 8800771, "AnnOak", "again")], day=1)
    assert told.one("select count(*) from raw_x.posts where _record_key = '7012'") == 1

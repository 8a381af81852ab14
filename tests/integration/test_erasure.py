"""A person who asks to be erased leaves every table and stays away; others' words and all counts stay as they were."""

import json
import re
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from social_crm.database import connect
from social_crm.errors import ErasureUnenforceable
from social_crm.privacy import erasure_sweep
from social_crm.privacy.erasure import IdentifierRefused, erase, main, normalised, preview, reapply
from social_crm.settings import Settings, load_settings
from social_crm.sources import source_named
from worlds.erased_person import EMAIL, IDENTIFIERS, PHONE, TRACES, changed, first_day, land, post, raw, request, traces
from worlds.star_warehouse import StarWarehouse

# What of a star says whose a row is, and what was said.
WHOSE = "array['author_key', 'customer_key', 'customer_id', 'text_masked', 'text_excerpt']"
# Nobody is a customer any more of whom nobody may know who they are: what is counted by customer counts one less.
BY_CUSTOMER = {
    "bridge_customer_identities", "dim_author", "fct_contacts", "fct_customer_months", "fct_issue_days",
    "fct_sla_events", "rpt_sla_attainment", "rpt_work_queue",
}  # fmt: skip
OF_CUSTOMERS = "array['customer_tier', 'customer_count', 'contact_owner_key', 'party_kind', 'is_repeat']"


def test_a_person_is_nowhere_and_threads_and_counts_stay(told: StarWarehouse) -> None:
    told.keep("before")
    # What names her by handle and by id is met again once the id is known.
    assert request() == {
        "crm.customers": 1, "forms.messages": 2, "mail.messages": 2, "mastodon.statuses": 3, "phone.calls": 1,
        "phone.transcripts": 1, "reddit.comments": 1, "stores.visits": 1, "x.posts": 5, "zendesk.users": 1,
        "zendesk.tickets": 1, "zendesk.comments": 2, "zendesk.audits": 2,
    }  # fmt: skip
    assert {table for table in traces(told) if table.startswith(("raw", "ops", "enriched"))} == set()
    told.transform()
    reapply()
    assert {table for table in traces(told) if not table.startswith("before")} == set()

    assert changed(told, f"- {WHOSE}") == BY_CUSTOMER
    assert changed(told, f"- {WHOSE} - {OF_CUSTOMERS}") == {"bridge_customer_identities", "fct_customer_months"}
    told.keep("after")
    told.transform(full_refresh=True)
    assert told.differences("after", "marts") == {}
    kept = told.admin.execute("select customer_id from ops.identity_decisions").fetchall()
    assert kept == [("C-8",)]

    proof = "select requested_by, reason, identifier_count, swept_at is not null from ops.erasures"
    assert told.admin.execute(proof).fetchall() == [("dpo", "request 17", len(IDENTIFIERS), True)]
    counted = "select sum(cleared_count) from ops.clearings where reason = 'erasure' and erasure_id = 1"
    assert told.one(counted) == 23


def test_who_was_linked_to_an_erased_customer_is_nobodys_customer(star: StarWarehouse) -> None:
    for table in ("crm.customers", "x.posts"):
        star.land(table, first_day()[table][:1])
    star.transform()
    linked = "select count(*) from bi.{} where customer_id is not null"
    tables = ("bridge_customer_identities", "dim_author", "fct_interactions")
    assert [star.one(linked.format(table)) for table in tables] == [1, 1, 1]
    # Of the number nothing leads to the handle by which the author is known.
    request("phone:0044 2079460958")
    star.transform()
    assert [star.one(linked.format(table)) for table in tables] == [0, 0, 0]


def test_twice_changes_nothing(told: StarWarehouse) -> None:
    request()
    before = raw(told)
    assert request() == {}
    assert reapply() == []
    assert raw(told) == before


def test_who_is_erased_before_they_are_read_is_suppressed_as_if_after(star: StarWarehouse) -> None:
    assert request() == {}
    land(star)
    ledger = "select sum(appended_count), sum(erased_count) from raw.load_ledger"
    # The two that staff wrote in a form's chat and a ticket are known by the case alone, which her own words tell.
    assert star.admin.execute(ledger).fetchall() == [(25, 20)]
    reapply()
    before = raw(star)
    assert {table for table in traces(star) if table.startswith("raw")} == set()

    emptied = ", ".join(f"raw_{table}" for table in before)
    star.admin.execute(f"truncate {emptied}, ops.erasures, ops.erased_identifiers, ops.clearings cascade")
    land(star)
    request()
    assert raw(star) == before


def test_what_is_read_again_is_no_news_and_what_is_new_is_suppressed(told: StarWarehouse) -> None:
    request()
    land(told, day=1)
    assert told.one("select sum(appended_count) from raw.load_ledger where window_start >= '2026-10-27'") == 0
    # Under another handle, by the id that was found behind the first one.
    told.land("x.posts", [post(7009, 8800771, "NewHandle", "secretword again"), post(7010, 5, "bo", "hello")], day=2)
    assert traces(told) & {"raw_x.posts"} == set()
    ledger = "select appended_count, erased_count from raw.load_ledger where window_start = '2026-10-28'"
    assert told.admin.execute(ledger).fetchall() == [(2, 1)]
    assert told.one("select count(*) from raw_x.posts where payload::text ~ 'NewHandle'") == 0
    assert told.one("select count(*) from raw_x.posts where payload ->> 'text' = 'hello'") == 1


def test_what_was_killed_halfway_is_finished_by_the_next_sweep(
    told: StarWarehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = erasure_sweep._erase_from
    with monkeypatch.context() as patch:

        def killed_at_x(warehouse: psycopg.Connection, source: object, *rest: object, **facts: bool) -> int:
            if source.name == "x":  # type: ignore[attr-defined]
                raise KeyboardInterrupt
            return whole(warehouse, source, *rest, **facts)  # type: ignore[arg-type]

        patch.setattr(erasure_sweep, "_erase_from", killed_at_x)
        with pytest.raises(KeyboardInterrupt):
            request()
    assert traces(told) & {"raw_x.posts", "raw_crm.customers"} == {"raw_x.posts"}
    assert told.one("select count(*) from ops.erasures where swept_at is null") == 1
    reapply()
    assert {table for table in traces(told) if table.startswith("raw")} == set()
    assert told.one("select count(*) from ops.erasures where swept_at is null") == 0


def test_what_a_restore_brings_back_goes_again(told: StarWarehouse) -> None:
    told.admin.execute("create table backup as select * from raw_x.posts")
    request()
    told.admin.execute("truncate raw_x.posts; insert into raw_x.posts select * from backup; drop table backup")
    assert [(one.source, one.row_count) for one in reapply()] == [("x", 4)]
    assert traces(told) & {"raw_x.posts"} == set()


def test_a_preview_says_what_would_go_and_changes_nothing(told: StarWarehouse) -> None:
    before = raw(told)
    found = {f"{one.source}.{one.resource}": one.row_count for one in preview(IDENTIFIERS)}
    assert raw(told) == before
    assert told.one("select count(*) from ops.erasures") + told.one("select count(*) from ops.erased_identifiers") == 0
    assert found == request()


def test_quarantine_loses_what_is_of_the_person_and_nothing_else(told: StarWarehouse) -> None:
    escaped = json.dumps({"author_email": "änn@mail.example", "text": "secretword"})
    assert "\\u00e4nn" in escaped
    contents = [
        f'{{"author_email": "{EMAIL}", "text": "secretword"}}', f"x;{EMAIL};secretword", f"f1, {PHONE} ,secretword",
        escaped, r"f2,jo\udead,\u,secret\n", '{"text": "hello"}',
    ]  # fmt: skip
    told.admin.cursor().executemany(
        "insert into raw.quarantine (load_id, source, resource, reason, detail, position, content, content_sha256)"
        " select max(load_id), 'forms', 'messages', 'too_deep', '', '', %s, %s from raw.load_ledger",
        [(content, content.encode()) for content in contents],
    )
    assert request(*IDENTIFIERS, "email:Änn@mail.example")["forms.messages"] == 6
    kept = told.admin.execute("select content from raw.quarantine order by quarantine_id").fetchall()
    assert [content for (content,) in kept] == ["", "", "", "", *contents[4:]]


def test_a_resource_that_does_not_say_where_people_stand_is_refused(
    told: StarWarehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    x = source_named("x")
    undeclared = replace(x, resources=tuple(replace(resource, people=None) for resource in x.resources))
    monkeypatch.setattr("social_crm.privacy.erasure.SOURCES", [undeclared])
    with pytest.raises(ErasureUnenforceable, match=r"record of x\.posts is not declared"):
        request()
    assert told.one("select count(*) from ops.erasures") == 0


def test_only_the_function_changes_raw_and_nobody_strikes_out_an_erasure(told: StarWarehouse) -> None:
    request()
    with connect(load_settings().warehouse_transformer_url) as transformer:
        for statement in (
            "update raw_x.posts set payload = '{}'",
            "delete from ops.erased_identifiers",
            "update ops.erasures set reason = ''",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                transformer.execute(statement)
    with (
        connect(load_settings().warehouse_loader_url) as loader,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        loader.execute("select * from ops.erased_identifiers")


@pytest.mark.parametrize(
    ("identifiers", "message"),
    [
        ([], "no identifier is given"),
        (["ann@mail.example"], "identifier 1 is not <kind>:<value>"),
        (["email:a@b.example", "email:ann"], "identifier 2 is not"),
        (["phone:12"], "identifier 1 is no phone number"),
        (["wordpress:0"], "identifier 1 is not"),
    ],
)
def test_what_identifies_nobody_is_refused(warehouse: Settings, identifiers: list[str], message: str) -> None:
    with pytest.raises(IdentifierRefused, match=message) as refused:
        erase(identifiers, by="dpo", reason="request 17")
    assert "ann" not in str(refused.value)


def test_python_and_postgres_compare_identifiers_alike(told: StarWarehouse) -> None:
    given = {
        "email": [" Ann@Mail.Example\t", "A\u0308nn@mail.example", "ann"],
        "phone": ["00 44 (20) 7946-0958", "+442079460958", "4711"],
        "wordpress": ["0", "5"], "reddit": ["[deleted]", "@AnnOak", " "], "bluesky": ["did:plc:Abc"],
    }  # fmt: skip
    for kind, said in ((kind, said) for kind, listed in given.items() for said in listed):
        [(compared,)] = told.admin.execute("select coalesce(raw.identifier(%s, %s), '')", [kind, said]).fetchall()
        assert normalised(kind, said) == compared


def test_the_command_takes_identifiers_from_a_file_and_tells_nobody_of_them(
    told: StarWarehouse,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    listed = tmp_path / "person.txt"
    listed.write_text("\n".join(IDENTIFIERS) + "\n")
    caplog.set_level("DEBUG")
    asked = ["--by", "dpo", "--reason", "request 17", "--file", str(listed)]
    for action, said in (("preview", "nothing was changed"), ("erase", "rows of raw erased"), ("reapply", "0 rows")):
        monkeypatch.setattr("sys.argv", ["erasure", action, *asked])
        assert main() == 0
        assert said in capsys.readouterr().out
    assert "x.posts" in caplog.text
    assert not re.search("|".join(TRACES), caplog.text.lower())
    monkeypatch.setattr("sys.argv", ["erasure", "erase", "x:", *asked])
    assert main() == 2
    assert "identifier 1" in capsys.readouterr().err


def test_a_preview_waits_for_no_transform_and_keeps_none_waiting(told: StarWarehouse) -> None:
    with told.admin.transaction():
        # What ends a build writes here, and does not wait for ever.
        told.admin.execute("lock table ops.transform_runs in row exclusive mode")
        found = preview(IDENTIFIERS)
    assert sum(one.row_count for one in found) > 0
    assert told.one("select count(*) from ops.erasures") == 0

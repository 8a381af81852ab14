"""Who is told of what: each incident once on each channel, whatever is re-run or killed, from real servers."""

import json
import logging
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from servers.fake_api import Answer, FakeApi
from servers.mail_server import MailServer
from social_crm.activation.chat import Chat
from social_crm.activation.incidents import SEED, planned_notifications, read_rules
from social_crm.activation.mail import Mail
from social_crm.activation.model import Item
from social_crm.activation.sending import preview, send
from social_crm.database import connect
from social_crm.errors import (
    ActivationInProgress,
    ContractBroken,
    CredentialRefused,
    FrontDoorRefused,
    GateRefused,
    RateLimited,
    SourceUnavailable,
    WarehouseFailed,
)
from social_crm.landing.loading import load_resource
from social_crm.orchestration.failures import report_failure
from social_crm.quality.doors import check_raw
from social_crm.settings import Settings
from social_crm.sources.model import Connection, Window
from social_crm.sources.phone import CONTRACT, PHONE
from worlds.interrupted_sending import QUICK, ends_killed, published_journal
from worlds.star_warehouse import StarWarehouse

NOW = datetime(2026, 11, 9, 12, tzinfo=UTC)
PHONE_CALLS = Path(__file__).resolve().parents[1] / "fixtures/phone"
ITEMS = [
    Item("notification", f"alert:{market}", f"Severe: outage, {market}", "42 people", market_code=market, is_ours=True)
    for market in ("sg", "in")
]
# As few columns as the queries ask for, and values of which the messages can be worked out by hand.
STAR = """
create table bi.dim_market as
select * from (values ('sg', 'Singapore', 'Asia/Singapore'), ('us', 'United States', 'America/New_York')) as rows
(market_code, market, timezone);
create table bi.dim_brand as select 'bank' as brand_code, 'Acme Bank' as brand;
create table bi.dim_issue as select 'outage' as issue_code, 'App outage' as issue;
create table bi.dim_channel as select 'x' as channel_code, 'X' as channel;
create table bi.dim_sla_policy as
select * from (values ('first', 'First reply'), ('next', 'Next reply')) as rows (sla_policy_key, policy);
create table bi.fct_alerts as
select
    'alert:sg:bank:' || number as alert_id, 'sg' as market_code, 'bank' as brand_code, 'outage' as issue_code,
    'i1' as first_interaction_id, severity, people as peak_author_count, 9 as peak_negative_author_count,
    2.5 as expected_author_count, 12.04 as peak_score, 1 as issue_count, true as is_volume, false as is_negative_share,
    detected_at - interval '1 hour' as started_at, detected_at, detected_at as last_evidence_at
from (
    values
    (1, 'severe', 42, '2026-11-08 20:00Z'::timestamptz), (2, 'warning', 11, '2026-11-08 21:00Z'),
    (3, 'severe', 99, '2026-11-06 23:59Z')
) as rows (number, severity, people, detected_at);
create table bi.fct_sla_events as
select
    conversation_id, market_code, 'x' as channel_code, sla_policy_key, 'first_reply' as metric, 1 as run_number,
    priority, outcome, 3600 as target_seconds, due_at - interval '1 hour' as started_at, due_at, ended_at
from (
    values
    -- Singapore's 7 November ends at 16:00 UTC: the last of these fell due on the 8th, which is not over there.
    ('c1', 'sg', 'first', 'urgent', 'missed', '2026-11-07 02:00Z'::timestamptz, null::timestamptz),
    ('c2', 'sg', 'first', 'normal', 'missed', '2026-11-07 03:00Z', '2026-11-07 04:00Z'),
    ('c3', 'sg', 'first', 'normal', 'attained', '2026-11-07 15:59Z', '2026-11-07 15:00Z'),
    ('c4', 'sg', 'next', 'normal', 'missed', '2026-11-07 15:59Z', null),
    ('c5', 'sg', 'next', 'normal', 'running', '2026-11-07 15:59Z', null),
    ('c6', 'sg', 'first', 'urgent', 'missed', '2026-11-08 16:00Z', '2026-11-08 17:00Z'),
    ('c7', 'us', 'first', 'normal', 'attained', '2026-11-07 15:59Z', '2026-11-07 15:00Z')
) as rows (conversation_id, market_code, sla_policy_key, priority, outcome, due_at, ended_at);
create table bi.rpt_source_freshness as
select * from (
    values
    ('x', 'posts', '2026-11-08 00:00Z'::timestamptz, null, '2026-11-09 11:00Z'::timestamptz, 0, null::timestamptz),
    ('zendesk', 'tickets', '2026-11-07 00:00Z', 'credential_refused', '2026-11-09 11:00Z', 0, null),
    ('zendesk', 'audits', '2026-11-07 00:00Z', 'source_unavailable', '2026-11-09 11:30Z', 0, null),
    ('crm', 'customers', '2026-11-09 00:00Z', null, '2026-11-09 11:00Z', 2, '2026-11-08 12:00Z'),
    ('crm', 'accounts', '2026-11-09 00:00Z', null, '2026-11-09 11:00Z', 1, '2026-11-08 12:00Z'),
    -- A backfill is at work.
    ('phone', 'calls', '2026-11-09 00:00Z', null, '2026-11-09 11:00Z', 1, '2026-11-08 12:01Z')
) as rows (source, resource, complete_until, last_error_kind, last_tried_at, hole_count, hole_tried_at)
cross join lateral (
    select '2026-10-03 00:00Z'::timestamptz as hole_from, '2026-10-05 00:00Z'::timestamptz as hole_until
    where hole_count > 0
    union all
    select null, null where hole_count = 0
) as holes;
grant select on all tables in schema bi to transformer;
"""


@pytest.fixture(scope="module")
def mail() -> Iterator[MailServer]:
    """Start one mail server for all tests."""
    with MailServer() as server:
        yield server


@pytest.fixture(autouse=True)
def _empty_mailbox(mail: MailServer) -> None:
    mail.messages.clear()
    mail.recipients.clear()


@pytest.fixture
def journal(warehouse: Settings) -> Callable[[str], list[tuple]]:
    """Publish something, and return a function that asks the journal."""
    return published_journal(warehouse)


@pytest.fixture
def chat(fake_api: FakeApi) -> Connection:
    """Return a webhook that answers as Slack's does."""
    fake_api.respond = lambda asked: Answer("ok", kind="text/html")
    return Connection(fake_api.url, secret="/services/T0/B0/canary")


@pytest.fixture
def airflow(mail: MailServer, chat: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give Airflow both connections."""
    fields = {"conn_type": "smtp", "host": "127.0.0.1", "port": mail.port, "extra": mail.extra}
    monkeypatch.setenv("AIRFLOW_CONN_MAIL_SMTP", json.dumps(fields))
    fields = {"conn_type": "http", "host": chat.url, "password": chat.secret}
    monkeypatch.setenv("AIRFLOW_CONN_CHAT_WEBHOOK", json.dumps(fields))


def administer(settings: Settings, statements: str) -> None:
    with connect(settings.warehouse_admin_url) as admin:
        admin.execute(statements.encode())


def refuse_at_the_gate(settings: Settings) -> None:
    """Leave what the gate writes down of a transform that it refused."""
    administer(
        settings,
        """
        insert into ops.transform_runs (run_id, as_of, status) values ('t', '2026-11-09Z', 'running');
        insert into ops.gate_results
        select transform_id, 'fct_interactions', rule, severity, is_success, 50, failed_count
        from ops.transform_runs
        cross join (
            values ('texts are masked', 'critical', false, 3), ('keys are unique', 'critical', true, 0),
            ('volumes are usual', 'warning', false, 1)
        ) as rows (rule, severity, is_success, failed_count)
        where transform_id = (select max(transform_id) from ops.transform_runs)
        """,
    )


def fail(dag_id: str, task_id: str, error: Exception | None, map_index: int = -1) -> None:
    """Let a task of Airflow give up."""
    ti = SimpleNamespace(dag_id=dag_id, task_id=task_id, map_index=map_index, try_number=1, run_id="run-1")
    report_failure({"ti": ti, "exception": error})


def told(now: datetime = NOW) -> dict[str, Item]:
    return {item.item_id: item for item in planned_notifications(now)}


def test_what_bi_shows_is_told_with_its_evidence(
    warehouse: Settings,
    journal: Callable,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SUPERSET_PUBLIC_URL", "https://bi.example/")
    administer(warehouse, STAR)
    items = told()
    # Published as of 9 November, 00:00 UTC. Too old: the third warning. Kept: all that United States promised.
    assert set(items) == {
        "alert:sg:bank:1", "alert:sg:bank:2", "missed:c1:first_reply:1", "missed:sg:2026-11-07",
        "stale:zendesk:2026-11-07 00:00 UTC", "stale:x:2026-11-08 00:00 UTC",
        "missing:crm:2026-10-03 00:00 UTC:2026-10-05 00:00 UTC",
    }  # fmt: skip
    alert = items["alert:sg:bank:1"]
    assert (alert.title, alert.market_code) == ("Severe: App outage at Acme Bank, Singapore", "sg")
    assert "42 people in the worst window, 9 of them in anger; 2.5 are usual. Distance from usual 12.0" in alert.body
    assert "https://bi.example/superset/dashboard/executive/" in alert.body
    case = items["missed:c1:first_reply:1"]
    assert case.title == "Promise broken: First reply, X, Singapore"
    assert "first_reply was due at 2026-11-07 02:00 UTC, 60 minutes after 2026-11-07 01:00 UTC" in case.body
    day = items["missed:sg:2026-11-07"]
    assert day.title == "3 of 4 promises missed in Singapore on 2026-11-07"
    assert "- First reply: 2 of 3 missed\n- Next reply: 1 of 1 missed\n" in day.body
    assert "Runbook: docs/runbooks/notifications.md" in day.body
    stale = items["stale:zendesk:2026-11-07 00:00 UTC"].body
    assert "Resources: audits, tickets. Last errors: credential_refused, source_unavailable." in stale
    missing = items["missing:crm:2026-10-03 00:00 UTC:2026-10-05 00:00 UTC"].body
    assert "Resources: accounts, customers; 2 such stretches" in missing
    assert "Runbook: docs/runbooks/backfill.md" in missing
    # 36 hours after its last complete window, not before.
    assert "stale:x:2026-11-08 00:00 UTC" not in told(NOW - timedelta(minutes=1))


def test_the_queries_fit_the_real_star(week: StarWarehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    rules = [replace(rule, maximum_age=None, most_per_run=10_000) for rule in read_rules()]
    monkeypatch.setattr("social_crm.activation.incidents.read_rules", lambda: rules)
    items = told(NOW)
    [(alerts, waiting)] = week.admin.execute(
        "select (select count(*) from bi.fct_alerts), (select count(distinct (conversation_id, metric, run_number))"
        " from bi.fct_sla_events where outcome = 'missed' and ended_at is null and priority = 'urgent')"
    ).fetchall()
    kinds = [item.action for item in items.values()]
    assert (kinds.count("early_warning"), kinds.count("missed_case")) == (alerts, waiting)
    assert waiting
    days = [item for item in items.values() if item.action == "missed_day"]
    missed = "select count(*) from bi.fct_sla_events where outcome = 'missed' and due_at < '2026-11-01Z'"
    assert sum(int(item.title.split()[0]) for item in days) >= week.admin.execute(missed).fetchone()[0] > 0  # type: ignore[index]
    assert {item.item_id for item in items.values() if item.action == "stale_source"} >= {
        f"stale:{source}:2026-11-02 00:00 UTC" for source in ("complaints", "crm", "phone", "x", "zendesk")
    }


def test_each_channel_is_told_once(mail: MailServer, chat: Connection, fake_api: FakeApi, journal: Callable) -> None:
    for expected in (2, 0):
        assert send(ITEMS, Mail(mail.connection), kind="notification", per_minute=QUICK).created_count == expected
        assert send(ITEMS, Chat(chat), kind="notification", per_minute=QUICK).created_count == expected
    assert mail.subjects() == [item.title for item in ITEMS]
    assert "42 people" in mail.messages[0].get_content()
    assert [asked.body for asked in fake_api.asked] == [{"text": f"*{item.title}*\n42 people"} for item in ITEMS]
    assert {asked.path for asked in fake_api.asked} == {"/services/T0/B0/canary"}
    rows = journal("select target, state, market_code, count(*) from bi.activations group by 1, 2, 3")
    assert set(rows) == {(target, "sent", market, 1) for target in ("chat", "email") for market in ("in", "sg")}


def test_who_cares_for_one_market_is_told_of_that_one(mail: MailServer, journal: Callable) -> None:
    to = {"all": ["ops@bank.example"], "sg": ["lim@bank.example"]}
    options = {**mail.connection.options, "to": to}
    send(ITEMS, Mail(Connection("127.0.0.1", options=options)), kind="notification", per_minute=QUICK)
    assert mail.recipients == [["ops@bank.example", "lim@bank.example"], ["ops@bank.example"]]


def test_killed_between_any_two_steps_everybody_is_told(mail: MailServer, journal: Callable) -> None:
    kill_at, was_killed, repeated = 0, True, {}
    while was_killed:
        kill_at += 1
        mail.messages.clear()
        items = [replace(item, item_id=f"killed{kill_at}:{item.item_id}") for item in ITEMS]
        was_killed = ends_killed(items, lambda: Mail(mail.connection), kill_at)
        send(items, Mail(mail.connection), kind="notification", per_minute=QUICK)
        send(items, Mail(mail.connection), kind="notification", per_minute=QUICK)
        ids = [message["Message-ID"] for message in mail.messages]
        assert len(set(ids)) == 2, kill_at
        if len(ids) > 2:
            repeated[kill_at] = len(ids)
    assert kill_at == 2 * (1 + 2 * 3) + 1
    # Dead between the server's answer and the note of it: nobody can know, and the mailbox sees the same id again.
    assert repeated == {6: 3, 7: 3, 12: 3, 13: 3}
    assert journal("select distinct state from bi.activations") == [("sent",)]


def test_a_channel_that_refuses_for_now_is_told_later_and_once(mail: MailServer, journal: Callable) -> None:
    mail.refusals["DATA"].append("451 later")
    with pytest.raises(SourceUnavailable, match="451"):
        send(ITEMS, Mail(mail.connection), kind="notification", per_minute=QUICK)
    assert journal("select state, error_kind from bi.activations where attempt_count = 1") == [
        ("planned", "source_unavailable")
    ]
    assert send(ITEMS, Mail(mail.connection), kind="notification", per_minute=QUICK).created_count == 2
    assert mail.subjects() == [item.title for item in ITEMS]


def test_one_dead_address_keeps_a_message_from_nobody_else(
    mail: MailServer, journal: Callable, caplog: pytest.LogCaptureFixture
) -> None:
    mail.refusals["RCPT"].append("550 erika unknown")
    options = {**mail.connection.options, "to": ["erika@bank.example", "ops@bank.example"]}
    target = Mail(Connection("127.0.0.1", options=options))
    for expected in (2, 0):
        assert send(ITEMS, target, kind="notification", per_minute=QUICK).created_count == expected
    assert mail.recipients == [["ops@bank.example"], ["erika@bank.example", "ops@bank.example"]]
    warnings = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert warnings == ["e-mail: 1 of the addresses refused (550); correct `to` of mail_smtp"]


def test_a_message_that_nobody_takes_keeps_back_no_other(mail: MailServer, journal: Callable) -> None:
    mail.refusals["DATA"].append("554 no")
    with pytest.raises(ContractBroken, match="554"):
        send(ITEMS, Mail(mail.connection), kind="notification", per_minute=QUICK)
    assert mail.subjects() == [ITEMS[1].title]
    assert journal("select state, error_kind from bi.activations order by 1") == [
        ("planned", "contract_broken"), ("sent", None),
    ]  # fmt: skip


def test_what_a_mail_server_will_never_take_says_what_to_correct(mail: MailServer) -> None:
    mail.refusals["RCPT"].append("550 erika unknown")
    with pytest.raises(ContractBroken, match="550") as refused:
        Mail(mail.connection).create(ITEMS[0])
    assert "ops@bank.example" not in str(refused.value)
    assert "erika" not in str(refused.value)
    starttls = {**mail.connection.options, "security": "starttls"}
    with pytest.raises(CredentialRefused, match="security"):
        Mail(Connection("127.0.0.1", options=starttls)).create(ITEMS[0])
    with pytest.raises(SourceUnavailable, match="ConnectionRefused"):
        Mail(Connection("127.0.0.1", options={**mail.connection.options, "port": 1})).create(ITEMS[0])
    with pytest.raises(CredentialRefused, match="`to`"):
        Mail(Connection("127.0.0.1", options={**mail.connection.options, "to": []}))


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer({}, status=429, headers={"Retry-After": "900"}), RateLimited),
        (Answer("no_service", status=404, kind="text/html"), CredentialRefused),
        (Answer("invalid_token", status=403, kind="text/html"), CredentialRefused),
        (Answer("invalid_payload", status=400, kind="text/html"), ContractBroken),
        (Answer({"error": "no route POST /services/T0/B0/canary"}, status=400), ContractBroken),
        (Answer("", status=302, headers={"Location": "http://elsewhere.example/"}), ContractBroken),
        (Answer("", status=503), SourceUnavailable),
        (Answer("ok", cut_after=0, is_reset=True), SourceUnavailable),
    ],
)  # fmt: skip
def test_a_webhook_that_refuses_says_so_without_its_secret(
    answer: Answer, error: type[Exception], chat: Connection, fake_api: FakeApi
) -> None:
    fake_api.faults.append(answer)
    with pytest.raises(error) as refused:
        Chat(chat).create(ITEMS[0])
    assert "canary" not in str(refused.value)


def test_no_message_contains_a_command_of_the_chat(chat: Connection, fake_api: FakeApi) -> None:
    Chat(chat).create(replace(ITEMS[0], title="<!channel> & <http://x>"))
    assert fake_api.asked[0].body["text"].startswith("*&lt;!channel&gt; &amp; &lt;http://x&gt;*")


def test_a_dry_run_prints_what_it_would_send(journal: Callable, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        assert preview(ITEMS, "email") == 2
    assert "Severe: outage, sg\n42 people" in caplog.text
    assert journal("select * from bi.activations") == []


def test_a_refused_gate_is_told_although_nothing_was_ever_published(
    warehouse: Settings, mail: MailServer, fake_api: FakeApi, airflow: None
) -> None:
    # Every hour's transform is refused like the one before.
    for _ in range(2):
        refuse_at_the_gate(warehouse)
        fail("transform", "audit", GateRefused("3 rows"))
    [message] = mail.messages
    assert message["Subject"] == "The gate refused to publish: 1 rules broken"
    assert "- fct_interactions.texts are masked: 3 of 50 rows" in message.get_content()
    assert "volumes" not in message.get_content()
    assert "docs/runbooks/gate-refused.md" in message.get_content()
    assert len(fake_api.asked) == 1
    with connect(warehouse.warehouse_admin_url) as admin:
        rows = admin.execute("select target, state, transform_id from bi.activations order by 1").fetchall()
    assert rows == [("chat", "sent", None), ("email", "sent", None)]
    # Published at last, with what only warns; then refused once more: that is another incident.
    administer(warehouse, "update ops.transform_runs set status = 'published'")
    assert list(told(datetime.now(UTC))) == ["warned:fct_interactions:volumes are usual:2026-11-09"]
    refuse_at_the_gate(warehouse)
    fail("transform", "audit", GateRefused("3 rows"))
    subjects = [
        "The gate refused to publish: 1 rules broken",
        "Look at fct_interactions: volumes are usual, 2026-11-09",
    ]
    assert sorted(mail.subjects()) == sorted([subjects[0], *subjects])


def test_a_task_that_gave_up_is_told_once_a_day_for_all_its_resources(
    warehouse: Settings, mail: MailServer, airflow: None
) -> None:
    for resource in range(3):
        fail("ingest_zendesk", "land.validate", FrontDoorRefused("zendesk.tickets: 3 keys are null"), resource)
    [message] = mail.messages
    assert message["Subject"] == "Failed task: ingest_zendesk land.validate, front_door_refused"
    assert "zendesk.tickets: 3 keys are null" in message.get_content()
    assert "Next: see Data Docs; fix the rule and clear validate" in message.get_content()
    with connect(warehouse.warehouse_admin_url) as admin:
        assert admin.execute("select failure_count from ops.run_failures").fetchall() == [(3,)]


def drop(inbox: Path, name: str, *rows: str) -> None:
    (inbox / name).write_text("\n".join([",".join(CONTRACT.required), *rows]) + "\n" if rows else "")


def take(inbox: Path) -> int:
    window = Window(NOW - timedelta(days=3), NOW - timedelta(days=2))
    connection = Connection(str(inbox), options={"settle_seconds": 0})
    load_id = load_resource(PHONE, PHONE.resource("calls"), connection, window, "test", now=NOW).load_id
    check_raw("phone", [load_id])
    return load_id


def test_a_refused_file_is_told_once_and_the_good_one_beside_it_goes_on(warehouse: Settings, tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    shutil.copytree(PHONE_CALLS, inbox)
    drop(inbox, "calls_2026-10-05.csv")
    load_id = take(inbox)
    [item] = told(datetime.now(UTC)).values()
    assert (item.item_id, item.title) == (f"set_aside:{load_id}", "Set aside: a file was refused, phone.calls")
    assert "- file_refused: 1\nRefused: calls_2026-10-05.csv\nNext: correct what was sent" in item.body
    assert f"Rows: raw.quarantine where load_id = {load_id}" in item.body
    with connect(warehouse.warehouse_admin_url) as admin:
        assert admin.execute("select status, appended_count > 0 from raw.load_ledger").fetchall() == [("checked", True)]
    take(inbox)
    assert list(told(datetime.now(UTC))) == [item.item_id]
    assert told(datetime.now(UTC) + timedelta(hours=73)) == {}
    os.utime(inbox / "calls_2026-10-05.csv", (1_790_000_000, 1_790_000_000))  # sent again, as empty as before
    another = take(inbox)
    assert list(told(datetime.now(UTC))) == [item.item_id, f"set_aside:{another}"]


def test_a_rule_that_warns_is_told_once_a_day_and_the_load_goes_on(warehouse: Settings, tmp_path: Path) -> None:
    call = dict.fromkeys(CONTRACT.required, "") | {
        "pbx": "pbx-us", "call_id": "1", "disposition": "Erika",
        "started_at": "2026-10-05T09:00:00-04:00", "ended_at": "2026-10-05T09:01:00-04:00",
    }  # fmt: skip
    drop(tmp_path, "calls_2026-10-05.csv", ",".join(call.values()))
    load_id = take(tmp_path)
    [item] = told(datetime.now(UTC)).values()
    assert item.item_id == f"warned:raw_phone.calls:values_to_be_in_set(disposition):{NOW - timedelta(days=3):%Y-%m-%d}"
    assert "1 of 1 rows, 1 times. The data went on" in item.body
    assert f"Rows: raw.load_ledger where load_id = {load_id}" in item.body
    assert "Erika" not in item.body
    check_raw("phone", [load_id])
    assert list(told(datetime.now(UTC))) == [item.item_id]


@pytest.mark.parametrize(("ragged", "sound", "is_told"), [(3, 2, True), (3, 3, False), (2, 0, False), (3, 0, True)])
def test_a_load_most_of_which_is_set_aside_is_told(
    ragged: int, sound: int, is_told: bool, warehouse: Settings, tmp_path: Path
) -> None:
    width = len(CONTRACT.required)
    whole = dict.fromkeys(CONTRACT.required, "") | {
        "pbx": "pbx-us", "disposition": "abandoned",
        "started_at": "2026-10-05T09:00:00-04:00", "ended_at": "2026-10-05T09:01:00-04:00",
    }  # fmt: skip
    rows = [",".join((whole | {"call_id": str(number)}).values()) for number in range(sound)]
    drop(tmp_path, "calls_2026-10-05.csv", *rows, *(f"Erika,{number}{',x' * width}" for number in range(ragged)))
    load_id = take(tmp_path)
    items = told(datetime.now(UTC))
    assert list(items) == [f"set_aside:{load_id}"] * is_told
    if is_told:
        [item] = items.values()
        assert item.title == f"Set aside: {ragged} of {ragged + sound} records, phone.calls"
        assert f"- ragged_row: {ragged}" in item.body
        assert "Erika" not in item.body


def test_the_text_of_an_unexpected_error_reaches_nobody(warehouse: Settings, mail: MailServer, airflow: None) -> None:
    fail("ingest_crm", "land.validate", KeyError("erika@example.com"))
    [message] = mail.messages
    assert "KeyError" in message["Subject"]
    assert "erika" not in message.as_string()


def test_a_channel_that_is_down_does_not_keep_the_other_from_telling(
    warehouse: Settings, mail: MailServer, fake_api: FakeApi, airflow: None, caplog: pytest.LogCaptureFixture
) -> None:
    mail.refusals["RCPT"].append("451 later")
    fail("ingest_x", "land.validate", FrontDoorRefused("x.posts"))
    assert "mail_smtp: not told at once (source_unavailable)" in caplog.text
    assert (len(mail.messages), len(fake_api.asked)) == (0, 1)
    send(list(told(datetime.now(UTC)).values()), Mail(mail.connection), kind="notification", per_minute=QUICK)
    assert len(mail.messages) == 1


def test_of_a_warehouse_that_is_down_each_channel_is_told_once_in_the_hour_whatever_fails(
    warehouse: Settings, mail: MailServer, fake_api: FakeApi, airflow: None, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("social_crm.activation.failures.load_settings", lambda: replace(
        warehouse, warehouse_transformer_url="postgresql://transformer:canary@127.0.0.1:1/none"
    ))  # fmt: skip
    mail.refusals["RCPT"].append("451 later")
    for task in ("stage", "build", "publish"):
        fail("transform", task, WarehouseFailed("the warehouse failed with OperationalError"))
    assert "the warehouse did not write it down: WarehouseUnreachable" in caplog.text
    # E-mail took the second failure, for it had refused the first.
    assert mail.subjects() == ["The warehouse does not answer: transform build, warehouse_failed"]
    assert "Next: look whether the warehouse runs" in mail.messages[0].get_content()
    [asked] = fake_api.asked
    assert "transform stage" in asked.body["text"]
    assert "canary" not in caplog.text + asked.body["text"] + mail.messages[0].as_string()


def test_two_runs_never_tell_at_the_same_time_and_cases_hold_up_no_message(journal: Callable, mail: MailServer) -> None:
    from social_crm.activation.journal import open_journal

    with open_journal("zendesk"):
        assert send(ITEMS, Mail(mail.connection), kind="notification", per_minute=QUICK).created_count == 2
    with open_journal("email"), pytest.raises(ActivationInProgress, match="email"):
        send(ITEMS, Mail(mail.connection), kind="notification")


def test_every_rule_of_the_seed_is_one_that_can_be_told() -> None:
    from social_crm.activation.incidents import INCIDENTS

    assert {rule.incident for rule in read_rules()} == set(INCIDENTS)
    assert SEED.read_text().count("\n") == len(read_rules()) + 1

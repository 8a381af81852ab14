"""The gate ahead of bi, on a star built from a small world: it passes what is right, and names what is broken."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from airflow.sdk.exceptions import AirflowFailException

from social_crm.errors import GateRefused, SuiteUnusable
from social_crm.landing.loading import load_resource
from social_crm.local.postgres import EmbeddedServer
from social_crm.orchestration import steps
from social_crm.publishing.publication import publish
from social_crm.quality.doors import EXPECTATIONS, check_bi
from social_crm.quality.suites import RuleResult
from social_crm.settings import Settings
from social_crm.sources import source_named
from social_crm.sources.model import Connection, Page, Record, Window
from social_crm.transform import parts
from social_crm.transform.dbt_runner import RowsRefused
from social_crm.transform.parts import build, enrich, stage
from social_crm.transform.runs import begin_transform
from worlds.star_world import FIRST_DAY, build_days
from worlds.warehouses import copy_in_use, prepared

DAYS = 3


def execute(settings: Settings, statement: str) -> int:
    """Run one statement as the administrator and return how many rows it changed."""
    with psycopg.connect(settings.warehouse_admin_url, autocommit=True) as admin:
        return admin.execute(statement.encode()).rowcount


def ask(settings: Settings, query: str) -> list[tuple]:
    with psycopg.connect(settings.warehouse_admin_url, autocommit=True) as admin:
        return admin.execute(query.encode()).fetchall()


def land(table: str, records: list[Record], window: Window) -> None:
    """Land records as what one window of a table gave."""
    source = source_named(table.split(".")[0])
    resource = replace(source.resource(table.split(".")[1]), extract=lambda _: iter([Page(records)]))
    load_resource(source, resource, Connection(url=""), window, "test", now=FIRST_DAY + timedelta(days=99))


@pytest.fixture(scope="module")
def built(postgres_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Build a star from a few days of every source, up to the moment before the gate."""
    directory = tmp_path_factory.mktemp("gate")
    with copy_in_use(postgres_server, prepared(postgres_server), directory) as settings:
        for day, tables in enumerate(build_days(seed=7)[:DAYS]):
            window = Window(FIRST_DAY + timedelta(days=day), FIRST_DAY + timedelta(days=day + 1))
            for table, records in tables.items():
                land(table, records, window)
        execute(settings, "update raw.load_ledger set status = 'checked'")
        assert begin_transform("test") == 1
        stage(1)
        enrich(1)
        build(1)
        yield settings


@pytest.fixture
def star(postgres_server: EmbeddedServer, built: Settings, tmp_path: Path) -> Iterator[Settings]:
    """Give the test a copy of the built star that it may break."""
    with copy_in_use(postgres_server, built, tmp_path) as settings:
        yield settings


def suite_of(rule: str, directory: Path) -> Path:
    """Return a folder of expectations that holds only the suite of a rule: all of them take several times as long."""
    folder = directory / "expectations/bi"
    folder.mkdir(parents=True)
    shutil.copy(EXPECTATIONS / "bi" / f"{rule.partition(':')[0].removeprefix('marts.')}.yml", folder)
    return folder.parent


def failed(results: list[RuleResult]) -> list[str]:
    return [f"{result.table}: {result.rule}" for result in results if not result.is_success]


def test_a_sound_star_passes_and_is_recorded(star: Settings) -> None:
    results = check_bi(1)
    assert failed(results) == []
    recorded = ask(star, "select table_name, checked_count, is_success from ops.gate_results")
    assert len(recorded) == len(results) >= 30
    counts = {table: count for table, count, _ in recorded}
    for table in ("fct_interactions", "fct_conversations", "fct_response_gaps"):
        assert [(counts[f"marts.{table}"],)] == ask(star, f"select count(*) from marts.{table}")
    assert counts["marts.reconciliation_forward"] > counts["marts.fct_interactions"] / 2
    assert counts["marts.reconciliation_backward"] == counts["marts.fct_interactions"]
    assert (star.data_docs_dir / "index.html").exists()
    check_bi(1)
    assert len(ask(star, "select 1 from ops.gate_results")) == len(results)


def test_what_records_name_and_no_seed_lists_is_remarked(star: Settings, tmp_path: Path) -> None:
    rule = "marts.unlisted_accounts: values_to_be_in_set"
    suite = suite_of(rule, tmp_path)
    assert failed(check_bi(1, expectations=suite)) == []
    said = "update intermediate.int_interactions_threaded set {} where source = 'phone' and source_account = 'pbx-us'"
    assert execute(star, said.format("market_code = 'germany', market_key = 'unknown'"))
    [found] = [found for found in check_bi(1, expectations=suite) if not found.is_success]
    assert (found.rule, found.severity) == ("values_to_be_in_set(names_an_unknown_market)", "warning")
    assert found.sample_keys == ("phone pbx-us",)
    execute(star, said.format("market_code = null, market_key = 'unknown', brand_code = null, brand_key = 'unknown'"))
    assert failed(check_bi(1, expectations=suite)) == [f"{rule}(is_of_no_brand)"]
    # Of an API too, but for accounts: that of a help desk may serve all brands.
    execute(star, said.format("brand_code = 'acme_bank', brand_key = 'acme_bank'"))
    named = "update intermediate.int_interactions_threaded set brand_code = 'acme', brand_key = 'unknown' where source = 'zendesk'"  # noqa: E501
    assert execute(star, named)
    assert failed(check_bi(1, expectations=suite)) == [f"{rule}(names_an_unknown_brand)"]


def cases_of_ours() -> dict[str, list[Record]]:
    """Return two cases of ours in each helpdesk: 9001, as we made it, and 9002, on which a customer wrote."""
    at, ours = f"{FIRST_DAY + timedelta(days=DAYS, hours=9):%FT%TZ}", "social_crm:queue:x"
    link = {"ref": "refers-to", "_url": f"{ours}:1"}
    staff, customer = {"id": "27", "Privileged": 1}, {"id": "29", "Privileged": 0}
    message = {"Type": "Create", "Created": at, "ContentType": "text/plain", "Content": "Answer", "Interface": "REST2"}
    comment = {"via": {"channel": "api"}, "created_at": at, "public": False, "body": "Answer"}
    since = {"created_at": f"{FIRST_DAY:%FT%TZ}", "updated_at": f"{FIRST_DAY:%FT%TZ}"}
    return {
        "request_tracker.tickets": [
            {"id": number, "Status": "open", "Priority": "0", "Created": at, "LastUpdated": at,
             "Queue": {"id": "3", "Name": "Cards"}, "Owner": {"id": "Nobody"}, "_hyperlinks": [link]}
            for number in (9001, 9002)
        ],
        "request_tracker.messages": [
            message | {"id": 90010, "ObjectId": "9001", "Creator": staff},
            message | {"id": 90020, "ObjectId": "9002", "Creator": staff},
            message | {"id": 90021, "ObjectId": "9002", "Creator": customer, "Type": "Correspond"},
        ],
        "zendesk.users": [since | {"id": 9020, "role": "agent"}, since | {"id": 9021, "role": "end-user"}],
        "zendesk.tickets": [
            {"id": number, "external_id": f"{ours}:{number}", "via": {"channel": "api"}, "status": "open",
             "requester_id": 9020, "created_at": at, "updated_at": at, "generated_timestamp": 1}
            for number in (9001, 9002)
        ],
        "zendesk.comments": [
            comment | {"id": 90010, "ticket_id": 9001, "author_id": 9020},
            comment | {"id": 90020, "ticket_id": 9002, "author_id": 9020},
            comment | {"id": 90021, "ticket_id": 9002, "author_id": 9021, "public": True},
        ],
    }  # fmt: skip


def test_a_seed_that_breaks_its_own_rule_stops_the_transform_before_anything_is_built(star: Settings) -> None:
    execute(star, "insert into seeds.advocacy_rules values ('fan', 2, 0.6, 0.2)")
    with pytest.raises(RowsRefused, match=r"accepted_values_advocacy_rules_stance\w* \(seeds/advocacy_rules.yml\)"):
        parts._check_seeds.__wrapped__("these files")


def test_two_service_levels_of_one_moment_stop_the_transform_before_anything_is_built(star: Settings) -> None:
    columns = (
        "metric, channel_family, channel_code, market_code, priority, customer_tier, target_seconds, in_business_hours"
    )
    copy = "insert into seeds.sla_policies (policy_code, policy, {0}) select 'z_' || policy_code, policy, {0}"
    execute(star, f"{copy.format(columns)} from seeds.sla_policies where policy_code = 'call_first_reply'")
    with pytest.raises(RowsRefused, match="assert_no_two_service_levels_tie"):
        parts._check_seeds.__wrapped__("these files")


def test_a_case_of_ours_is_missed_only_once_a_customer_writes_on_it(star: Settings, tmp_path: Path) -> None:
    publish(1)
    for table, records in cases_of_ours().items():
        land(table, records, Window(FIRST_DAY + timedelta(days=DAYS), FIRST_DAY + timedelta(days=DAYS + 1)))
    execute(star, "update raw.load_ledger set status = 'checked'")
    assert begin_transform("test") == 2
    stage(2)
    enrich(2)
    build(2)
    assert failed(check_bi(2)) == []
    publish(2)
    found = "select interaction_id from bi.fct_interactions where interaction_id ~ ':900[12].$' order by 1"
    heard = ["request_tracker:90020", "request_tracker:90021", "zendesk:90020", "zendesk:90021"]
    assert [interaction_id for (interaction_id,) in ask(star, found)] == heard

    # What the customer wrote is missed in the star, and where it was lost before anything knew of it.
    forward = suite_of("marts.reconciliation_forward", tmp_path)
    losses = {
        "is_in_star": ["marts.fct_interactions where interaction_id ~ ':90021$'"],
        "is_staged": [
            f"staging.stg_{table} where _record_key = '90021'"
            for table in ("zendesk__comments", "request_tracker__messages")
        ],
    }
    for rule, lost in losses.items():
        for table in lost:
            assert execute(star, f"delete from {table}") > 0
        with pytest.raises(GateRefused) as caught:
            check_bi(2, expectations=forward)
        [part] = [part for part in str(caught.value).split("; ") if f"({rule})" in part]
        assert ": 2 of " in part
        assert all(f"interaction {source}:90021" in part for source in ("zendesk", "request_tracker"))


BREAKS = {
    "marts.fct_interactions: values_to_be_in_set(has_market)":
        "update marts.fct_interactions set market_code = 'atlantis' where interaction_id in ({three})",
    "marts.fct_interactions: values_to_be_in_set(has_agent)":
        "delete from marts.dim_agent where agent_key = 'not_applicable'",
    "marts.fct_interactions: values_to_be_in_set(has_author)":
        "delete from marts.dim_author where author_key = 'not_applicable'",
    "marts.fct_interactions: values_to_be_in_set(has_conversation)":
        "delete from marts.fct_conversations where conversation_id in"
        " (select conversation_id from marts.fct_interactions where interaction_id in ({three}))",
    "marts.fct_interactions: values_to_be_between(sentiment_compound)":
        "update marts.fct_interactions set sentiment_compound = 1.2 where interaction_id in ({three})",
    "marts.care_sentiment: values_to_be_between(care_compound)":
        "update marts.fct_interactions set care_compound = -1.2 where interaction_id in ({three})",
    "marts.care_sentiment: values_to_be_in_set(has_honest_source)":
        "update marts.fct_interactions set sentiment_source = 'rating' where interaction_id in ({three})",
    "marts.care_sentiment: values_to_be_in_set(is_scored_twice)":
        "update marts.fct_interactions set care_compound = 0.5, sentiment_compound = null"
        " where interaction_id in ({three})",
    "marts.fct_interactions: values_to_be_in_set(is_scored_or_explained)":
        "update marts.fct_interactions set sentiment_compound = null, sentiment_unscored_reason = null"
        " where interaction_id in ({three})",
    "marts.fct_interactions: values_to_be_in_set(lacks_reply_seconds)":
        "update marts.fct_interactions set reply_seconds = null where reply_seconds is not null",
    "marts.fct_interactions: values_to_be_in_set(shows_an_identifier)":
        "update marts.fct_interactions set text_masked = 'jane.roe@example.com' where interaction_id in ({three})",
    "marts.fct_conversations: values_to_be_in_set(is_reply_timed)":
        "update marts.fct_conversations set frt_customer_calendar_seconds = null",
    "marts.fct_conversations: values_to_be_in_set(agrees_with_waits)":
        "update marts.fct_conversations set first_reply_null_reason = 'closed_unanswered'"
        " where first_reply_null_reason = 'waiting'",
    "marts.fct_conversations: values_to_be_in_set(has_market)":
        "update marts.fct_conversations set market_code = 'atlantis' where source = 'x'",
    "marts.fct_response_gaps: values_to_be_in_set(has_brand)":
        "update marts.fct_response_gaps set brand_code = 'acmebank'",
    "marts.fct_response_gaps: values_to_be_in_set(is_answer_timed)":
        "update marts.fct_response_gaps set customer_calendar_seconds = null",
    "marts.fct_conversations: values_to_be_in_set(has_topic)":
        "update marts.fct_conversations set issue_code = null",
    "marts.fct_response_gaps: values_to_be_in_set(is_answer_dated)":
        "update marts.fct_response_gaps set ended_at = null where outcome = 'answered'",
    "marts.fct_response_gaps: values_to_be_in_set(has_reply)":
        "update marts.fct_response_gaps set reply_interaction_id = 'x:0' where reply_interaction_id is not null",
    "marts.dim_business_window: values_to_be_in_set(gap_in_running_total)":
        "update marts.dim_business_window set open_seconds_before = open_seconds_before + 1"
        " where next_starts_at is null",
    "marts.business_time: values_to_be_in_set(is_within_calendar_time)":
        "update marts.fct_response_gaps set team_business_seconds = team_calendar_seconds + 1"
        " where team_calendar_seconds is not null",
    "marts.business_time: values_to_be_in_set(is_known_or_explained)":
        "update marts.fct_conversations set frt_team_business_null_reason = null",
    "marts.fct_sla_events: values_to_be_in_set(is_deserved)":
        "update marts.fct_sla_events set elapsed_seconds = target_seconds + 1 where outcome = 'attained'",
    "marts.fct_sla_events: values_to_be_in_set(is_in_time)":
        "update marts.fct_sla_events set due_at = '2020-01-01' where outcome = 'running'",
    "marts.fct_episodes: values_to_be_in_set(is_end_told)":
        "update marts.fct_episodes set ended_at = null where outcome = 'resolved'",
    "marts.fct_case_intervals: values_to_be_in_set(is_over_calendar)":
        "update marts.fct_case_intervals set business_seconds = calendar_seconds + 1",
    "marts.fct_agent_assignments: values_to_be_in_set(has_agent)":
        "update marts.fct_agent_assignments set agent_key = 'nobody'",
    "marts.fct_conversation_days: values_to_be_between(age_seconds)":
        "update marts.fct_conversation_days set age_seconds = -1",
    "marts.meanings: values_to_be_in_set(decided_by)":
        "update marts.fct_interactions set decided_by = 'magic' where interaction_id in ({three})",
    "marts.meanings: values_to_be_in_set(is_decided_by_someone)":
        "update marts.fct_interactions set decided_by = null where is_serviceable",
    "marts.meanings: values_to_be_in_set(is_ours)":
        "update marts.fct_interactions set is_serviceable = true where direction = 'outbound'",
    "marts.meanings: values_to_be_in_set(has_contact_type)":
        "delete from marts.dim_contact_type where contact_type_code = 'not_applicable'",
    "marts.meanings: values_to_be_in_set(has_issue_and_product)":
        "update marts.fct_interactions set issue_code = 'lost' where interaction_id in ({three})",
    "marts.bridge_interaction_issues: values_to_be_in_set(weight_sum)":
        "update marts.bridge_interaction_issues set weight = weight / 2",
    "marts.bridge_interaction_issues: values_to_not_be_null(weight_sum)":
        "delete from marts.bridge_interaction_issues",
    "marts.bridge_interaction_issues: values_to_be_in_set(is_serviceable)":
        "update marts.fct_interactions set is_serviceable = false, decided_by = 'rule' where is_serviceable",
    "marts.bridge_interaction_issues: values_to_be_in_set(says_who_decided)":
        "update marts.bridge_interaction_issues set decided_by = 'magic'",
    "marts.bridge_interaction_issues: values_to_be_in_set(has_issue_and_product)":
        "update marts.bridge_interaction_issues set product_code = 'lost'",
    "marts.reconciliation_forward: values_to_be_in_set(is_in_star)":
        "delete from marts.fct_interactions where interaction_id in ({three})",
    "marts.reconciliation_forward: values_to_be_in_set(is_staged)":
        "delete from staging.stg_x__posts",
    "marts.reconciliation_backward: values_to_be_in_set(is_in_raw)":
        "update raw.load_ledger set status = 'rejected'; delete from ops.transform_loads where load_id in"
        " (select load_id from raw.load_ledger where resource = 'posts')",
}  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "no_4111 1111-1111.1111",
        "4111/1111/1111/1111",
        "see https://X.com/anna",
        "https://bsky.app/profile/jane.bsky.social",
        "old.reddit.com/user/jane",
        "ask /u/jane",
        "t.me/jane",
    ],
)
def test_an_unmasked_identifier_is_refused_whatever_its_kind(text: str, star: Settings, tmp_path: Path) -> None:
    execute(star, f"update marts.fct_interactions set text_masked = '{text}' where source = 'x'")
    with pytest.raises(GateRefused, match="shows_an_identifier"):
        check_bi(1, expectations=suite_of("marts.fct_interactions", tmp_path))


def test_a_reply_before_its_question_is_refused(star: Settings) -> None:
    execute(star, "update marts.fct_conversations set first_reply_at = first_customer_message_at - interval '1 second'")
    with pytest.raises(GateRefused, match="is_reply_timed"):
        check_bi(1)


@pytest.mark.parametrize("rule", BREAKS)
def test_a_broken_star_is_refused_with_table_rule_count_and_keys(rule: str, star: Settings, tmp_path: Path) -> None:
    three = "select interaction_id from marts.fct_interactions where source = 'x' order by 1 limit 3"
    assert execute(star, BREAKS[rule].format(three=three)) > 0
    with pytest.raises(GateRefused) as caught:
        check_bi(1, expectations=suite_of(rule, tmp_path))
    message = str(caught.value)
    assert f"{rule}: " in message
    part = message.split(f"{rule}: ")[1].split(";")[0]
    assert "rows fail, e.g. " in part
    assert 1 <= part.split("e.g. ")[1].split(". `bi`")[0].count(", ") + 1 <= 3
    assert "`bi` keeps its previous version" in message
    assert "jane.roe" not in message
    table, name = rule.split(": ")
    ((severity, is_success, count),) = ask(
        star,
        "select severity, is_success, failed_count from ops.gate_results"
        f" where table_name = '{table}' and rule = '{name}'",
    )
    assert (severity, is_success) == ("critical", False)
    assert count > 0


def test_a_task_that_was_marked_and_not_run_publishes_nothing(star: Settings, tmp_path: Path) -> None:
    suite = suite_of("marts.fct_interactions", tmp_path)
    with pytest.raises(AirflowFailException, match="has not passed the gate"):
        steps.publish(1)
    execute(star, "update marts.fct_interactions set market_code = 'atlantis ' || market_code")
    with pytest.raises(GateRefused):
        check_bi(1, expectations=suite)
    with pytest.raises(AirflowFailException, match=r"the gate refused .*has_market"):
        steps.publish(1)
    assert ask(star, "select count(*) from bi.publications") == [(0,)]
    execute(star, "update marts.fct_interactions set market_code = replace(market_code, 'atlantis ', '')")
    check_bi(1, expectations=suite)
    steps.publish(1)
    assert ask(star, "select transform_id from bi.publications") == [(1,)]


def test_no_page_shows_a_text_or_an_address(star: Settings) -> None:
    execute(star, "update marts.fct_interactions set text_masked = 'ZEBRA jane.roe@example.com'")
    with pytest.raises(GateRefused):
        check_bi(1)
    pages = [path.read_text() for path in star.data_docs_dir.rglob("*") if path.suffix in (".html", ".json")]
    assert len(pages) > 8
    assert not [page for page in pages if "ZEBRA" in page or "jane.roe" in page]


def test_only_what_changed_is_examined(star: Settings) -> None:
    execute(star, "delete from intermediate.int_conversations_touched where source <> 'phone'")
    execute(star, "delete from intermediate.int_market_days_touched")
    execute(star, "update marts.fct_interactions set market_code = 'atlantis' where source = 'x'")
    assert failed(check_bi(1)) == []


def test_a_source_that_is_two_days_behind_is_reported_and_lets_bi_be_published(star: Settings) -> None:
    execute(star, "delete from ops.transform_loads where load_id in (select load_id from raw.load_ledger"
                  f" where source = 'phone' and window_end > '{FIRST_DAY:%F}'::date + 1)")  # fmt: skip
    execute(star, "update ops.transform_runs set as_of = as_of + interval '3 hours'")
    # The clocks that run out in these hours are not what this is about.
    execute(star, "delete from intermediate.int_conversations_touched")
    execute(star, "update marts.rpt_work_queue set as_of = as_of + interval '3 hours'")
    assert "marts.daily_volumes: values_to_be_between(hours_behind)" in failed(check_bi(1))


def test_a_day_of_which_next_to_nothing_arrived_is_refused_where_each_day_brought_hundreds(
    star: Settings, tmp_path: Path
) -> None:
    rule = "marts.daily_volumes: values_to_be_between(share_of_usual_where_steady)"
    suite = suite_of(rule, tmp_path)
    execute(star, "delete from marts.fct_interactions where source in ('x', 'phone')")
    execute(
        star,
        """
        insert into marts.fct_interactions
        select said.* from ops.transform_runs as runs
        cross join generate_series(1, 7) as days_before, generate_series(1, 200) as number,
        (values ('x'), ('phone')) as sources (source),
        lateral (select (facts).* from (select jsonb_populate_record(facts, jsonb_build_object(
            'interaction_id', concat_ws(':', sources.source, days_before, number), 'source', sources.source,
            'date_key', (runs.as_of at time zone 'UTC')::date - 1 - days_before)) as facts
            from marts.fct_interactions as facts where facts.source = 'zendesk' limit 1) as made) as said""",
    )
    # The files of phone may be late by days.
    with pytest.raises(GateRefused, match=r"share_of_usual_where_steady\): 1 of \d rows fail, e\.g\. x\."):
        check_bi(1, expectations=suite)
    # Where one of the days was quiet, another may be.
    execute(star, "delete from marts.fct_interactions where interaction_id = 'x:5:200'")
    assert rule not in failed(check_bi(1, expectations=suite))


def test_a_gate_without_suites_or_without_a_transform_lets_nothing_through(star: Settings, tmp_path: Path) -> None:
    with pytest.raises(SuiteUnusable, match="no suites"):
        check_bi(1, expectations=tmp_path)
    with pytest.raises(SuiteUnusable, match="no transform 99"):
        check_bi(99)
    execute(star, "drop table marts.fct_response_gaps cascade")
    with pytest.raises(SuiteUnusable, match=r"business_time: its rows cannot be read.*UndefinedTable.*relation"):
        check_bi(1)

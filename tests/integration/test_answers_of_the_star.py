"""The demo's three steps, landed from the sample server and transformed, give what the answer key says."""

import csv
import re
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from oracles.contact_replay import Conversations
from oracles.outcome_replay import REPLAYED, differences, rows_of
from oracles.service_level_replay import found_in, replayed
from social_crm.database import connect
from social_crm.local import postgres, summary
from social_crm.local.sample_api.company import NETWORKS
from social_crm.seeds import SEEDS
from social_crm.settings import PROJECT_ROOT, Settings
from social_crm.sources.model import Window
from worlds.real_flow import ask, land_source, transform
from worlds.sample_company import ANSWERS, CASES, FEED_ENTRIES, PAGE_DAYS, SAMPLE, Connections, move_clock
from worlds.warehouses import copy_in_use

SOCIAL = ("x", "reviews", "stackexchange", *NETWORKS)
GUIDE = re.findall(r"```sql\n(.*?)```", (PROJECT_ROOT / "docs/guide-bi.md").read_text(encoding="utf-8"), re.DOTALL)
# All of their customers' messages are decided, and against.
ASKING_NOTHING = """
select conversation_id from bi.fct_interactions
where direction = 'inbound' and sender_kind in ('customer', 'unknown')
group by conversation_id having count(*) = count(*) filter (where not is_serviceable)
"""


@pytest.fixture(scope="module")
def oracle() -> Iterator[Any]:
    """Import the answer key from sample/, which is no package of ours."""
    sys.path.insert(0, str(SAMPLE))
    import answer_key

    yield answer_key
    sys.path.remove(str(SAMPLE))


@pytest.fixture(scope="module")
def star(
    postgres_server: postgres.EmbeddedServer,
    published_void: Settings,
    tmp_path_factory: pytest.TempPathFactory,
    company: Connections,
    oracle: Any,
) -> Iterator[Settings]:
    """Land and transform the three steps once for all tests of this file."""
    from oracle.reading import READS

    with copy_in_use(postgres_server, published_void, tmp_path_factory.mktemp("warehouse")) as settings:
        start = datetime.fromisoformat("2026-10-26T00:00:00Z")
        for end, read_at in READS:
            move_clock(company, read_at)
            window = Window(start, datetime.fromisoformat(end))
            for source, connection in company.items():
                land_source(source, connection, window)
            transform()
            start = window.end
        yield settings


def counts(query: str) -> dict[str, int]:
    """Return what a query of (name, number) gives a BI user."""
    return {str(name): int(number) for name, number in ask(query)}


def test_interactions_are_as_many_as_the_key_says(star: Settings) -> None:
    key = ANSWERS["interactions"]
    assert counts("select source, count(*) from bi.fct_interactions group by 1") == key["by_source"]
    assert counts("select market_code, count(*) from bi.fct_interactions group by 1") == key["by_market"]
    both = "select source || ' ' || direction, count(*) from bi.fct_interactions group by 1"
    assert counts(both) == key["by_source_and_direction"]


def test_channels_are_as_many_as_the_key_says(star: Settings) -> None:
    with (SEEDS / "channel_codes.csv").open(newline="") as stream:
        codes = {f"{row['source']}/{row['source_channel']}": row["channel_code"] for row in csv.DictReader(stream)}
    expected: Counter[str] = Counter()
    for channel, number in ANSWERS["interactions"]["by_channel"].items():
        expected[codes[channel]] += number
    assert counts("select channel_code, count(*) from bi.fct_interactions group by 1") == expected


def test_every_service_level_of_every_source_is_as_the_oracle_replays_it(star: Settings) -> None:
    found, expected = found_in(star), replayed(star)
    differing = {key for key in found.keys() | expected.keys() if found.get(key) != expected.get(key)}
    assert {key: (found.get(key), expected.get(key)) for key in differing} == {}
    of_statuses = {key[0].split(":")[0] for key in found if key[1] == "requester_wait"}
    assert of_statuses == {"intercom", "request_tracker", "zendesk"}


def test_every_first_reply_takes_the_seconds_the_oracle_finds(star: Settings, oracle: Any) -> None:
    expected = oracle.first_reply_of(SAMPLE / "data")
    found = dict(ask("select conversation_id, frt_customer_calendar_seconds from bi.fct_conversations"))
    differences = {key: (found.get(key), expected[key]) for key in expected if found.get(key) != expected[key]}
    assert differences == {}
    # A ticket that was deleted before its messages could be read is a conversation without any.
    silent = [key for key in set(found) - set(expected) if key.startswith("zendesk:")]
    assert len(silent) == ANSWERS["zendesk"]["tickets_deleted_before_they_were_read"]


@pytest.mark.parametrize("name", CASES)
def test_a_named_case_is_as_worked_out_by_hand(star: Settings, name: str) -> None:
    case = CASES[name]
    where = f"where conversation_id = '{case['conversation']}'"
    rows = ask(
        "select frt_customer_calendar_seconds, reopened_count, frt_team_business_seconds"
        f" from bi.fct_conversations {where}"
    )
    if case.get("is_absent"):
        assert rows == []
        return
    assert rows[0][0] == case["first_reply_seconds"]
    assert (rows[0][1] or 0) == case.get("reopens", 0)
    assert rows[0][2] == case.get("business_seconds")
    if "interactions" in case:
        assert ask(f"select count(*) from bi.fct_interactions {where}") == [(case["interactions"],)]
    if "moved_to_private_at" in case:
        moved = ask(f"select moved_to_private_at from bi.fct_conversations {where}")
        assert moved == [(datetime.fromisoformat(case["moved_to_private_at"]),)]
    if "first_reply_slack_seconds" in case:
        slack = ask(f"select slack_seconds from bi.fct_sla_events {where} and metric = 'first_reply'")
        assert slack == [(case["first_reply_slack_seconds"],)]
    if "first_reply_reason" in case:
        reasons = ask(f"select not_judged_reason from bi.fct_sla_events {where} and metric = 'first_reply'")
        assert reasons == [(case["first_reply_reason"],)]


def test_public_questions_go_on_in_private_when_the_oracle_finds(star: Settings, oracle: Any) -> None:
    expected = {key: datetime.fromisoformat(at) for key, at in oracle.private_moves_of(SAMPLE / "data").items()}
    query = """
    select conversation_id, moved_to_private_at
    from bi.fct_conversations
    where first_contact_visibility = 'public' and is_moved_to_private and source = any(string_to_array('{}', ' '))
    """
    assert dict(ask(query.format(" ".join(oracle.NETWORKS)))) == expected
    assert Counter(key.split(":")[0] for key in expected) == ANSWERS["conversations"]["moved_to_private"]


def test_the_medians_of_channel_families_and_markets_are_the_keys(star: Settings) -> None:
    rows = ask(
        "select channel_family || ' ' || market_code, count(*),"
        "  percentile_cont(0.5) within group (order by frt_customer_calendar_seconds)"
        " from bi.fct_conversations inner join bi.dim_channel using (channel_code)"
        " where frt_customer_calendar_seconds is not null group by 1"
    )
    found = {name: {"answered": number, "median_seconds": float(median)} for name, number, median in rows}
    assert found == ANSWERS["first_reply"]["by_family_and_market"]


def test_every_first_reply_takes_the_business_seconds_the_oracle_finds(star: Settings, oracle: Any) -> None:
    rows = ask(
        "select conversation_id, calendar_code, frt_team_business_seconds"
        " from bi.fct_conversations where frt_team_business_seconds is not null"
    )
    assert {key: (calendar, seconds) for key, calendar, seconds in rows} == oracle.business_waits_of(SAMPLE / "data")


def test_the_medians_of_calendars_are_the_keys(star: Settings) -> None:
    rows = ask(
        "select calendar_code, count(*), percentile_cont(0.5) within group (order by frt_team_business_seconds)"
        " from bi.fct_conversations where frt_team_business_seconds is not null group by 1"
    )
    found = {name: {"answered": number, "median_seconds": float(median)} for name, number, median in rows}
    assert found == ANSWERS["first_reply"]["business"]["by_calendar"]


AGENTS_FIRST_REPLIES = """
select conversation_id, source, conversations.market_code, assignments.first_reply_business_seconds
from bi.fct_agent_assignments as assignments
inner join bi.fct_conversations as conversations using (conversation_id)
where assignments.first_reply_at = conversations.first_reply_at
"""


def test_every_agents_first_reply_takes_the_business_seconds_the_oracle_finds(star: Settings, oracle: Any) -> None:
    rows = ask(AGENTS_FIRST_REPLIES)
    assert {key: seconds for key, _, _, seconds in rows} == oracle.agents_waits_of(SAMPLE / "data")


def test_the_medians_of_agents_first_replies_are_the_keys(star: Settings) -> None:
    rows = ask(
        "select source || ' ' || market_code, count(*),"
        "  percentile_cont(0.5) within group (order by first_reply_business_seconds)"
        f" from ({AGENTS_FIRST_REPLIES}) as replies group by 1"
    )
    found = {name: {"answered": number, "median_business_seconds": float(median)} for name, number, median in rows}
    assert found == ANSWERS["first_reply"]["agents"]


def test_tickets_are_reopened_and_merged_as_often_as_the_key_says(star: Settings) -> None:
    rows = ask(
        "select sum(reopened_count), count(*) filter (where is_merged)"
        " from bi.fct_conversations where source = 'zendesk' and inbound_count + outbound_count > 0"
    )
    assert rows == [(ANSWERS["zendesk"]["reopens"], ANSWERS["zendesk"]["merged"])]


def test_service_levels_come_out_as_often_as_the_key_says(star: Settings) -> None:
    rows = ask(
        "select case source when 'phone' then 'calls answered' else metric end || ' ' || market_code,"
        "  coalesce(not_judged_reason, outcome), count(*) from bi.fct_sla_events"
        " where (source = 'phone' or metric not in ('first_reply', 'next_reply'))"
        "  and not_judged_reason is distinct from 'deleted' group by 1, 2"
    )
    found: dict[str, dict[str, int]] = {}
    for name, outcome, number in rows:
        found.setdefault(name, {})[outcome] = number
    assert found == ANSWERS["service_levels"]


def test_every_service_level_is_as_the_oracle_replays_it(star: Settings, oracle: Any) -> None:
    from oracle.promises import service_level_events

    tiers: dict[str, Any] = {}
    for conversation, at, tier in ask("select conversation_id, applied_at, customer_tier from bi.fct_sla_events"):
        tiers.setdefault(conversation, {})[at] = tier
    courtesies = ask(
        "select interaction_id from bi.fct_interactions where contact_type_code = 'courtesy' and not is_serviceable"
    )
    expected = service_level_events(
        SAMPLE / "data",
        SEEDS,
        {name: lambda at, held=held: held.get(at) for name, held in tiers.items()},
        {identifier for (identifier,) in courtesies},
        {conversation for (conversation,) in ask(ASKING_NOTHING)},
        # When it was noticed depends on when the demo runs; what was noticed is another test's.
        dict(ask("select interaction_id, deleted_at from bi.fct_interactions where deleted_at is not null")),
    )
    rows = ask(
        "select conversation_id, metric, run_number, application_number, policy_code,"
        "  outcome, not_judged_reason, elapsed_seconds, due_at, ended_by"
        " from bi.fct_sla_events inner join bi.dim_sla_policy using (sla_policy_key, metric)"
        " where not_judged_reason is distinct from 'deleted'"
    )
    found = {row[:5]: row[5:] for row in rows}
    wanted = {
        key: tuple(event[name] for name in ("outcome", "reason", "elapsed", "due", "ended_by"))
        for key, event in expected.items()
    }
    assert {key: (found.get(key), wanted.get(key)) for key in found.keys() ^ wanted.keys()} == {}
    assert {key: (row, wanted[key]) for key, row in found.items() if row != wanted[key]} == {}
    assert len(found) > 2000


def test_what_its_source_no_longer_shows_is_deleted(star: Settings, oracle: Any) -> None:
    from oracle.removals import RECHECKED_DAYS, removed

    deleted = {name for (name,) in ask("select interaction_id from bi.fct_interactions where deleted_at is not null")}
    found = {name for name in deleted if name.split(":")[0] in RECHECKED_DAYS}
    assert found == removed(SAMPLE / "data")
    assert {name.split(":")[0] for name in found} == {*RECHECKED_DAYS}


def test_alerts_are_raised_on_the_days_the_key_says(star: Settings) -> None:
    rows = ask("select market_code, brand_code, (detected_at at time zone 'UTC')::date from bi.fct_alerts")
    assert sorted(f"{market} {brand} {day}" for market, brand, day in rows) == ANSWERS["early_warning"]["alarming_days"]


def test_the_summary_tells_a_manager_what_the_key_says(star: Settings) -> None:
    with connect(star.warehouse_reader_url) as reader, connect(star.warehouse_admin_url) as admin:
        lines = summary.write(reader, admin).splitlines()
    cells = {line.strip().split("  ")[0]: line.replace(",", "").split() for line in lines}
    judged = Counter[str]()
    for name, outcomes in ANSWERS["service_levels"].items():
        if name.startswith(("agent_work", "requester_wait")):
            judged.update(outcomes)
    assert list(map(int, cells["Traditional, solution"][2:5])) == [
        judged["attained"],
        judged["missed"],
        judged["running"],
    ]
    assert int(cells["Regulator (traditional)"][-1]) == ANSWERS["interactions"]["by_source"]["complaints"]
    asking = lines[lines.index("What asks for service (of what comes in and could be decided)") + 2].replace(",", "")
    inbound = ANSWERS["interactions"]["by_source_and_direction"]
    assert asking.split()[:2] == ["Social", str(sum(inbound[f"{source} inbound"] for source in SOCIAL))]
    warnings = lines[lines.index("Early warnings (UTC)") + 2 : lines.index("What was checked") - 1]
    assert len(warnings) == len(ANSWERS["early_warning"]["alarming_days"])
    assert all("Thu 29 Oct" in warning for warning in warnings)


def test_nearly_all_that_peers_settled_is_found_and_nothing_else(star: Settings, oracle: Any) -> None:
    from oracle.outcomes import settled_by_peers

    as_of = ask("select max(as_of) from bi.publications")[0][0]
    settled = set(settled_by_peers(SAMPLE / "data", as_of))
    found = {thread for (thread,) in ask("select conversation_id from bi.fct_contacts where is_peer_deflected")}
    assert found <= settled
    # Some help in words that the rules take for a complaint of their own.
    assert len(found) >= 0.8 * len(settled) > 10


def test_every_repeat_is_as_the_oracle_finds_it(star: Settings, oracle: Any) -> None:
    from oracle.outcomes import verdicts

    contacts = ask(
        "select conversation_id, customer_id, issue_code, first_customer_message_at, is_resolved, first_reply_at,"
        "  first_reply_null_reason, reopened_count from bi.fct_conversations"
        " where first_customer_message_at is not null and is_serviceable is not false"
        " and not is_merged and not is_deleted and channel_code <> 'survey'"
    )
    expected = verdicts(contacts, ask("select max(as_of) from bi.publications")[0][0])
    rows = ask("select conversation_id, is_repeat, is_repeated, is_first_contact_resolved from bi.fct_contacts")
    assert {name: tuple(verdict) for name, *verdict in rows} == expected
    assert sum(is_repeat is True for is_repeat, _, _ in expected.values()) > 30


@pytest.fixture(scope="module")
def conversations(star: Settings) -> Conversations:
    return Conversations(star)


@pytest.mark.parametrize("table", REPLAYED)
def test_what_follows_from_contacts_is_as_replayed(star: Settings, conversations: Conversations, table: str) -> None:
    expected = REPLAYED[table](conversations)
    assert differences(expected, rows_of(star, table)) == []
    assert expected


def test_every_visit_to_a_branch_was_when_the_oracle_finds(star: Settings, oracle: Any) -> None:
    expected = oracle.asked_at_of(SAMPLE / "data", "stores")
    rows = ask("select conversation_id, first_customer_message_at from bi.fct_conversations where source = 'stores'")
    assert dict(rows) == {key: datetime.fromisoformat(at) for key, at in expected.items()}


@pytest.mark.parametrize("name", [name for name in CASES if "asked_at" in CASES[name]])
def test_a_named_case_began_when_it_was_worked_out_by_hand(star: Settings, name: str) -> None:
    where = f"where conversation_id = '{CASES[name]['conversation']}'"
    rows = ask(f"select first_customer_message_at from bi.fct_conversations {where}")
    assert rows == [(datetime.fromisoformat(CASES[name]["asked_at"]),)]


@pytest.mark.parametrize("name", [name for name in CASES if "rating" in CASES[name]])
def test_a_named_review_is_rated_as_worked_out_by_hand(star: Settings, name: str) -> None:
    where = f"where conversation_id = '{CASES[name]['conversation']}' and direction = 'inbound'"
    [(rating,)] = ask(f"select rating::float from bi.fct_interactions {where}")
    assert rating == CASES[name]["rating"]


@pytest.mark.parametrize("name", [name for name in CASES if "words" in CASES[name]])
def test_a_named_case_is_told_in_the_words_it_has_in_the_end(star: Settings, name: str) -> None:
    where = f"where conversation_id = '{CASES[name]['conversation']}' and direction = 'inbound'"
    assert (CASES[name]["words"],) in ask(f"select text_masked from bi.fct_interactions {where}")


@pytest.mark.parametrize("name", [name for name in CASES if "peer_outcome" in CASES[name]])
def test_what_became_of_a_customers_answer_is_as_worked_out_by_hand(star: Settings, name: str) -> None:
    where = f"where conversation_id = '{CASES[name]['conversation']}'"
    assert ask(f"select peer_outcome from bi.fct_contacts {where}") == [(CASES[name]["peer_outcome"],)]


@pytest.mark.parametrize("name", [name for name in CASES if "known_by" in CASES[name]])
def test_a_named_customer_is_recognised_by_what_they_said(star: Settings, name: str) -> None:
    case = CASES[name]
    inbound = f"from bi.fct_interactions where conversation_id = '{case['conversation']}' and direction = 'inbound'"
    assert ask(f"select count(author_key) > 0 {inbound}") == [(True,)]
    rows = ask(
        "select distinct method, customer_id from bi.bridge_customer_identities"
        f" where is_current and author_key in (select author_key {inbound})"
    )
    assert rows == ([(case["known_by"], case["customer_id"])] if case["known_by"] else [])


@pytest.mark.parametrize("name", FEED_ENTRIES)
def test_a_named_entry_of_a_feed_is_as_it_was_read_last(star: Settings, name: str) -> None:
    case = FEED_ENTRIES[name]
    where = f"where source = 'feeds' and published_at = '{case['feed_entry']['published_at']}'"
    rows = ask(f"select text_masked, edited_at from bi.fct_interactions {where}")
    assert rows == [(case["words"], datetime.fromisoformat(case["edited_at"]))]


def test_surveys_say_what_the_key_says(star: Settings) -> None:
    found: dict[str, dict[str, int]] = {}
    for name, said, number in ask(
        "select concat_ws(' ', survey, metric, market_code), verdict, count(*) from bi.fct_survey_answers group by 1, 2"
    ):
        found.setdefault(name, {})[said] = number
    assert found == ANSWERS["surveys"]


@pytest.mark.parametrize("name", [name for name in CASES if "scores" in CASES[name]])
def test_a_named_response_says_what_was_read_by_hand(star: Settings, name: str) -> None:
    case = CASES[name]
    rows = ask(
        "select metric, verdict, about_conversation_id from bi.fct_survey_answers"
        f" where conversation_id = '{case['conversation']}'"
    )
    assert {metric: said for metric, said, _ in rows} == case["scores"]
    assert {about for _, _, about in rows} == ({case["about"]} if case["scores"] else set())


def test_every_answer_is_about_a_conversation_that_there_is(star: Settings) -> None:
    rows = ask(
        "select count(*), count(conversations.conversation_id) from bi.fct_survey_answers as answers"
        " left join bi.fct_conversations as conversations"
        " on answers.about_conversation_id = conversations.conversation_id"
        " where answers.about_conversation_id is not null"
    )
    assert rows[0][0] == rows[0][1] > 0


def test_pages_were_visited_as_often_as_the_key_says(star: Settings) -> None:
    key = ANSWERS["page_visits"]
    days = "select market_code || ' ' || local_date_key, sum(visit_count) from bi.fct_page_days group by 1"
    assert counts(days) == key["by_market_and_day"]
    assert (
        counts("select coalesce(topic, 'none'), sum(visit_count) from bi.fct_page_days group by 1") == key["by_topic"]
    )
    assert ask("select count(*) from bi.fct_page_days where issue_code = 'unknown' and topic is not null") == [(0,)]


@pytest.mark.parametrize("name", PAGE_DAYS)
def test_a_named_page_was_visited_as_counted_by_hand(star: Settings, name: str) -> None:
    case = PAGE_DAYS[name]
    day, market, page = case["page_day"].values()
    rows = ask(
        "select visit_count, issue_code, brand_code from bi.fct_page_days"
        f" where (local_date_key, market_code, page) = ('{day}', '{market}', '{page}')"
    )
    assert rows == [(case["visits"], case["issue"], "acme_bank")]


def test_a_deleted_ticket_is_known_as_deleted(star: Settings) -> None:
    rows = ask("select count(*) from bi.fct_conversations where source = 'zendesk' and is_deleted")
    assert rows == [(ANSWERS["zendesk"]["deleted_tickets"],)]


def test_customers_have_the_versions_that_the_steps_met(star: Settings) -> None:
    key = ANSWERS["crm"]
    rows = ask(
        "select case when customer_id like '%:%' then split_part(customer_id, ':', 1) else 'crm' end, count(*),"
        "  count(distinct customer_id), count(distinct customer_id) filter (where status = 'deleted')"
        " from bi.dim_customer where customer_id not in ('unknown', 'not_applicable') group by 1"
    )
    others = {
        name: (found["customers"], found["customers"], found["deleted"])
        for name, found in ANSWERS["other_crms"].items()
    }
    own = (key["customer_versions_of_tracked_fields"], key["customers"], 0)
    assert {name: tuple(numbers) for name, *numbers in rows} == {"crm": own, **others}
    with connect(star.warehouse_admin_url) as warehouse:
        landed = warehouse.execute("select count(*) from raw_crm.customers").fetchone()
    assert landed == (key["customer_versions_in_the_demo"],)


def test_quarantine_holds_what_the_key_says(star: Settings) -> None:
    with connect(star.warehouse_admin_url) as warehouse:
        rows = warehouse.execute(
            "select source, reason, count(distinct position) from raw.quarantine group by 1, 2"
        ).fetchall()
    found: dict[str, dict[str, int]] = {}
    for source, reason, number in rows:
        found.setdefault(source, {})[reason] = number
    assert found == ANSWERS["quarantine"]


@pytest.mark.parametrize("name", [name for name in CASES if "is_serviceable" in CASES[name]])
def test_a_named_case_means_what_was_read_by_hand(star: Settings, name: str) -> None:
    case = CASES[name]
    where = f"where conversation_id = '{case['conversation']}'"
    [found] = ask(f"select is_serviceable, contact_type_code from bi.fct_conversations {where}")
    assert found == (case["is_serviceable"], case.get("contact_type", found[1]))
    [counted] = ask(
        "select count(*) filter (where is_serviceable), count(*) filter (where is_peer_answer)"
        f" from bi.fct_interactions {where}"
    )
    assert counted == (case.get("serviceable_messages", counted[0]), case.get("peer_answers", 0))


def test_what_the_story_wrote_to_ask_is_found_to_ask(star: Settings, oracle: Any) -> None:
    from oracle.meaning import intents

    said = intents(SAMPLE / "data")
    rows = ask("select interaction_id, is_serviceable from bi.fct_interactions where sender_kind = 'customer'")
    found = {"x": Counter[tuple[bool, bool | None]](), "zendesk": Counter[tuple[bool, bool | None]]()}
    for interaction_id, is_serviceable in rows:
        if interaction_id in said:
            found[interaction_id.split(":")[0]][said[interaction_id][0], is_serviceable] += 1
    # What nothing could decide counts as missed: languages without rules are a ninth of what is missed on X.
    for source, precision, recall in (("x", 0.95, 0.72), ("zendesk", 0.98, 0.98)):
        counts = found[source]
        hits = counts[True, True]
        assert hits / (hits + counts[False, True]) >= precision, (source, counts)
        assert hits / (hits + counts[True, False] + counts[True, None]) >= recall, (source, counts)


def test_issues_of_the_story_are_named_as_the_tree_names_them(star: Settings, oracle: Any) -> None:
    from oracle.meaning import ISSUES, intents

    expected = {key: ISSUES[issue] for key, (_, issue) in intents(SAMPLE / "data").items() if issue in ISSUES}
    rows = ask("select interaction_id, issue_code from bi.fct_interactions where issue_code <> 'unknown'")
    agreed = Counter(code in expected[key] for key, code in rows if key in expected)
    assert agreed[True] >= 0.9 * agreed.total(), agreed
    assert agreed.total() >= 0.5 * len(expected), (agreed, len(expected))


def test_weights_of_issues_add_up_to_the_serviceable_messages(star: Settings) -> None:
    rows = ask(
        "select (select count(*) from bi.fct_interactions where is_serviceable), sum(weight)::numeric(12, 4),"
        "  count(distinct interaction_id) from bi.bridge_interaction_issues"
    )
    assert rows[0][0] == rows[0][1] == rows[0][2] > 0


def test_clocks_of_tickets_are_as_long_as_the_key_says(star: Settings) -> None:
    key = ANSWERS["case_clocks"]
    clocks = ["agent_wait", "agent_work", "on_hold", "requester_wait", "solve", "unassigned"]
    sums = ", ".join(f"sum({clock}_calendar_seconds)" for clock in clocks)
    rows = ask(
        f"select market_code, count(solve_calendar_seconds), sum(handoff_count), {sums} from bi.fct_conversations"
        " where source = 'zendesk' and handoff_count is not null group by 1"
    )
    found = {
        market: dict(zip(["finished", "handoffs", *clocks], map(int, numbers), strict=True))
        for market, *numbers in rows
    }
    assert found == key["seconds_by_market"]
    outcome = "case when outcome in ('merged', 'deleted') then 'gone' else outcome end"
    assert counts(f"select {outcome}, count(*) from bi.fct_episodes group by 1") == key["episodes"]
    days = "select market_code || ' ' || local_date_key, count(*) from bi.fct_conversation_days group by 1"
    assert counts(days) == key["backlog"]


def test_authors_are_known_by_the_keys_the_oracle_finds(star: Settings) -> None:
    key = ANSWERS["identity"]
    linked = counts(
        "select source || ' ' || method, count(*) from bi.bridge_customer_identities where is_current group by 1"
    )
    assert linked == {
        f"{source} {kind}": number
        for source, found in key.items()
        for kind, number in found.items()
        if kind not in ("authors", "known_by_no_key")
    }
    authors = "select count(*) from bi.dim_author where author_key not in ('unknown', 'not_applicable')"
    assert ask(authors) == [(sum(found["authors"] for found in key.values()),)]
    known = ask(f"{authors} and party_kind = 'customer'")
    assert known == [(sum(found["authors"] - found["known_by_no_key"] for found in key.values()),)]


def test_every_query_of_the_guide_finds_something_for_a_bi_user(star: Settings) -> None:
    assert len(GUIDE) > 10
    with connect(star.warehouse_reader_url) as reader:
        assert [query for query in GUIDE if not reader.execute(query.encode()).fetchall()] == []

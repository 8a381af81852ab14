"""What people see: every dashboard without errors, the warehouse's numbers, and only the rows of their markets."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import psycopg
import pytest
from playwright.sync_api import BrowserContext

from browser_visit import signed_in
from servers.mail_server import MailServer
from social_crm.activation.mail import Mail
from social_crm.activation.report import take_pictures, weekly_report
from social_crm.activation.sending import send
from social_crm.dashboards.__main__ import DASHBOARDS
from social_crm.errors import CredentialRefused
from social_crm.settings import PROJECT_ROOT, Settings
from social_crm.sources.model import Connection
from worlds.warehouses import ask, ask_all, use_warehouse

PASSWORD = "browser-test"
SCREENSHOTS = PROJECT_ROOT / "var/screenshots"
# One number of each dashboard, and the same number asked of the facts.
ORACLES = {
    "executive": (
        "Inbound interactions",
        "select count(*) from bi.fct_interactions where direction = 'inbound' and not is_internal",
    ),
    "social-servicing": (
        "Serviceable",
        "select to_char(100.0 * avg(is_serviceable::int), 'FM990.0') || '%' from bi.fct_interactions"
        " join bi.dim_channel using (channel_code)"
        " where direction = 'inbound' and not is_internal and channel_family = 'social'",
    ),
    "teams-and-agents": (
        "Waits answered",
        "select to_char(100.0 * count(*) filter (where outcome = 'answered')"
        " / count(*) filter (where outcome not in ('unknown', 'not_serviceable')"
        " and (outcome = 'answered' or not (is_ended_by_merge or is_deleted))), 'FM990.0') || '%'"
        " from bi.fct_response_gaps",
    ),
    "voice-of-the-customer": ("Contacts", "select count(*) from bi.fct_contacts"),
    "customer-360": ("Contacts", "select count(*) from bi.fct_contacts where customer_id = '{customer}'"),
    "work-queue": ("Promises missed", "select count(*) from bi.fct_sla_events where outcome = 'missed'"),
}


CONTACTED = "select distinct customer_id from bi.fct_contacts where customer_id is not null"
LAST_LOOK = "select coalesce(max(look_id), 0)::text from ops.identity_looks"
TWO_DAYS, TWO_DAYS_BEFORE = ("2026-10-29", "2026-10-31"), ("2026-10-27", "2026-10-29")


@pytest.mark.parametrize("slug", [dashboard.slug for dashboard in DASHBOARDS])
def test_every_tab_is_drawn_and_a_number_is_the_warehouses(
    slug: str, superset_url: str, published: Settings, chromium: BrowserContext
) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    title, query = ORACLES[slug]
    with signed_in(chromium, superset_url, "global_lead", PASSWORD) as visit:
        visit.open(slug)
        if "{customer}" in query:
            query = query.format(customer=visit.choose_first("customer_id", ask_all(published, CONTACTED)))
        assert ask(published, query) in visit.number(title)
        visit.page.screenshot(path=SCREENSHOTS / f"dashboard-{slug}.png")
        for number in range(visit.tabs()):
            visit.choose_tab(number)
            assert visit.alerts() == []
    assert visit.errors == []


# What is known although nothing was said: what the data trust is made of.
KNOWN_OF_NOTHING = {
    "work-queue": {
        "Known up to (UTC)", "Is every source up to date? The furthest behind on top",
        "When was what published? A reason means that all history was rebuilt",
    },
}  # fmt: skip
SAYS_THAT_IT_IS_EMPTY = ("No data", "No results were returned")


# Every kind of chart; tests/integration/test_empty_warehouse.py asks for the tiles of all dashboards.
@pytest.mark.parametrize("slug", ["executive", "teams-and-agents", "work-queue"])
def test_of_a_warehouse_without_a_record_every_chart_says_that_and_the_page_says_why(
    slug: str, superset_url: str, nothing_said: None, chromium: BrowserContext
) -> None:
    speaking = set()
    with signed_in(chromium, superset_url, "global_lead", PASSWORD) as visit:
        visit.open(slug)
        assert "nothing is known for this period" in visit.page.locator("body").inner_text()
        for number in range(max(1, visit.tabs())):
            if visit.tabs():
                visit.choose_tab(number)
            charts = visit.charts()
            assert charts
            speaking |= {title for title, text in charts if not any(o in text for o in SAYS_THAT_IT_IS_EMPTY)}
            assert visit.alerts() == []
    assert speaking - {"Change"} == KNOWN_OF_NOTHING.get(slug, set())
    assert visit.errors == []


def test_what_is_unknown_is_no_zero_and_a_change_is_that_of_the_warehouse(
    superset_url: str, published: Settings, chromium: BrowserContext
) -> None:
    count = "select count(*) from bi.fct_contacts where local_date_key >= '{}' and local_date_key < '{}'"
    now, before = (int(ask(published, count.format(*days))) for days in (TWO_DAYS, TWO_DAYS_BEFORE))
    with signed_in(chromium, superset_url, "global_lead", PASSWORD) as visit:
        visit.open("voice-of-the-customer", period=" : ".join(TWO_DAYS))
        # Who comes again is known after seven days, which are over for none of these.
        assert "No data" in visit.number("Solved at once")
        contacts, _, judged, *shares = visit.number("Change").split()[-6:]
    assert (contacts, judged, shares) == (f"{now - before:+d}", "+0", ["N/A"] * 3)
    assert now != before


def test_a_market_user_sees_only_their_market(superset_url: str, published: Settings, chromium: BrowserContext) -> None:
    query = "select count(*) from bi.fct_contacts where market_code = 'in'"
    with signed_in(chromium, superset_url, "india_lead", PASSWORD) as visit:
        visit.open("voice-of-the-customer")
        assert ask(published, query) in visit.number("Contacts")
        assert visit.alerts() == []
    assert visit.errors == []
    assert ask(published, query) != ask(published, "select count(*) from bi.fct_contacts")


def test_two_roles_of_one_person_add_up_or_are_refused(
    superset_url: str, published: Settings, chromium: BrowserContext
) -> None:
    query = "select count(*) from bi.fct_contacts where market_code in ('in', 'sg')"
    with signed_in(chromium, superset_url, "asia_lead", PASSWORD) as visit:
        visit.open("voice-of-the-customer")
        assert ask(published, query) in visit.number("Contacts").split()
    refusal = "far_lead has bi_india and bi_united_states, and no role sees in, us together"
    with signed_in(chromium, superset_url, "far_lead", PASSWORD) as visit:
        visit.page.goto(f"{superset_url}/superset/dashboard/executive/")
        page = visit.page.locator("body").inner_text()
        assert refusal in page
        assert "give one role instead, or add one to dbt_project/seeds/market_entitlements.csv" in page
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        visit.page.screenshot(path=SCREENSHOTS / "refused-roles.png")
        answer = visit.page.request.get(f"{superset_url}/api/v1/dashboard/executive/datasets")
        assert (answer.status, answer.json()["message"][: len(refusal)]) == (403, refusal)
        visit.page.get_by_text("Sign out").click()
        visit.page.wait_for_selector("#username")


def test_the_weekly_report_arrives_once_as_pictures(
    superset_url: str, published: Settings, chromium: BrowserContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_warehouse(published, monkeypatch)
    superset = Connection(superset_url, "global_lead", PASSWORD)
    sunday = datetime(2026, 11, 8, 23, tzinfo=UTC)
    with MailServer() as mail:
        # A browser of Playwright's is open already, and one thread has one.
        with ThreadPoolExecutor(1) as apart:
            item = apart.submit(weekly_report, superset, sunday).result()
        for expected in (1, 0):
            assert send([item], Mail(mail.connection), kind="notification").created_count == expected
    [message] = mail.messages
    assert message["Subject"] == "Social customer service, week 44 of 2026"
    assert "It knows of everything until 2026-11-02 00:00 UTC." in message.get_body().get_content()  # type: ignore[union-attr]
    pictures = list(message.iter_attachments())
    assert [picture.get_filename() for picture in pictures] == [f"executive-{number}.png" for number in (1, 2, 3, 4)]
    for picture in pictures:
        content = picture.get_content()
        assert content[:8] == b"\x89PNG\r\n\x1a\n"
        width, height = (int.from_bytes(content[place : place + 4]) for place in (16, 20))
        assert (width, height > 600, len(content) > 20_000) == (1600, True, True)
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        (SCREENSHOTS / str(picture.get_filename())).write_bytes(content)


def test_a_report_that_cannot_sign_in_says_whose_fault_it_is(superset_url: str, chromium: BrowserContext) -> None:
    with ThreadPoolExecutor(1) as apart, pytest.raises(CredentialRefused, match="superset_report") as refused:
        apart.submit(lambda: list(take_pictures(Connection(superset_url, "global_lead", "canary")))).result()
    assert "canary" not in str(refused.value)


# What shows single people; every dataset of it knows them by this column.
PEOPLE = ("bridge_customer_identities", "customers", "rpt_conflicting_answers", "rpt_customer_timeline")


def test_customer_360_is_for_its_role_and_each_look_is_written_down(
    superset_url: str, published: Settings, chromium: BrowserContext
) -> None:
    customer = ask(published, "select min(customer_id) from bi.fct_conversations where market_code = 'sg'")
    before = ask(published, LAST_LOOK)
    looks = f"""select string_agg(login || ' ' || looked_by || ' ' || customer_id, '; ') from ops.identity_looks
        where look_id > {before}"""
    with signed_in(chromium, superset_url, "global_lead", PASSWORD) as visit:
        datasets = visit.page.request.get(f"{superset_url}/api/v1/dashboard/customer-360/datasets").json()["result"]
        people = {dataset["table_name"]: dataset["id"] for dataset in datasets}
        for name in PEOPLE:
            assert visit.asks(people[name], "customer_id", customer) == 200
    # Whoever sees every market looks as the twin of that role; four charts are one look.
    assert ask(published, looks) == f"bi_global_360 global_lead {customer}"
    with signed_in(chromium, superset_url, "india_lead", PASSWORD) as visit:
        shown = visit.page.request.get(f"{superset_url}/api/v1/dashboard/").json()["result"]
        assert {found["slug"] for found in shown} == {found.slug for found in DASHBOARDS} - {"customer-360"}
        assert visit.page.request.get(f"{superset_url}/api/v1/dashboard/customer-360").status in (403, 404)
        for name in PEOPLE:
            assert visit.asks(people[name], "customer_id", customer) == 403
        # How many got two answers is for everybody, without who did.
        voice = f"{superset_url}/api/v1/dashboard/voice-of-the-customer/datasets"
        shown = visit.page.request.get(voice).json()["result"]
        [counted] = [dataset["id"] for dataset in shown if dataset["table_name"] == "rpt_conflicting_answer_days"]
        assert visit.asks(counted, "refused_by_market", "India") == 200
        assert visit.asks(counted, "customer_id", customer) != 200
    assert ask(published, looks) == f"bi_global_360 global_lead {customer}"


def test_customer_360_shows_nobody_before_somebody_is_chosen(
    superset_url: str, published: Settings, chromium: BrowserContext
) -> None:
    with signed_in(chromium, superset_url, "global_lead", PASSWORD) as visit:
        visit.open("customer-360")
        speaking = [chart for chart in visit.charts() if not any(said in chart[1] for said in SAYS_THAT_IT_IS_EMPTY)]
        assert {title for title, _ in speaking} <= {"Change"}
        # Below a title, how many filters are set and what is compared, a Change has one line of differences.
        assert {cell for _, text in speaking for cell in text.splitlines()[-1].split("\t")} <= {"N/A"}
        customer = visit.choose_first("customer_id", ask_all(published, CONTACTED))
        timeline = visit.number("Everything on every channel, newest first, and how sure we are that it was them")
        spoken = f"select count(*) from bi.rpt_customer_timeline where customer_id = '{customer}'"
        assert timeline.count(customer) == int(ask(published, spoken))
    assert visit.errors == []


def test_names_stand_on_a_page_of_their_role_and_each_look_is_written_down(
    superset_url: str, published: Settings, chromium: BrowserContext
) -> None:
    known = "select customer_id || '|' || email from vault.customers where market_code = 'sg' order by 1 limit 1"
    customer, address = ask(published, known).split("|")
    before = ask(published, LAST_LOOK)
    looks = f"""select login || ' ' || looked_by || ' ' || action || ' ' || coalesce(customer_id, left(term_hash, 0))
        from ops.identity_looks where look_id > {before} order by look_id"""
    with signed_in(chromium, superset_url, "global_lead", PASSWORD) as visit:
        page = visit.page
        visit.open("customer-360")
        page.get_by_text("Who is it?").click()
        page.fill("input[name=term]", customer[:2])
        page.get_by_text("Find", exact=True).click()
        assert "Give at least three characters" in page.locator("body").inner_text()
        visit.errors.clear()
        page.fill("input[name=term]", customer)
        page.get_by_text("Find", exact=True).click()
        page.locator("tr").filter(has_text=customer).get_by_text("Show").click()
        page.get_by_role("heading", name=f"Customer {customer}").wait_for()
        assert address in page.locator("table").inner_text()
        assert page.url == f"{superset_url}/people/"
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SCREENSHOTS / "people.png")
        assert visit.errors == []
    seen = ["bi_global_360 global_lead find ", f"bi_global_360 global_lead person {customer}"]
    assert ask_all(published, looks) == seen
    with signed_in(chromium, superset_url, "india_lead", PASSWORD) as visit:
        visit.page.goto(f"{superset_url}/people/")
        assert "for whoever has the role Customer 360" in visit.page.locator("body").inner_text()
        token = visit.page.request.get(f"{superset_url}/api/v1/security/csrf_token/").json()["result"]
        form = {"csrf_token": token, "customer": customer}
        answer = visit.page.request.post(f"{superset_url}/people/", form=form, headers={"Referer": superset_url})
        assert (answer.status, address in answer.text()) == (403, False)
        # Or whoever sits down at the same screen later reads names from the browser's cache.
        assert answer.headers["cache-control"] == "no-store"
    chromium.clear_cookies()
    assert "/login" in chromium.request.get(f"{superset_url}/people/").url
    assert ask_all(published, looks) == seen


def test_no_file_is_streamed_in_nobodys_name(superset_url: str, published: Settings, chromium: BrowserContext) -> None:
    customer = ask(published, "select min(customer_id) from bi.dim_author where customer_id is not null")
    query = "select customer_id from bi.dim_author where customer_id is not null"
    with signed_in(chromium, superset_url, "india_lead", PASSWORD) as visit:
        assert customer not in visit.runs(query)
        # Superset asks for a stream where it no longer knows who asked.
        assert customer not in visit.streams(query)
        question = {"database_id": 1, "sql": query}
        assert visit.posts("/api/v1/sqllab/estimate/", data=question).status == 403


@pytest.mark.parametrize(
    "statements",
    [
        # In small letters Superset takes it for a query, and the commit is not undone.
        "alter role current_user password 'mine'; commit",
        # From behind a prepared statement Superset does not see which tables are asked.
        "prepare timeline as select * from bi.rpt_customer_timeline; execute timeline",
        "explain select * from bi.fct_contacts where market_code = 'us'",
    ],
)
def test_sql_lab_answers_queries_and_runs_nothing_else(
    statements: str, superset_url: str, chromium: BrowserContext
) -> None:
    with signed_in(chromium, superset_url, "india_lead", PASSWORD) as visit:
        assert "only queries are answered here" in visit.runs(statements)
        assert '"n": 1' in visit.runs("with one as (select 1 as n) select n from one union select n from one")


def test_sql_lab_answers_of_every_table_but_those_of_people_and_of_ones_own_market(
    superset_url: str, published: Settings, chromium: BrowserContext
) -> None:
    facts = "select count(*) as n from bi.fct_interactions join bi.dim_market using (market_code)"
    indian = ask(published, f"{facts} where market_code = 'in'").replace(",", "")
    with signed_in(chromium, superset_url, "india_lead", PASSWORD) as visit:
        assert f'"data": [{{"n": {indian}}}]' in visit.runs(facts)
        for table in (
            "bi.dim_customer",
            "bi.Dim_Customer",
            "bi.rpt_customers",
            "marts.fct_interactions",
            "raw_x.posts",
        ):
            assert "You need access to the following tables" in visit.runs(f"select * from {table}")
    with signed_in(chromium, superset_url, "global_lead", PASSWORD) as visit:
        assert '"status": "success"' in visit.runs("select * from bi.rpt_customer_timeline where customer_id = 'none'")
    assert indian != ask(published, facts).replace(",", "")


HIDDEN = "select string_agg(customer_id, ' ') from bi.rpt_customers"


@pytest.mark.parametrize(
    "typed",
    [
        # Superset takes the table for the CTE of its name,
        "with rpt_customers as (select 1) select * from (select * from bi.rpt_customers) as found",
        # finds none behind OFFSET,
        "select 1 union all select 2 offset (select count(*) from bi.rpt_customers)",
        # and writes what was a string so that the rest of it is asked.
        f"select e'\\\\', ' as one, ({HIDDEN}) -- '",
        f"select interval '1'', ({HIDDEN}), ''1'",
        f"select '{{}}'::jsonb -> 'a'', ({HIDDEN}), ''a'",
        # What stands between dollars for Superset, stands between two columns for Postgres.
        f"select interval '1'', \u00a0$x$, ({HIDDEN}), \u00a0$x$ from (select 1 as \u00a0$x$) as q where ''1'' < ''2'",
        "select interval '1'', set_config(''statement_timeout'', ''0'', false), interval ''1'",
        "with pg_roles as (select 1) select rolname from (select * from pg_catalog.pg_roles) as found",
        "select rolname from pg_roles",
        # Superset and Postgres agree that a CTE is none outside of its subquery.
        "select relname from (with pg_class as (select 1 as n) select n from pg_class) as found, pg_class",
        "select pg_stat_get_activity(null)",
        "select pg_relation_size('bi.fct_contacts')",
        "select user",
    ],
)
def test_sql_lab_is_asked_for_nothing_that_was_not_read(
    typed: str, superset_url: str, published: Settings, chromium: BrowserContext
) -> None:
    hidden = ask(published, "select max(customer_id) from bi.rpt_customers where market_code = 'sg'")
    with signed_in(chromium, superset_url, "asia_lead", PASSWORD) as visit:
        answer = visit.runs(typed, schema="bi")
        assert ('"status": "success"' in answer, hidden in answer) == (typed == "select user", False)


def test_a_comment_is_no_part_of_what_is_asked(superset_url: str, chromium: BrowserContext) -> None:
    with signed_in(chromium, superset_url, "asia_lead", PASSWORD) as visit:
        assert '"data": [{"n": 1}]' in visit.runs("select 1 as n -- one\n/* and no more */")
        assert '"data": [{"n": 1}]' in visit.runs(f"select 1 as n -- */, ({HIDDEN}) /*")
        # Superset puts the schema that is chosen between double quotes, and what it holds was a command of its own.
        command = "bi\"; do $$ begin raise exception 'ran'; end $$; --"
        assert '"data": [{"n": 1}]' in visit.runs("select 1 as n", schema=command)


def test_no_measure_of_ones_own_asks_another_table_and_no_dashboard_of_ones_own_shows_people(
    superset_url: str, superset_variables: dict[str, str], published: Settings, chromium: BrowserContext
) -> None:
    customer = ask(published, "select max(customer_id) from bi.rpt_customers where market_code = 'sg'")
    with psycopg.connect(superset_variables["SUPERSET_DATABASE_URL"]) as superset:
        [(reader,)] = superset.execute("select id from ab_role where name = 'BI reader'").fetchall()
    with signed_in(chromium, superset_url, "global_lead", PASSWORD) as visit:
        found = visit.page.request.get(f"{superset_url}/api/v1/dashboard/customer-360/datasets").json()["result"]
        people = {dataset["table_name"]: dataset["id"] for dataset in found}
        found = visit.page.request.get(f"{superset_url}/api/v1/dashboard/voice-of-the-customer/datasets").json()
        [contacts] = [dataset["id"] for dataset in found["result"] if dataset["table_name"] == "contacts"]
    with signed_in(chromium, superset_url, "asia_lead", PASSWORD) as visit:

        def answer(dataset: int, **asked: object) -> str:
            sent = {"datasource": {"id": dataset, "type": "table"}, "result_type": "full", **asked}
            return visit.posts("/api/v1/chart/data", data=sent).text()

        for measure in (
            "count(*)",
            "customer_id from bi.rpt_customers union all select 'x'",
            f"1 -- */, ({HIDDEN}) /*",
            "max(set_config('statement_timeout', '0', false))",
        ):
            metric = {"expressionType": "SQL", "sqlExpression": measure, "label": "measure"}
            shown = answer(contacts, queries=[{"metrics": [metric], "row_limit": 100}])
            assert ('"measure":' in shown, customer in shown) == (measure == "count(*)", False)
        filters = [
            {"id": f"NATIVE_FILTER-{dataset}", "targets": [{"datasetId": dataset, "column": {"name": "customer_id"}}]}
            for dataset in people.values()
        ]
        mine = {"dashboard_title": "mine", "published": True, "roles": [reader]}
        told = {**mine, "json_metadata": json.dumps({"native_filter_configuration": filters})}
        dashboard = visit.posts("/api/v1/dashboard/", data=told).json()["id"]
        for dataset in people.values():
            asked = {"dashboardId": dashboard, "type": "NATIVE_FILTER", "native_filter_id": f"NATIVE_FILTER-{dataset}"}
            shown = answer(dataset, queries=[{"columns": ["customer_id"], "row_limit": 1000}], form_data=asked)
            assert customer not in shown


def test_a_period_and_a_region_narrow_every_number(
    superset_url: str, published: Settings, chromium: BrowserContext
) -> None:
    days = "local_date_key >= '2026-10-27' and local_date_key < '2026-10-30'"
    query = f"select count(*) from bi.fct_contacts where {days}"
    with signed_in(chromium, superset_url, "global_lead", PASSWORD) as visit:
        visit.open("voice-of-the-customer", period="2026-10-27 : 2026-10-30")
        assert visit.number("Contacts").split()[2].startswith(ask(published, query))
        visit.choose("region", "Americas")
        assert visit.choices("market") == ["United States"]
        american = ask(published, f"{query} and market_code = 'us'")
        assert visit.number("Contacts").split()[2].startswith(american)
    assert american != ask(published, query)
    assert visit.errors == []


def test_a_line_leads_to_the_rows_behind_it(superset_url: str, published: Settings, chromium: BrowserContext) -> None:
    with signed_in(chromium, superset_url, "india_lead", PASSWORD) as visit:
        visit.open("voice-of-the-customer")
        visit.choose_tab(1)
        rows = visit.drill("Which causes, if fixed, would spare most?")
    for row in ("2 rows", *ask_all(published, "select conversation_id from bi.fct_contacts where market_code = 'in'")):
        assert row in rows
    assert visit.errors == []


def test_the_queue_is_ranked_and_a_source_that_stays_away_is_shown(
    superset_url: str, published: Settings, chromium: BrowserContext
) -> None:
    with signed_in(chromium, superset_url, "global_lead", PASSWORD) as visit:
        visit.open("work-queue")
        queue = visit.number("What comes first? Points for time to breach, displeasure, influence and value")
        visit.choose_tab(visit.tabs() - 1)
        freshness = visit.number("Is every source up to date? The furthest behind on top")
    ranked = ask_all(published, "select conversation_id from bi.rpt_work_queue order by queue_position limit 3")
    places = [queue.index(conversation) for conversation in ranked]
    assert places == sorted(places)
    # The week holds groups of the helpdesk up to the 29th alone.
    assert freshness.split("zendesk")[1].split()[:3] == ["groups", "true", "2026-10-30"]
    assert visit.errors == []

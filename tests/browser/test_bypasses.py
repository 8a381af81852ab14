"""Bypasses of what a reader may see, each of which once worked."""

import json
from urllib.parse import quote

import psycopg
import pytest
from playwright.sync_api import BrowserContext

from browser_visit import Visit, signed_in
from social_crm.settings import Settings
from worlds.warehouses import ask

PASSWORD = "browser-test"
HIDDEN = "select max(customer_id) from bi.rpt_customers"
WORDS = '<a href="https://else.example/" style="position:fixed">Sign in again</a>'


def dataset_of(visit: Visit, slug: str, table: str) -> int:
    """Return the number of a dataset of a dashboard."""
    found = visit.page.request.get(f"{visit.url}/api/v1/dashboard/{slug}/datasets").json()["result"]
    return int(next(dataset["id"] for dataset in found if dataset["table_name"] == table))


def asked(dataset: int, kind: str = "table", **query: object) -> dict[str, object]:
    """Return what a chart sends to ask a dataset."""
    return {"datasource": {"id": dataset, "type": kind}, "result_type": "full", "queries": [query]}


# Superset writes the quotes of a JSON path without doubling them: each time it rewrites them, half of them are left.
# Read once, what stands between two is a string; sent, it is SQL.
@pytest.mark.parametrize("quotes", ["'" * number for number in (1, 2, 4, 8, 16)])
@pytest.mark.parametrize(
    "measure",
    [
        f"concat('{{}}'::jsonb -> 'a\", ({HIDDEN}), \"a')",
        "'{}'::jsonb -> 'a\"; rollback; alter role current_user password $$mine$$; commit; select \"a'",
    ],
)
def test_a_measure_is_read_as_it_is_sent(
    measure: str, quotes: str, superset_url: str, published: Settings, chromium: BrowserContext
) -> None:
    hidden = ask(published, f"{HIDDEN} where market_code = 'sg'")
    kept = "select rolpassword from pg_authid where rolname = 'bi_asia_pacific'"
    with psycopg.connect(published.warehouse_admin_url) as warehouse:
        before = warehouse.execute(kept).fetchone()
        metric = {"expressionType": "SQL", "sqlExpression": measure.replace('"', quotes), "label": "measure"}
        with signed_in(chromium, superset_url, "asia_lead", PASSWORD) as visit:
            contacts = dataset_of(visit, "voice-of-the-customer", "contacts")
            shown = visit.posts("/api/v1/chart/data", data=asked(contacts, metrics=[metric], row_limit=100)).text()
        assert hidden not in shown
        assert warehouse.execute(kept).fetchone() == before


def test_no_dashboard_of_ones_own_is_taken_along_with_the_rows_of_people(
    superset_url: str, superset_variables: dict[str, str], chromium: BrowserContext
) -> None:
    people = """select slices.id from slices inner join tables on slices.datasource_id = tables.id
        where tables.table_name = 'rpt_customer_timeline'"""
    with psycopg.connect(superset_variables["SUPERSET_DATABASE_URL"]) as superset:
        [(chart,), *_] = superset.execute(people).fetchall()
    places = {"CHART-1": {"type": "CHART", "id": "CHART-1", "children": [], "meta": {"chartId": chart}}}
    with signed_in(chromium, superset_url, "india_lead", PASSWORD) as visit:
        dashboard = visit.posts("/api/v1/dashboard/", data={"dashboard_title": "mine"}).json()["id"]
        told = {"json_metadata": json.dumps({"positions": places})}
        assert visit.posts(f"/api/v1/dashboard/{dashboard}", method="PUT", data=told).status == 200
        exported = visit.page.request.get(f"{superset_url}/api/v1/dashboard/{dashboard}/export_as_example/")
        assert exported.status == 403
        # Other tests count the dashboards that people see.
        assert visit.posts(f"/api/v1/dashboard/{dashboard}", method="DELETE").status == 200


@pytest.mark.parametrize(
    "list_of_people",
    ["dashboard/related/owners", "chart/related/owners?q=(include_ids:!(1,2,3,4))", "dataset/related/created_by"],
)
def test_readers_find_nobody_but_themselves_in_lists_of_people(
    list_of_people: str, superset_url: str, chromium: BrowserContext
) -> None:
    found, numbers = {}, {}
    for user in ("india_lead", "admin"):
        with signed_in(chromium, superset_url, user, PASSWORD) as visit:
            told = visit.page.request.get(f"{superset_url}/api/v1/{list_of_people}").json()["result"]
            found[user] = {one["value"] for one in told}
            numbers[user] = visit.page.request.get(f"{superset_url}/api/v1/me/").json()["result"]["id"]
    assert found["india_lead"] == found["admin"] & {numbers["india_lead"]}
    assert found["admin"] - found["india_lead"]


def test_what_somebody_asked_in_sql_lab_is_told_to_nobody_else(
    superset_url: str, superset_variables: dict[str, str], chromium: BrowserContext
) -> None:
    with signed_in(chromium, superset_url, "global_lead", PASSWORD) as visit:
        assert '"n": 0' in visit.runs("select count(*) as n from bi.fct_contacts where 'Jane Roe' = 'nobody'")
    with psycopg.connect(superset_variables["SUPERSET_DATABASE_URL"]) as superset:
        [(number,)] = superset.execute("select max(id) from query where sql like '%Jane Roe%'").fetchall()
    question = asked(number, "query", columns=["n"], row_limit=1)
    for user, is_told in (("india_lead", False), ("global_lead", True)):
        with signed_in(chromium, superset_url, user, PASSWORD) as visit:
            answers = [visit.posts("/api/v1/chart/data", data={**question, "result_type": "query"})]
            answers.append(visit.posts("/api/v1/chart/data", data=question))
            answers.append(visit.posts(f"/datasource/samples?datasource_type=query&datasource_id={number}", data={}))
        assert ["Jane Roe" in answer.text() for answer in answers] == [is_told] * 3


def test_the_log_of_superset_keeps_nothing_that_somebody_typed_or_chose(
    superset_url: str, superset_variables: dict[str, str], chromium: BrowserContext
) -> None:
    with signed_in(chromium, superset_url, "asia_lead", PASSWORD) as visit:
        contacts = dataset_of(visit, "voice-of-the-customer", "contacts")
        chosen = [{"col": "customer_id", "op": "IN", "val": ["typed-in-a-filter"]}]
        visit.posts("/api/v1/chart/data", data=asked(contacts, columns=["market_code"], filters=chosen))
        visit.runs("select 'typed-in-sql-lab' as x")
        referer = "/superset/dashboard/executive/?native_filters=typed-in-an-address"
        answer = visit.posts("/api/v1/me/", method="PUT", referer=referer, data={"password": PASSWORD})
        assert answer.status == 200
        with visit.page.expect_response(lambda answer: "/superset/log/" in answer.url):
            visit.open("executive")
        recent = visit.page.request.get(f"{superset_url}/api/v1/log/recent_activity/").json()["result"]
    assert "/superset/dashboard/executive/" in {found["item_url"] for found in recent}
    with psycopg.connect(superset_variables["SUPERSET_DATABASE_URL"]) as superset:
        kept = superset.execute("select distinct action, logs::text from logs").fetchall()
    assert {"CurrentUserRestApi.put", "execute_sql"} <= {action for action, _ in kept}
    assert [entry for _, entry in kept if "typed-in" in entry or PASSWORD in entry] == []


def test_words_of_customers_are_shown_and_not_drawn(superset_url: str, chromium: BrowserContext) -> None:
    query = f"select '{WORDS}' as words, array['{WORDS}'] as parts, json_build_object('{WORDS}', '{WORDS}') as both"
    with signed_in(chromium, superset_url, "india_lead", PASSWORD) as visit:
        visit.page.goto(f"{superset_url}/sqllab/?dbid=1&sql={quote(query)}")
        visit.page.get_by_role("button", name="Run", exact=False).first.click()
        visit.page.get_by_text("1 row", exact=True).wait_for()
        visit.page.get_by_role("gridcell").get_by_text("Sign in again").first.wait_for()
        assert visit.page.locator("a[href*='else.example']").count() == 0
        interactions = dataset_of(visit, "voice-of-the-customer", "interactions")
        column = {"expressionType": "SQL", "sqlExpression": f"'{WORDS}'", "label": "words"}
        answer = visit.posts("/api/v1/chart/data", data=asked(interactions, columns=[column], row_limit=1)).json()
    [row] = answer["result"][0]["data"]
    assert ("Sign in again" in row["words"], "<a" in row["words"]) == (True, False)
    # Who chooses what is shown finds it.
    with signed_in(chromium, superset_url, "india_lead", PASSWORD) as visit:
        assert '"is_found": true' in visit.runs(f"select '{row['words']}' = '{WORDS}' as is_found")


def test_of_words_that_are_no_number_superset_keeps_none(
    superset_url: str, superset_variables: dict[str, str], published: Settings, chromium: BrowserContext
) -> None:
    words = ask(published, "select min(text_masked) from bi.fct_interactions where market_code = 'in'")
    with signed_in(chromium, superset_url, "india_lead", PASSWORD) as visit:
        answer = visit.runs("select cast(min(text_masked) as integer) from bi.fct_interactions")
    assert "invalid input syntax for type integer (a value of the data)" in answer
    assert words not in answer
    with psycopg.connect(superset_variables["SUPERSET_DATABASE_URL"]) as superset:
        kept = superset.execute("select error_message from query order by id desc limit 1").fetchall()
    assert words not in str(kept)


@pytest.mark.parametrize(
    ("wanted", "complaint"),
    [
        ("(n || '4915112345678')::integer", "value (a value of the data) is out of"),
        ("to_tsquery('my card ' || n)", "tsquery (a value of the data)"),
        ("nobodys_column", 'column \\"nobodys_column\\"'),
    ],
)
def test_a_complaint_quotes_the_query_alone(
    wanted: str, complaint: str, superset_url: str, chromium: BrowserContext
) -> None:
    with signed_in(chromium, superset_url, "india_lead", PASSWORD) as visit:
        said = "select length(market_code) as n from bi.fct_contacts limit 1"
        assert complaint in visit.runs(f"select {wanted} from ({said}) as said")

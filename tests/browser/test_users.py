"""Who may sign in to the dashboards: the users in `SUPERSET_USERS`, with roles that exist."""

import json
import select
import socket
from pathlib import Path

import httpx
import psycopg
import pytest
from itsdangerous import TimestampSigner
from playwright.sync_api import BrowserContext

from browser_visit import signed_in
from social_crm.local import dashboards
from social_crm.settings import Settings
from worlds.warehouses import ask

PASSWORD = "browser-test"
DASHBOARDS = "/api/v1/dashboard/"


def token_of(url: str, user: str) -> str | None:
    """Sign in and return what Superset gives for it; None if it refuses."""
    given = {"username": user, "password": PASSWORD, "provider": "db", "refresh": False}
    answer = httpx.post(f"{url}/api/v1/security/login", json=given, timeout=60)
    assert answer.status_code in (200, 401), answer.text
    return answer.json().get("access_token")


def named(variables: dict[str, str], roles: dict[str, list[str]], without: str = "") -> dict[str, str]:
    """Return the environment with more users, and without one."""
    users = [user for user in json.loads(variables["SUPERSET_USERS"]) if user["username"] != without]
    users += [{"username": name, "password": PASSWORD, "roles": own} for name, own in roles.items()]
    return {**variables, "SUPERSET_USERS": json.dumps(users)}


def test_whoever_has_no_role_of_a_market_sees_nothing(
    superset_url: str, published: Settings, chromium: BrowserContext
) -> None:
    refusal = "newcomer has no role of a market. Whoever gives access: give one of"
    with signed_in(chromium, superset_url, "newcomer", PASSWORD) as visit:
        visit.page.goto(f"{superset_url}/superset/dashboard/executive/")
        assert refusal in visit.page.locator("body").inner_text()
        answer = visit.page.request.get(f"{superset_url}{DASHBOARDS}")
        assert (answer.status, answer.json()["message"][: len(refusal)]) == (403, refusal)
    slug = "voice-of-the-customer"
    # By a token, which is no session, pages are listed and no row is answered.
    with signed_in(chromium, superset_url, "global_lead", PASSWORD) as visit:
        found = visit.page.request.get(f"{superset_url}/api/v1/dashboard/{slug}/datasets").json()["result"]
    [dataset] = [dataset["id"] for dataset in found if dataset["table_name"] == "contacts"]
    asked = {"datasource": {"id": dataset, "type": "table"}, "queries": [{"columns": ["market_code"], "row_limit": 9}]}
    answers = {}
    for user in ("newcomer", "india_lead"):
        headers = {"Authorization": f"Bearer {token_of(superset_url, user)}"}
        answers[user] = httpx.post(f"{superset_url}/api/v1/chart/data", json=asked, headers=headers, timeout=60).text
    assert '"market_code": "in"' in answers["india_lead"]
    assert '"market_code":' not in answers["newcomer"]
    assert ask(published, "select count(*) from bi.fct_contacts where market_code = 'in'") != "0"


def test_what_the_page_of_the_login_still_asks_signs_nobody_out(superset_url: str) -> None:
    with httpx.Client(base_url=superset_url, timeout=60) as nobody:
        assert "session" in nobody.get("/login/").cookies
        late = [nobody.post("/superset/log/?explode=events", data={"events": "[]"})]
        late += [nobody.get(f"/static/assets/images/{name}.png") for name in ("favicon", "superset-logo-horiz")]
    assert [(answer.status_code, "set-cookie" in answer.headers) for answer in late] == [
        (204, False),
        (200, False),
        (200, False),
    ]


@pytest.mark.parametrize(("path", "status"), [("/superset/log/", 204), ("/api/v1/dashboard/", 302)])
def test_no_answer_comes_before_its_request_is_read(superset_url: str, path: str, status: int) -> None:
    url = httpx.URL(superset_url)
    with socket.create_connection((url.host, url.port), timeout=60) as browser:
        browser.sendall(f"POST {path} HTTP/1.1\r\nHost: warehouse\r\nContent-Length: 9\r\n\r\n".encode())
        assert select.select([browser], [], [], 2)[0] == []
        browser.sendall(b"events=[]")
        assert browser.recv(12).decode() == f"HTTP/1.1 {status}"


def test_whoever_leaves_the_list_is_signed_out_and_whoever_returns_may_sign_in(
    superset_url: str, superset_variables: dict[str, str], chromium: BrowserContext
) -> None:
    with psycopg.connect(superset_variables["SUPERSET_DATABASE_URL"]) as superset:
        superset.execute("update ab_user set active = false where username = 'returned_lead'")
    assert [token_of(superset_url, name) is None for name in ("former_lead", "returned_lead")] == [False, True]
    with signed_in(chromium, superset_url, "former_lead", PASSWORD) as visit:
        assert visit.page.request.get(f"{superset_url}{DASHBOARDS}").status == 200
        dashboards.install(Path(superset_variables["HOME"]), named(superset_variables, {}, without="former_lead"))
        assert visit.page.request.get(f"{superset_url}{DASHBOARDS}").status == 401
    assert [token_of(superset_url, name) is None for name in ("former_lead", "returned_lead")] == [True, False]
    assert token_of(superset_url, "admin")


def test_a_role_that_is_misspelt_is_refused_by_name_and_not_made(
    superset_url: str, superset_variables: dict[str, str]
) -> None:
    variables = named(superset_variables, {"asha": ["BI reader", "bi_inda"], "rao": ["Alpha", "bi_india"]})
    with pytest.raises(RuntimeError, match=r"asha has 'bi_inda', which no row of market_entitlements\.csv names"):
        dashboards.install(Path(superset_variables["HOME"]), variables)
    with psycopg.connect(superset_variables["SUPERSET_DATABASE_URL"]) as superset:
        assert superset.execute("select count(*) from ab_role where name = 'bi_inda'").fetchone() == (0,)
        assert superset.execute("select count(*) from ab_user where username in ('asha', 'rao')").fetchone() == (0,)


def test_whoever_guesses_too_often_is_refused_even_the_right_password(superset_url: str) -> None:
    def guess(password: str, address: str = "127.0.0.1") -> int:
        given = {"username": "Far_Lead", "password": password, "provider": "db"}
        transport = httpx.HTTPTransport(local_address=address)
        with httpx.Client(transport=transport, timeout=60) as client:
            return client.post(f"{superset_url}/api/v1/security/login", json=given).status_code

    assert guess(PASSWORD) == 200
    assert {guess(f"guess {number}") for number in range(10)} == {401}
    assert guess(PASSWORD) == 401
    # Who is elsewhere, or somebody else, is not locked out.
    assert guess(PASSWORD, address="127.0.0.2") == 200
    assert token_of(superset_url, "admin")


@pytest.mark.parametrize(("hours", "status"), [(11, 200), (13, 401)])
def test_a_copied_cookie_is_good_for_a_working_day(
    hours: int, status: int, superset_url: str, superset_variables: dict[str, str], chromium: BrowserContext
) -> None:
    class Earlier(TimestampSigner):
        def get_timestamp(self) -> int:
            return super().get_timestamp() - hours * 3600

    signer = Earlier(superset_variables["SUPERSET_SECRET_KEY"], "cookie-session", key_derivation="hmac")
    with signed_in(chromium, superset_url, "asia_lead", PASSWORD):
        [cookie] = [cookie["value"] for cookie in chromium.cookies() if cookie["name"] == "session"]
    copied = signer.sign(signer.unsign(cookie)).decode()
    answer = httpx.get(f"{superset_url}/api/v1/me/", cookies={"session": copied}, timeout=60)
    assert answer.status_code == status


def test_nobody_chooses_a_short_password(superset_url: str, chromium: BrowserContext) -> None:
    with signed_in(chromium, superset_url, "asia_lead", PASSWORD) as visit:
        for password, status in (("a", 400), (PASSWORD, 200)):
            assert visit.posts("/api/v1/me/", method="PUT", data={"password": password}).status == status

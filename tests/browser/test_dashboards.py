"""What people see: every dashboard whole, numbers that are the warehouse's, and the rows of their markets alone."""

import pytest
from browser_visit import signed_in
from playwright.sync_api import Browser

from social_crm.dashboards.__main__ import DASHBOARDS
from social_crm.database import connect
from social_crm.settings import PROJECT_ROOT, Settings

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
        " / count(*) filter (where outcome <> 'unknown'), 'FM990.0') || '%' from bi.fct_response_gaps",
    ),
    "voice-of-the-customer": ("Contacts", "select count(*) from bi.fct_contacts"),
    "customer-360": (
        "Customers who spoke",
        "select count(distinct customer_id) from bi.fct_interactions where direction = 'inbound'",
    ),
    "work-queue": ("Promises missed", "select count(*) from bi.fct_sla_events where outcome = 'missed'"),
}


def ask(settings: Settings, query: str) -> str:
    with connect(settings.warehouse_admin_url) as admin:
        value = admin.execute(query.encode()).fetchone()[0]  # type: ignore[index]
    return f"{value:,}" if isinstance(value, int) else str(value)


@pytest.mark.parametrize("slug", [dashboard.slug for dashboard in DASHBOARDS])
def test_every_tab_is_drawn_and_a_number_is_the_warehouses(
    slug: str, superset_url: str, published: Settings, chromium: Browser
) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    title, query = ORACLES[slug]
    with signed_in(chromium, superset_url, "global_lead", PASSWORD) as visit:
        visit.open(slug)
        assert ask(published, query) in visit.number(title)
        visit.page.screenshot(path=SCREENSHOTS / f"dashboard-{slug}.png")
        for number in range(visit.tabs()):
            visit.choose_tab(number)
            assert visit.alerts() == []
    assert visit.errors == []


def test_a_market_user_sees_only_their_market(superset_url: str, published: Settings, chromium: Browser) -> None:
    query = "select count(*) from bi.fct_contacts where market_code = 'in'"
    with signed_in(chromium, superset_url, "india_lead", PASSWORD) as visit:
        visit.open("voice-of-the-customer")
        assert ask(published, query) in visit.number("Contacts")
        assert visit.alerts() == []
    assert visit.errors == []
    assert ask(published, query) != ask(published, "select count(*) from bi.fct_contacts")

"""Options that a source does not know, and those that every source declares."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from social_crm.errors import ConnectionUnusable
from social_crm.sources import SOURCES
from social_crm.sources.bluesky import BLUESKY
from social_crm.sources.crm import CRM
from social_crm.sources.model import Connection, Request, Source, Window
from social_crm.sources.numeric_options import number_of
from social_crm.sources.options import refuse_unknown
from social_crm.sources.phone import PHONE
from social_crm.sources.sql.database import zone_of
from social_crm.sources.x import X


@pytest.mark.parametrize(
    ("source", "options", "told"),
    [
        (X, {"account": ["AcmeBank"]}, "connection x_api has no option 'account': did you mean accounts?"),
        (X, {"accounts": [], "page": 9}, "connection x_api has no option 'page': did you mean pages?"),
        # What one source looks back by in days, another does in minutes.
        (BLUESKY, {"lookback_days": 2}, "has no option 'lookback_days': did you mean lookback_minutes?"),
        (CRM, {"Customers": "c"}, "has no option 'Customers': did you mean customers?"),
        (CRM, {"sql": "…"}, "has no option 'sql': there are customers, accounts, lookback_minutes, timezone"),
        (PHONE, {"attempts": 1, "layout": {}}, "has no option 'attempts', 'layout': did you mean layouts?"),
    ],
)
def test_an_unknown_option_is_refused_with_the_nearest_known_one(
    source: Source, options: dict[str, Any], told: str
) -> None:
    with pytest.raises(ConnectionUnusable, match=re.escape(told) + "$"):
        refuse_unknown(f"{source.name}_api", Connection("", options=options), source.options)


@pytest.mark.parametrize("given", ["7 days", "", None, [], -1, 0.5, "0.5", float("inf"), 10**9])
def test_what_is_no_whole_number_within_reason_is_refused_by_its_name(given: Any) -> None:
    window = Window(datetime(2026, 10, 27, tzinfo=UTC), datetime(2026, 10, 28, tzinfo=UTC))
    request = Request(Connection("", options={"lookback_days": given}), window)
    with pytest.raises(ConnectionUnusable, match="option `lookback_days` of the connection must be a whole number"):
        request.looked_back(7)


def test_a_whole_number_is_taken_however_it_is_written() -> None:
    assert [number_of({"a": given}, "a", 9, least=1) for given in (2, "2", 2.0)] == [2, 2, 2]
    assert number_of({}, "a", 9) == 9
    with pytest.raises(ConnectionUnusable, match="from 1 to"):
        number_of({"a": 0}, "a", 9, least=1)


@pytest.mark.parametrize("zone", ["Europe/Nowhere", "", "../etc"])
def test_a_zone_that_there_is_not_is_refused_by_its_name(zone: str) -> None:
    with pytest.raises(ConnectionUnusable, match="option `timezone` of the connection"):
        zone_of(Connection("", options={"timezone": zone}))


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_every_declared_option_is_taken_and_a_port_is_not(source: Source) -> None:
    refuse_unknown(source.name, Connection("", options=source.options), source.options)
    with pytest.raises(ConnectionUnusable, match="has a port, which belongs in its host"):
        refuse_unknown(source.name, Connection("", options={"port": 443}), source.options)


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_the_example_of_a_connection_holds_known_options_alone(source: Source) -> None:
    refuse_unknown(source.name, Connection("", options=source.connection.get("extra", {})), source.options)


def test_a_value_is_never_told() -> None:
    with pytest.raises(ConnectionUnusable) as refused:
        refuse_unknown("x_api", Connection("", secret="canary", options={"token": "canary"}), {})
    assert "canary" not in str(refused.value)

"""The small datasets that filters choose from, and those of the first dashboard."""

from social_crm.dashboards.bundle import DATABASE, VERSION, Asset, Files, asset_id, text_of

Metrics = dict[str, tuple[str, str]]
_PLACES = ["market_code", "market", "region", "brand", "channel", "channel_family"]
_NAMED = """select
    facts.*,
    market.market,
    market.region,
    brand.brand,
    channel.channel,
    channel.channel_family
from bi.{table} as facts
left join bi.dim_market as market on facts.market_code = market.market_code
left join bi.dim_brand as brand on facts.brand_code = brand.brand_code
left join bi.dim_channel as channel on facts.channel_code = channel.channel_code
"""


def files() -> Files:
    """Return the dataset files."""
    places = {
        "markets": ("dim_market", ["market_code", "market", "region"]),
        "brands": ("dim_brand", ["brand_code", "brand"]),
        "channels": ("dim_channel", ["channel_code", "channel", "channel_family"]),
    }
    found = [_dataset(name, f"select * from bi.{table}\n", columns) for name, (table, columns) in places.items()]  # noqa: S608
    found += [
        _fact("case_overview", "fct_conversations", "conversation_id", {
            "conversations": ("count(*)", ",d"),
            "frt_median_minutes": (
                "percentile_cont(0.5) within group (order by frt_customer_calendar_seconds) / 60.0", ",.0f"
            ),
        }),
        _fact("promise_overview", "fct_sla_events", "sla_event_id", {
            "attained_share": ("avg(is_attained::integer)", ".1%"),
            "promises": ("count(*)", ",d"),
        }),
    ]  # fmt: skip
    return {f"datasets/{dataset['table_name']}.yaml": text_of(dataset) for dataset in found}


def _fact(name: str, table: str, key: str, metrics: Metrics) -> Asset:
    return _dataset(name, _NAMED.format(table=table), [key, *_PLACES], "local_date_key", metrics)


def _dataset(
    name: str,
    query: str,
    columns: list[str],
    time: str | None = None,
    metrics: dict[str, tuple[str, str]] | None = None,
) -> Asset:
    return {
        "table_name": name,
        "main_dttm_col": time,
        "catalog": DATABASE,
        "schema": "bi",
        "sql": query,
        "uuid": asset_id("datasets", name),
        "metrics": [
            {"metric_name": metric, "expression": expression, "d3format": form}
            for metric, (expression, form) in (metrics or {}).items()
        ],
        "columns": [
            {"column_name": column, "type": "DATE" if column == time else "TEXT", "is_dttm": column == time}
            for column in ([*columns, time] if time else columns)
        ],
        "version": VERSION,
        "database_uuid": asset_id("databases", DATABASE),
        "is_managed_externally": True,
    }

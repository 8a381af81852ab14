"""The database connection, and the small datasets for filters and headers; those of facts are in datasets.py."""

from social_crm.dashboards.assets import ASSET_VERSION, DATABASE, SCHEMA, asset_uuid, heading, to_yaml
from social_crm.dashboards.semantics import Node

_TABLES = {
    "markets": ("dim_market", ("market_code", "market", "region", "world")),
    "brands": ("dim_brand", ("brand_code", "brand")),
    "channels": ("dim_channel", ("channel_code", "channel", "channel_family", "site_type")),
    "publications": (
        "publications",
        ("publication_id", "as_of:TIMESTAMP", "published_at:TIMESTAMP", "is_full_refresh", "refresh_reason",
         "load_count", "interaction_count", "conversation_count"),
    ),
    "customers": (
        "dim_customer",
        ("customer_key", "customer_id", "market_code", "segment", "tier", "status", "industry", "lifetime_value_usd",
         "is_current", "customer_since:TIMESTAMP"),
    ),
}  # fmt: skip


def files() -> dict[str, str]:
    """Return the files by their path below `bi/`."""
    database = {
        "database_name": DATABASE,
        # Neither host nor password: superset_config.py inserts those of the environment.
        "sqlalchemy_uri": f"postgresql+psycopg2://bi_reader@warehouse.invalid/{DATABASE}",
        "cache_timeout": None,
        "expose_in_sqllab": True,
        "allow_run_async": False,
        "allow_ctas": False,
        "allow_cvas": False,
        "allow_dml": False,
        "allow_csv_upload": False,
        "extra": {"allows_virtual_table_explore": True, "schemas_allowed_for_csv_upload": []},
        "uuid": asset_uuid("databases", DATABASE),
        "version": ASSET_VERSION,
        "is_managed_externally": True,
    }
    return {
        "metadata.yaml": to_yaml({"version": ASSET_VERSION, "type": "assets"}),
        f"databases/{DATABASE}.yaml": to_yaml(database),
        **{f"datasets/places/{name}.yaml": to_yaml(_dataset(name, *table)) for name, table in _TABLES.items()},
    }


def _dataset(name: str, table: str, columns: tuple[str, ...]) -> Node:
    described = [
        {
            "column_name": column,
            "verbose_name": heading(column),
            "type": kind or "TEXT",
            "is_dttm": kind == "TIMESTAMP",
            "groupby": True,
        }
        for column, _, kind in (text.partition(":") for text in columns)
    ]
    return {
        "table_name": name,
        "catalog": DATABASE,
        "schema": SCHEMA,
        "sql": f"select * from {SCHEMA}.{table}",  # noqa: S608
        "uuid": asset_uuid("datasets", name),
        "metrics": [{"metric_name": "rows", "verbose_name": "Rows", "expression": "COUNT(*)", "d3format": ",d"}],
        "columns": described,
        "version": ASSET_VERSION,
        "database_uuid": asset_uuid("databases", DATABASE),
        "is_managed_externally": True,
    }

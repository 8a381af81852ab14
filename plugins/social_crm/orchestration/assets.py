"""What DAGs produce and wait for, under the names that the lineage graph shows."""

from airflow.sdk import Asset

BI = Asset(name="bi", uri="x-warehouse://bi")


def source_asset(source: str) -> Asset:
    """Return the system outside the warehouse that a source is read from."""
    return Asset(name=f"{source}_api", uri=f"x-warehouse://source/{source}")


def raw_asset(source: str) -> Asset:
    """Return the raw tables of a source."""
    return Asset(name=f"raw_{source}", uri=f"x-warehouse://raw/{source}")

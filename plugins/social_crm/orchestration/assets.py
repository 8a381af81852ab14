"""What DAGs produce and wait for, with the names that the lineage graph shows."""

from airflow.sdk import Asset

BI = Asset(name="bi", uri="x-warehouse://bi")


def source_asset(source: str) -> Asset:
    """Return the system outside the warehouse from which a source is read."""
    return Asset(name=f"{source}_api", uri=f"x-warehouse://source/{source}")


def raw_asset(source: str) -> Asset:
    """Return the raw tables of a source."""
    return Asset(name=f"raw_{source}", uri=f"x-warehouse://raw/{source}")

"""A Great Expectations context on the warehouse, and the Data Docs that show the latest check of each table."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import psycopg

from social_crm.database import LOCK, MAY_IDLE
from social_crm.errors import WarehouseFailed
from social_crm.quality.suites import not_checked

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuiteValidationResult
    from great_expectations.data_context.data_context.abstract_data_context import AbstractDataContext
    from great_expectations.datasource.fluent.interfaces import Batch
    from great_expectations.datasource.fluent.postgres_datasource import PostgresDatasource


class Inspector:
    """Runs suites against the warehouse in a read-only session and writes Data Docs."""

    def __init__(self, context: "AbstractDataContext", datasource: "PostgresDatasource", docs_dir: Path) -> None:
        """Keep what `inspector` has opened."""
        self._context, self._datasource, self._docs_dir = context, datasource, docs_dir

    def batch(self, name: str, rows: str) -> "Batch":
        """Return the rows of a query as a batch for validation."""
        # The library only accepts queries that begin with `select`, but suites may begin with `with`.
        query = f"select * from ({rows}) as checked"  # noqa: S608
        with _reaching_the_warehouse():
            asset = self._datasource.add_query_asset(name, query=query)
            return asset.add_batch_definition_whole_table("rows").get_batch()

    def write_docs(
        self,
        warehouse: psycopg.Connection,
        validations: Mapping[str, "ExpectationSuiteValidationResult"],
        run_name: str,
        run_time: datetime,
    ) -> None:
        """Replace the pages of these suites and the index; only one process at a time, because all share the folder."""
        from great_expectations.core.run_identifier import RunIdentifier
        from great_expectations.data_context.types.resource_identifiers import (
            ExpectationSuiteIdentifier,
            ValidationResultIdentifier,
        )

        run = RunIdentifier(run_name, run_time)
        with warehouse.transaction():
            warehouse.execute(LOCK, ["social_crm.data_docs"])
            keys = []
            for name, validation in validations.items():
                for folder in ("validations", ".results"):
                    shutil.rmtree(self._docs_dir / folder / Path(*name.split(".")), ignore_errors=True)
                key = ValidationResultIdentifier(ExpectationSuiteIdentifier(name), run, name)
                validation.suite_name = name
                validation.meta["run_id"] = run
                self._context.validation_results_store.set(key, validation)
                keys.append(key)
            self._context.build_data_docs(resource_identifiers=keys)


@contextmanager
def _reaching_the_warehouse() -> Iterator[None]:
    """Say in our own words that the library could not open a session, because its message may repeat the URL."""
    from great_expectations.datasource.fluent.interfaces import TestConnectionError
    from sqlalchemy.exc import OperationalError

    try:
        yield
    except (TestConnectionError, OperationalError) as error:
        raise WarehouseFailed(
            not_checked(f"no session could be opened ({type(error.__cause__ or error).__name__})")
        ) from None


@contextmanager
def inspector(warehouse_url: str, docs_dir: Path) -> Iterator[Inspector]:
    """Open an inspector; its session is read-only, because suites are SQL that anyone may edit."""
    import great_expectations as gx
    from great_expectations.data_context.types.base import DataContextConfig

    context = gx.get_context(mode="ephemeral", project_config=DataContextConfig(**_context_config(docs_dir)))
    # A dollar sign would be taken for the start of a variable's name.
    url = warehouse_url.replace("postgresql://", "postgresql+psycopg://", 1).replace("$", "%24")
    options = f"options={quote(f'{MAY_IDLE} -c default_transaction_read_only=on')}"
    with _reaching_the_warehouse():
        datasource = context.data_sources.add_postgres(
            "warehouse", connection_string=f"{url}{'&' if '?' in url else '?'}{options}"
        )
    try:
        yield Inspector(context, datasource, docs_dir)
    finally:
        datasource.get_engine().dispose()


def _context_config(docs_dir: Path) -> dict[str, Any]:
    def store(class_name: str, backend: dict[str, str] | None = None) -> dict[str, Any]:
        return {"class_name": class_name, "store_backend": backend or {"class_name": "InMemoryStoreBackend"}}

    def folder(path: Path) -> dict[str, str]:
        return {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(path)}

    return {
        "stores": {
            "expectations": store("ExpectationsStore"),
            "validation_results": store("ValidationResultsStore", folder(docs_dir / ".results")),
            "checkpoints": store("CheckpointStore"),
            "validation_definition_store": store("ValidationDefinitionStore"),
        },
        "expectations_store_name": "expectations",
        "validation_results_store_name": "validation_results",
        "checkpoint_store_name": "checkpoints",
        "data_docs_sites": {
            "site": {
                "class_name": "SiteBuilder",
                "site_name": "Data Docs",
                "show_how_to_buttons": False,
                "store_backend": folder(docs_dir),
                "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
            }
        },
        "progress_bars": {"globally": False},
        "analytics_enabled": False,
    }

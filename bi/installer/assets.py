"""The import of the asset files, and the removal of what is no longer among them."""

from typing import Any

import yaml
from superset import db
from superset.commands.exceptions import CommandInvalidError
from superset.commands.importers.v1.assets import ImportAssetsCommand
from superset.connectors.sqla.models import SqlaTable
from superset.models.dashboard import Dashboard
from superset.models.slice import Slice

KINDS = (("dashboards/", Dashboard), ("charts/", Slice), ("datasets/", SqlaTable))


def import_bundle(bundle: dict[str, str], periods: dict[str, str]) -> list[str]:
    """Import every file, or none; returns what Superset refuses. `periods`: what to open with instead of what."""
    contents = {name: _with_period(name, text, periods) for name, text in bundle.items()}
    try:
        ImportAssetsCommand(contents).run()
    except Exception as error:
        cause = error.__cause__ or error
        if isinstance(cause, CommandInvalidError):
            parts = cause.normalized_messages().values()
            return [_line(name, fields) for part in parts for name, fields in _items(part)]
        return [f"{type(cause).__name__}: {cause}"]
    _remove_others(contents)
    return []


def _with_period(name: str, text: str, periods: dict[str, str]) -> str:
    """Give a dashboard another period to open with."""
    if not periods or not name.startswith("dashboards/"):
        return text
    dashboard = yaml.safe_load(text)
    for choice in dashboard["metadata"]["native_filter_configuration"]:
        if choice["filterType"] == "filter_time":
            period = choice["defaultDataMask"]["filterState"]["value"]
            period = periods.get(period, period)
            choice["defaultDataMask"] = {"extraFormData": {"time_range": period}, "filterState": {"value": period}}
    return yaml.safe_dump(dashboard, sort_keys=False)


def _remove_others(contents: dict[str, str]) -> None:
    for folder, model in KINDS:
        kept = {yaml.safe_load(text)["uuid"] for name, text in contents.items() if name.startswith(folder)}
        for found in db.session.query(model).filter_by(is_managed_externally=True).all():
            if str(found.uuid) not in kept:
                db.session.delete(found)
    db.session.commit()


def _items(messages: Any) -> list[tuple[str, Any]]:
    return list(messages.items()) if isinstance(messages, dict) else [("", messages)]


def _line(name: str, fields: Any) -> str:
    return f"{name}: {fields}"

"""What must be in the environment, and what only who prepares the warehouse needs."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from social_crm.database.preparation import prepare
from social_crm.settings import SettingMissing, Settings, environment, load_settings

ROLES = ("WAREHOUSE_LOADER_URL", "WAREHOUSE_TRANSFORMER_URL", "WAREHOUSE_READER_URL", "WAREHOUSE_PSEUDONYM_KEY")


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ROLES:
        monkeypatch.setenv(name, "given")
    for name in ("WAREHOUSE_ADMIN_URL", "WAREHOUSE_BI_SECRET"):
        monkeypatch.delenv(name, raising=False)
    load_settings.cache_clear()
    yield
    load_settings.cache_clear()


def test_a_worker_needs_no_administrator_and_cannot_prepare_without_one() -> None:
    settings = load_settings()
    assert settings.warehouse_admin_url == ""
    with pytest.raises(SettingMissing, match="WAREHOUSE_ADMIN_URL is not set"):
        prepare(settings, ())
    with pytest.raises(SettingMissing, match="WAREHOUSE_BI_SECRET is not set"):
        prepare(replace(settings, warehouse_admin_url="postgresql://postgres@nowhere/warehouse"), ())


def test_settings_survive_the_way_through_the_environment() -> None:
    given = Settings("admin", "loader", "transformer", "reader", "key", Path("docs"), Path("target"), "secret")
    with environment(given.as_environment()):
        load_settings.cache_clear()
        assert load_settings() == given


@pytest.mark.parametrize("name", ROLES)
def test_every_other_part_of_the_environment_is_required(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "")
    with pytest.raises(SettingMissing, match=f"{name} is not set"):
        load_settings()

"""What rows of history follow from: models and seeds behind incremental ones, with their macros, comments not."""

from pathlib import Path
from unittest.mock import Mock

import pytest

from social_crm.errors import TransformRefused
from social_crm.settings import Settings
from social_crm.transform import dbt_runner
from social_crm.transform.definitions import definitions, record

PROJECT = {
    "dbt_project.yml": "name: shop\nprofile: shop\nvars: {business_horizon: [2010, 2035], sources: [mail]}\n",
    "profiles.yml": "shop: {target: dev, outputs: {dev: {type: postgres, host: h, port: 1, user: u, pass: p, dbname: d,"
    " schema: s, threads: 1}}}",
    # More than 1 MiB, of which dbt itself looks at the path alone.
    "seeds/targets.csv": "market,hours\n" + 300_000 * "us,4\n",
    "seeds/colours.csv": "market,colour\nus,red\n",
    "seeds/accounts.csv": "source,account,brand\nmail,help@,one\nphone,1,one\nmail,news@,two\n",
    "macros/hours.sql": "{% macro hours(n) %}{{ seconds(n) }} * 3600{% endmacro %}",
    "macros/seconds.sql": "{% macro seconds(n) %}{{ n }}{% endmacro %}",
    "models/waits.sql": "select market, {{ hours(2) }} as waited from {{ ref('targets') }}, {{ ref('accounts') }}",
    # What stands in a branch that dbt does not take while it parses is called all the same.
    "models/kept.sql": "{{ config(materialized='incremental') }}\nselect * from {{ ref('waits') }}"
    "{% if load_relation(this) %} limit {{ most() }}{% endif %}",
    "macros/most.sql": "{% macro most() %}7{% endmacro %}",
    "models/shown.sql": "select * from {{ ref('kept') }} inner join {{ ref('colours') }} using (market)",
}
NOWHERE = "postgresql://nobody:nothing@127.0.0.1:1/nowhere"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write a dbt project of one incremental model, and make it ours."""
    for name, text in PROJECT.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    settings = Settings("", NOWHERE, NOWHERE, NOWHERE, "none", tmp_path, tmp_path / "target")
    monkeypatch.setattr(dbt_runner, "load_settings", lambda: settings)
    monkeypatch.setattr(dbt_runner, "DBT_PROJECT_DIR", tmp_path)
    return tmp_path


def test_history_follows_from_what_incremental_models_read(project: Path) -> None:
    found = definitions(dbt_runner.read_project())
    assert sorted(found) == [
        "accounts of mail", "accounts of phone", "business_horizon", "kept", "pseudonyms.sql", "targets", "texts.sql",
        "waits",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "text", "changed"),
    [
        ("seeds/targets.csv", "market,hours\n" + 300_000 * "us,2\n", {"targets"}),
        ("seeds/colours.csv", "market,colour\nus,blue\n", set()),
        ("seeds/accounts.csv", PROJECT["seeds/accounts.csv"].replace("1,one", "1,two"), {"accounts of phone"}),
        ("macros/seconds.sql", "{% macro seconds(n) %}{{ n + 1 }}{% endmacro %}", {"waits"}),
        ("macros/most.sql", "{% macro most() %}8{% endmacro %}", {"kept"}),
        ("dbt_project.yml", PROJECT["dbt_project.yml"].replace("2035", "2045"), {"business_horizon"}),
        ("dbt_project.yml", PROJECT["dbt_project.yml"].replace("mail", "phone"), set()),
        ("models/kept.sql", f"-- Said.\n{{# And\nmore. #}}{PROJECT['models/kept.sql'].replace(' * ', '  *  ')}", set()),
        ("models/kept.sql", PROJECT["models/kept.sql"] + " where market <> 'us'", {"kept"}),
        ("models/shown.sql", "select * from {{ ref('kept') }}", set()),
    ],
    ids=[
        "seed",
        "other seed",
        "seed of sources",
        "macro of a macro",
        "macro in a branch",
        "horizon",
        "sources",
        "comments",
        "model",
        "report",
    ],
)
def test_an_edit_changes_what_it_is_about(project: Path, file: str, text: str, changed: set[str]) -> None:
    usual = definitions(dbt_runner.read_project())
    (project / file).write_text(text)
    assert {name for name, one in definitions(dbt_runner.read_project()).items() if one != usual[name]} == changed


def test_files_that_change_while_they_are_read_are_noted_under_no_version(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_while_somebody_saves() -> object:
        (project / "seeds/colours.csv").write_text("market,colour\nus,blue\n")
        return read()

    read = dbt_runner.read_project
    monkeypatch.setattr(dbt_runner, "read_project", read_while_somebody_saves)
    warehouse = Mock()
    warehouse.execute.return_value.fetchone.return_value = None
    with pytest.raises(TransformRefused, match="changed while they were read"):
        record(warehouse, dbt_runner.project_version())
    assert warehouse.execute.call_count == 1  # asked whether the version is known, and wrote nothing
    monkeypatch.setattr(dbt_runner, "read_project", read)
    record(warehouse, dbt_runner.project_version())
    assert warehouse.execute.call_count == 3

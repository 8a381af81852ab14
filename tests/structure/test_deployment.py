"""The production topology, as far as a machine without a Docker engine can check it."""

import json
import os
import re
import shutil
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jsonschema
import pytest
import yaml

from social_crm.local.postgres import CLUSTER_OPTIONS

ROOT = Path(__file__).resolve().parents[2]
COMPOSE_TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE = yaml.safe_load(COMPOSE_TEXT)
SERVICES = COMPOSE["services"]
SETTINGS = ROOT / "plugins/social_crm/settings.py"
DOCKERFILES = ("Dockerfile", "bi/Dockerfile")
SCRIPTED = [name for name, service in SERVICES.items() if service.get("entrypoint") == ["bash", "-euc"]]
SECRETS = re.compile(r"PASSWORD|SECRET|KEY")


def test_the_file_follows_the_compose_schema() -> None:
    # schema/compose-spec.json of github.com/compose-spec/compose-spec at 170098b (Apache-2.0).
    schema = json.loads((ROOT / "tests/fixtures/compose/compose-spec.json").read_text())
    errors = jsonschema.Draft7Validator(schema).iter_errors(COMPOSE)
    assert [f"{list(error.path)}: {error.message}" for error in errors] == []


def test_no_secret_has_a_default() -> None:
    variables = re.findall(r"\$\{([A-Z_]+)(:?[-?][^}]*)?\}", COMPOSE_TEXT)
    required = {name for name, rule in variables if rule.startswith(":?")}
    lax = {name for name, _ in variables if SECRETS.search(name)} - required
    assert required
    assert lax == set()


def test_every_variable_is_explained_in_the_example() -> None:
    variables = set(re.findall(r"(?<!\$)\$\{([A-Z_]+)", COMPOSE_TEXT))
    for reader in ("plugins/social_crm/settings.py", "bi/superset_config.py", "bi/install.py"):
        variables |= set(re.findall(r'"((?:WAREHOUSE|SUPERSET)_[A-Z_]+|CHROMIUM)"', (ROOT / reader).read_text()))
    explained = set(re.findall(r"^#? ?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.M))
    assert variables - explained == set()


def test_what_the_example_offers_reaches_a_service() -> None:
    offered = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.M))
    assert offered - set(re.findall(r"(?<!\$)\$\{([A-Z_]+)", COMPOSE_TEXT)) == set()


def test_what_the_package_reads_reaches_the_workers() -> None:
    read = set(re.findall(r'"((?:WAREHOUSE|SUPERSET)_[A-Z_]+|CHROMIUM)"', SETTINGS.read_text()))
    # The migration alone administers; the demo's story ends; the image has its browser where it is looked for.
    elsewhere = {"WAREHOUSE_ADMIN_URL", "WAREHOUSE_BI_SECRET", "WAREHOUSE_LAST_INGEST_DATE", "CHROMIUM"}
    assert elsewhere < read
    assert read - elsewhere - set(SERVICES["worker"]["environment"]) == set()


def test_no_more_tasks_run_at_once_than_workers_have_slots() -> None:
    slots = SERVICES["worker"]["command"][-1]
    assert slots.startswith("${WORKER_SLOTS:-")
    assert {
        service["environment"]["AIRFLOW__CORE__PARALLELISM"]
        for service in SERVICES.values()
        if "AIRFLOW__CORE__EXECUTOR" in service.get("environment", {})
    } == {slots}


def test_only_the_migration_may_administer_the_warehouse() -> None:
    holders = {name for name, service in SERVICES.items() if "WAREHOUSE_ADMIN_URL" in service.get("environment", {})}
    assert holders == {"migrate"}


def test_no_secret_is_a_word_of_a_command() -> None:
    texts = {name: f"{service.get('command')}{service.get('healthcheck')}" for name, service in SERVICES.items()}
    texts |= {name: config["content"] for name, config in COMPOSE["configs"].items()}
    # Redis puts its name in their place.
    assert [name for name, text in texts.items() if re.search(r"\$\{?\w*(PASSWORD|SECRET|KEY)", text)] == ["redis"]


def test_texts_have_the_order_of_the_demo_and_the_tests() -> None:
    arguments = SERVICES["postgres"]["environment"]["POSTGRES_INITDB_ARGS"].split()
    assert arguments == [option for option in CLUSTER_OPTIONS if "checksums" not in option]


def test_images_are_pinned() -> None:
    images = [service["image"] for service in SERVICES.values()]
    bases = [re.search(r"^FROM (\S+)", (ROOT / name).read_text(), re.M) for name in DOCKERFILES]
    images += [base.group(1) for base in bases if base]
    assert len(images) == len(SERVICES) + len(DOCKERFILES)
    assert [image for image in images if not re.search(r":\d+\.\d+", image)] == []


def test_superset_serves_the_host_alone_and_knows_the_reader_alone() -> None:
    superset, install = SERVICES["superset"], SERVICES["superset-install"]
    assert superset["ports"] == ["127.0.0.1:8088:8088"]
    assert superset["environment"] == install["environment"]
    assert {name for name in superset["environment"] if name.startswith("WAREHOUSE_")} == {
        "WAREHOUSE_READER_URL", "WAREHOUSE_BI_SECRET",
    }  # fmt: skip
    # What its configuration and installation read, and nothing that they do not.
    read = {
        name
        for file in ("superset_config.py", "install.py", "installer/access.py")
        for name in re.findall(r'environ(?:\.get\(|\[)"([A-Z_]+)"', (ROOT / "bi" / file).read_text())
    }
    assert set(superset["environment"]) == read
    assert superset["depends_on"]["superset-install"] == {"condition": "service_completed_successfully"}


def test_services_depend_on_services_and_volumes_that_exist() -> None:
    for service in SERVICES.values():
        assert set(service.get("depends_on", {})) <= set(SERVICES)
        volumes = [re.sub(r"\$\{[^}]*\}", "/host", volume) for volume in service.get("volumes", [])]
        named = {volume.split(":")[0] for volume in volumes if not volume.startswith("/")}
        assert named <= set(COMPOSE["volumes"])


def test_every_path_copied_into_the_image_exists() -> None:
    for dockerfile in DOCKERFILES:
        sources = [line.split()[1:-1] for line in re.findall(r"^COPY .*", (ROOT / dockerfile).read_text(), re.M)]
        assert sources, dockerfile
        assert [path for paths in sources for path in paths if not (ROOT / path).exists()] == [], dockerfile


def test_what_is_copied_into_an_image_is_sent_to_the_builder_and_no_secret_is() -> None:
    ignored = (ROOT / ".dockerignore").read_text().split("\n")
    copied = {
        path
        for dockerfile in DOCKERFILES
        for line in re.findall(r"^COPY .*", (ROOT / dockerfile).read_text(), re.M)
        for path in line.split()[1:-1]
    }
    assert [path for path in copied if any(part in ignored for part in (path, path.split("/")[0]))] == []
    assert {".env", ".git", "var", "dbt_project/target", "dbt_project/logs"} <= set(ignored)


def test_both_images_are_built_from_hashed_locks_and_superset_from_the_one_of_its_own() -> None:
    for dockerfile, lock in zip(DOCKERFILES, ("requirements-production.lock", "bi/requirements.lock"), strict=True):
        assert re.search(rf"--require-hashes -r \S*/{lock}$", (ROOT / dockerfile).read_text(), re.M), dockerfile
    server = re.search(r"^CMD \[\"(\w+)\"", (ROOT / "bi/Dockerfile").read_text(), re.M)
    assert server
    assert f"\n{server.group(1)}==" in (ROOT / "bi/requirements.lock").read_text()


def script_of(name: str) -> str:
    """Return what the shell of a scripted service gets."""
    return str(SERVICES[name]["command"][0]).replace("$$", "$")


def production_airflow() -> str:
    """Return an Airflow with the production extras, or skip: `.ci/run` makes one."""
    candidate = ROOT / "var/production/bin/airflow"
    if not candidate.exists():
        pytest.skip("var/production is absent: `.ci/run` installs requirements-production.lock there")
    return str(candidate)


@pytest.mark.parametrize(
    "name", [name for name, service in SERVICES.items() if service.get("build") == "." and name not in SCRIPTED]
)
def test_every_airflow_command_exists(name: str, tmp_path: Path) -> None:
    words = [word for word in SERVICES[name]["command"] if not word.startswith("-") and not word.isdigit()]
    environment = {"AIRFLOW_HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    command = [production_airflow(), *words, "--help"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr[-500:]


def test_what_tells_the_workers_and_what_a_worker_runs_can_be_imported(tmp_path: Path) -> None:
    # Help is printed without either: a Celery that is newer than Airflow's provider knows would pass.
    executor = SERVICES["scheduler"]["environment"]["AIRFLOW__CORE__EXECUTOR"]
    environment = {"AIRFLOW_HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "AIRFLOW__CORE__EXECUTOR": executor}
    load = "from airflow.executors.executor_loader import ExecutorLoader; ExecutorLoader.init_executors()"
    run = "from airflow.providers.celery.executors.celery_executor import app; app.loader.import_default_modules()"
    python = Path(production_airflow()).with_name("python")
    done = subprocess.run([python, "-c", f"{load}; {run}"], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr[-500:]


def test_the_image_has_the_libraries_of_the_browsers_driver() -> None:
    driver = next(Path(production_airflow()).parents[1].glob("lib/*/site-packages/playwright/driver/node"))
    linked = subprocess.run(["ldd", driver], capture_output=True, text=True, check=True).stdout
    of_libc = {"libc.so.6", "libdl.so.2", "libm.so.6", "libpthread.so.0", "librt.so.1"}
    # Debian calls a package by its library; apt itself, and so the base image, has two of them.
    wanted = {
        name.replace(".so.", "").replace("_", "-")
        for name in re.findall(r"^\s*(lib\S+)", linked, re.M)
        if name not in of_libc
    }
    added = re.search(r"--no-install-recommends (.*?) &&", (ROOT / "Dockerfile").read_text())
    assert added
    assert wanted - {"libgcc-s1", "libstdc++6", *added.group(1).split()} == set()


@pytest.mark.parametrize("name", SCRIPTED)
def test_a_scripted_service_is_valid_shell(name: str) -> None:
    bash = shutil.which("bash")
    assert bash
    assert subprocess.run([bash, "-n"], input=script_of(name), text=True, capture_output=True).returncode == 0


def test_the_migration_prepares_the_warehouse() -> None:
    assert "python -m social_crm.database" in script_of("migrate")


def test_tidying_takes_logs_that_are_old_and_asks_airflow_for_the_rest(tmp_path: Path) -> None:
    old, new, folder = tmp_path / "run/old.log", tmp_path / "run/new.log", tmp_path / "empty"
    for log in (old, new):
        log.parent.mkdir(exist_ok=True)
        log.touch()
    folder.mkdir()
    for path, days in ((old, 91), (folder, 2)):
        then = time.time() - days * 86_400 - 60
        os.utime(path, (then, then))
    # Stand-ins: of Airflow, one that says what it was asked; of a day's sleep, one that ends the loop.
    script = f'airflow() {{ echo "$@"; return 1; }}\nsleep() {{ exit 0; }}\n{script_of("tidy")}'
    script = script.replace("/opt/airflow/logs", str(tmp_path))
    days = SERVICES["tidy"]["environment"]["KEPT_DAYS"].strip("${}").partition(":-")[2]
    environment = {"PATH": "/usr/bin:/bin", "KEPT_DAYS": days}
    done = subprocess.run(["bash", "-euc", script], capture_output=True, text=True, env=environment, check=True)
    asked = re.search(r"^db clean --yes --skip-archive --clean-before-timestamp (\S+)$", done.stdout, re.M)
    assert asked
    kept = datetime.now(UTC) - datetime.fromisoformat(asked.group(1))
    assert timedelta(days=90) <= kept < timedelta(days=90, minutes=1)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["new.log", "run"]


def test_every_service_but_postgres_has_a_limit_of_memory_and_all_have_one_of_what_they_print() -> None:
    assert {name for name, service in SERVICES.items() if "mem_limit" not in service} == {"postgres"}
    assert [name for name, service in SERVICES.items() if "max-size" not in service["logging"]["options"]] == []

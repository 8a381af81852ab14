"""What dbt is told of the warehouse, and by which way."""

import os
import shlex
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from dbt_common.exceptions import CompilationError

from social_crm.errors import WarehouseFailed
from social_crm.settings import Settings, environment
from social_crm.transform import dbt_runner
from social_crm.transform.dbt_runner import ModelFailed, dbt_environment, project_version, reason_of

URL = "postgresql://trans%40former:p%3Aw%2Fd@db.example:6543/ware%20house"
SETTINGS = Settings(URL, URL, URL, URL, "key", Path("docs"), Path("target"))


def test_the_parts_of_the_url_reach_dbt_unquoted() -> None:
    given = dbt_environment(SETTINGS)
    assert given["WAREHOUSE_HOST"] == "db.example"
    assert given["WAREHOUSE_PORT"] == "6543"
    assert given["WAREHOUSE_DBNAME"] == "ware house"
    assert given["WAREHOUSE_USER"] == "trans@former"
    assert given["DBT_ENV_SECRET_WAREHOUSE_PASSWORD"] == "p:w/d"


@pytest.mark.parametrize("key", ["plain", "two words", "back\\slash", " \\ "])
def test_a_key_of_any_characters_is_one_session_setting(key: str) -> None:
    options = dbt_environment(replace(SETTINGS, pseudonym_key=key))["PGOPTIONS"]
    # libpq's rules for these options are the shell's, as far as blanks and backslashes go.
    limits = ["-c", "idle_in_transaction_session_timeout=0", "-c", "idle_session_timeout=0"]
    assert shlex.split(options) == ["-c", f"social_crm.pseudonym_key={key}", *limits, "-c", "jit=off"]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ('invalid input syntax for type numeric: "hello"', "invalid input syntax for type numeric: …"),
        ('invalid input syntax for type json: "say "hello" now', "invalid input syntax for type json: …"),
        ('date out of range: "column "hello""', "date out of range: …"),
        ("Key (email)=(hello) already exists", "Key …"),
        ('duplicate key value violates unique constraint "pk_1"\n  DETAIL:  Key (email)=(hello)',
         "duplicate key value violates unique constraint pk_1"),
        ('null value in column "a_1" of relation "b" violates not-null constraint\n  DETAIL:  Failing row (hello)',
         "null value in column a_1 of relation b violates not-null constraint"),
        ('could not extend file "base/5/1_fsm": No space left on device\n  HINT:  Check free disk space.',
         "could not extend file base/5/1_fsm: No space left on device"),
        ('column "x.y" does not exist\n  LINE 3: select hello\n  CONTEXT:  hello', "column x.y does not exist"),
    ],
)  # fmt: skip
def test_a_message_of_postgres_keeps_names_of_ours_and_no_value(said: str, kept: str) -> None:
    head = "Database Error in model m (models/m.sql)"
    assert reason_of(f"{head}\n  {said}\n  compiled code at target/m.sql") == f"{head}: {kept}"
    assert reason_of(f"Encountered an error:\n{head}\n  {said}") == f"{head}: {kept}"


def test_a_message_of_dbt_itself_is_kept_whole() -> None:
    message = "Compilation Error in model m (models/m.sql)\n  'nowhere' is undefined"
    assert reason_of(message) == "Compilation Error in model m (models/m.sql)\n'nowhere' is undefined"


def test_what_dbt_writes_when_run_by_hand_is_no_new_version_of_the_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dbt_runner, "DBT_PROJECT_DIR", tmp_path)
    versions = []
    for name in ("models/target/m.sql", "target/compiled/m.sql", "logs/m.sql", "seeds/s.csv"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).touch()
        versions.append(project_version())
    written, compiled, logged, seeded = versions
    assert written == compiled == logged != seeded


def test_the_environment_is_put_back_even_after_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGOPTIONS", "before")
    monkeypatch.delenv("WAREHOUSE_HOST", raising=False)

    def fail() -> None:
        with environment({"PGOPTIONS": "during", "WAREHOUSE_HOST": "db"}):
            assert os.environ["WAREHOUSE_HOST"] == "db"
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert os.environ["PGOPTIONS"] == "before"
    assert "WAREHOUSE_HOST" not in os.environ


@pytest.mark.parametrize(
    ("statuses", "is_hopeless"), [(["fail"], True), (["error", "fail"], True), (["error"], False)], ids=str
)
def test_rows_that_a_test_refuses_are_not_tried_again_and_what_could_not_be_asked_is(
    statuses: list[str], is_hopeless: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = SimpleNamespace(name="unique_markets", original_file_path="seeds/markets.yml")
    results = [SimpleNamespace(node=node, status=status, message="Got 1 result") for status in statuses]
    answer = SimpleNamespace(result=SimpleNamespace(results=results), exception=None, success=False)
    monkeypatch.setattr("dbt.cli.main.dbtRunner", lambda: SimpleNamespace(invoke=lambda _: answer))
    with pytest.raises(ModelFailed, match=r"unique_markets \(seeds/markets.yml\): Got 1 result") as refused:
        dbt_runner.run_dbt(["test"], replace(SETTINGS, dbt_target_dir=tmp_path))
    assert refused.value.is_hopeless is is_hopeless


@pytest.mark.parametrize(
    "said",
    [
        "server closed the connection unexpectedly",
        "SSL connection has been closed unexpectedly",
        "SSL SYSCALL error: EOF detected",
        "could not receive data from server: Connection reset by peer",
        "terminating connection due to administrator command",
        'could not extend file "base/5/16401": No space left on device',
        'temporary file size exceeds "temp_file_limit" (1024kB)',
        "canceling statement due to user request",
        'connection to server at "127.0.0.1", port 5432 failed: FATAL:  too many connections for role "transformer"',
    ],
)
def test_what_the_server_lacks_is_laid_on_no_model(said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    node = SimpleNamespace(name="dim_team", original_file_path="models/dim_team.sql")
    told = f"Database Error in model dim_team (models/dim_team.sql)\n  {said}"
    victim = SimpleNamespace(name="victim", original_file_path="v.sql")
    why = ("connection already closed", "current transaction is aborted, commands ignored")
    results = [
        *(SimpleNamespace(node=victim, status="error", message=f"Database Error\n  {each}") for each in why),
        SimpleNamespace(node=node, status="error", message=told),
    ]
    answers = [
        SimpleNamespace(result=SimpleNamespace(results=results), exception=None, success=False),
        SimpleNamespace(result=None, exception=RuntimeError(f"Database Error\n  {said}"), success=False),
    ]
    for answer in answers:
        monkeypatch.setattr("dbt.cli.main.dbtRunner", lambda answer=answer: SimpleNamespace(invoke=lambda _: answer))
        with pytest.raises(WarehouseFailed, match="No model is at fault") as refused:
            dbt_runner.run_dbt(["run"], replace(SETTINGS, dbt_target_dir=tmp_path))
        assert said.partition('"')[0].strip() in str(refused.value)
        assert "victim" not in str(refused.value)


@pytest.mark.parametrize("is_parsed_before", [True, False])
def test_what_dbt_parsed_of_a_former_version_does_not_stand_in_the_way_of_this_one(
    is_parsed_before: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As dbt does after an upgrade by which a unit test moved to another file.
    parsed, refusal = tmp_path / "partial_parse.msgpack", CompilationError("dbt found two unit_tests with the name")
    if is_parsed_before:
        parsed.touch()
    asked = []

    def invoke(command: list[str]) -> SimpleNamespace:
        asked.append(command)
        is_good = is_parsed_before and not parsed.exists()
        return SimpleNamespace(success=is_good, result=None, exception=None if is_good else refusal)

    monkeypatch.setattr("dbt.cli.main.dbtRunner", lambda: SimpleNamespace(invoke=invoke))
    answer = dbt_runner.invoke_dbt(["parse"], replace(SETTINGS, dbt_target_dir=tmp_path))
    assert (answer.success, len(asked)) == (is_parsed_before, 1 + is_parsed_before)

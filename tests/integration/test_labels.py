"""What people decide overrides the machine, is kept for ever, and reaches the star by the next transform."""

import io
import json
import re
import subprocess
import sys
from collections.abc import Iterator

import psycopg
import pytest

from social_crm.database import connect
from social_crm.enrichment.risk_flags import RISK_FLAGS
from social_crm.enrichment.training import read_samples
from social_crm.labels import BOOLEAN_DECISIONS, CODE_DECISIONS, LabelsRefused, add_labels, export_labels
from social_crm.local import postgres
from social_crm.privacy.logins import LoginRefused
from social_crm.settings import PROJECT_ROOT, Settings, load_settings
from social_crm.transform.dbt_runner import DBT_PROJECT_DIR
from social_crm.transform.runs import begin_transform
from worlds.star_warehouse import StarWarehouse, star_of

SHOWN = (
    "select is_serviceable, serviceable_reason, decided_by, contact_type_code, issue_code, product_code, decision_id"
    " from bi.fct_interactions where interaction_id = %s"
)


@pytest.fixture(scope="module")
def star(
    postgres_server: postgres.EmbeddedServer, published_week: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[StarWarehouse]:
    """Give the tests of this file a warehouse that has published one week; each labels utterances of its own."""
    with star_of(postgres_server, published_week, tmp_path_factory.mktemp("warehouse")) as star:
        yield star


# How the promises and waits of one conversation stand.
VERDICTS = (
    "select coalesce(not_judged_reason, 'judged'), null from bi.fct_sla_events where conversation_id = %(about)s"
    " union select null, outcome from bi.fct_response_gaps where conversation_id = %(about)s"
)


def label(*rows: str, by: str = "ada") -> tuple[int, int, list[str]]:
    """Add labels from the rows of a file."""
    return add_labels(io.StringIO("\n".join(("interaction_id,decision,value", *rows))), by)


def pick(star: StarWarehouse, condition: str) -> str:
    """Return the first interaction that a condition finds and that nobody has labelled."""
    query = (
        f"select interaction_id from bi.fct_interactions where {condition}"
        " and interaction_id not in (select interaction_id from ops.human_labels) order by interaction_id limit 1"
    )
    [(interaction_id,)] = star.admin.execute(query).fetchall()
    return str(interaction_id)


def test_a_label_overrides_reaches_the_conversation_and_can_be_withdrawn(star: StarWarehouse) -> None:
    post = pick(star, "source = 'x' and sender_kind = 'customer' and not is_serviceable")
    before = star.admin.execute(SHOWN, [post]).fetchall()
    verdicts = star.admin.execute(VERDICTS, {"about": post}).fetchall()
    assert sorted(map(str, verdicts)) == ["('not_serviceable', None)", "(None, 'not_serviceable')"]
    assert begin_transform("nothing to do") is None
    rows = (f"{post},is_serviceable,TRUE", f"{post},contact_type_code,complaint", f"{post},issue_code,security_privacy")
    assert label(*rows) == (3, 0, [])
    star.transform()
    [shown] = star.admin.execute(SHOWN, [post]).fetchall()
    assert shown[:5] == (True, "human_label", "human", "complaint", "security_privacy")
    assert re.fullmatch(r"label:\d+", shown[6])
    where = f"where interaction_id = '{post}'"
    assert star.one(f"select count(*) from bi.bridge_interaction_issues {where} and decided_by = 'human'") == 1
    is_serviceable = f"select is_serviceable::integer from bi.fct_conversations where conversation_id = '{post}'"
    assert star.one(is_serviceable) == 1
    now = star.admin.execute(VERDICTS, {"about": post}).fetchall()
    assert now
    assert not {"not_serviceable"} & {word for row in now for word in row}
    assert begin_transform("nothing to do") is None

    assert label(f"{post},is_serviceable,", f"{post},contact_type_code,", f"{post},issue_code,", by="ben") == (3, 0, [])
    star.transform()
    assert star.admin.execute(SHOWN, [post]).fetchall() == before
    assert star.admin.execute(VERDICTS, {"about": post}).fetchall() == verdicts
    kept = star.admin.execute(
        "select labelled_by, value is null, count(*) from ops.human_labels group by 1, 2"
    ).fetchall()
    assert sorted(kept) == [("ada", False, 3), ("ben", True, 3)]


def test_the_newest_of_two_people_wins_and_repeating_a_file_adds_nothing(star: StarWarehouse) -> None:
    post = pick(star, "source = 'x' and sender_kind = 'customer'")
    assert label(f"{post},product_code,mortgage") == (1, 0, [])
    assert label(f"{post},product_code,mortgage", by="ben") == (0, 1, [])
    assert label(f"{post},product_code,credit_card", by="ben") == (1, 0, [])
    star.transform()
    assert star.admin.execute(SHOWN, [post]).fetchall()[0][5] == "credit_card"


def test_labels_of_a_transform_that_died_are_brought_by_the_next(star: StarWarehouse) -> None:
    post = pick(star, "source = 'x' and sender_kind = 'customer'")
    label(f"{post},product_code,mortgage")
    star.transform_killed_after("path:models/intermediate")
    star.transform()
    assert star.admin.execute(SHOWN, [post]).fetchall()[0][5] == "mortgage"


def test_rows_that_cannot_be_labels_are_refused_by_row_and_the_others_taken(star: StarWarehouse) -> None:
    post = pick(star, "source = 'x' and sender_kind = 'customer'")
    reply = pick(star, "source = 'x' and sender_kind = 'agent'")
    added, unchanged, refusals = label(
        f"{post},is_serviceable,true",
        f"{post},is_serviceable,perhaps",
        f"{post},mood,happy",
        f"{post},issue_code,no such issue",
        "x:nowhere,is_serviceable,true",
        f"{post},issue_code",
        f"{post},issue_code,",
        f"{reply},contact_type_code,complaint",
        f"{reply},has_card_number,true",
    )
    assert (added, unchanged) == (2, 0)
    assert [refusal[:30] for refusal in refusals] == [
        "row 3: no such is_serviceable;", "row 4: no such decision; there", "row 5: no such issue_code; the",
        "row 6: no such interaction_id ", "row 7: has 2 cells, not 3", "row 8: no label on issue_code ",
        "row 9: what the company says h",
    ]  # fmt: skip
    assert "happy" not in " ".join(refusals)


@pytest.mark.parametrize("text", ["id,what,value\n", ""])
def test_what_is_no_file_of_labels_is_refused_whole(warehouse: Settings, text: str) -> None:
    with pytest.raises(LabelsRefused):
        add_labels(io.StringIO(text), "ada")


def test_who_labels_is_no_address(warehouse: Settings) -> None:
    with pytest.raises(LoginRefused):
        add_labels(io.StringIO("interaction_id,decision,value\n"), "ada@example.com")


def test_nothing_changes_a_label_once_it_is_taken(warehouse: Settings) -> None:
    with connect(warehouse.warehouse_transformer_url) as transformer:
        for statement in ("update ops.human_labels set value = 'true'", "delete from ops.human_labels"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                transformer.execute(statement)


def test_a_label_alone_begins_no_transform_before_the_first(warehouse: Settings) -> None:
    with connect(warehouse.warehouse_admin_url) as admin:
        admin.execute(
            "insert into ops.human_labels (interaction_id, decision, value, labelled_by) values ('x:1', 'a', 'b', 'c')"
        )
    assert begin_transform("first") is None


def test_an_export_is_what_training_reads(star: StarWarehouse) -> None:
    post = pick(star, "source = 'x' and sender_kind = 'customer' and text_masked <> ''")
    label(f"{post},is_serviceable,true", f"{post},contact_type_code,complaint", f"{post},is_direct,true")
    lines = list(export_labels())
    [(text,)] = star.admin.execute("select text_masked from bi.fct_interactions where interaction_id = %s", [post])
    assert {"text": text, "is_serviceable": True, "contact_type": "complaint"} in [json.loads(line) for line in lines]
    assert len(read_samples([line.encode() for line in lines])) == len(lines)


def test_the_command_reports_refused_rows_and_exits_with_1(star: StarWarehouse, tmp_path_factory) -> None:
    post = pick(star, "source = 'x' and sender_kind = 'customer'")
    file = tmp_path_factory.mktemp("labels") / "labels.csv"
    file.write_text(f"interaction_id,decision,value\n{post},is_direct,true\nx:nowhere,is_direct,true\n")
    command = [sys.executable, "-m", "social_crm.labels", "add", str(file), "--by", "ada"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stdout.startswith("1 added, 0 unchanged, 1 refused")
    assert done.stderr == "row 3: no such interaction_id in the star\n"


def test_the_runbook_tells_which_rule_raised_a_flag(star: StarWarehouse) -> None:
    runbook = (PROJECT_ROOT / "docs/runbooks/correct-a-decision.md").read_text()
    [query] = re.findall("```sql\n(.*?)```", runbook, re.DOTALL)
    flagged = pick(star, "has_card_number")
    with connect(load_settings().warehouse_transformer_url) as engineer:
        assert engineer.execute(query.replace("…", flagged)).fetchall() == [(["card_number"], ["r4"])]


def test_every_decision_has_its_column_in_the_model_that_applies_it() -> None:
    model = (DBT_PROJECT_DIR / "models/intermediate/conversations/int_interaction_labels.sql").read_text()
    (listed,) = re.findall(r"set decisions = \[(.*?)\] \+ \(risk_flags\(\) \| list\)", model, re.DOTALL)
    assert sorted((*re.findall(r"'(\w+)'", listed), *RISK_FLAGS)) == sorted((*CODE_DECISIONS, *BOOLEAN_DECISIONS))


def test_a_full_refresh_shows_the_same_labels(star: StarWarehouse) -> None:
    post = pick(star, "source = 'x' and sender_kind = 'customer' and not is_serviceable")
    other = pick(star, "source = 'zendesk' and sender_kind = 'customer'")
    label(
        f"{post},product_code,mortgage",
        f"{post},is_serviceable,true",
        f"{other},is_serviceable,false",
        f"{other},has_personal_data,true",
    )
    star.transform()
    star.assert_refresh_changes_nothing()

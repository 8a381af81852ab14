"""The wordings by which staff grant or refuse: each rule fires on its examples, and not on words close by."""

import csv

import psycopg
import pytest
import yaml

from social_crm.local.postgres import EmbeddedServer
from social_crm.seeds import SEEDS
from social_crm.settings import PROJECT_ROOT

EXAMPLES = yaml.safe_load((PROJECT_ROOT / "tests/fixtures/answers/rule_examples.yml").read_text(encoding="utf-8"))
with (SEEDS / "answer_rules.csv").open(encoding="utf-8", newline="") as seed:
    RULES = {rule["rule_id"]: rule for rule in csv.DictReader(seed)}


def test_every_rule_has_examples() -> None:
    assert RULES.keys() == EXAMPLES.keys()


@pytest.mark.parametrize("rule_id", RULES)
def test_a_rule_reads_its_examples(rule_id: str, postgres_server: EmbeddedServer) -> None:
    rule, examples = RULES[rule_id], EXAMPLES[rule_id]
    with psycopg.connect(postgres_server.url()) as server:
        read = {
            text: server.execute(
                "select said.it ~* %s, said.it ~* %s from (values (%s)) as said (it)",
                [rule["pattern"], rule["keywords"], text],
            ).fetchone()
            for text in [*examples["fires"], *examples["silent"]]
        }
    assert [text for text in examples["fires"] if read[text] != (True, True)] == []
    assert [text for text in examples["silent"] if read[text] is None or read[text][0]] == []

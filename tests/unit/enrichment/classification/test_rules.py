"""The rules as they stand: each fires where it should and stays silent close by, and a bad one is refused by name."""

import csv
import shutil
from pathlib import Path

import pytest
import yaml

from social_crm.enrichment.classification import classify_many
from social_crm.enrichment.classification.decisions import decide
from social_crm.enrichment.classification.rules import RULE_SEEDS, RulesRefused, load_rules, read_rules
from social_crm.seeds import SEEDS
from social_crm.settings import PROJECT_ROOT

EXAMPLES = yaml.safe_load((PROJECT_ROOT / "tests/fixtures/classification/rule_examples.yml").read_text())
FIRING = {rule.rule_id: rule for rule in load_rules().rules if rule.pattern}
HEADER = "rule_id,decision,value,pattern,weight,language,note\n"


def fired(text: str, language: str) -> set[str]:
    return {rule.rule_id for rule in load_rules().read(text, language).rules}


def test_every_rule_has_its_examples() -> None:
    assert set(EXAMPLES) == set(FIRING)


@pytest.mark.parametrize("rule_id", EXAMPLES)
def test_the_rule_fires_on_its_example_and_not_close_by(rule_id: str) -> None:
    fires, misses = EXAMPLES[rule_id]
    language = FIRING[rule_id].language.replace("*", "ko")
    assert rule_id in fired(fires, language)
    assert rule_id not in fired(misses, language)


@pytest.mark.parametrize(
    ("text", "is_serviceable", "reason"),
    [
        ("nothing but praise for your team", False, "compliment"),
        ("zero issues so far", False, "compliment"),
        ("your app never crashes", False, "compliment"),
        ("no longer crashes since the update", False, "other"),
        ("never crashes? it crashed three times today", True, "complaint"),
        ("the staff was not rude but my card is broken", True, "complaint"),
        ("nothing but trouble with this card", True, "complaint"),
        ("I am not very happy", True, "complaint"),
        ("not impressed with your support", True, "complaint"),
        ("would not recommend", True, "complaint"),
        ("the agent wasn´t friendly", True, "complaint"),
        ("cannot complain about the service", False, "compliment"),
        ("I don't have any complaints", False, "compliment"),
        ("couldn't be happier with my new card", False, "compliment"),
        ("cannot recommend highly enough", False, "compliment"),
        ("great, another delay", True, "complaint"),
        ("great, another branch near me", False, "courtesy"),
        ("oh great, the app is down again", True, "complaint"),
        ("thanks for losing my card", True, "complaint"),
        ("thank you for finding my card", False, "courtesy"),
        ("Thanks a lot for nothing!", True, "complaint"),
        ("well done for losing my bag", True, "complaint"),
        ("well done to the team", False, "compliment"),
        # To have money back is no idea for the product.
        ("I was charged a late fee although I paid on time. Please remove the fee.", True, "complaint"),
        ("Please remove this charge, I never ordered it", True, "complaint"),
        ("Please remove the ads from the app", True, "suggestion"),
    ],
)
def test_what_is_close_to_another_kind_is_told_apart(text: str, is_serviceable: bool, reason: str) -> None:
    rules = load_rules()
    assert decide(rules, rules.read(text, "en"))[:2] == (is_serviceable, reason)


def test_rule_ids_are_unique_and_notes_say_something() -> None:
    ids = [rule.rule_id for rule in load_rules().rules]
    assert len(ids) == len(set(ids)) < 500
    assert all(rule.note or rule.decision == "product" for rule in load_rules().rules)


def test_rules_of_a_language_leave_other_languages_alone() -> None:
    assert "complaint_es" in fired("me cobraron dos veces", "es")
    assert "complaint_es" not in fired("me cobraron dos veces", "pt")
    assert fired("you charged me twice", "es") == set()


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("r1,mood,sad,word,0.5,en,", "no decision 'mood'"),
        ("r1,contact_type,rant,word,0.5,en,", "no contact_type 'rant'"),
        ("r1,issue,charges_fees:bicycle,word,0.5,en,", "no product 'bicycle'"),
        ("r1,issue,wings,word,0.5,en,", "no issue 'wings' in issues.csv: add it there, or correct it here"),
        ("r1,flag,card_nmber,word,0.5,en,", "no flag 'card_nmber'"),
        ("r1,serviceable,maybe:safety,word,0.5,en,", "no serviceable 'maybe'"),
        ("r1,flag,safety,word,1.5,en,", "weight 1.5"),
        ("r1,flag,safety,word,much,en,", "weight 'much' is not a number"),
        ("r1,flag,safety,word,,en,", "weight '' is not a number"),
        ("r1,flag,safety,word,1,EN,", "no language 'EN'; write * or ISO 639"),
        ("r1,flag,safety,word,1,,", "no language ''"),
        ("r1,flag,safety,hotspot(s)?,1,en,", "'(' in 'hotspot(s)?': a pattern is words"),
        ("r1,flag,safety,.*roam.*,1,en,", "'.*' in '.*roam.*'"),
        ("r1,flag,safety,colou?r,1,en,", "'?' in 'colou?r'"),
        ("r1,flag,safety,word,1,en,\nr1,flag,safety,other,1,en,", "is there 2 times"),
        ("r1,flag,safety,{bomb},1,en,", "no signal 'bomb'"),
        ("r1,flag,safety,-word,1,en,", "nothing to find in '-word'"),
        ("r1,flag,safety,a | ,1,en,", "no words to find in ''"),
        ("r1,flag,safety,ab*,1,en,", "fewer than 3 letters before the star of 'ab*'"),
        ("r1,flag,safety,what (,1,en,", "no word in '('"),
    ],
)
def test_a_rule_that_cannot_be_used_is_refused_by_name(tmp_path: Path, row: str, reason: str) -> None:
    folder = copy_seeds(tmp_path)
    (folder / "classification_rules.csv").write_text(f"{HEADER}{row}\n")
    with pytest.raises(RulesRefused, match="rule r1: ") as refused:
        read_rules(folder)
    assert reason in str(refused.value)


def test_the_version_changes_with_any_rule_and_any_contact_type(tmp_path: Path) -> None:
    folder = copy_seeds(tmp_path)
    versions = {read_rules(folder).version}
    for name in RULE_SEEDS:
        path = folder / name
        rows = list(csv.reader(path.open(newline="")))
        rows[-1][-1] = "0.9"
        with path.open("w", newline="") as file:
            csv.writer(file).writerows(rows)
        versions.add(read_rules(folder).version)
    assert len(versions) == 1 + len(RULE_SEEDS)


def copy_seeds(folder: Path) -> Path:
    for name in (*RULE_SEEDS, "issues.csv", "products.csv"):
        shutil.copy(SEEDS / name, folder / name)
    return folder


@pytest.mark.parametrize("text", ["My battery exploded and burned my hand", "your salad gave me food poisoning"])
def test_harm_asks_for_service_even_if_nothing_else_does(text: str) -> None:
    [found] = classify_many([(text, "en")])
    assert (found.is_serviceable, found.serviceable_reason) == (True, "safety")

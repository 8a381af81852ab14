"""From rules that fired to decisions, worked out by hand from the weights of a small book of rules."""

from pathlib import Path

import pytest

from social_crm.enrichment.classification.decisions import Classification, decide
from social_crm.enrichment.classification.rules import RuleBook, read_rules

SEEDS = {
    "classification_rules.csv": """\
rule_id,decision,value,pattern,weight,language,note
bad,contact_type,complaint,bad,0.5,en,
awful,contact_type,complaint,awful,0.6,en,
joke,contact_type,complaint,joke,-0.5,en,
ask,contact_type,question,?,0.5,en,
thanks,contact_type,courtesy,thanks,0.9,en,
hint,contact_type,question,perhaps,0.3,en,
rest,contact_type,other,,0.1,en,
fire,serviceable,yes:safety,fire,0.9,en,
prank,serviceable,yes:safety,april fool,-1,en,
press,serviceable,no:press,journalist,0.8,en,
fee,issue,charges_fees,fee,0.6,en,
fraud,issue,security_fraud:credit_card,fraud,0.4,en,
card,product,credit_card,card,0.5,en,
home,product,mortgage,house,0.5,en,
""",
    "contact_types.csv": """\
contact_type_code,contact_type,is_serviceable,threshold
complaint,Complaint,true,0.5
question,Question,true,0.5
courtesy,Courtesy,false,0.5
other,Other,false,0.1
""",
    "issues.csv": "issue_code,issue\nunknown,U\ncharges_fees,F\nsecurity_fraud,S\n",
    "products.csv": "product_code,product\nunknown,U\ncredit_card,C\nmortgage,M\n",
}


@pytest.fixture
def book(tmp_path: Path) -> RuleBook:
    for name, content in SEEDS.items():
        (tmp_path / name).write_text(content)
    return read_rules(tmp_path)


def decide_text(book: RuleBook, text: str, language: str | None = "en") -> Classification:
    return decide(book, book.read(text, language))


def types(found: Classification) -> list[tuple[str, float, str]]:
    return [(kind.code, kind.weight, kind.decision_id) for kind in found.contact_types]


def test_each_rule_takes_its_share_of_the_doubt_that_is_left(book: RuleBook) -> None:
    # 1 - 0.5 * 0.4 = 0.8, and the heavier rule is named.
    assert types(decide_text(book, "bad and awful")) == [("complaint", 0.8, "awful")]


def test_a_negative_weight_takes_from_what_was_found(book: RuleBook) -> None:
    # 0.8 * 0.5 = 0.4 is under the threshold, so nothing is left but the rest.
    assert types(decide_text(book, "bad and awful joke")) == [("other", 0.1, "rest")]


def test_what_was_wholly_taken_away_decides_nothing(book: RuleBook) -> None:
    assert decide_text(book, "fire").serviceable_reason == "safety"
    # The rest, which is other: not serviceable.
    assert decide_text(book, "fire, april fool")[:2] == (False, "other")


def test_equal_weights_lead_in_the_order_of_the_seed(book: RuleBook) -> None:
    assert types(decide_text(book, "bad?")) == [("complaint", 0.5, "bad"), ("question", 0.5, "ask")]


def test_what_stays_under_its_threshold_is_not_said(book: RuleBook) -> None:
    assert types(decide_text(book, "perhaps")) == [("other", 0.1, "rest")]


@pytest.mark.parametrize("language", [None, "und"])
def test_a_text_in_no_known_language_is_read_as_english_but_never_called_other(
    book: RuleBook, language: str | None
) -> None:
    assert types(decide_text(book, "bad", language)) == [("complaint", 0.5, "bad")]
    assert types(decide_text(book, "hm", language)) == []


def test_a_language_without_rules_is_undecided(book: RuleBook) -> None:
    assert decide_text(book, "bad fee?", "ko") == Classification(None, None, None, None, None, [], [], [])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("fire, thanks", (True, "safety", 0.9, "rule", "fire")),
        ("journalist asks: bad?", (False, "press", 0.8, "rule", "press")),
        ("thanks but bad", (True, "complaint", 0.5, "rule", "bad")),
        ("thanks", (False, "courtesy", 0.9, "rule", "thanks")),
        ("thanks for the fee", (False, "courtesy", 0.9, "rule", "thanks")),
        ("fee and fraud", (True, "names_issue", 0.6, "rule", "fee")),
        ("card", (False, "other", 0.1, "rule", "rest")),
        ("hm", (False, "other", 0.1, "rule", "rest")),
    ],
)
def test_serviceable_is_said_by_its_own_rules_else_by_any_serviceable_type(
    book: RuleBook, text: str, expected: tuple[object, ...]
) -> None:
    assert decide_text(book, text)[:5] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("fee", [("charges_fees", "unknown", 1.0, "fee")]),
        ("card fee", [("charges_fees", "credit_card", 1.0, "fee")]),
        ("card house fee", [("charges_fees", "credit_card", 0.5, "fee"), ("charges_fees", "mortgage", 0.5, "fee")]),
        ("fraud fee", [("charges_fees", "unknown", 0.6, "fee"), ("security_fraud", "credit_card", 0.4, "fraud")]),
        ("fraud in my house", [("security_fraud", "credit_card", 1.0, "fraud")]),
        ("card", [("unknown", "credit_card", 1.0, "card")]),
        ("hm", []),
    ],
)
def test_issues_share_one_text_and_take_the_products_named(
    book: RuleBook, text: str, expected: list[tuple[str, str, float, str]]
) -> None:
    found = decide_text(book, text).issues
    assert [(issue.issue_code, issue.product_code, issue.weight, issue.decision_id) for issue in found] == expected


def test_the_shares_of_three_issues_still_add_up_to_one(book: RuleBook) -> None:
    found = decide_text(book, "fraud and a fee on card and house").issues
    assert [issue.weight for issue in found] == [0.4, 0.3, 0.3]
    assert sum(issue.weight for issue in found) == 1

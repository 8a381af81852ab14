"""From the rules that fired to decisions: each with its weight and the rule that contributed most."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Final, NamedTuple

from social_crm.enrichment.classification.rules import Reading, Rule, RuleBook

RULE: Final = "rule"
MODEL: Final = "model"
DIGITS: Final = 4
UNKNOWN: Final = "unknown"
OTHER: Final = "other"
# An issue with weaker evidence gets no share of the utterance.
_LEAST_ISSUE: Final = 0.3


class ContactTypeDecision(NamedTuple):
    """A contact type of a text, its weight from 0 to 1, and what decided it."""

    code: str
    weight: float
    decided_by: str
    decision_id: str


class IssueDecision(NamedTuple):
    """An issue and product that a text is about; the weights of a text's issues add up to 1."""

    issue_code: str
    product_code: str
    weight: float
    decided_by: str
    decision_id: str


class FlagDecision(NamedTuple):
    """A flag for compliance, and the rule that set it."""

    flag: str
    decision_id: str


class SentimentDecision(NamedTuple):
    """The sentiment label that a trained model gives; the rules give none."""

    label: str
    weight: float
    decided_by: str
    decision_id: str


class Classification(NamedTuple):
    """All decisions about one text; undecided ones are None or an empty list.

    Contact types and issues are in order of weight, so the first is the primary one.
    """

    is_serviceable: bool | None
    serviceable_reason: str | None
    serviceable_weight: float | None
    serviceable_decided_by: str | None
    serviceable_decision_id: str | None
    contact_types: list[ContactTypeDecision]
    issues: list[IssueDecision]
    flags: list[FlagDecision]
    sentiment: SentimentDecision | None = None


# The first five fields of a classification.
ServiceableDecision = tuple[bool | None, str | None, float | None, str | None, str | None]


class Evidence(NamedTuple):
    """The weight of the rules for a value, and the strongest of them."""

    weight: float
    rule_id: str


def decide(book: RuleBook, reading: Reading) -> Classification:
    """Return the rules' decisions about a text."""
    by_decision: dict[str, list[Rule]] = defaultdict(list)
    for rule in reading.rules:
        by_decision[rule.decision].append(rule)
    issues = _decide_issues(by_decision["issue"], by_decision["product"])
    types = _decide_types(book, by_decision["contact_type"]) or _decide_types(book, reading.defaults)
    return Classification(
        *_decide_serviceable(book, by_decision["serviceable"], types, issues),
        contact_types=types,
        issues=issues,
        flags=[FlagDecision(flag, evidence.rule_id) for flag, evidence in weigh(by_decision["flag"]).items()],
    )


def weigh(rules: Iterable[Rule]) -> dict[str, Evidence]:
    """Return the evidence for each value, highest weight first.

    Each rule takes its weight's share of the doubt that the others left; then each rule with a negative weight takes
    its share of what was found.
    """
    rules = list(rules)
    if not rules:
        return {}
    doubts: dict[str, float] = {}
    strongest: dict[str, Rule] = {}
    for rule in (rule for rule in rules if rule.weight > 0):
        doubts[rule.value] = doubts.get(rule.value, 1.0) * (1 - rule.weight)
        if rule.value not in strongest or rule.weight > strongest[rule.value].weight:
            strongest[rule.value] = rule
    weights = {value: 1 - doubt for value, doubt in doubts.items()}
    for rule in (rule for rule in rules if rule.weight < 0 and rule.value in weights):
        weights[rule.value] *= 1 + rule.weight
    heaviest = sorted((value for value in weights if weights[value]), key=weights.__getitem__, reverse=True)
    return {value: Evidence(round(weights[value], DIGITS), strongest[value].rule_id) for value in heaviest}


def _decide_types(book: RuleBook, rules: list[Rule]) -> list[ContactTypeDecision]:
    """Return the types over their thresholds; of equal weights, the first in the seed comes first."""
    found = weigh(rules)
    return sorted(
        (
            ContactTypeDecision(kind.code, found[kind.code].weight, RULE, found[kind.code].rule_id)
            for kind in book.contact_types.values()
            if kind.code in found and found[kind.code].weight >= kind.threshold
        ),
        key=lambda decision: -decision.weight,
    )


def _decide_serviceable(
    book: RuleBook, rules: list[Rule], types: list[ContactTypeDecision], issues: list[IssueDecision]
) -> ServiceableDecision:
    """Follow the rule with the highest weight for or against, else the contact types of the text."""
    for value, (weight, rule_id) in weigh(rules).items():
        answer, _, reason = value.partition(":")
        return answer == "yes", reason, weight, RULE, rule_id
    return derive_serviceable(book, types, issues)


def derive_serviceable(
    book: RuleBook, types: list[ContactTypeDecision], issues: list[IssueDecision]
) -> ServiceableDecision:
    """Return whether any of the types is serviceable, or a text without a type names an issue."""
    # One serviceable type is enough: a complaint that ends with thanks is still a complaint.
    serviceable = [kind for kind in types if book.contact_types[kind.code].is_serviceable]
    if serviceable:
        return True, *serviceable[0]
    named = [issue for issue in issues if issue.issue_code != UNKNOWN]
    if named and (not types or types[0].code == OTHER):
        return True, "names_issue", named[0].weight, RULE, named[0].decision_id
    return (False, *types[0]) if types else (None, None, None, None, None)


def _decide_issues(issue_rules: list[Rule], product_rules: list[Rule]) -> list[IssueDecision]:
    """Give each issue the product of its rule, else the products named in the text, else the unknown one."""
    products = {code: evidence for code, evidence in weigh(product_rules).items() if evidence.weight >= _LEAST_ISSUE}
    issues = {value: evidence for value, evidence in weigh(issue_rules).items() if evidence.weight >= _LEAST_ISSUE}
    if not issues and products:
        issues = {UNKNOWN: Evidence(1.0, next(iter(products.values())).rule_id)}
    weights: dict[tuple[str, str], Evidence] = {}
    for value, evidence in issues.items():
        issue, _, named = value.partition(":")
        whole = sum(product.weight for product in products.values())
        shares = {code: product.weight / whole for code, product in products.items()} or {UNKNOWN: 1.0}
        for product, share in ({named: 1.0} if named else shares).items():
            before = weights.get((issue, product), Evidence(0.0, evidence.rule_id))
            weights[issue, product] = Evidence(before.weight + evidence.weight * share, before.rule_id)
    return share_out([IssueDecision(*key, weight, RULE, rule_id) for key, (weight, rule_id) in weights.items()])


def share_out(issues: list[IssueDecision]) -> list[IssueDecision]:
    """Return the issues with weights that add up to 1, highest first; the first takes the rounding difference."""
    whole = sum(issue.weight for issue in issues)
    shared = [issue._replace(weight=round(issue.weight / whole, DIGITS)) for issue in issues]
    shared.sort(key=lambda issue: (-issue.weight, issue.issue_code, issue.product_code))
    if shared:
        rest = 1 - sum(issue.weight for issue in shared[1:])
        shared[0] = shared[0]._replace(weight=round(rest, DIGITS))
    return shared

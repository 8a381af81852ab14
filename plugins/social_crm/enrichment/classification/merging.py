"""A trained model decides where it is confident enough; everything else stays as decided by the rules."""

from functools import cache
from typing import Final

from social_crm.enrichment.classification.decisions import (
    MODEL,
    OTHER,
    UNKNOWN,
    Classification,
    ContactTypeDecision,
    IssueDecision,
    SentimentDecision,
    derive_serviceable,
    share_out,
)
from social_crm.enrichment.classification.model import Answer, Model, ModelRefused
from social_crm.enrichment.classification.rules import RuleBook
from social_crm.seeds import SEEDS, read_seed

# These names are the columns of labels that training reads.
SERVICEABLE, CONTACT_TYPE, ISSUE, PRODUCT, SENTIMENT = TASKS = (
    *("is_serviceable", "contact_type", "issue_code", "product_code", "sentiment"),
)
YES, NO = "true", "false"
# The seed and column that list the labels.
LABEL_SEEDS: Final = {
    CONTACT_TYPE: ("contact_types.csv", "contact_type_code"),
    ISSUE: ("issues.csv", "issue_code"),
    PRODUCT: ("products.csv", "product_code"),
    SENTIMENT: ("sentiment_thresholds.csv", "label"),
}
# A lower share of the model is a remainder, not a second label.
_LEAST_SECOND: Final = 0.25


@cache
def known_labels() -> dict[str, frozenset[str]]:
    """Return the labels of each task that the warehouse knows."""
    of_seeds = {
        task: frozenset(row[column] for row in read_seed(SEEDS / name)) for task, (name, column) in LABEL_SEEDS.items()
    }
    return {SERVICEABLE: frozenset((YES, NO)), **of_seeds}


def refuse_unknown_labels(model: Model) -> None:
    """Raise ModelRefused for a model with a label that is not, or no longer, in the seeds."""
    for head in model.heads:
        if unknown := set(head.labels) - known_labels().get(head.task, frozenset()):
            where = LABEL_SEEDS[head.task][0] if head.task in LABEL_SEEDS else "the warehouse"
            raise ModelRefused(f"{model.version} was taught {head.task} {min(unknown)!r}, which is not in {where}")


def merge(book: RuleBook, rules: Classification, answers: dict[str, Answer], model: Model) -> Classification:
    """Return the decisions by the rules of `book`, replaced by the model's where it answered."""
    if not answers:
        return rules
    merged = rules
    if CONTACT_TYPE in answers:
        known = next(head.labels for head in model.heads if head.task == CONTACT_TYPE)
        types = _merge_types(rules, answers[CONTACT_TYPE], known, model.version)
        merged = _derive_again(book, rules, types)._replace(contact_types=types)
    if SERVICEABLE in answers:
        merged = _merge_serviceable(merged, answers[SERVICEABLE], model.version)
    if ISSUE in answers or PRODUCT in answers:
        merged = merged._replace(issues=_merge_issues(rules, answers, model.version))
    if SENTIMENT in answers:
        label, share = answers[SENTIMENT][0]
        merged = merged._replace(sentiment=SentimentDecision(label, share, MODEL, model.version))
    return merged


def _merge_types(
    rules: Classification, answer: Answer, known: tuple[str, ...], version: str
) -> list[ContactTypeDecision]:
    """Let the model decide the types it was taught, and the rules the others."""
    own = [ContactTypeDecision(code, share, MODEL, version) for code, share in _keep(answer)]
    others = [kind for kind in rules.contact_types if kind.code not in (*known, OTHER)]
    if own[0].code == OTHER:
        # None of the model's types, so only types that it was not taught remain.
        return others or own[:1]
    return sorted([*own, *others], key=lambda kind: -kind.weight)


def _derive_again(book: RuleBook, rules: Classification, types: list[ContactTypeDecision]) -> Classification:
    """Derive from the new types what was derived from the types; decisions of a rule of their own stay.

    The issues are those named by words: a model says which issue a text has, not whether it has one.
    """
    if rules[:5] != derive_serviceable(book, rules.contact_types, rules.issues):
        return rules
    return Classification(*derive_serviceable(book, types, rules.issues), *rules[5:])


def _merge_serviceable(rules: Classification, answer: Answer, version: str) -> Classification:
    label, share = answer[0]
    is_serviceable = label == YES
    # The model has no reasons; the rules' reason holds if their answer is the same.
    reason = rules.serviceable_reason if rules.is_serviceable == is_serviceable else "as_labelled"
    return rules._replace(
        is_serviceable=is_serviceable,
        serviceable_reason=reason,
        serviceable_weight=share,
        serviceable_decided_by=MODEL,
        serviceable_decision_id=version,
    )


def _merge_issues(rules: Classification, answers: dict[str, Answer], version: str) -> list[IssueDecision]:
    """Combine the model's issues with its products; the side on which it abstained comes from the rules."""
    if ISSUE in answers:
        issues = _keep(answers[ISSUE])
    else:
        issues = [(issue.issue_code, issue.weight) for issue in rules.issues] or [(UNKNOWN, 1.0)]
    if PRODUCT in answers:
        products = _keep(answers[PRODUCT])
    else:
        products = [(issue.product_code, issue.weight) for issue in rules.issues] or [(UNKNOWN, 1.0)]
    weights: dict[tuple[str, str], float] = {}
    for issue, issue_weight in issues:
        for product, product_weight in products:
            key = (issue, product)
            weights[key] = weights.get(key, 0.0) + issue_weight * product_weight
    return share_out([IssueDecision(*key, weight, MODEL, version) for key, weight in weights.items()])


def _keep(answer: Answer) -> list[tuple[str, float]]:
    first, *others = answer
    return [first, *(pair for pair in others if pair[1] >= _LEAST_SECOND)]

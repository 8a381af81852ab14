"""The rules that a service manager may edit: read from the seeds, checked, and identified by a hash."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from social_crm.enrichment import vader
from social_crm.enrichment.classification.phrases import BadPattern, Matcher, split_address
from social_crm.enrichment.classification.signals import SIGNALS, read_signals
from social_crm.enrichment.language import LANGUAGES, UNDETERMINED
from social_crm.enrichment.risk_flags import RISK_FLAGS
from social_crm.errors import WarehouseError
from social_crm.seeds import SEEDS, read_seed

RULE_SEEDS: Final = ("classification_rules.csv", "contact_types.csv")
DECISIONS: Final = ("serviceable", "contact_type", "issue", "product", "flag")
_LISTED: Final = ("contact_type", "issue", "product")
ANY_LANGUAGE: Final = "*"
# Text of undetermined language is read as this language, as for sentiment.
_LANGUAGE_OF_UNTOLD: Final = "en"


class RulesRefused(WarehouseError):
    """Raised when a rule cannot be used; the message names the rule."""

    kind = "rules_refused"
    next_step = "fix the row of seed classification_rules that the message names, then run transform again"
    is_hopeless = True


class Rule(NamedTuple):
    """One row of `classification_rules`; an empty pattern fires where no other rule of its decision does."""

    rule_id: str
    decision: str
    value: str
    pattern: str
    weight: float
    language: str
    note: str


class Reading(NamedTuple):
    """What was found in a text; `rules` fired, in order of the seed, and `defaults` are the fallback.

    `addressed` are the handles before the first word, `tone` is VADER's reading of the text.
    """

    text: str
    language: str
    addressed: list[str]
    words: list[str]
    tone: vader.Reading
    signals: frozenset[str]
    rules: list[Rule]
    defaults: list[Rule]


class ContactType(NamedTuple):
    """One row of `contact_types`; the threshold is the lowest weight with which a text has the type."""

    code: str
    is_serviceable: bool
    threshold: float


class RuleBook:
    """All rules, a matcher for each language, and the contact types in order of precedence."""

    def __init__(self, rules: Sequence[Rule], contact_types: dict[str, ContactType], version: str) -> None:
        """Compile the rules of each language."""
        self.rules = rules
        self.contact_types = contact_types
        self.version = version
        languages = {rule.language for rule in rules} - {ANY_LANGUAGE}
        self._books = {language: _Book(rules, (language, ANY_LANGUAGE)) for language in languages}
        self._book_of_others = _Book(rules, (ANY_LANGUAGE,))

    def read(self, text: str, language: str | None) -> Reading:
        """Return what the rules of a language find in `text`.

        For an undetermined language there is no fallback: undecided is the better answer.
        """
        code = language or UNDETERMINED
        book = self._books.get(_LANGUAGE_OF_UNTOLD if code == UNDETERMINED else code, self._book_of_others)
        addressed, words = split_address(text)
        tone = vader.read(text)
        signals = read_signals(text, words, tone)
        fired, defaults = book.fire(words, signals), [] if code == UNDETERMINED else book.defaults
        return Reading(text, code, addressed, words, tone, signals, fired, defaults)


class _Book:
    """The rules of one language, ready to fire."""

    def __init__(self, rules: Iterable[Rule], languages: tuple[str, ...]) -> None:
        rules = [rule for rule in rules if rule.language in languages]
        self.defaults = [rule for rule in rules if not rule.pattern]
        self._rules = [rule for rule in rules if rule.pattern]
        self._matcher = Matcher(rule.pattern for rule in self._rules)

    def fire(self, words: list[str], signals: frozenset[str]) -> list[Rule]:
        """Return the rules that fire on a text's words and signals."""
        return [self._rules[number] for number in sorted(self._matcher.find(words, signals))]


@cache
def load_rules() -> RuleBook:
    """Return the rules of the project's seeds; raises RulesRefused naming the rule that cannot be used."""
    return read_rules(SEEDS)


def read_rules(folder: Path) -> RuleBook:
    """Return the rules of the seeds in `folder`; raises RulesRefused naming the rule that cannot be used."""
    rules = tuple(_to_rule(row) for row in read_seed(folder / "classification_rules.csv"))
    types = [_to_contact_type(row) for row in read_seed(folder / "contact_types.csv")]
    codes = {
        "flag": set(RISK_FLAGS.values()),
        "serviceable": {"yes", "no"},
        "contact_type": {kind.code for kind in types},
        "issue": {row["issue_code"] for row in read_seed(folder / "issues.csv")},
        "product": {row["product_code"] for row in read_seed(folder / "products.csv")},
    }
    for rule in rules:
        _check(rule, codes)
    [(rule_id, count)] = Counter(rule.rule_id for rule in rules).most_common(1) or [("", 0)]
    if count > 1:
        raise RulesRefused(f"rule {rule_id}: is there {count} times, and a decision can only name one")
    hashed = hashlib.sha256(b"\0".join((folder / name).read_bytes() for name in RULE_SEEDS)).hexdigest()
    return RuleBook(rules, {kind.code: kind for kind in types}, hashed[:12])


def _to_rule(row: dict[str, str]) -> Rule:
    try:
        rule = Rule(**{**row, "weight": float(row["weight"])})  # type: ignore[arg-type]
    except ValueError:
        raise RulesRefused(f"rule {row['rule_id']}: weight {row['weight']!r} is not a number") from None
    if rule.language not in (ANY_LANGUAGE, *LANGUAGES):
        raise RulesRefused(f"rule {rule.rule_id}: no language {rule.language!r}; write * or ISO 639, such as en")
    return rule


def _to_contact_type(row: dict[str, str]) -> ContactType:
    code, threshold = row["contact_type_code"], row["threshold"]
    try:
        return ContactType(code, row["is_serviceable"] == "true", float(threshold))
    except ValueError:
        raise RulesRefused(f"contact type {code}: threshold {threshold!r} is not a number") from None


def _check(rule: Rule, codes: Mapping[str, Set[str]]) -> None:
    """Refuse a rule with a decision, value, weight, pattern or signal that does not exist."""
    if rule.decision not in DECISIONS:
        raise RulesRefused(f"rule {rule.rule_id}: no decision {rule.decision!r}")
    if not -1 <= rule.weight <= 1 or rule.weight == 0:
        raise RulesRefused(f"rule {rule.rule_id}: weight {rule.weight} is not between -1 and 1, or is 0")
    named = [(rule.decision, rule.value)]
    if rule.decision == "issue" and ":" in rule.value:
        named = list(zip(("issue", "product"), rule.value.split(":", 1), strict=True))
    elif rule.decision == "serviceable":
        named = [(rule.decision, rule.value.partition(":")[0])]
    for decision, value in named:
        if value not in codes.get(decision, {value}):
            where = f" in {decision}s.csv: add it there, or correct it here" if decision in _LISTED else ""
            raise RulesRefused(f"rule {rule.rule_id}: no {decision} {value!r}{where}")
    unknown = {part.split("}")[0] for part in rule.pattern.split("{")[1:]} - SIGNALS
    if unknown:
        raise RulesRefused(f"rule {rule.rule_id}: no signal {unknown.pop()!r}")
    try:
        if rule.pattern:
            Matcher([rule.pattern])
    except BadPattern as error:
        raise RulesRefused(f"rule {rule.rule_id}: {error}") from error

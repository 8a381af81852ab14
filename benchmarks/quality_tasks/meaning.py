"""The tasks of the classifier: contact types and issues."""

import time
from pathlib import Path

from quality_tasks import samples
from quality_tasks.evaluation import build_model, judge, write_section
from social_crm.enrichment.classification.decisions import decide
from social_crm.enrichment.classification.learning import Parameters, Sample, learn
from social_crm.enrichment.classification.merging import CONTACT_TYPE, ISSUE, merge
from social_crm.enrichment.classification.rules import load_rules, read_rules

AIRLINE_SEEDS = Path(__file__).parent / "airline"
# The annotators' own "Can't Tell" is not a reason that could be found.
NO_REASON = "cant_tell"
AIRLINE_GROUPS = {
    "late_flight": "operations",
    "cancelled_flight": "operations",
    "lost_luggage": "luggage",
    "damaged_luggage": "luggage",
    "customer_service_issue": "people",
    "flight_attendant_complaints": "people",
    "longlines": "people",
    "bad_flight": "travel",
    "flight_booking_problems": "travel",
}
THROUGHPUT_BATCH = 1_000


def measure_complaints() -> str:
    """Complaint or not."""
    found = samples.make_samples(CONTACT_TYPE, samples.read_complaints())
    return write_section("Complaint or not", 0.80, judge(load_rules(), CONTACT_TYPE, found), "complaint")


def measure_suggestions() -> str:
    """Suggestion or not, in a developers' forum."""
    found = samples.make_samples(CONTACT_TYPE, samples.read_suggestions())
    return write_section("Suggestion or not: forum", 0.75, judge(load_rules(), CONTACT_TYPE, found), "suggestion")


def measure_app_reviews() -> str:
    """Suggestion or not, in app reviews."""
    found = samples.make_samples(CONTACT_TYPE, samples.read_app_reviews())
    return write_section("Suggestion or not: app reviews", 0.75, judge(load_rules(), CONTACT_TYPE, found), "suggestion")


def measure_airline_reasons() -> str:
    """Why an airline's customers complain, by rules written for the airline."""
    rows = [(text, reason) for text, reason in samples.read_airline_reasons() if reason != NO_REASON]
    found = samples.make_samples(ISSUE, rows)
    judgement = judge(read_rules(AIRLINE_SEEDS), ISSUE, found)
    grouped = judgement._replace(
        truth=[AIRLINE_GROUPS[label] for label in judgement.truth],
        outcomes=[
            outcome._replace(answers=[AIRLINE_GROUPS.get(label, label) for label in outcome.answers])
            for outcome in judgement.outcomes
        ],
    )
    return "\n\n".join(
        (
            write_section("Airline complaint reason: nine reasons", 0.70, judgement, None),
            write_section("Airline complaint reason: grouped to the issue tree", 0.70, grouped, None),
        )
    )


def measure_banking_intents() -> str:
    """What a bank's customers ask about, 77 intents grouped to the issue tree."""
    found = samples.make_samples(ISSUE, samples.read_banking_intents())
    return write_section("Banking intent, grouped to the issue tree", 0.70, judge(load_rules(), ISSUE, found), None)


def measure_throughput() -> str:
    """Texts a second on one core, rules alone and with a model of two heads."""
    texts = samples.read_care_tweets()
    learned = learn(load_rules(), _label_both(), Parameters(folds=2))
    model = build_model(learned)
    rules = load_rules()
    lines = ["## Throughput", "| on one core, CPU time | texts/s |", "|---|---:|"]
    for name, has_model in (("rules alone", False), ("rules and model (contact type and issue)", True)):
        start = time.process_time()
        for first in range(0, len(texts), THROUGHPUT_BATCH):
            readings = [rules.read(text, "en") for text in texts[first : first + THROUGHPUT_BATCH]]
            decided = [decide(rules, reading) for reading in readings]
            if has_model:
                answers = model.answer(readings, decided)
                decided = [merge(rules, found, answer, model) for found, answer in zip(decided, answers, strict=True)]
        lines.append(f"| {name} | {len(texts) / (time.process_time() - start):,.0f} |")
    return "\n".join((lines[0], "", *lines[1:], "", f"{len(texts):,} tweets of customer care. Aim: 5,000."))


def _label_both() -> list[Sample]:
    complaints = samples.make_samples(CONTACT_TYPE, samples.read_complaints())
    return complaints + samples.make_samples(ISSUE, samples.read_banking_intents())

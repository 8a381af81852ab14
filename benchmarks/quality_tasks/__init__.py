"""One task per entry: its name on the command line, and what measures it and returns a Markdown section."""

from collections.abc import Callable

from quality_tasks import meaning, sentiment

TASKS: dict[str, Callable[[], str]] = {
    "complaint": meaning.measure_complaints,
    "suggestion": meaning.measure_suggestions,
    "app_reviews": meaning.measure_app_reviews,
    "airline_reason": meaning.measure_airline_reasons,
    "banking_intent": meaning.measure_banking_intents,
    "sentiment": sentiment.measure_sentiment,
    "throughput": meaning.measure_throughput,
}

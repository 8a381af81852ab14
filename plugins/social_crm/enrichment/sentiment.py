"""Reads JSON lines with a `text` from standard input and writes them back with their sentiment and language.

Each line gets `language` and `sentiment`: VADER's compound, positive, neutral and negative, then care_compound (by
VADER with the customer-care lexicon), the label that follows from it, and unscored_reason.
A line that cannot be read is reported on standard error and skipped; the exit code is then 1.
"""

import sys

from social_crm.command import parser_of, run_command
from social_crm.enrichment.assessment import assess, label_sentiment
from social_crm.enrichment.json_lines import Record, answer_standard_input


def main() -> int:
    """Answer standard input on standard output, in order; return the exit code."""
    example = """example: echo '{"text": "Great service!"}' | python -m social_crm.enrichment.sentiment"""
    parser_of("enrichment.sentiment", __doc__, example).parse_args()
    return answer_standard_input(describe)


def describe(records: list[Record]) -> list[Record]:
    """Return the sentiment and language of each record's text."""
    return [_describe(record["text"]) for record in records]


def _describe(text: str) -> Record:
    assessment = assess(text)
    return {
        "sentiment": {
            "compound": assessment.compound,
            "positive": assessment.positive,
            "neutral": assessment.neutral,
            "negative": assessment.negative,
            "care_compound": assessment.care_compound,
            "label": None if assessment.care_compound is None else label_sentiment(assessment.care_compound),
            "unscored_reason": assessment.unscored_reason,
        },
        "language": assessment.language,
    }


if __name__ == "__main__":
    sys.exit(run_command(main))

"""Reads JSON lines with a `text` from standard input and writes them back with their classification.

Each line gets `language` (detected unless the line names it) and `classification`: serviceable or not and why, contact
types, issues with products, and flags, each with its weight and the rule or model that decided.
A line that cannot be read is reported on standard error and skipped; the exit code is then 1.
"""

import sys
from functools import partial
from pathlib import Path

from social_crm.command import parser_of, run_command
from social_crm.enrichment.classification import name_version
from social_crm.enrichment.classification.output import describe
from social_crm.enrichment.classification.rules import load_rules
from social_crm.enrichment.json_lines import answer_standard_input
from social_crm.errors import WarehouseError
from social_crm.settings import classifier_model


def main() -> int:
    """Answer standard input on standard output, in order; return the exit code."""
    example = """example: echo '{"text": "Charged twice!"}' | python -m social_crm.enrichment.classification"""
    parser = parser_of("enrichment.classification", __doc__, example)
    parser.add_argument(
        "--model",
        type=Path,
        metavar="DIR",
        default=classifier_model(),
        help="a model that training wrote (default: WAREHOUSE_CLASSIFIER_MODEL; without it, rules alone)",
    )
    folder = parser.parse_args().model
    try:
        load_rules()
        if folder:
            name_version(folder)
    except WarehouseError as error:
        parser.error(str(error))
    return answer_standard_input(partial(describe, folder))


if __name__ == "__main__":
    sys.exit(run_command(main))

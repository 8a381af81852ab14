"""Takes what people decided of single utterances, and gives it back as examples to train on.

`add LABELS.csv --by LOGIN` reads the columns interaction_id, decision, value; the decision is named as the column of
bi.fct_interactions that it sets, and an empty value withdraws an earlier label. Rows that cannot be are reported by
number and left out; the exit code is then 1. The next transform brings the others into the star.
`export` writes JSON lines for `python -m social_crm.enrichment.training`: each labelled text, masked as BI users see
it, with its newest labels.
"""

import csv
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple, TextIO

import psycopg

from social_crm.command import parser_of, run_command
from social_crm.database import LOCK, connect
from social_crm.enrichment.json_lines import stop_writing
from social_crm.enrichment.risk_flags import RISK_FLAGS
from social_crm.errors import WarehouseError
from social_crm.privacy.logins import require_login
from social_crm.settings import load_settings

COLUMNS: Final = ["interaction_id", "decision", "value"]
CODE_DECISIONS: Final = {
    "contact_type_code": "select contact_type_code from seeds.contact_types",
    "issue_code": "select issue_code from seeds.issues",
    "product_code": "select product_code from seeds.products",
}
BOOLEAN_DECISIONS: Final = ("is_serviceable", "is_direct", "is_peer_answer", *RISK_FLAGS)
_NEWEST: Final = """
    select distinct on (interaction_id, decision) interaction_id, decision, value
    from ops.human_labels
    order by interaction_id, decision, label_id desc
"""
_EXPORT: Final = f"""
    select
        interactions.text_masked,
        max(labels.value) filter (where labels.decision = 'is_serviceable')::boolean,
        max(labels.value) filter (where labels.decision = 'contact_type_code'),
        max(labels.value) filter (where labels.decision = 'issue_code'),
        max(labels.value) filter (where labels.decision = 'product_code')
    from ({_NEWEST}) as labels
    inner join bi.fct_interactions as interactions
        on labels.interaction_id = interactions.interaction_id
    where
        interactions.text_masked <> ''
        and labels.decision in ('is_serviceable', 'contact_type_code', 'issue_code', 'product_code')
    group by interactions.interaction_id, interactions.text_masked
    having count(labels.value) > 0
    order by interactions.interaction_id
"""  # noqa: S608 - joined of constants


class LabelsRefused(WarehouseError):
    """A file of labels cannot be read as one; nothing of it was taken."""

    kind = "labels_refused"


class Label(NamedTuple):
    """One decision of a person; None as the value withdraws an earlier one."""

    interaction_id: str
    decision: str
    value: str | None


class LabelCounts(NamedTuple):
    """What one file came to; a label that stands already is unchanged."""

    added_count: int
    unchanged_count: int
    refusals: list[str]


def main() -> int:
    """Run one command; return the exit code."""
    parser = parser_of("labels", __doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    adding = commands.add_parser("add", help="take the labels of a CSV file")
    adding.add_argument("file", type=Path, metavar="LABELS.csv")
    adding.add_argument("--by", required=True, metavar="LOGIN", help="who decided: a login or pseudonym, no address")
    commands.add_parser("export", help="write labelled texts as JSON lines")
    arguments = parser.parse_args()
    if arguments.command == "export":
        return _export()
    try:
        with arguments.file.open(newline="", encoding="utf-8-sig") as stream:
            counts = add_labels(stream, arguments.by)
    except (UnicodeDecodeError, csv.Error) as error:
        parser.error(str(error))
    for refusal in counts.refusals:
        sys.stderr.write(f"{refusal}\n")
    sys.stdout.write(
        f"{counts.added_count} added, {counts.unchanged_count} unchanged, {len(counts.refusals)} refused;"
        " the next transform brings them into the star\n"
    )
    return 1 if counts.refusals else 0


def add_labels(stream: TextIO, labelled_by: str) -> LabelCounts:
    """Add the labels of a CSV file, all that can be in one transaction; raises LabelsRefused if it is no such file."""
    require_login(labelled_by)
    rows = csv.reader(stream)
    if [cell.strip() for cell in next(rows, [])] != COLUMNS:
        raise LabelsRefused(f"the first line must be {','.join(COLUMNS)}")
    with connect(load_settings().warehouse_transformer_url) as warehouse, warehouse.transaction():
        # Two people's files must not both find that nothing stands yet.
        warehouse.execute(LOCK, ["social_crm.labels"])
        return _add(warehouse, rows, labelled_by)


def export_labels() -> Iterator[str]:
    """Yield one JSON line per labelled text, in the words that training reads; what was not labelled is left out."""
    names = ("text", "is_serviceable", "contact_type", "issue_code", "product_code")
    with connect(load_settings().warehouse_transformer_url) as warehouse:
        for row in warehouse.execute(_EXPORT):
            known = {name: value for name, value in zip(names, row, strict=True) if value is not None}
            yield json.dumps(known, ensure_ascii=False) + "\n"


def _export() -> int:
    try:
        sys.stdout.writelines(export_labels())
        sys.stdout.flush()
    except BrokenPipeError:
        stop_writing()
    return 0


def _add(warehouse: psycopg.Connection, rows: Iterator[list[str]], labelled_by: str) -> LabelCounts:
    judge = _Judge(warehouse)
    added, unchanged, refusals = 0, 0, list[str]()
    # The line that csv counts is the last one of a row with a quoted line break; the row's number is never wrong.
    for number, cells in enumerate(rows, 2):
        if not any(cells):
            continue
        reason, label = judge.read(cells)
        if label is None:
            refusals.append(f"row {number}: {reason}")
        elif judge.standing.get(label[:2]) == label.value:
            unchanged += 1
        else:
            judge.standing[label[:2]] = label.value
            added += 1
            warehouse.execute(
                "insert into ops.human_labels (interaction_id, decision, value, labelled_by) values (%s, %s, %s, %s)",
                [*label, labelled_by],
            )
    return LabelCounts(added, unchanged, refusals)


class _Judge:
    """Tells labels from rows that cannot be one; knows what stands and what there is to label."""

    def __init__(self, warehouse: psycopg.Connection) -> None:
        self._warehouse = warehouse
        self._codes = {name: {code for (code,) in warehouse.execute(query)} for name, query in CODE_DECISIONS.items()}
        self.standing = {(row[0], row[1]): row[2] for row in warehouse.execute(_NEWEST)}

    def read(self, cells: list[str]) -> tuple[str, Label | None]:
        """Return the label in a row, or the reason why there is none; reasons only quote our own names."""
        if len(cells) != len(COLUMNS):
            return f"has {len(cells)} cells, not {len(COLUMNS)}", None
        interaction_id, decision, value = (cell.strip() for cell in cells)
        label = Label(interaction_id, decision, (value.lower() if decision in BOOLEAN_DECISIONS else value) or None)
        reason = self._fault(label)
        return reason, None if reason else label

    def _fault(self, label: Label) -> str:
        """Return what is wrong with a label; nothing if it may be added."""
        known = self._codes.get(label.decision, {"true", "false"})
        if label.decision not in (*CODE_DECISIONS, *BOOLEAN_DECISIONS):
            return f"no such decision; there are {', '.join((*CODE_DECISIONS, *BOOLEAN_DECISIONS))}"
        if label.value is not None and label.value not in known:
            return f"no such {label.decision}; there are {', '.join(sorted(known))}"
        row = self._warehouse.execute(
            "select direction from intermediate.int_interactions where interaction_id = %s", [label.interaction_id]
        ).fetchone()
        if row is None:
            return "no such interaction_id in the star"
        if row[0] != "inbound" and label.decision not in RISK_FLAGS:
            return f"what the company says has no {label.decision}"
        if label.value is None and self.standing.get(label[:2]) is None:
            return f"no label on {label.decision} stands that could be withdrawn"
        return ""


if __name__ == "__main__":
    sys.exit(run_command(main))

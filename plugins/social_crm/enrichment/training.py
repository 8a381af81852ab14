"""Trains a classifier on your own labels and writes it, with a model card, into a folder.

Each line of LABELS.jsonl is an object with a `text` and any of `is_serviceable` (true or false), `contact_type`,
`issue_code`, `product_code` and `sentiment`; `language` is detected if missing. The same labels give the same
files, byte for byte. Point WAREHOUSE_CLASSIFIER_MODEL at the folder to use it.
"""

import hashlib
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import numpy as np

from social_crm.command import parser_of, run_command
from social_crm.enrichment.classification.features import FEATURES_VERSION
from social_crm.enrichment.classification.learning import LearnedHead, Parameters, Sample, learn
from social_crm.enrichment.classification.merging import LABEL_SEEDS, NO, SERVICEABLE, TASKS, YES, known_labels
from social_crm.enrichment.classification.model import (
    DESCRIPTION_FILE,
    FORMAT,
    VOCABULARY_FILE,
    WEIGHTS_FILE,
    hash_file,
)
from social_crm.enrichment.classification.rules import load_rules
from social_crm.enrichment.json_lines import name_fault, read_record
from social_crm.enrichment.language import language_of
from social_crm.enrichment.model_card import write_card

_LEAST_LANGUAGE_SHARE: Final = 0.01


class TrainingRefused(ValueError):
    """Raised when there is nothing to learn from the labels; the message says why."""


def main() -> int:
    """Train on the file named in the arguments; return the exit code."""
    parser = parser_of("enrichment.training", __doc__)
    parser.add_argument("labels", type=Path, metavar="LABELS.jsonl")
    parser.add_argument("--out", type=Path, metavar="DIR", required=True, help="where the model goes")
    arguments = parser.parse_args()
    try:
        version = train(read_samples(arguments.labels.read_bytes().splitlines()), arguments.out)
    except (OSError, TrainingRefused) as error:
        parser.error(str(error))
    sys.stdout.write(f"{version} is in {arguments.out}; what it can do: {arguments.out / 'MODEL_CARD.md'}\n")
    return 0


def read_samples(lines: Iterable[bytes]) -> list[Sample]:
    """Return the labelled texts of JSON lines; raises TrainingRefused naming a line that is not one."""
    samples = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            record = read_record(line)
            samples.append(_to_sample(record))
        except (ValueError, RecursionError) as error:
            raise TrainingRefused(f"line {number}: {name_fault(error)}") from error
    return samples


def train(samples: list[Sample], folder: Path, parameters: Parameters | None = None) -> str:
    """Learn from the samples, write the model and its card into `folder`, and return the model's version."""
    parameters = parameters or Parameters()
    learned = learn(load_rules(), samples, parameters)
    if not learned.heads:
        raise TrainingRefused(f"no task has two labels with at least {parameters.least_texts} texts each")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / VOCABULARY_FILE).write_text(json.dumps(learned.vocabulary))
    arrays = {"idf": learned.idf.astype(np.float32)}
    for task, head in learned.heads.items():
        arrays[f"coefficients_{task}"] = head.coefficients.astype(np.float32)
        arrays[f"intercepts_{task}"] = head.intercepts.astype(np.float32)
    np.savez(folder / WEIGHTS_FILE, **arrays)  # type: ignore[arg-type]
    description = _describe(samples, parameters, learned.heads)
    description["sha256"] = {name: hash_file(folder / name) for name in (VOCABULARY_FILE, WEIGHTS_FILE)}
    (folder / DESCRIPTION_FILE).write_text(json.dumps(description, indent=2, ensure_ascii=False) + "\n")
    write_card(folder, description, {task: head.figures for task, head in learned.heads.items()})
    return str(description["version"])


def _to_sample(record: dict[str, Any]) -> Sample:
    labels = {task: record[task] for task in TASKS if record.get(task) is not None}
    if isinstance(labels.get(SERVICEABLE), bool):
        labels[SERVICEABLE] = YES if labels[SERVICEABLE] else NO
    for task, label in labels.items():
        if not isinstance(label, str) or label not in known_labels()[task]:
            raise ValueError(f"{task} is not a label{f' of {LABEL_SEEDS[task][0]}' if task in LABEL_SEEDS else ''}")
    return Sample(record["text"], language_of(record), labels)


def _describe(samples: list[Sample], parameters: Parameters, heads: dict[str, LearnedHead]) -> dict[str, Any]:
    """Return the content of `model.json`, without the hashes of the other files."""
    spoken = [sample.language for sample in samples]
    kept = sorted(code for code in set(spoken) if spoken.count(code) >= _LEAST_LANGUAGE_SHARE * len(spoken))
    rules = load_rules().version
    learned_from = [samples, parameters._asdict(), rules, FEATURES_VERSION]
    labelled = json.dumps(learned_from, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return {
        "format": FORMAT,
        "version": f"model-{hashlib.sha256(labelled).hexdigest()[:12]}",
        "languages": kept,
        "texts": len(samples),
        "rules": rules,
        "parameters": parameters._asdict(),
        "heads": {
            task: {"labels": head.labels, "scale": head.scale, "threshold": head.threshold}
            for task, head in heads.items()
        },
    }


if __name__ == "__main__":
    sys.exit(run_command(main))

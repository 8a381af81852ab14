"""A trained model: the same files from the same labels, abstention, fallback, and refusal of what was tampered with."""

import json
import random
from itertools import islice, permutations
from pathlib import Path

import numpy as np
import pytest

from social_crm.enrichment.care import CARE_VERSION
from social_crm.enrichment.classification import classify_many, features, model, name_version
from social_crm.enrichment.classification.learning import Parameters, Sample
from social_crm.enrichment.classification.model import ModelRefused, load_model
from social_crm.enrichment.training import TrainingRefused, read_samples, train

PARTS = ["the blue lamp", "a green door", "my old chair", "this tall shelf", "our round table", "the small desk"]
PARAMETERS = Parameters(folds=3, least_texts=5)


def make_samples() -> list[Sample]:
    """Words that no rule knows, so that what is answered was learned."""
    broken = [f"{part} zorbles {number}x" for part in PARTS for number in range(4)]
    fine = [f"{part} glimmers {number}x" for part in PARTS for number in range(4)]
    return [
        *(Sample(text, "en", {"contact_type": "complaint", "issue_code": "charges_fees"}) for text in broken),
        *(Sample(text, "en", {"contact_type": "compliment", "issue_code": "security_fraud"}) for text in fine),
    ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    train(make_samples(), folder, PARAMETERS)
    return folder


def copy_model(folder: Path, copy: Path) -> Path:
    copy.mkdir()
    for path in filter(Path.is_file, folder.iterdir()):
        (copy / path.name).write_bytes(path.read_bytes())
    return copy


def test_the_same_labels_give_the_same_files(folder: Path, tmp_path: Path) -> None:
    version = train(make_samples(), tmp_path, PARAMETERS)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        path.name: path.read_bytes() for path in folder.iterdir()
    }
    assert load_model(folder).version == version
    assert name_version(folder).endswith(f"{CARE_VERSION}+{version}")


def test_texts_that_differ_in_their_numbers_alone_are_not_judged_by_a_model_that_saw_one(tmp_path: Path) -> None:
    # Each word is the only one of its texts, and chance gives it its label: nothing can be learned of another.
    words = ["".join(letters) for letters in islice(permutations("bdfgjklm", 5), 0, 6_000, 100)]
    chance = random.Random(1)
    labels = [chance.choice(["complaint", "compliment"]) for _ in words]
    samples = [
        Sample(f"{word} {number}", "en", {"contact_type": label})
        for word, label in zip(words, labels, strict=True)
        for number in range(5)
    ]
    train(samples, tmp_path, PARAMETERS)
    row = next(line for line in (tmp_path / "MODEL_CARD.md").read_text().splitlines() if "`contact_type` |" in line)
    assert float(row.split("|")[3]) < 0.7


def test_a_label_of_one_text_said_often_is_not_learned(tmp_path: Path) -> None:
    samples = [Sample(f"thanks {number}", "en", {"contact_type": "courtesy"}) for number in range(20)]
    train([*make_samples(), *samples], tmp_path, PARAMETERS)
    assert "courtesy" not in load_model(tmp_path).heads[0].labels


def test_other_labels_or_parameters_are_another_version(folder: Path, tmp_path: Path) -> None:
    samples = make_samples()
    samples[0] = samples[0]._replace(text="the blue lamp zorbles again")
    versions = {
        load_model(folder).version,
        train(samples, tmp_path / "a", PARAMETERS),
        train(make_samples(), tmp_path / "b", PARAMETERS._replace(strength=1.0)),
    }
    assert len(versions) == 3


def test_the_model_decides_what_it_learned_and_says_so(folder: Path) -> None:
    (found,) = classify_many([("the round door zorbles", "en")], folder)
    version = load_model(folder).version
    assert (found.contact_types[0].code, found.contact_types[0].decided_by) == ("complaint", "model")
    assert found.contact_types[0].decision_id == version
    assert (found.issues[0].issue_code, found.issues[0].decided_by) == ("charges_fees", "model")
    assert sum(issue.weight for issue in found.issues) == pytest.approx(1)


@pytest.mark.parametrize(
    ("text", "language"),
    [("the round door zorbles", "ko"), ("qqqq", "en"), ("", "en")],
)
def test_the_model_abstains_in_other_languages_and_on_unknown_words(folder: Path, text: str, language: str) -> None:
    assert classify_many([(text, language)], folder) == classify_many([(text, language)], None)


def test_an_unsure_model_leaves_the_text_to_the_rules(folder: Path, tmp_path: Path) -> None:
    copy = copy_model(folder, tmp_path / "copy")
    description = json.loads((copy / "model.json").read_text())
    for head in description["heads"].values():
        head["threshold"] = 1.0
    (copy / "model.json").write_text(json.dumps(description))
    text = ("why was I charged twice? the door zorbles and glimmers", "en")
    assert classify_many([text], copy) == classify_many([text], None)
    assert classify_many([text], copy)[0].contact_types[0].decided_by == "rule"


def test_rules_still_speak_on_types_that_the_model_was_not_taught(folder: Path) -> None:
    (found,) = classify_many([("how do I know that the door zorbles?", "en")], folder)
    deciders = {kind.code: kind.decided_by for kind in found.contact_types}
    assert deciders["question"] == "rule"
    assert deciders["complaint"] == "model"


def serviceable(texts: list[str], folder: Path) -> list[tuple[object, ...]]:
    return [found[:5] for found in classify_many([(text, "en") for text in texts], folder)]


def test_what_the_model_calls_a_complaint_is_to_serve_and_what_it_calls_praise_is_not(folder: Path) -> None:
    texts = ["the round door zorbles", "the round door glimmers", "the round door is crap and glimmers glimmers"]
    assert [found[0] for found in classify_many([(text, "en") for text in texts])] == [False, False, True]
    version = load_model(folder).version
    complaint, compliment, rated_low = serviceable(texts, folder)
    assert complaint[:2] == (True, "complaint")
    assert compliment[:2] == rated_low[:2] == (False, "compliment")
    assert {complaint[3:], compliment[3:], rated_low[3:]} == {("model", version)}


def test_a_rule_on_what_to_serve_stands_against_the_models_types(folder: Path) -> None:
    texts = ["my card was stolen, the round door glimmers", "now hiring: the round door zorbles"]
    assert serviceable(texts, folder) == [found[:5] for found in classify_many([(text, "en") for text in texts])]
    assert [reason for _, reason, *_ in serviceable(texts, folder)] == ["security", "job_or_press"]


def test_the_model_may_call_a_text_not_serviceable_whatever_contact_type_it_finds(tmp_path: Path) -> None:
    samples = [
        sample._replace(labels={**sample.labels, "is_serviceable": str("glimmers" in sample.text).lower()})
        for sample in make_samples()
    ]
    train(samples, tmp_path, PARAMETERS)
    (found,) = classify_many([("the round door zorbles", "en")], tmp_path)
    assert (found.contact_types[0].code, found.is_serviceable) == ("complaint", False)


def test_the_model_learns_by_whose_name_a_text_begins(tmp_path: Path) -> None:
    helped = [
        Sample(f"@acmehelp {part} {number}x", "en", {"contact_type": "complaint"})
        for part in PARTS
        for number in range(4)
    ]
    chatted = [
        Sample(f"@bob_{number} {part} {number}x", "en", {"contact_type": "other"})
        for part in PARTS
        for number in range(4)
    ]
    train(helped + chatted, tmp_path, PARAMETERS)
    texts = [("@zetahelp the round door", "en"), ("@bob_9 the round door", "en")]
    assert [found.contact_types[0].code for found in classify_many(texts, tmp_path)] == ["complaint", "other"]


def test_answers_do_not_depend_on_the_company_of_other_texts(folder: Path) -> None:
    texts = [(sample.text, "en") for sample in make_samples()] + [("어제", "ko"), ("", None)]
    assert classify_many(texts, folder) == [classify_many([text], folder)[0] for text in texts]


@pytest.mark.parametrize("task", ["contact_type", "issue_code"])
def test_a_model_that_was_taught_a_label_which_no_seed_has_is_refused(task: str, tmp_path: Path) -> None:
    renamed = [
        sample._replace(labels={**sample.labels, task: f"{sample.labels[task]}_before"}) for sample in make_samples()
    ]
    train(renamed, tmp_path, PARAMETERS)
    with pytest.raises(ModelRefused, match=f"was taught {task} '.*_before', which is not in"):
        classify_many([("the round door zorbles", "en")], tmp_path)


@pytest.mark.parametrize("name", ["model.json", "vocabulary.json", "weights.npz"])
def test_a_damaged_or_missing_file_is_refused(folder: Path, tmp_path: Path, name: str) -> None:
    damaged = copy_model(folder, tmp_path / "damaged")
    content = bytearray((damaged / name).read_bytes())
    content[len(content) // 2] ^= 0xFF
    (damaged / name).write_bytes(content)
    with pytest.raises(ModelRefused):
        load_model(damaged)
    missing = copy_model(folder, tmp_path / "missing")
    (missing / name).unlink()
    with pytest.raises(ModelRefused, match=name):
        load_model(missing)


def test_a_model_taught_before_there_were_more_features_answers_as_it_did(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [("@zorbles the round door glimmers!!", "en"), ("WHY does my chair zorbles?", "en"), ("a chair", "en")]
    with monkeypatch.context() as before:
        before.setattr(features, "_name_measures", lambda reading: [])
        before.setattr(features, "list_handles", lambda reading: [])
        before.setattr(model, "list_handles", lambda reading: [])
        train(make_samples(), tmp_path, PARAMETERS)
        answered = classify_many(texts, copy_model(tmp_path, tmp_path / "before"))
    assert {kind.decided_by for kind in answered[0].contact_types} == {"model"}
    assert classify_many(texts, copy_model(tmp_path / "before", tmp_path / "now")) == answered


def test_a_model_of_another_format_is_refused(folder: Path, tmp_path: Path) -> None:
    copy = copy_model(folder, tmp_path / "copy")
    path = copy / "model.json"
    path.write_text(path.read_text().replace('"format": 1', '"format": 2'))
    with pytest.raises(ModelRefused, match="format 1"):
        load_model(copy)


def test_weights_that_hold_objects_are_refused_even_with_the_right_hash(folder: Path, tmp_path: Path) -> None:
    import hashlib

    copy = copy_model(folder, tmp_path / "copy")
    np.savez(copy / "weights.npz", idf=np.array([{"a": 1}], dtype=object))
    description = json.loads((copy / "model.json").read_text())
    description["sha256"]["weights.npz"] = hashlib.sha256((copy / "weights.npz").read_bytes()).hexdigest()
    (copy / "model.json").write_text(json.dumps(description))
    with pytest.raises(ModelRefused, match="allow_pickle"):
        load_model(copy)


def test_the_card_tells_the_counts_and_the_held_out_figures(folder: Path) -> None:
    card = (folder / "MODEL_CARD.md").read_text()
    assert "complaint 24, compliment 24" in card
    assert "| `contact_type` | 0.000 | 1.000 | 1.000 |" in card
    assert "48 labelled texts, in en." in card


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "line 2: "),
        (b'{"text": 1}', "line 2: not an object"),
        (b'{"text": "x", "contact_type": ["a"]}', "line 2: contact_type is not a label of contact_types.csv"),
        (b'{"text": "x", "contact_type": "complaints"}', "line 2: contact_type is not a label of contact_types.csv"),
        (b'{"text": "x", "issue_code": ""}', "line 2: issue_code is not a label of issues.csv"),
        (b'{"text": "x", "sentiment": "sad"}', "line 2: sentiment is not a label of sentiment_thresholds.csv"),
        (b'{"text": "x", "is_serviceable": "perhaps"}', "line 2: is_serviceable is not a label"),
    ],
)
def test_a_bad_line_of_labels_is_named(line: bytes, reason: str) -> None:
    with pytest.raises(TrainingRefused, match=reason):
        read_samples([b'{"text": "fine"}', line])


def test_labels_of_one_kind_only_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TrainingRefused, match="no task has two labels"):
        train([sample for sample in make_samples() if "zorbles" in sample.text], tmp_path, PARAMETERS)


def test_serviceable_labels_are_true_and_false() -> None:
    samples = read_samples([b'{"text": "a", "is_serviceable": true}', b'{"text": "b", "is_serviceable": false}'])
    assert [sample.labels for sample in samples] == [{"is_serviceable": "true"}, {"is_serviceable": "false"}]

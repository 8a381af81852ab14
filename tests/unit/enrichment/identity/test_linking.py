"""Files of people go in, links come out: how good they are where the truth is known, and what is never a link."""

import csv
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import pytest

from social_crm.enrichment.identity.fields import NAME_FIELDS
from social_crm.enrichment.identity.levels import LEVELS
from social_crm.enrichment.identity.links import link_files
from social_crm.enrichment.identity.records import UnreadableRecords
from social_crm.enrichment.identity.thresholds import DIRECT

SAME_PERSON = "ann,lee,1980-02-03,ann.lee77@mail.com,5550100200"


def find_links(*paths: Path) -> list[dict[str, Any]]:
    return list(link_files(duckdb.connect(), list(paths), DIRECT, lambda _: None).rows())


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def write_people(path: Path, *people: str) -> Path:
    header = "id,first_name,last_name,dob,email,phone"
    return write(path, header, *(f"{number},{person}" for number, person in enumerate(people)))


@pytest.fixture(scope="module")
def fake_file(shared_data: Path) -> Path:
    return shared_data / "identity/fake_1000.csv"


@pytest.fixture(scope="module")
def fake_links(fake_file: Path) -> list[dict[str, Any]]:
    return find_links(fake_file)


def test_links_of_records_with_known_truth_are_right_and_many(
    fake_file: Path, fake_links: list[dict[str, Any]]
) -> None:
    with fake_file.open(newline="") as file:
        person_of = {row["unique_id"]: row["cluster"] for row in csv.DictReader(file)}
    right = sum(person_of[link["left"]] == person_of[link["right"]] for link in fake_links)
    same_pairs = sum(size * (size - 1) // 2 for size in Counter(person_of.values()).values())
    assert right / len(fake_links) >= 0.98
    assert right / same_pairs >= 0.85


def test_no_pair_is_linked_twice_or_with_itself(fake_links: list[dict[str, Any]]) -> None:
    pairs = Counter(frozenset((link["left"], link["right"])) for link in fake_links)
    assert set(pairs.values()) == {1}
    assert {len(pair) for pair in pairs} == {2}


def test_linking_again_gives_the_same_links(fake_file: Path, fake_links: list[dict[str, Any]]) -> None:
    assert find_links(fake_file) == fake_links


def test_every_direct_link_has_evidence_beside_the_name(fake_links: list[dict[str, Any]]) -> None:
    telling = {field: {level.label for level in levels if level.agrees} for field, levels in LEVELS.items()}
    nameless = [
        link
        for link in fake_links
        if link["through"] is None
        and not any(level in telling[field] for field, level in link["evidence"].items() if field not in NAME_FIELDS)
    ]
    assert nameless == []


def test_a_link_through_a_third_names_it_and_is_sure_of_both_steps(fake_links: list[dict[str, Any]]) -> None:
    sure = {frozenset((link["left"], link["right"])) for link in fake_links if link["probability"] >= 0.99}
    implied = [link for link in fake_links if link["through"] is not None]
    assert implied != []
    for link in implied:
        assert {frozenset((link["left"], link["through"])), frozenset((link["through"], link["right"]))} <= sure


@pytest.mark.parametrize(
    ("other", "is_linked"),
    [
        (SAME_PERSON, True),
        ("lee,ann,1980-02-03,,5550100200", True),
        ("Ánn,LEE,03/02/1980,,+1 (555) 010-0200", True),
        ("ann,lee,,,", False),
        ("ann,lee,1955-11-30,other@mail.com,5559999999", False),
        ("ann,lee,1955-11-30,ann.lee@else.org,", False),
        ("bob,ray,1980-02-03,,", False),
        ("ann,lee,,ann.lee78@mail.com,5550100201", False),
    ],
    ids=[
        "same",
        "crossed names",
        "other writing",
        "name alone",
        "namesake",
        "address made of the name",
        "birthday alone",
        "neighbouring namesake",
    ],
)
def test_a_handful_of_records_is_judged_by_ordinary_shares(tmp_path: Path, other: str, is_linked: bool) -> None:
    assert bool(find_links(write_people(tmp_path / "people.csv", SAME_PERSON, other))) is is_linked


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("bob,jones,,Info@acme.com,", "bob,jones,,info@acme.com,"),
        ("bob,jones,,,0000000000", "bob,jones,,,(000) 000-0000"),
        ("bob,jones,,,+1 (999) 999-9999", "bob,jones,,,9999999999"),
        ("a google,user,1980-02-03,,", "a google,user,1980-02-03,,"),
        ("bob,jones,,none@none.com,", "bob,jones,,None@none.com,"),
        ("bob,jones,unknown,n/a@n/a,123456789", "bob,jones,Unknown,n/a@n/a,0123456789"),
        ("bob,jones,1900-01-01,,777777777", "bob,jones,01/01/1900,,777777777"),
    ],
)
def test_what_many_people_share_links_nobody(tmp_path: Path, one: str, other: str) -> None:
    assert find_links(write_people(tmp_path / "people.csv", one, other)) == []


@pytest.mark.parametrize(("column", "nothing"), [("handle", "@N/A"), ("handle", "-"), ("zip", "N/A")])
def test_what_stands_for_nothing_is_no_evidence_beside_a_name(tmp_path: Path, column: str, nothing: str) -> None:
    path = write(tmp_path / "people.csv", f"id,name,{column}", f"1,Bo Li,{nothing}", f"2,Bo Li,{nothing}")
    assert find_links(path) == []


def test_two_files_are_linked_with_each_other_only_whatever_they_call_their_columns(tmp_path: Path) -> None:
    left = write_people(tmp_path / "left.csv", SAME_PERSON, SAME_PERSON)
    right = write(tmp_path / "right.csv", "Name;E-Mail;unused;Mobile", '"Lee, Ann";Ann.Lee77@mail.com;x;5550100200')
    links = find_links(left, right)
    assert [(link["left"], link["right"]) for link in links] == [("0", "1"), ("1", "1")]
    assert links[0]["evidence"] == {"first_name": "exact", "surname": "exact", "email": "exact", "phone": "exact"}


def test_a_nickname_is_evidence(tmp_path: Path) -> None:
    people = ("bill,stone,1980-02-03,,5550100200", "william,stone,1980-02-03,,5550100200")
    (link,) = find_links(write_people(tmp_path / "people.csv", *people))
    assert link["evidence"]["first_name"] == "nickname"


@pytest.mark.parametrize("people", [[], [SAME_PERSON]], ids=["none", "one"])
def test_too_few_records_to_compare_give_no_links(tmp_path: Path, people: list[str]) -> None:
    assert find_links(write_people(tmp_path / "people.csv", *people)) == []


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (["id,first_name,surname", "1,ann,lee"], "a name alone links nobody"),
        (["colour,size", "red,secret"], "no known columns"),
        (["id,email", "1,secret@mail.com", "1,b@mail.com"], "1 of 2 ids are missing or not unique"),
        (["id,email", ",secret@mail.com", "1,b@mail.com"], "1 of 2 ids are missing or not unique"),
        (["id,email", "1,a@b.c", '2,"secret@mail.com', "3,d@e.f"], "not a CSV file"),
        (["id,email", "1,a@b.c", "2,secret@mail.com,x,y,z", *["3,d@e.f"] * 9], "not a CSV file"),
    ],
    ids=["names only", "unknown columns", "an id twice", "an id missing", "open quote", "too many cells"],
)
def test_an_unusable_file_is_refused_without_quoting_it(tmp_path: Path, lines: list[str], reason: str) -> None:
    with pytest.raises(UnreadableRecords, match=reason) as refusal:
        find_links(write(tmp_path / "people.csv", *lines))
    assert "secret" not in str(refusal.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableRecords, match=r"nowhere\.csv: no such file"):
        find_links(tmp_path / "nowhere.csv")

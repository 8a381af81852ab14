"""What the dbt manifest says about layers, words and tests."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from social_crm.documentation import glossary
from social_crm.enrichment.risk_flags import RISK_FLAGS
from social_crm.publishing.policies import FOLLOW_CUSTOMER, OPEN, OWNER_VIEWS, condition_of
from social_crm.publishing.tables import Scope, scope_of
from social_crm.sources import SOURCES
from social_crm.transform.dbt_runner import FUNCTIONS

ROOT = Path(__file__).resolve().parents[2]
LAYERS = {"seeds": 0, "staging": 1, "intermediate": 2, "marts": 3, "vault": 3}


@pytest.fixture(scope="module")
def manifest(parsed_project: Path) -> dict[str, dict]:
    """Return the project as dbt parsed it; parsing needs no database."""
    return json.loads((parsed_project / "manifest.json").read_text())


def of_type(manifest: dict[str, dict], kind: str) -> dict[str, dict]:
    """Return the manifest's nodes of one resource type."""
    return {key: node for key, node in manifest["nodes"].items() if node["resource_type"] == kind}


def layer(node: dict) -> int:
    """Return how far down the flow a node stands."""
    return LAYERS["seeds" if node["resource_type"] == "seed" else node["fqn"][1]]


def test_layers_only_go_forward(manifest: dict[str, dict]) -> None:
    models = of_type(manifest, "model")
    assert len(models) > 20
    backward = [
        f"{parent} -> {node['name']}"
        for node in models.values()
        for parent in node["depends_on"]["nodes"]
        if parent in manifest["nodes"] and layer(manifest["nodes"][parent]) > layer(node)
    ]
    assert backward == []


def test_only_staging_reads_raw(manifest: dict[str, dict]) -> None:
    offenders = [
        node["name"]
        for node in of_type(manifest, "model").values()
        for parent in node["depends_on"]["nodes"]
        if parent.startswith("source.") and ".raw_" in parent and node["fqn"][1] != "staging"
    ]
    assert offenders == []


def test_what_models_call_of_ours_counts_as_a_file_of_the_project(manifest: dict[str, dict]) -> None:
    code = [model["raw_code"] for model in of_type(manifest, "model").values()]
    code += [macro["macro_sql"] for macro in manifest["macros"].values() if macro["package_name"] == "social_crm"]
    called = set(re.findall(r"\b(?:ops|raw|enriched)\.\w+(?=\()", "".join(code)))
    made = re.findall(r"create or replace function ([\w.]+)", "".join(file.read_text() for file in FUNCTIONS))
    assert called
    assert called <= set(made)


def test_every_model_and_column_is_described(manifest: dict[str, dict]) -> None:
    undescribed = []
    for node in [*of_type(manifest, "model").values(), *of_type(manifest, "seed").values()]:
        undescribed += [] if len(node["description"]) > 15 else [node["name"]]
        undescribed += [
            f"{node['name']}.{name}" for name, column in node["columns"].items() if not column["description"]
        ]
    assert undescribed == []


def test_no_description_ends_at_its_first_comma() -> None:
    # In braces, YAML takes what follows the comma of a text without quotes for a key of its own, and dbt says nothing.
    folders = ("models", "seeds", "macros")
    files = [file for folder in folders for file in (ROOT / "dbt_project" / folder).rglob("*.yml")]
    assert len(files) > 50
    assert [cut for file in files for cut in cut_off(yaml.safe_load(file.read_text()))] == []


def cut_off(node: object) -> Iterator[str]:
    """Yield the rests of texts, which stand as keys with blanks and without a value."""
    if isinstance(node, dict):
        yield from (str(key) for key, value in node.items() if value is None and " " in str(key))
    for part in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from cut_off(part)


def test_what_bi_users_read_of_a_column_needs_no_column_beside_it(manifest: dict[str, dict]) -> None:
    # The glossary is by name, and a comment or a hint in Superset stands alone.
    leaning = ("The same", "Those ", "Their ", "Its end", "The other", "The positive among", "The negative among")
    marts = [node for node in of_type(manifest, "model").values() if node["fqn"][1] == "marts"]
    columns = [(node["name"], column) for node in marts for column in node["columns"].values()]
    assert [f"{table}.{c['name']}" for table, c in columns if c["description"].startswith(leaning)] == []


def test_every_mart_enforces_a_contract(manifest: dict[str, dict]) -> None:
    marts = [node for node in of_type(manifest, "model").values() if node["fqn"][1] == "marts"]
    assert marts
    assert [node["name"] for node in marts if not node["contract"]["enforced"]] == []


def test_model_names_are_short_and_say_their_layer(manifest: dict[str, dict]) -> None:
    marts = ("fct_", "dim_", "bridge_", "rpt_")
    prefixes = {"staging": ("stg_",), "intermediate": ("int_",), "marts": marts, "vault": ("vault_",)}
    bad = [
        node["name"]
        for node in of_type(manifest, "model").values()
        if len(node["name"]) >= 40 or not node["name"].startswith(prefixes[node["fqn"][1]])
    ]
    assert bad == []


def test_each_model_says_its_grain_in_its_first_line(manifest: dict[str, dict]) -> None:
    paths = [ROOT / "dbt_project" / node["original_file_path"] for node in of_type(manifest, "model").values()]
    assert [path.name for path in paths if not path.read_text().startswith(("-- One row per", "{# One row per"))] == []


def test_postgres_has_room_for_the_names_of_unit_tests(manifest: dict[str, dict]) -> None:
    # dbt makes a table of that name, and would say so only when the test is run.
    assert [name for test in manifest["unit_tests"].values() if len(name := test["name"]) > 63] == []


def test_models_that_decide_have_unit_tests(manifest: dict[str, dict]) -> None:
    tested = {node.split(".")[-1] for test in manifest["unit_tests"].values() for node in test["depends_on"]["nodes"]}
    deciding = {
        node["name"]
        for node in of_type(manifest, "model").values()
        if any(word in node["raw_code"].lower() for word in ("case\n", "case when", " over (", "distinct on"))
    }
    assert sorted(deciding - tested) == []


def test_no_model_reads_the_clock(manifest: dict[str, dict]) -> None:
    words = ("now()", "current_timestamp", "clock_timestamp", "current_date", "random()")
    assert [
        n["name"] for n in of_type(manifest, "model").values() if any(w in n["raw_code"].lower() for w in words)
    ] == []


def test_models_show_the_flags_of_risk_that_rules_raise(manifest: dict[str, dict]) -> None:
    macro = manifest["macros"]["macro.social_crm.risk_flags"]["macro_sql"]
    assert dict(re.findall(r"'(\w+)': '(\w+)'", macro)) == RISK_FLAGS


def test_publication_compares_what_each_mart_is_replaced_by(manifest: dict[str, dict]) -> None:
    disagreeing = []
    for node in of_type(manifest, "model").values():
        keys, changed = node["config"]["unique_key"], node["config"]["meta"].get("changed_keys")
        if node["fqn"][1] == "marts" and changed:
            scope = Scope(tuple([keys] if isinstance(keys, str) else keys), changed)
            disagreeing += [] if scope_of(node["name"], list(node["columns"])) == scope else [node["name"]]
        elif node["fqn"][1] == "marts" and node["config"]["materialized"] == "table":
            # Built whole, it may differ in rows of conversations that nothing touched.
            disagreeing += [] if scope_of(node["name"], list(node["columns"])) is None else [node["name"]]
    assert disagreeing == [], "say in publishing/tables.py (SCOPES) what each is replaced by, as its `changed_keys`"


def test_the_exposure_of_the_bi_layer_names_every_mart(manifest: dict[str, dict]) -> None:
    marts = {key for key, node in of_type(manifest, "model").items() if node["fqn"][1] == "marts"}
    named = set(manifest["exposures"]["exposure.social_crm.bi_layer"]["depends_on"]["nodes"])
    assert named == marts, "list them in models/marts/_marts__exposures.yml"


def test_the_readme_and_the_architecture_know_every_mart(manifest: dict[str, dict]) -> None:
    marts = {node["name"] for node in of_type(manifest, "model").values() if node["fqn"][1] == "marts"}
    readme, architecture = ((ROOT / name).read_text() for name in ("README.md", "docs/architecture.md"))
    assert {name for name in marts if f"`{name}`" not in readme} == set()
    # Reports of outcomes are many, and go by one word there.
    others = {name for name in marts if not name.startswith("rpt_") and f"`{name}`" not in architecture}
    assert others == set()


def test_whatever_has_rows_of_a_market_is_seen_by_market(manifest: dict[str, dict]) -> None:
    marts = {node["name"]: node for node in of_type(manifest, "model").values() if node["fqn"][1] == "marts"}
    by_market = {name for name, node in marts.items() if "market_code" in node["columns"]}
    dimensions = {name for name in marts if name.startswith("dim_")}
    # A dimension that says who somebody is goes with the customer.
    of_customers = {name for name in dimensions - by_market if "customer_id" in marts[name]["columns"]}
    marketless = (marts.keys() - dimensions - by_market) | of_customers
    assert marketless == {*FOLLOW_CUSTOMER, *OWNER_VIEWS}, "say in publishing/policies.py who sees rows of no market"
    protected = {name for name, node in marts.items() if condition_of(name, list(node["columns"]))}
    assert protected == (by_market - OPEN.keys()) | set(FOLLOW_CUSTOMER)


def test_published_views_read_nothing_but_published_tables(manifest: dict[str, dict]) -> None:
    views = [
        node
        for node in of_type(manifest, "model").values()
        if node["fqn"][1] == "marts" and node["config"]["materialized"] == "view"
    ]
    assert views
    marts = {key for key, node in of_type(manifest, "model").items() if node["fqn"][1] == "marts"}
    for node in views:
        of_state = {parent.removeprefix("source.social_crm.") for parent in set(node["depends_on"]["nodes"]) - marts}
        assert of_state <= {"bi.activations", "bi.publications"} or node["name"] in OWNER_VIEWS, node["name"]
        # A view that runs as its owner shows nothing that belongs to a market.
        assert node["name"] not in OWNER_VIEWS or not set(node["depends_on"]["nodes"]) & marts


def test_nothing_but_the_vault_reads_the_vault(manifest: dict[str, dict]) -> None:
    vault = {key for key, node in of_type(manifest, "model").items() if node["fqn"][1] == "vault"}
    readers = [node["name"] for node in of_type(manifest, "model").values() if vault & set(node["depends_on"]["nodes"])]
    assert len(vault) == 2
    assert readers == []


def test_the_glossary_is_current(manifest: dict[str, dict]) -> None:
    assert glossary.GLOSSARY.read_text() == glossary.write(manifest), "run: make generate"


def test_what_an_unchanged_project_does_not_build_again_would_come_out_the_same(manifest: dict[str, dict]) -> None:
    models, constant = of_type(manifest, "model"), set(of_type(manifest, "seed"))
    while found := {key for key in models.keys() - constant if constant.issuperset(parents_of(models[key]))}:
        constant |= found
    # A view of what keeps its place is not constant, but it stands; one of a table that is swapped goes with the table.
    views = {key for key, node in models.items() if node["config"]["materialized"] == "view"}
    swapped = {key for key, node in models.items() if node["config"]["materialized"] == "table"} - constant
    while found := {key for key in views if swapped.intersection(parents_of(models[key]))}:
        swapped |= found
        views -= found
    assert {key for key, node in manifest["nodes"].items() if stands(node)} == constant | views


def test_what_a_source_without_a_new_load_does_not_stage_again_would_come_out_the_same(
    manifest: dict[str, dict],
) -> None:
    names = {source.name for source in SOURCES}
    loads = {f"source.social_crm.ops.{name}" for name in ("visible_loads", "pending_loads")}
    staged = [node for node in of_type(manifest, "model").values() if node["fqn"][1] == "staging"]
    assert {node["fqn"][2] for node in staged} >= names
    for node in staged:
        if (source := node["fqn"][2]) in names:
            of_its_own = (f"source.social_crm.{source}.", f"model.social_crm.stg_{source}__", "seed.social_crm.")
            others = {key for key in parents_of(node) if not key.startswith(of_its_own)}
            assert others <= loads, node["name"]
        else:
            assert stands(node), f"{node['name']} is of no source, and nothing but another file makes it again"


def parents_of(node: dict) -> list[str]:
    """Return the keys of what a node reads."""
    return node["depends_on"]["nodes"]


def stands(node: dict) -> bool:
    """Return whether parts.STANDING selects a node."""
    if node["resource_type"] == "seed":
        return True
    is_view = node["resource_type"] == "model" and node["config"]["materialized"] == "view"
    return (is_view and node["fqn"][1] in ("staging", "marts")) or "standing" in node["config"]["tags"]

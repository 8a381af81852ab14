"""Queries that documents tell people to type run in a warehouse, as the role that is told to type them."""

import re

import pytest

from social_crm.database import connect
from social_crm.settings import PROJECT_ROOT, load_settings
from worlds.star_warehouse import StarWarehouse

DOCS = PROJECT_ROOT / "docs"
# What stands for a name or a key that the reader fills in.
FILLED_IN = {"marts.<table> where <key> in (…)": "marts.fct_contacts", "'…'": "'none'", "<keys>": ""}
CHANGES = re.compile(r"^(\\|create role|alter role|grant |revoke |drop role).*$", re.MULTILINE)


def queries(name: str, language: str) -> list[str]:
    """Return the statements of the fenced blocks of a document, and those between backticks that select."""
    text = (PROJECT_ROOT / name).read_text(encoding="utf-8")
    if language == "bash":
        return [query.replace("\\\n", " ") for query in re.findall(r'make sql Q="(select .*?)"', text, re.DOTALL)]
    fenced = CHANGES.sub("", "".join(re.findall(r"```sql\n(.*?)```", text, re.DOTALL)))
    inline = re.findall(r"`(select .*?)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    statements = [*re.split(r";\s*(?:--.*)?\n|\n\n(?=select)", fenced), *inline]
    return [query.strip().rstrip(";") for query in statements if query.strip() and "pg_terminate_backend" not in query]


def test_a_bi_user_may_ask_what_the_readme_asks(star: StarWarehouse) -> None:
    asked = queries("README.md", "bash")
    assert len(asked) >= 6
    with connect(load_settings().warehouse_reader_url) as reader:
        for query in asked:
            reader.execute(query.encode())


@pytest.mark.parametrize("name", sorted(path.name for path in (DOCS / "runbooks").glob("*.md")))
def test_an_engineer_may_ask_what_a_runbook_asks(star: StarWarehouse, name: str) -> None:
    for query in queries(f"docs/runbooks/{name}", "sql"):
        for blank, filled in FILLED_IN.items():
            query = query.replace(blank, filled)
        star.admin.execute(query.encode())


def test_an_engineer_may_ask_what_the_guide_asks(star: StarWarehouse) -> None:
    text = (DOCS / "guide-data-engineer.md").read_text(encoding="utf-8")
    asked = [query for query in re.findall(r"`(select .*?)`", text) if "…" not in query]
    assert len(asked) >= 2
    for query in asked:
        star.admin.execute(query.encode())

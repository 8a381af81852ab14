"""The query behind a dataset: a fact with the names for all its keys."""

from collections.abc import Iterator
from dataclasses import dataclass

from social_crm.dashboards.assets import SCHEMA
from social_crm.dashboards.semantics import Node, Semantics

# The name of an attribute says whose it is: agent_team, but region.
SAID_OF_WHOM = ("agent", "customer")
# A contact has its own business unit, which may follow from its issue.
OF_THE_PRODUCT = "business_unit"
# A fact without a market, channel or brand of its own has that of its conversation.
WAY_TO_PLACES = "conversation"
PLACES = ("market", "channel", "brand")
# Columns that tables have as codes, but that people know by name.
NAMES = {entity: f"{entity}_code" for entity in (*PLACES, "issue", "product", "contact_type")} | {
    "routing_team": "team_code"
}


@dataclass(frozen=True)
class Column:
    """One column of a dataset, and the column of a published table behind it."""

    name: str
    table: str
    source: str
    alias: str


@dataclass(frozen=True)
class Join:
    """One table that a fact is joined to, by the key of one of its entities."""

    entity: str
    table: str
    from_alias: str
    from_key: str
    key: str
    # Of a second code of the same kind, as `earlier_channel_code`: what its name is called.
    second: str | None = None

    @property
    def alias(self) -> str:
        """Return what the joined table is called in the query."""
        return self.second or self.entity

    def sql(self) -> str:
        """Return the join: a left join, so that no row is lost and the planner skips unused tables."""
        keys = f"{self.from_alias}.{self.from_key} = {self.alias}.{self.key}"
        return f"left join {SCHEMA}.{self.table} as {self.alias} on {keys}"


def table_of(model: Node) -> str:
    """Return the table that a semantic model describes."""
    return str(model["node_relation"]["alias"])


def joins_of(semantics: Semantics, model: Node) -> list[Join]:
    """Return the tables that give names to the keys of a semantic model, in the order in which they are joined."""
    fact = table_of(model)
    return [*_joins(semantics, model, fact), *_second_joins(semantics, fact)]


def joins_of_report(semantics: Semantics, table: str) -> list[Join]:
    """Return the tables that name the codes of a table without a semantic model, because people filter by names."""
    held, owners = semantics.tables[table]["columns"], semantics.owners()
    own = [Join(entity, table_of(owners[entity]), table, key, key) for entity, key in NAMES.items() if key in held]
    return [*own, *_second_joins(semantics, table)]


def columns_of(semantics: Semantics, fact: str, joins: list[Join]) -> list[Column]:
    """Return the columns of a dataset: all of the fact, then the additional ones of the joined tables."""
    found = {name: Column(name, fact, name, fact) for name in semantics.tables[fact]["columns"]}
    owners = semantics.owners()
    for join in joins:
        if join.entity == WAY_TO_PLACES:
            keys = [f"{place}_code" for place in PLACES]
            found |= {key: Column(key, join.table, key, join.alias) for key in keys if key not in found}
            continue
        for dimension in owners[join.entity]["dimensions"]:
            if join.second and dimension["name"] != "name":
                continue
            name = join.second or dimension_column(join.entity, dimension["name"])
            source = dimension["expr"] or dimension["name"]
            found.setdefault(name, Column(name, join.table, source, join.alias))
    return list(found.values())


def dimension_column(entity: str, dimension: str) -> str:
    """Return the column of a dataset that MetricFlow knows as `entity__dimension`."""
    if dimension == "name":
        return entity
    is_of_whom = entity in SAID_OF_WHOM or (entity, dimension) == ("product", OF_THE_PRODUCT)
    return f"{entity}_{dimension}" if is_of_whom else dimension


def query(fact: str, columns: list[Column], joins: list[Join]) -> str:
    """Return the SQL of a dataset."""
    listed = [
        f"{column.alias}.{column.source}" + ("" if column.source == column.name else f" as {column.name}")
        for column in columns
    ]
    lines = ["select", ",\n".join(f"    {line}" for line in listed), f"from {SCHEMA}.{fact} as {fact}"]
    return "\n".join([*lines, *(join.sql() for join in joins)]) + "\n"


def _second_joins(semantics: Semantics, table: str) -> Iterator[Join]:
    owners = semantics.owners()
    for column in semantics.tables[table]["columns"]:
        for entity, key in NAMES.items():
            if column.endswith(f"_{key}"):
                yield Join(entity, table_of(owners[entity]), table, column, key, column.removesuffix("_code"))


def _joins(semantics: Semantics, model: Node, alias: str) -> Iterator[Join]:
    owners = semantics.owners()
    entities = {entity["name"]: entity for entity in model["entities"] if entity["type"] == "foreign"}
    for name, entity in entities.items():
        owner = owners.get(name)
        is_way = name == WAY_TO_PLACES and "market" not in entities
        if owner is None or (owner["measures"] and not is_way):
            continue
        key = next(held["expr"] or name for held in owner["entities"] if held["name"] == name)
        yield Join(name, table_of(owner), alias, entity["expr"] or name, key)
        if is_way:
            found = _joins(semantics, owner, WAY_TO_PLACES)
            yield from (join for join in found if join.entity in PLACES)

"""dbt's own bookkeeping, made cheaper while tests run: for so few rows it takes longer than the SQL.

Nothing here changes what dbt asks of Postgres. A transform of 119 models takes 3 to 4 s of CPU instead of 8 to 9 s,
and 1 of the server instead of 2. The processes of real DAG runs use dbt as it comes.
The names are those of dbt 1.11; the first transform fails if one is missing. To go once dbt is as quick.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from functools import cache, wraps
from typing import Any

from social_crm.transform.dbt_runner import DBT_PROJECT_DIR


def quickly(invoke_dbt: Callable[..., Any]) -> Callable[..., Any]:
    """Let a function that runs dbt do so cheaply; dbt is imported by the first call, for it takes seconds."""

    @wraps(invoke_dbt)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        _install()
        return invoke_dbt(*args, **kwargs)

    return wrapper


@cache
def _install() -> None:
    _skip_the_search_for_sources_of_flags()
    _drop_events_that_no_log_takes()
    _keep_what_dates_look_like()
    _believe_that_the_graph_has_no_cycles()
    _merge_macros_once_a_context()
    _keep_contexts_of_macros()
    _keep_compiled_templates()
    _keep_made_macros()
    _make_one_context_a_model()
    _keep_forms_of_tables()
    _find_relations_by_key()
    _keep_connections()
    _keep_manifests()
    _write_no_files()
    _keep_modules()


def _replace(owner: Any, name: str, new: Any) -> None:
    """Put something else in the place of a name that must be there."""
    getattr(owner, name)
    setattr(owner, name, new)


def _skip_the_search_for_sources_of_flags() -> None:
    """Give every behavior flag a fixed source, which only messages repeat, instead of searching modules for it.

    dbt goes through every module once a frame of the stack, for each of its flags: seconds a command.
    """
    from dbt_common.behavior_flags import BehaviorFlagRendered

    _replace(BehaviorFlagRendered, "_default_source", staticmethod(lambda: "dbt"))


def _drop_events_that_no_log_takes() -> None:
    """Make messages of debug events, thousands a run, only where a log takes them."""
    from dbt_common.events.base_types import BaseEvent, DebugLevel, EventLevel
    from dbt_common.events.event_manager import EventManager

    fire, begin = EventManager.fire_event, BaseEvent.__init__

    def begin_later(self: DebugLevel, *args: Any, **kwargs: Any) -> None:
        vars(self)["given"] = args, kwargs

    def get(self: DebugLevel, name: str) -> Any:
        if name == "pb_msg":
            args, kwargs = vars(self).pop("given")
            begin(self, *args, **kwargs)
            return vars(self)["pb_msg"]
        return getattr(self.pb_msg, name)

    def fire_if_heard(self: EventManager, e: BaseEvent, level: EventLevel | None = None, *args: Any, **kw: Any) -> None:
        if self.loggers or (level or e.level_tag()) is not EventLevel.DEBUG:
            fire(self, e, level, *args, **kw)

    _replace(DebugLevel, "__init__", begin_later)
    DebugLevel.__getattr__ = get
    _replace(EventManager, "fire_event", fire_if_heard)


def _keep_what_dates_look_like() -> None:
    """Make the expressions that read dates once, not for every result of a query."""
    import parsedatetime

    _replace(parsedatetime, "Constants", cache(parsedatetime.Constants))


def _believe_that_the_graph_has_no_cycles() -> None:
    """Leave to real DAG runs, and to production, what every command looks for again."""
    from dbt.compilation import Linker

    _replace(Linker, "find_cycles", lambda self: None)


def _merge_macros_once_a_context() -> None:
    """Look macros up in one dictionary; dbt looks through six, for each of six hundred names."""
    from dbt.context.macros import MacroNamespace

    def merged(self: MacroNamespace) -> dict[str, Any]:
        if "merged" not in vars(self):
            self.merged = {key: one for found in reversed([*self._search_order()]) for key, one in found.items()}
        return self.merged

    def names(self: MacroNamespace) -> Iterator[str]:
        return iter(merged(self))

    _replace(MacroNamespace, "__iter__", names)
    _replace(MacroNamespace, "__getitem__", lambda self, key: merged(self)[key])


def _keep_contexts_of_macros() -> None:
    """Let a macro that the adapter calls again in a command find the context it had; each thread has its own."""
    from dbt.cli import requires

    make = requires.generate_runtime_macro_context

    def keep(macro: Any, config: Any, manifest: Any, package_name: str | None) -> dict[str, Any]:
        kept = vars(config).setdefault("kept_contexts", {})
        key = threading.get_ident(), macro.unique_id, package_name
        if key not in kept:
            kept[key] = make(macro, config, manifest, package_name)
        return kept[key]

    _replace(requires, "generate_runtime_macro_context", keep)


def _keep_compiled_templates() -> None:
    """Compile the Jinja of each model and property once, not in every command."""
    from dbt_common.clients.jinja import MacroFuzzEnvironment

    compile_anew = MacroFuzzEnvironment.compile
    kept: dict[tuple[type, str], Any] = {}

    def compile_once(self: MacroFuzzEnvironment, source: str) -> Any:
        key = type(self), source
        if key not in kept:
            kept[key] = compile_anew(self, source)
        return kept[key]

    _replace(MacroFuzzEnvironment, "compile", compile_once)


def _keep_made_macros() -> None:
    """Make the function of a macro once for the context of a model, not at every call."""
    from dbt_common.clients.jinja import CallableMacroGenerator

    make = CallableMacroGenerator.get_macro

    def made(self: CallableMacroGenerator) -> Callable[..., Any]:
        kept = self.context.setdefault("made_macros", {})
        if self.macro.unique_id not in kept:
            kept[self.macro.unique_id] = make(self)
        return kept[self.macro.unique_id]

    _replace(CallableMacroGenerator, "get_macro", made)


def _make_one_context_a_model() -> None:
    """Bring the context in which a model was compiled up to date for running it, instead of making a second one."""
    from dbt import compilation
    from dbt.context.providers import ModelContext, RuntimeProvider
    from dbt.task import run

    def make(model: Any, config: Any, manifest: Any) -> Any:
        return ModelContext(model, config, manifest, RuntimeProvider(), None)

    def compiling(model: Any, config: Any, manifest: Any) -> dict[str, Any]:
        last.model, last.context = model, make(model, config, manifest)
        return last.context.to_dict()

    def running(model: Any, config: Any, manifest: Any) -> dict[str, Any]:
        # A seed is run without being compiled.
        is_last = getattr(last, "model", None) is model
        context = last.context if is_last else make(model, config, manifest)
        # They see what the context held when they were made.
        context._ctx.pop("made_macros", None)
        return context.to_dict()

    # A thread of dbt runs what it compiled before it compiles another.
    last = threading.local()
    _replace(compilation, "generate_runtime_model_context", compiling)
    _replace(run, "generate_runtime_model_context", running)


def _keep_forms_of_tables() -> None:
    """Make once what reads a result's columns, and the table without rows that most statements return."""
    from dbt_common.clients import agate_helper

    @cache
    def kept_tester(text_columns: frozenset[str], null_values: tuple[str, ...]) -> Any:
        return make_tester(text_columns, null_values)

    def tester(text_columns: Iterable[str], string_null_values: Iterable[str] = ("null", "")) -> Any:
        return kept_tester(frozenset(text_columns), tuple(string_null_values))

    make_tester = agate_helper.build_type_tester
    _replace(agate_helper, "build_type_tester", tester)
    _replace(agate_helper, "empty_table", cache(agate_helper.empty_table))


def _find_relations_by_key() -> None:
    """Spare lowercasing and comparing the name of every relation for each that is looked for."""
    from dbt.adapters.base import BaseAdapter
    from dbt.adapters.cache import RelationsCache

    match = BaseAdapter._make_match

    def match_few(self: BaseAdapter, found: list[Any], database: str, schema: str, identifier: str) -> list[Any]:
        same = [one for one in found if one.identifier == identifier]
        return match(self, same, database, schema, identifier)

    _replace(BaseAdapter, "_make_match", match_few)

    def of_schema(self: RelationsCache, database: str | None, schema: str | None) -> list[Any]:
        with self.lock:
            wanted = str(database).lower(), str(schema).lower()
            return [one.inner for key, one in self.relations.items() if (key.database, key.schema) == wanted]

    _replace(RelationsCache, "get_relations", of_schema)


def _keep_connections() -> None:
    """Sign in once a thread and command, not for every model: a new session reads the catalog, a second in all."""
    from dbt.adapters.base.connections import BaseConnectionManager

    name_anew, let_go = BaseConnectionManager.set_connection_name, BaseConnectionManager.release

    def name_again(self: BaseConnectionManager, name: str | None = None) -> Any:
        connection = self.get_if_exists()
        if connection is None or connection.state != "open":
            return name_anew(self, name)
        connection.name = name or "master"
        return connection

    def keep(self: BaseConnectionManager) -> None:
        connection = self.get_if_exists()
        if connection is not None and connection.transaction_open:
            let_go(self)
        elif connection is not None and connection.state == "open":
            # What a query without a `begin` has locked, dbt would give back by closing.
            connection.handle.rollback()

    _replace(BaseConnectionManager, "set_connection_name", name_again)
    _replace(BaseConnectionManager, "release", keep)


def _keep_manifests() -> None:
    """Read our project, which no test edits, once for all warehouses and commands that leave it as it was parsed."""
    from dbt.cli import requires

    set_up, ours, kept = requires.setup_manifest, str(DBT_PROJECT_DIR), list[Any]()

    def set_up_once(ctx: Any, *args: Any, **kwargs: Any) -> None:
        config, flags = ctx.obj["runtime_config"], ctx.obj["flags"]
        is_kept = flags.WHICH in ("run", "seed", "compile") or (flags.WHICH == "parse" and not flags.WRITE_JSON)
        if kept and is_kept and config.project_root == ours:
            ctx.obj["manifest"] = kept[-1]
            _move(kept[-1], config.credentials.database)
        set_up(ctx, *args, **kwargs)
        if config.project_root == ours and (is_kept or flags.WHICH == "parse"):
            kept[:] = [ctx.obj["manifest"]]

    _replace(requires, "setup_manifest", set_up_once)


def _move(manifest: Any, database: str) -> None:
    for node in (*manifest.nodes.values(), *manifest.sources.values()):
        node.database = database
        if node.relation_name:
            node.relation_name = f'"{database}".{node.relation_name.partition(".")[2]}'


def _write_no_files() -> None:
    """Keep what was made of a model from the disk, where only the command that is asked for it is read."""
    from dbt.contracts.graph.nodes import ParsedNode
    from dbt.flags import get_flags

    write = ParsedNode.write_node

    def write_if_asked(self: ParsedNode, *args: Any, **kwargs: Any) -> None:
        if get_flags().WHICH == "compile":
            write(self, *args, **kwargs)

    _replace(ParsedNode, "write_node", write_if_asked)


def _keep_modules() -> None:
    """Wrap what models may call of Python once, not for every model."""
    from dbt.context import base

    _replace(base, "get_context_modules", cache(base.get_context_modules))

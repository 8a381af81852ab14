"""Superset's asset files: names, ids and YAML, the same each time they are written."""

from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import yaml

from social_crm.settings import PROJECT_ROOT

# Fixed for ever: whoever changes it makes every asset a new one, beside the old ones.
NAMESPACE = UUID("6f0d8f0e-5e0b-4d53-9f0a-3d0c6f1f6b1a")
BI_DIR = PROJECT_ROOT / "bi"
DATABASE = "warehouse"
VERSION = "1.0.0"
Asset = dict[str, Any]
Files = dict[str, str]


def asset_id(kind: str, name: str) -> str:
    """Return the id of an asset: the same name has the same id in every installation, so importing again updates."""
    return str(uuid5(NAMESPACE, f"{kind}/{name}"))


def text_of(asset: Asset) -> str:
    """Return an asset as YAML."""
    return yaml.dump(asset, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)


def frame() -> Files:
    """Return what every bundle holds: its metadata and the one database, without host and password."""
    database = {
        "database_name": DATABASE,
        "sqlalchemy_uri": f"postgresql+psycopg2://bi_reader@warehouse.invalid/{DATABASE}",
        "cache_timeout": None,
        "expose_in_sqllab": True,
        "allow_run_async": False,
        "allow_ctas": False,
        "allow_cvas": False,
        "allow_dml": False,
        "allow_csv_upload": False,
        "extra": {"allows_virtual_table_explore": True, "schemas_allowed_for_csv_upload": []},
        "uuid": asset_id("databases", DATABASE),
        "version": VERSION,
        "is_managed_externally": True,
    }
    return {
        "metadata.yaml": text_of({"version": VERSION, "type": "assets"}),
        f"databases/{DATABASE}.yaml": text_of(database),
    }


def write(files: Files, folders: tuple[str, ...], target: Path = BI_DIR) -> None:
    """Write files below `bi/` and delete what right in those folders is no longer among them."""
    for folder in folders:
        for old in (target / folder).glob("*.yaml"):
            if str(old.relative_to(target)) not in files:
                old.unlink()
    for name, text in files.items():
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as blocks, so that SQL and prose can be read in a diff."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Indent lists below their key, as the other YAML of the project does."""
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        """Write equal parts out each time."""
        return True


def _block(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    # A block cannot hold blanks at the end of a line.
    text = "\n".join(line.rstrip() for line in text.splitlines()) if style else text
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _block)

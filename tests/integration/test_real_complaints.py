"""Real public complaints in three header generations become one star, ids merged and not doubled."""

import csv
import shutil
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from social_crm.settings import Settings
from social_crm.sources.model import Connection, Window
from worlds.real_flow import ask, land, transform

WINDOW = Window(datetime(2026, 10, 5, tzinfo=UTC), datetime(2026, 10, 6, tzinfo=UTC))
GENERATIONS = {
    "complaints_2013_banks_all_channels.csv": None,
    "complaints_2014_14cols_with_channel.csv": "Complaint ID",
    "complaints_2023-04_underscored_headers.csv": "Complaint_ID",
}
# The last row of the 2014 file lacks its last cell: quarantined with its line, and no other row with it.
CUT_SHORT = "1066397"


def test_three_generations_in_one_star(warehouse: Settings, shared_data: Path, tmp_path: Path) -> None:
    expected_ids: Counter[str] = Counter()
    without_id = 0
    for name, id_column in GENERATIONS.items():
        shutil.copy(shared_data / "cfpb" / name, tmp_path / name)
        with (tmp_path / name).open(newline="", encoding="utf-8-sig") as stream:
            rows = list(csv.DictReader(stream))
        if id_column:
            expected_ids.update(row[id_column] for row in rows)
        else:
            without_id += len(rows)
    # The 2014 file once more under another name: the same complaints, not twice as many.
    shutil.copy(tmp_path / "complaints_2014_14cols_with_channel.csv", tmp_path / "complaints_resent.csv")

    counts = land("complaints.complaints", Connection(str(tmp_path), options={"settle_seconds": 0}), WINDOW)
    transform()

    ids = [
        native_id
        for (native_id,) in ask(
            "select substr(interaction_id, 12) from bi.fct_interactions where source = 'complaints'"
        )
    ]
    with_id = [native_id for native_id in ids if not native_id.startswith("row:")]
    assert sorted(with_id) == sorted(set(expected_ids) - {CUT_SHORT})
    assert counts.quarantined > 0
    assert len(ids) - len(with_id) == without_id
    channels = {name for (name,) in ask("select distinct channel_code from bi.fct_interactions")}
    # None of these files holds a complaint by e-mail.
    assert channels == {f"regulator_{how}" for how in ("fax", "letter", "phone", "referral", "web")}
    # The bureau never says when the company answered: unknown, and not 0.
    assert ask("select count(*) from bi.fct_conversations where frt_customer_calendar_seconds is not null") == [(0,)]

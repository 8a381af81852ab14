"""What the embedded server asks of a machine that it never ran on."""

import os
import pwd
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from social_crm.local import postgres


def test_two_servers_that_start_at_once_make_the_user_one_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    making: list[str] = []
    beside: list[int] = []

    def ensure_user_exists(name: str) -> None:
        making.append(name)
        time.sleep(0.1)
        beside.append(len(making))
        making.remove(name)

    monkeypatch.setattr(postgres, "ROOT_STAND_IN", pwd.getpwuid(os.getuid()).pw_name)
    monkeypatch.setattr(postgres, "ensure_user_exists", ensure_user_exists)
    for name in ("ensure_prefix_permissions", "ensure_folder_permissions"):
        monkeypatch.setattr(postgres, name, lambda *_: None)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(postgres._prepare_for_root, [tmp_path, tmp_path]))
    assert beside == [1, 1]

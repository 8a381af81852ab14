"""Erasing while others are at work on the same rows: a batch that commits, words that go, another erasure."""

from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

import psycopg
import pytest

from social_crm.database import connect
from social_crm.landing.batches import Batch, BatchWriter
from social_crm.privacy import erasure, erasure_sweep
from social_crm.privacy.retention import _Policy, _Sweep
from social_crm.sources import source_named
from worlds.erased_person import post, request, traces
from worlds.star_warehouse import FAR_FUTURE, StarWarehouse

# As long as the other process is waited for, which ends unless it waits in turn.
SECONDS = 2.0
# By all that a record knows them by, so that no second sweep follows from the first.
ANN, BO = ("x:@AnnOak", "x:8800771"), ("x:@bo", "x:8800772")


def test_a_batch_that_commits_while_its_person_is_erased_keeps_nothing(
    landed: StarWarehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    suppress, erasing = BatchWriter._suppress, list[Future[Any]]()
    with ThreadPoolExecutor(1) as other:

        def suppress_and_linger(writer: BatchWriter, batch: Batch) -> None:
            suppress(writer, batch)
            erasing.append(other.submit(request, *ANN))
            wait(erasing, timeout=SECONDS)

        monkeypatch.setattr(BatchWriter, "_suppress", suppress_and_linger)
        landed.land("x.posts", [post(7001, 8800771, "AnnOak", "secretword")])
    assert erasing[0].result() == {"x.posts": 1}
    assert traces(landed) == set()


def test_who_is_erased_while_a_policy_takes_words_from_the_row_is_gone(landed: StarWarehouse) -> None:
    landed.land("x.posts", [post(7001, 8800771, "AnnOak", "secretword")])
    x = source_named("x")
    sweep = _Sweep(landed.admin, _Policy(x, None, None), x.resource("posts"), FAR_FUTURE)
    with ThreadPoolExecutor(1) as other:
        with landed.admin.transaction():
            sweep._clear(1, "age", False, None, ["text"])
            erasing = other.submit(request, *ANN)
            wait([erasing], timeout=SECONDS)
        assert erasing.result() == {"x.posts": 1}
    assert traces(landed) == set()


def test_a_sweep_does_not_say_that_one_who_was_registered_meanwhile_is_gone(
    landed: StarWarehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    forget = erasure_sweep._forget

    def killed(*_: Any, **__: Any) -> int:
        raise KeyboardInterrupt

    def forget_late(warehouse: psycopg.Connection, unswept: list[int], *, is_built: bool) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(erasure_sweep, "_erase_from", killed)
            with pytest.raises(KeyboardInterrupt):
                request(*ANN)
        forget(warehouse, unswept, is_built=is_built)

    monkeypatch.setattr(erasure_sweep, "_forget", forget_late)
    request(*BO)
    swept = landed.admin.execute("select swept_at is not null from ops.erasures order by erasure_id").fetchall()
    assert swept == [(True,), (False,)]


def test_a_sweep_that_has_to_wait_too_long_says_what_is_left_to_do(
    landed: StarWarehouse, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    landed.land("x.posts", [post(7001, 8800771, "AnnOak", "secretword")])
    monkeypatch.setattr(erasure, "connect", lambda url, **options: connect(url, **options | {"lock_timeout": "100ms"}))
    monkeypatch.setattr("sys.argv", ["erasure", "erase", *ANN, "--by", "dpo", "--reason", "request 17"])
    with landed.admin.transaction():
        # As a publication does.
        landed.admin.execute("lock table ops.transform_runs in share row exclusive mode")
        assert erasure.main() == 2
    told = capsys.readouterr().err
    assert "LockNotAvailable" in told
    assert "`reapply` finishes it" in told
    erasure.reapply()
    assert traces(landed) == set()

"""Terms of sources that forbid to match their authors with customers are kept, whatever the seed says."""

from dataclasses import replace

import psycopg
import pytest

from social_crm.enrichment.assessment import SCORER_VERSION
from social_crm.errors import MatchingForbidden
from social_crm.privacy.source_policies import refuse_forbidden_matching
from social_crm.settings import Settings
from social_crm.sources import SOURCES
from social_crm.sources.youtube import YOUTUBE
from social_crm.transform import parts
from social_crm.transform.dbt_runner import load_seeds, project_version

STRICT = replace(YOUTUBE, matching_forbidden="its terms forbid to enrich a CRM")


def test_a_transform_refuses_before_it_brings_any_model_up_to_date(
    warehouse: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_seeds(["source_policies"])
    monkeypatch.setattr(parts, "load_seeds", lambda **_: [])
    monkeypatch.setattr(parts, "run_models", lambda *_, **__: [])
    monkeypatch.setattr(parts, "run_tests", lambda _: [])
    with psycopg.connect(warehouse.warehouse_admin_url, autocommit=True) as admin:
        begun = admin.execute(
            "insert into ops.transform_runs (run_id, as_of, status, scorer_version, project_version)"
            " values ('test', now(), 'running', %s, %s) returning transform_id",
            [SCORER_VERSION, project_version()],
        ).fetchone()
        assert begun
        assert parts.stage(begun[0]) == []
        admin.execute("update seeds.source_policies set may_match_identities = true where source = 'linkedin'")
    with pytest.raises(MatchingForbidden, match="linkedin"):
        parts.stage(begun[0])


def test_matching_that_terms_forbid_is_refused_with_the_reason(warehouse: Settings) -> None:
    load_seeds(["source_policies"])
    refuse_forbidden_matching([STRICT])
    refuse_forbidden_matching(SOURCES)
    with psycopg.connect(warehouse.warehouse_admin_url, autocommit=True) as admin:
        admin.execute("update seeds.source_policies set may_match_identities = true")
    refuse_forbidden_matching([YOUTUBE])
    with pytest.raises(MatchingForbidden, match=r"terms of youtube \(its terms forbid to enrich a CRM\): set"):
        refuse_forbidden_matching([STRICT])

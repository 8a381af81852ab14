"""What dbt and the enrichment code must agree on."""

import yaml

from social_crm.enrichment.assessment import SCORER_VERSION
from social_crm.settings import PROJECT_ROOT


def test_the_star_shows_the_scores_of_the_scorer_in_use() -> None:
    project = yaml.safe_load((PROJECT_ROOT / "dbt_project/dbt_project.yml").read_text())
    assert project["vars"]["sentiment_scorer"] == SCORER_VERSION

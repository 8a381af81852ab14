"""What may be done with data about people: the seed decides, within the terms of each source."""

from collections.abc import Iterable

from social_crm.database import connect
from social_crm.errors import MatchingForbidden
from social_crm.settings import load_settings
from social_crm.sources import SOURCES
from social_crm.sources.model import Source


def refuse_forbidden_matching(sources: Iterable[Source] = SOURCES) -> None:
    """Raise MatchingForbidden if the seed matches authors whose source's terms forbid it, before reading any."""
    reasons = {source.name: source.matching_forbidden for source in sources if source.matching_forbidden}
    with connect(load_settings().warehouse_transformer_url) as warehouse:
        switched_on = warehouse.execute(_SWITCHED_ON, [list(reasons)]).fetchall()
    if switched_on:
        told = "; ".join(f"{name} ({reasons[name]})" for (name,) in switched_on)
        raise MatchingForbidden(
            f"seed source_policies lets authors be matched with customers against the terms of {told}:"
            " set may_match_identities to false. Nothing was transformed"
        )


_SWITCHED_ON = "select source from seeds.source_policies where may_match_identities and source = any(%s) order by 1"

"""The registry of sources, in alphabetical order."""

from social_crm.sources.complaints import COMPLAINTS
from social_crm.sources.model import Source
from social_crm.sources.phone import PHONE

SOURCES: tuple[Source, ...] = (
    COMPLAINTS,
    PHONE,
)

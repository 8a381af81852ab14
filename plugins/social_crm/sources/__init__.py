"""The registry of sources, in alphabetical order."""

from social_crm.sources.model import Source

SOURCES: tuple[Source, ...] = ()

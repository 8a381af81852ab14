"""The registry of sources, in alphabetical order."""

from social_crm.sources.analytics import ANALYTICS
from social_crm.sources.bluesky import BLUESKY
from social_crm.sources.complaints import COMPLAINTS
from social_crm.sources.crm import CRM
from social_crm.sources.discourse import DISCOURSE
from social_crm.sources.facebook import FACEBOOK
from social_crm.sources.feeds import FEEDS
from social_crm.sources.forms import FORMS
from social_crm.sources.hubspot import HUBSPOT
from social_crm.sources.instagram import INSTAGRAM
from social_crm.sources.intercom import INTERCOM
from social_crm.sources.linkedin import LINKEDIN
from social_crm.sources.mail import MAIL
from social_crm.sources.mastodon import MASTODON
from social_crm.sources.model import Source
from social_crm.sources.phone import PHONE
from social_crm.sources.reddit import REDDIT
from social_crm.sources.request_tracker import REQUEST_TRACKER
from social_crm.sources.reviews import REVIEWS
from social_crm.sources.salesforce import SALESFORCE
from social_crm.sources.stackexchange import STACKEXCHANGE
from social_crm.sources.stores import STORES
from social_crm.sources.surveys import SURVEYS
from social_crm.sources.wordpress import WORDPRESS
from social_crm.sources.x import X
from social_crm.sources.youtube import YOUTUBE
from social_crm.sources.zendesk import ZENDESK

SOURCES: tuple[Source, ...] = (
    ANALYTICS,
    BLUESKY,
    COMPLAINTS,
    CRM,
    DISCOURSE,
    FACEBOOK,
    FEEDS,
    FORMS,
    HUBSPOT,
    INSTAGRAM,
    INTERCOM,
    LINKEDIN,
    MAIL,
    MASTODON,
    PHONE,
    REDDIT,
    REQUEST_TRACKER,
    REVIEWS,
    SALESFORCE,
    STACKEXCHANGE,
    STORES,
    SURVEYS,
    WORDPRESS,
    X,
    YOUTUBE,
    ZENDESK,
)


def source_named(name: str) -> Source:
    """Return the source of this name."""
    return next(source for source in SOURCES if source.name == name)

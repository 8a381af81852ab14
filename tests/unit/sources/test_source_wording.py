"""How an address appears in an error."""

import pytest

from social_crm.sources.wording import without_secrets


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://me:pw@api.x.com/2/a?token=s#f", "https://api.x.com/2/a"),
        ("https://api.x.com:8443/2/a", "https://api.x.com:8443/2/a"),
        ("ftp://bob:p/w@files.example/drops", "ftp://files.example/drops"),
        ("ftp://bob:p@w@files.example/drops", "ftp://files.example/drops"),
        ("ftp://bob:p?w@files.example/drops", "ftp://…"),
        ("ftp://bob:p#w@files.example/drops", "ftp://…"),
        ("simplecache::sftp://bob:pw@files.example/drops", "simplecache::sftp://files.example/drops"),
        ("https://api.x.com/2/a?mail=me@example.com", "https://…"),
        ("s3://drops/phone", "s3://drops/phone"),
        # As urljoin leaves it of https://me:p/w@blog.example.
        ("https://me:p/feed", "https://me:…/feed"),
        ("http://[::1]:8080/a:b", "http://[::1]:8080/a:b"),
        ("/srv/me@home/drops", "/srv/me@home/drops"),
    ],
)
def test_an_address_in_an_error_has_no_login_and_no_query(url: str, shown: str) -> None:
    assert without_secrets(url) == shown

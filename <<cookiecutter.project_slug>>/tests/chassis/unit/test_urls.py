"""URLs: what is not escaped is refused, and a password is all that is hidden."""

import pytest

from chassis import urls

START = "scheme+driver://"
PART = "s3cr"


@pytest.mark.parametrize(
    "url",
    [
        "app:s3cr@t@host/name",
        "app:s3cr/t@host/name",
        "app:s3cr#t@host/name",
        "app:s3cr?t@host/name",
        "app:s3cr[t@host/name",
        "app:s3cr]t@host/name",
        "app:s3cr%t@host/name",
        "app:s3cr%4@host/name",
        "app:s3cr%zz@host/name",
        "app:s3cr t@host/name",
        "app:s3cr@t/w#rd@host/name",
        "app:s3cr@t?w=1@host/name",
        "app:123/s3cr@host",
        "app@team:s3cr@host/name",
        "app:s3cr/t@host:8080/path",
    ],
)
def test_what_is_not_escaped_is_refused_without_being_shown(url: str) -> None:
    with pytest.raises(ValueError, match=r"have to be escaped: @ is %40, / is %2F") as caught:
        urls.check(START + url)
    assert PART not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "app:s3cr%40t%2F%23@host:5432/name",
        "app@/name?host=/var/run/server",
        "/name?host=/var/run/server&user=app",
        "app:s3cr@[::1]:5432/name",
        "app:s3cr@first,second/name",
        "app:s3cr@/name?host=first:5432&host=second:5433",
        "host/name?options=-c%20search_path%3Da",
        "app:a:b@host/name",
        "//a directory/a@b/c#d.db",
        "host:8080/path#place",
    ],
)
def test_what_is_escaped_passes(url: str) -> None:
    urls.check(START + url)


@pytest.mark.parametrize("text", ["someone@example.com", "127.0.0.1:8080", "a@b@c", ""])
def test_what_is_no_url_passes(text: str) -> None:
    urls.check(text)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("app:s3cr@host/name", "app:***@host/name"),
        ("token:s3%40cr@[::1]:5432/name", "token:***@[::1]:5432/name"),
        ("app:@host/name", "app:***@host/name"),
        ("app@host:5432/name?a=b", "app@host:5432/name?a=b"),
        ("//var/lib/a:b@c.db", "//var/lib/a:b@c.db"),
        (
            "app@/name?password=s3cr&host=/run&sslpassword=s3cr&passfile=/run/file",
            "app@/name?password=***&host=/run&sslpassword=***&passfile=/run/file",
        ),
        ("host/?pass%77ord=s3cr&api_key=s3cr", "host/?pass%77ord=***&api_key=***"),
    ],
)
def test_all_but_the_password_is_shown(url: str, shown: str) -> None:
    assert urls.mask(START + url) == START + shown

"""What counts as a host, an address, a public URL and a proxy."""

import pytest

from archwright.access.addresses import (
    PublicUrl,
    is_loopback,
    read_address,
    read_host,
    read_path,
    read_proxies,
    read_public_urls,
    same_place,
)  # fmt: skip
from archwright.access.forwarded import Asked, asked, place
from archwright.access.reach import Reach, network_reach


@pytest.mark.parametrize(
    ("text", "name", "port"),
    [
        ("Example.COM", "example.com", None),
        ("example.com.:80", "example.com", 80),
        ("[2001:DB8::1]:8443", "2001:db8::1", 8443),
        ("[fe80::1%eth0]", "fe80::1%eth0", None),
    ],
)
def test_a_host_header_names_a_host(text: str, name: str, port: int | None) -> None:
    found = read_host(text)
    assert found is not None and (found.name, found.port) == (name, port)


@pytest.mark.parametrize(
    "text", ["", ".", ":80", "a b", "a@b", "a/b", "a:99999", "a:x", "[::1", "::1", "a,b", "ä", "a\n"]
)
def test_what_is_no_host_is_none(text: str) -> None:
    assert read_host(text) is None


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("203.0.113.1", "203.0.113.1"),
        ("203.0.113.1:4711", "203.0.113.1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("2001:DB8:0::1", "2001:db8::1"),
        ("::ffff:203.0.113.1", "203.0.113.1"),
        ("unknown", None),
        ("_hidden", None),
        ("203.0.113", None),
        ("203.0.113.256", None),
        ("", None),
    ],
)
def test_an_address_is_read_with_or_without_port_and_brackets(text: str, address: str | None) -> None:
    found = read_address(text)
    assert (found and str(found)) == address


def test_public_urls_are_read_and_written_as_browsers_write_origins() -> None:
    text = "HTTPS://Diagrams.Example.test:443/, http://[2001:DB8::1]:8000/team/a/ ,https://büro.example/x"
    assert read_public_urls(text) == (
        PublicUrl("https", "diagrams.example.test"),
        PublicUrl("http", "[2001:db8::1]:8000", "/team/a"),
        PublicUrl("https", "xn--bro-hoa.example", "/x"),
    )
    assert [str(url) for url in read_public_urls(text)][1] == "http://[2001:db8::1]:8000/team/a"
    assert read_public_urls(" , ") == ()


@pytest.mark.parametrize(
    "text", ["diagrams.example.test", "ftp://a.example", "https://", "https://a b", "https://a.example/x?y", "https://u@a",
             "https://a.example/s", "https://a.example/api/v1", "https://a.example/assets/x", "https://a.example/a/../b"],
)  # fmt: skip
def test_what_is_no_public_url_is_refused_by_its_name(text: str) -> None:
    with pytest.raises(ValueError, match=r".*a.*|https"):
        read_public_urls(f"https://good.example, {text}")


@pytest.mark.parametrize(
    ("text", "path"),
    [("", ""), ("/", ""), ("/a", "/a"), ("/a/b-1.0_~/", "/a/b-1.0_~"), ("/api/archwright", "/api/archwright"),
     ("//a", None), ("a", None), ("/a//b", None), ("/.", None), ("/a/..", None), ("/a b", None), ('/"', None),
     ("/s", None), ("/s/x", None), ("/api", None), ("/api/v1/x", None), ("/assets", None)],
)  # fmt: skip
def test_a_path_is_one_under_which_the_product_can_lie(text: str, path: str | None) -> None:
    assert read_path(text) == path


def test_proxies_are_addresses_networks_and_unix() -> None:
    proxies = read_proxies("127.0.0.1, 10.1.2.3/8, [::1], 2001:db8::/32, unix")
    trusted = ["127.0.0.1", "10.255.0.1", "::1", "2001:db8:1::1", "::ffff:127.0.0.1", None]
    assert [proxies.trusts(one) for one in trusted] == [True] * 6
    assert [proxies.trusts(one) for one in ("127.0.0.2", "11.0.0.1", "::2", "nobody", "")] == [False] * 5
    assert not read_proxies("").trusts(None) and not read_proxies("127.0.0.1").trusts(None)
    for wrong in ("*", "proxy.example", "10.0.0.0/33"):
        with pytest.raises(ValueError, match="neither an address"):
            read_proxies(wrong)


@pytest.mark.parametrize(
    ("origin", "host", "same"),
    [
        ("http://a.example", "a.example", True),
        ("https://a.example", "a.example:443", True),
        ("https://A.example", "a.Example", True),
        ("http://[::1]:8000", "[::1]:8000", True),
        ("http://a.example:8000", "a.example", False),
        ("http://a.example", "a.example.evil", False),
        ("https://a.example", "a.example:80", False),
        ("null", "a.example", False),
        ("", "", False),
        ("http://", "", False),
        ("chrome-extension://a.example", "a.example", False),
        ("http://a.example/", "a.example", False),
    ],
)
def test_a_page_is_of_the_host_that_was_asked_or_not(origin: str, host: str, same: bool) -> None:
    assert same_place(origin, host) is same


def test_an_address_to_listen_on_is_this_machine_s_alone_or_not() -> None:
    assert all(map(is_loopback, ("localhost", "127.0.0.1", "127.0.0.5", "::1", "0:0:0:0:0:0:0:1")))
    assert not any(map(is_loopback, ("0.0.0.0", "::", "192.0.2.1", "atlas.local", "")))


TRUSTED = read_proxies("127.0.0.1, 10.0.0.0/8, unix")


@pytest.mark.parametrize(
    ("peer", "headers", "address"),
    [
        ("203.0.113.9", {"x-forwarded-for": ["1.1.1.1"]}, "203.0.113.9"),
        ("127.0.0.1", {}, "127.0.0.1"),
        ("127.0.0.1", {"x-forwarded-for": ["1.1.1.1"]}, "1.1.1.1"),
        (None, {"x-forwarded-for": ["1.1.1.1"]}, "1.1.1.1"),
        (None, {}, "unix"),
        ("127.0.0.1", {"x-forwarded-for": ["9.9.9.9, 1.1.1.1"]}, "1.1.1.1"),
        ("127.0.0.1", {"x-forwarded-for": ["9.9.9.9", "1.1.1.1"]}, "1.1.1.1"),
        ("127.0.0.1", {"x-forwarded-for": ["9.9.9.9, 1.1.1.1, 10.0.0.7"]}, "1.1.1.1"),
        ("127.0.0.1", {"x-forwarded-for": ["9.9.9.9, 1.1.1.1:80, [::ffff:10.0.0.7]:443"]}, "1.1.1.1"),
        ("127.0.0.1", {"x-forwarded-for": ["10.0.0.1, 10.0.0.2"]}, "10.0.0.1"),
        ("127.0.0.1", {"x-forwarded-for": ["1.1.1.1, unknown, 10.0.0.2"]}, "10.0.0.2"),
        ("127.0.0.1", {"x-forwarded-for": ["1.1.1.1,"]}, "1.1.1.1"),
        ("127.0.0.1", {"forwarded": ["for=1.1.1.1"]}, "127.0.0.1"),
        ("127.0.0.1", {"x-real-ip": ["1.1.1.1"]}, "127.0.0.1"),
    ],
)
def test_a_caller_is_the_right_most_address_that_is_no_trusted_proxy(
    peer: str | None, headers: dict[str, list[str]], address: str
) -> None:
    assert asked(peer, "http", lambda name: headers.get(name, []), TRUSTED).address == address


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"x-forwarded-proto": ["https"], "x-forwarded-host": ["a.example"]}, ("https", ("a.example",), "")),
        ({"x-forwarded-proto": ["ftp"], "x-forwarded-host": ["a b"]}, ("http", ("direct.example",), "")),
        ({"x-forwarded-for": ["1.1.1.1, 10.0.0.2"], "x-forwarded-proto": ["https, http"]},
         ("https", ("direct.example",), "")),
        ({"x-forwarded-for": ["1.1.1.1"], "x-forwarded-host": ["evil.example, a.example"]},
         ("http", ("a.example",), "")),
        ({"x-forwarded-prefix": ["/evil, /tools"]}, ("http", ("direct.example",), "/tools")),
        ({"x-forwarded-prefix": ["//evil.example"]}, ("http", ("direct.example",), "")),
    ],
)  # fmt: skip
def test_what_a_trusted_proxy_says_last_is_believed_when_it_can_be_read(
    headers: dict[str, list[str]], expected: tuple[str, tuple[str, ...], str]
) -> None:
    all_headers = {"host": ["direct.example"], **headers}
    found = asked("127.0.0.1", "http", lambda name: all_headers.get(name, []), TRUSTED)
    assert (found.scheme, found.hosts, found.prefix) == expected


def test_two_different_hosts_in_one_request_are_refused() -> None:
    reach = network_reach("0.0.0.0", ("atlas",), ())
    assert reach.refuses_host(("localhost", "localhost")) == ""
    assert reach.refuses_host(("localhost", "evil.example")).startswith("This server is not 'localhost, evil.example'")
    assert reach.refuses_host(()) != ""


PUBLIC = read_public_urls("https://a.example/tools, https://b.example")


@pytest.mark.parametrize(
    ("host", "path", "prefix", "rest", "address"),
    [
        ("a.example", "/tools/s/1", "/tools", "/s/1", "https://a.example/tools"),
        ("a.example", "/s/1", "/tools", "/s/1", "https://a.example/tools"),
        ("a.example", "/tools", "/tools", "/", "https://a.example/tools"),
        ("a.example", "/toolsmith", "/tools", "/toolsmith", "https://a.example/tools"),
        ("b.example:443", "/s/1", "", "/s/1", "https://b.example"),
        ("127.0.0.1:8000", "/s/1", "/tools", "/s/1", "https://a.example/tools"),
    ],
)
def test_the_product_lies_where_the_public_url_says(host: str, path: str, prefix: str, rest: str, address: str) -> None:
    found = place(Asked("1.1.1.1", "http", (host,)), path, PUBLIC, known=True)
    assert (found.prefix, found.path, found.address) == (prefix, rest, address)


def test_behind_a_gateway_that_hides_the_host_nobody_knows_the_address() -> None:
    found = place(Asked("1.1.1.1", "https", ("x.execute-api.example",)), "/s/1", (), known=False)
    assert (found.address, found.link("/s/1")) == (None, "/s/1")


@pytest.mark.parametrize(
    ("origin", "site", "refused"),
    [
        ("https://d111.cloudfront.example", "same-origin", False),
        ("https://d111.cloudfront.example", "", False),
        ("https://x.execute-api.example", "same-origin", False),
        ("https://evil.example", "cross-site", True),
        ("https://evil.example", "same-site", True),
        ("null", "", True),
    ],
)
def test_behind_a_gateway_the_browser_says_whether_a_page_is_ours(origin: str, site: str, refused: bool) -> None:
    reach = Reach()
    assert bool(reach.refuses_origin("POST", [origin], "x.execute-api.example", site)) is refused
    assert reach.refuses_origin("GET", [origin], "x.execute-api.example", site) == ""


def test_behind_a_gateway_with_a_public_url_its_pages_alone_change_something() -> None:
    reach = Reach(public=read_public_urls("https://a.example"))
    assert reach.refuses_origin("POST", ["https://a.example"], "x.execute-api.example", "") == ""
    assert reach.refuses_origin("POST", ["https://b.example"], "x.execute-api.example", "same-origin") != ""

"""The door: which addresses may be called, and how clients are made."""

import ssl

import httpx
import pytest

from tests.fakes.server import listening
from vnfm.errors import Permanent, Temporary
from vnfm.outbound import Breaker, Destinations, Outbound, refusal


def refused(url: str, *addresses: str, **rules: object) -> bool:
    found = addresses or None
    resolve = (lambda host: found) if found else None
    return refusal(url, Destinations(**rules), resolve) is not None  # type: ignore[arg-type] - a list where the table has a tuple


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data",
        "http://[fe80::1]/",
        "http://[fd00:ec2::254]/",
        "http://100.100.100.200/",
        "http://127.0.0.1:27017/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:169.254.169.254]/",
        "http://0.0.0.0/",
        "http://2130706433/",
        "http://xn--/",
        "http://xn--a.example/",
        "http://192.0.2.1:65536/",
        "http://192.0.2.1:-1/",
        "http://0x7f000001/",
        "http://0177.0.0.1/",
        "http://224.0.0.1/",
        "http://255.255.255.255/",
        "ftp://192.0.2.1/",
        "http://user:secret@192.0.2.1/",
        "http:///path",
        "nonsense",
        "http://[",
    ],
)
def test_some_addresses_are_never_called(url: str) -> None:
    assert refused(url)


@pytest.mark.parametrize(
    "url", ["https://192.0.2.1/", "http://10.0.0.5:8080/client/api", "http://[2001:db8::1]/"]
)
def test_private_addresses_are_where_a_vim_lives(url: str) -> None:
    assert not refused(url)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080/", "http://[::1]:8080/"])
def test_loopback_may_be_allowed_for_the_sandbox(url: str) -> None:
    assert not refused(url, loopback=True)


def test_every_address_of_a_name_must_pass() -> None:
    assert not refused("http://x.example/", "192.0.2.1", "192.0.2.2")
    assert refused("http://x.example/", "192.0.2.1", "169.254.169.254")


@pytest.mark.parametrize(
    ("url", "allow", "deny", "is_refused"),
    [
        ("http://a.example/", (), (), False),
        ("http://a.example/", ("192.0.2.0/24",), (), False),
        ("http://a.example/", ("198.51.100.0/24",), (), True),
        ("http://a.example/", ("a.example",), (), False),
        ("http://a.example./", ("A.example",), (), False),
        ("http://a.example/", ("*.example",), (), False),
        ("http://a.other/", ("*.example",), (), True),
        ("http://a.example/", ("*.example",), ("a.example",), True),
        ("http://a.example/", ("a.example",), ("192.0.2.1",), True),
    ],
)
def test_lists(url: str, allow: tuple[str, ...], deny: tuple[str, ...], is_refused: bool) -> None:
    assert refused(url, "192.0.2.1", allow=allow, deny=deny) is is_refused


def test_an_unknown_name_is_refused() -> None:
    def resolve(host: str) -> list[str]:
        raise OSError

    assert refusal("http://x.example/", Destinations(), resolve) == "the name has no address"
    with pytest.raises(Temporary, match=r"http://x\.example"):
        Outbound(resolve=resolve).vet("http://x.example/path?secret=1")
    assert refusal("http://" + "x" * 70 + ".example/", Destinations())


def test_one_line_per_endpoint() -> None:
    door = Outbound(resolve=lambda host: ["127.0.0.1" if host == "inside.example" else "192.0.2.1"])
    first = door.line("http://a.example/client/api")
    assert door.line("http://a.example/other") is first
    assert door.line("http://a.example:8080/") is not first
    with pytest.raises(Permanent, match="may not be called"):
        door.line("http://inside.example/")
    door.close()


def test_clients_check_certificates_and_follow_nothing() -> None:
    door = Outbound()
    client = door.make_client()
    assert not client.follow_redirects
    assert not client.trust_env
    assert (client.timeout.connect, client.timeout.read) == (3.0, 30.0)
    context = door._tls(None)
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    client.close()
    with pytest.raises(Permanent, match="PEM"):
        door.make_client("not a certificate")


def test_only_one_probe_passes_and_its_failure_keeps_the_breaker_open() -> None:
    now = [0.0]
    breaker = Breaker("x", lambda: now[0])
    for _ in range(5):
        breaker.admit()
        breaker.fail()
    with pytest.raises(Temporary) as caught:
        breaker.admit()
    assert caught.value.delay == 30
    now[0] = 30
    breaker.admit()
    with pytest.raises(Temporary):
        breaker.admit()
    breaker.fail()
    now[0] = 59
    with pytest.raises(Temporary):
        breaker.admit()
    now[0] = 60
    breaker.admit()
    breaker.succeed()
    breaker.admit()
    breaker.admit()


def test_failures_count_only_in_a_row() -> None:
    breaker = Breaker("x", lambda: 0.0)
    for _ in range(20):
        breaker.fail()
        breaker.fail()
        breaker.succeed()
    breaker.admit()


class Names:
    """Answers that change between two look-ups, as whoever owns a name can make them."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)

    def __call__(self, host: str) -> list[str]:
        return self.answers.pop(0)


def test_the_address_is_vetted_again_where_the_connection_is_made() -> None:
    """DNS rebinding: a harmless address when it is asked for, another one when it is called."""
    door = Outbound(resolve=Names(["192.0.2.1"], ["127.0.0.1"]))
    line = door.line("http://rebound.example:9/")
    with pytest.raises(Permanent, match="loopback"):
        line.client.get("http://rebound.example:9/")
    door.close()


def test_a_connection_is_made_to_a_vetted_address_and_the_next_one_is_tried() -> None:
    with listening() as (sock, _):
        port = sock.getsockname()[1]
        found = [["127.0.0.2", "127.0.0.1"]] * 2
        door = Outbound(Destinations(loopback=True), resolve=Names(*found), limit=0.2)
        line = door.line(f"http://made-up.example:{port}/")
        with pytest.raises(httpx.ReadTimeout):  # 127.0.0.1 accepts, and nobody answers
            line.client.get(f"http://made-up.example:{port}/")
        door.close()

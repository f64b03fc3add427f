"""Envelopes, errors, retries and the breaker."""

import httpx
import pytest

from tests.unit.vim.api import KEY, NOW, SECRET, FakeApi, Refusal, listing
from vnfm.errors import Permanent, Temporary, Unknown, VnfmError
from vnfm.vim.cloudstack.client import Client, flatten
from vnfm.vim.cloudstack.errors import Refused, clean, rate_delay

HTML = "<html><body>502 Bad Gateway</body></html>"


@pytest.fixture
def api() -> FakeApi:
    return FakeApi()


@pytest.fixture
def client(api: FakeApi) -> Client:
    return api.connect().site.client


def test_the_single_value_is_taken_whatever_its_key(api: FakeApi, client: Client) -> None:
    api.on("deployVirtualMachine", httpx.Response(200, json={"odd": {"id": "1", "jobid": "2"}}))
    assert client.act("deployVirtualMachine", {}) == {"id": "1", "jobid": "2"}


@pytest.mark.parametrize("answer", [{}, {"count": 0}, {"count": 3}])
def test_an_empty_list_has_many_faces(api: FakeApi, client: Client, answer: dict[str, int]) -> None:
    api.on("listVolumes", answer)
    assert client.rows("listVolumes", "volume") == []


def test_further_pages_use_the_servers_own_page_size(api: FakeApi, client: Client) -> None:
    rows = [{"id": str(number)} for number in range(5)]
    pages = [
        {"count": 5, "volume": rows[:2]},
        {"count": 5, "volume": rows[2:4]},
        {"count": 5, "volume": rows[4:]},
    ]
    api.on("listVolumes", *pages)
    assert client.rows("listVolumes", "volume") == rows
    assert [(params.get("page"), params.get("pagesize")) for _, params in api.calls] == [
        (None, None),
        ("2", "2"),
        ("3", "2"),
    ]


def test_a_count_that_is_never_reached_ends_the_paging(api: FakeApi, client: Client) -> None:
    api.on("listVolumes", {"count": 9, "volume": [{"id": "a"}]}, {"count": 9})
    assert client.rows("listVolumes", "volume") == [{"id": "a"}]


def test_control_characters_inside_json_are_borne(api: FakeApi, client: Client) -> None:
    api.on("listZones", httpx.Response(200, content=b'{"r": {"zone": [{"name": "a\x01\nb"}]}}'))
    assert client.rows("listZones", "zone") == [{"name": "a\x01\nb"}]


def test_url_encoded_answers_are_decoded_where_the_connection_says_so(api: FakeApi) -> None:
    api.on("listZones", {"zone": [{"name": "a%20b", "tags": ["x%2Fy"], "n": 1}]})
    client = api.connect(encodedResponses=True).site.client
    assert client.rows("listZones", "zone") == [{"name": "a b", "tags": ["x/y"], "n": 1}]


@pytest.mark.parametrize("code", [400, 401, 430, 431, 432, 530, 531, 532, 533, 534, 535, 536, 537])
def test_a_refusal_is_permanent_and_carries_facts(api: FakeApi, client: Client, code: int) -> None:
    api.on("createNetwork", Refusal(code, "because"))
    with pytest.raises(Permanent) as caught:
        client.act("createNetwork", {})
    assert caught.value.facts == {
        "vimCommand": "createNetwork",
        "vimErrorCode": code,
        "vimErrorText": "because",
    }
    assert "because" in caught.value.detail
    assert api.count("createNetwork") == 1


@pytest.mark.parametrize(
    ("text", "delay"),
    [
        ("The given user has reached his/her account api limit, please retry after [892] ms.", 0.942),
        ("retry after 1500 ms", 1.55),
        ("too many", 1.0),
        ("retry after [999999999] ms", 60.0),
    ],
)
def test_a_rate_limit_says_how_long(text: str, delay: float) -> None:
    assert rate_delay(text) == pytest.approx(delay)


def test_a_read_waits_out_the_rate_limit(api: FakeApi, client: Client) -> None:
    api.on("listZones", Refusal(429, "please retry after [892] ms."), listing("zone", {"id": "1"}))
    assert client.rows("listZones", "zone") == [{"id": "1"}]
    assert api.pauses == [pytest.approx(0.992)]


def test_a_write_hands_the_rate_limit_up(api: FakeApi, client: Client) -> None:
    api.on("createNetwork", Refusal(429, "please retry after [892] ms."))
    with pytest.raises(Temporary) as caught:
        client.act("createNetwork", {})
    assert caught.value.delay == pytest.approx(0.942)
    assert api.count("createNetwork") == 1


def test_a_server_in_maintenance_is_temporary(api: FakeApi, client: Client) -> None:
    api.on("createNetwork", Refusal(503, "shutting down"))
    with pytest.raises(Temporary):
        client.act("createNetwork", {})


def test_a_read_is_tried_four_times_within_twenty_seconds(api: FakeApi, client: Client) -> None:
    api.on("listZones", httpx.ReadTimeout("slow"))
    with pytest.raises(Temporary):
        client.read("listZones")
    assert api.count("listZones") == 4
    assert api.pauses == [0.5, 1.0, 2.0]


def test_a_read_gives_up_when_its_time_is_over(api: FakeApi, client: Client) -> None:
    def stall(params: object) -> Exception:
        api.now += 30
        return httpx.ReadTimeout("slow")

    api.on("listZones", stall)
    with pytest.raises(Temporary):
        client.read("listZones")
    assert api.count("listZones") == 1


LOST = [
    httpx.ReadTimeout("x"),
    httpx.ReadError("x"),
    httpx.WriteError("x"),
    httpx.WriteTimeout("x"),
    httpx.RemoteProtocolError("x"),
    httpx.CloseError("x"),
    httpx.Response(502, text=HTML),
    httpx.Response(500, text=HTML),
    httpx.Response(200, text=HTML),
    httpx.Response(200, text='{"cut": {"off'),
    httpx.Response(200, json=[1]),
    httpx.Response(502, json={"error": {"message": "a gateway's own words"}}),
]


@pytest.mark.parametrize("answer", LOST, ids=repr)
def test_a_lost_answer_is_unknown_for_a_write(api: FakeApi, client: Client, answer: Exception) -> None:
    api.on("deployVirtualMachine", answer)
    with pytest.raises(Unknown) as caught:
        client.act("deployVirtualMachine", {})
    assert caught.value.facts["vimCommand"] == "deployVirtualMachine"
    assert api.count("deployVirtualMachine") == 1


@pytest.mark.parametrize("answer", LOST, ids=repr)
def test_a_lost_answer_is_temporary_for_a_read(api: FakeApi, client: Client, answer: Exception) -> None:
    api.on("listZones", answer)
    with pytest.raises(Temporary):
        client.read("listZones")


@pytest.mark.parametrize("answer", [httpx.ConnectError("refused"), httpx.ConnectTimeout("x")], ids=repr)
def test_what_never_left_is_temporary_even_for_a_write(
    api: FakeApi, client: Client, answer: Exception
) -> None:
    api.on("deployVirtualMachine", answer)
    with pytest.raises(Temporary):
        client.act("deployVirtualMachine", {})


def test_every_error_of_httpx_becomes_one_of_ours(api: FakeApi, client: Client) -> None:
    kinds = [httpx.RequestError]
    for kind in kinds:
        kinds.extend(kind.__subclasses__())
    for kind in kinds:
        api.on("deployVirtualMachine", kind("x"))
        client.line.breaker.succeed()
        with pytest.raises(VnfmError):
            client.act("deployVirtualMachine", {})


def test_an_untrusted_certificate_is_permanent(api: FakeApi, client: Client) -> None:
    api.on("listZones", httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed"))
    with pytest.raises(Permanent, match="caCertificate"):
        client.read("listZones")


@pytest.mark.parametrize("status", [301, 404, 403, 413])
def test_a_foreign_4xx_or_redirect_points_to_the_endpoint(api: FakeApi, client: Client, status: int) -> None:
    api.on("createNetwork", httpx.Response(status, text=HTML))
    with pytest.raises(Permanent, match="endpoint"):
        client.act("createNetwork", {})


def test_five_failures_open_the_breaker_and_a_probe_closes_it(api: FakeApi, client: Client) -> None:
    api.on("createNetwork", httpx.ConnectError("refused"))
    for _ in range(5):
        with pytest.raises(Temporary):
            client.act("createNetwork", {})
    with pytest.raises(Temporary, match="next try in 30 s"):
        client.act("createNetwork", {})
    assert api.count("createNetwork") == 5
    api.now += 31
    api.on("createNetwork", {"network": {"id": "n"}})
    assert client.act("createNetwork", {}) == {"network": {"id": "n"}}
    assert client.act("createNetwork", {}) == {"network": {"id": "n"}}


@pytest.mark.parametrize("code", [429, 431, 530, 533])
def test_refusals_do_not_open_the_breaker(api: FakeApi, client: Client, code: int) -> None:
    api.on("createNetwork", Refusal(code))
    for _ in range(8):
        with pytest.raises(VnfmError):
            client.act("createNetwork", {})
    assert api.count("createNetwork") == 8


def test_a_401_tells_of_clocks_that_differ(api: FakeApi, client: Client) -> None:
    body = {"r": {"errorcode": 401, "errortext": "unable to verify"}}
    late = {"date": "Sun, 22 Nov 2026 14:27:32 GMT"}
    api.on("listZones", httpx.Response(401, json=body, headers=late))
    with pytest.raises(Refused, match="clocks differ by 600 s"):
        client.read("listZones")
    api.on("listZones", httpx.Response(401, json=body))
    with pytest.raises(Refused, match="wrong key or signature"):
        client.read("listZones")
    assert NOW == api.now


def test_no_secret_is_in_an_error_or_a_repr(api: FakeApi, client: Client) -> None:
    api.on("createNetwork", Refusal(431, f"key {KEY} and {SECRET} " + "x" * 2000))
    with pytest.raises(Permanent) as caught:
        client.act("createNetwork", {})
    shown = caught.value.detail + str(caught.value.facts) + repr(client) + repr(client.line)
    assert KEY not in shown
    assert SECRET not in shown
    assert len(caught.value.detail) < 800


def test_a_text_from_outside_is_one_short_line() -> None:
    assert clean("a\r\n\tb\x00") == "a b"
    assert clean(None) == "no reason given"
    assert len(clean("x" * 9000)) == 500


def test_parameters_are_flattened() -> None:
    assert flatten(
        {
            "listAll": True,
            "startvm": False,
            "size": 3,
            "networkids": ["a", "b"],
            "Details[0].cpuNumber": "2",
            "left": None,
        }
    ) == {
        "listall": "true",
        "startvm": "false",
        "size": "3",
        "networkids": "a,b",
        "details[0].cpuNumber": "2",
    }

"""POST /oauth2/token: Authlib speaks RFC 6749, the services know the clients, ``tokens`` signs."""

from __future__ import annotations

import base64
import binascii
import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

from authlib.oauth2.rfc6749 import AuthorizationServer, ClientMixin, OAuth2Request
from authlib.oauth2.rfc6749.errors import InvalidClientError, InvalidRequestError, OAuth2Error
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload

from vnfm.api.call import Answer, Call, Gateway, Handler, json_answer
from vnfm.domain.principal import Principal
from vnfm.services import clients

# At level DEBUG Authlib logs whole tokens.
logging.getLogger("authlib").setLevel(logging.INFO)

#: Authlib refuses plain http. Whether TLS ends here or in a proxy is not visible here, so the check is given
#: an address that passes; requiring TLS is the deployment's part.
_ENDPOINT = "https://gateway/oauth2/token"


class _Client(ClientMixin):  # type: ignore[misc]  # Authlib carries no types
    """A client that claims an id; the secret is checked, and the principal found, in one step."""

    def __init__(self, gateway: Gateway, client_id: str) -> None:
        self._gateway = gateway
        self._client_id = client_id
        self.principal: Principal | None = None

    def check_client_secret(self, client_secret: str) -> bool:
        """True if the services know this id with this secret."""
        self.principal = clients.authenticate(self._gateway.deps, self._client_id, client_secret)
        return self.principal is not None

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Any of the methods the grant lists."""
        return endpoint == "token"

    def check_grant_type(self, grant_type: str) -> bool:
        """Machines have only one."""
        return grant_type == "client_credentials"


class _Grant(ClientCredentialsGrant):  # type: ignore[misc]  # Authlib carries no types
    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic", "client_secret_post")


class _Request(OAuth2Request):  # type: ignore[misc]  # Authlib carries no types
    def __init__(self, form: Mapping[str, str], headers: Mapping[str, str]) -> None:
        super().__init__("POST", _ENDPOINT, headers=dict(headers))
        self._form = dict(form)
        self.payload = BasicOAuth2Payload(self._form)

    @property
    def form(self) -> dict[str, str]:
        return self._form


class _Server(AuthorizationServer):  # type: ignore[misc]  # Authlib carries no types
    """Made per request: it holds no state of ours between two."""

    def __init__(self, gateway: Gateway) -> None:
        super().__init__()
        self._gateway = gateway
        self.register_grant(_Grant)
        self.register_token_generator("default", self._sign)

    def query_client(self, client_id: str) -> _Client:
        return _Client(self._gateway, client_id)

    def save_token(self, token: dict[str, Any], request: OAuth2Request) -> None:
        """Tokens are not kept: their signature is what proves them."""

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Nobody listens."""

    def create_oauth2_request(self, request: _Request) -> _Request:
        return request

    def handle_response(self, status: int, body: Mapping[str, Any], headers: list[tuple[str, str]]) -> Answer:
        ours = {"content-type", "www-authenticate"}  # Authlib's challenge has no realm (RFC 7617 2)
        kept = [(name, value) for name, value in headers if name.lower() not in ours]
        challenge = [("WWW-Authenticate", 'Basic realm="vnfm"')] if status == 401 else []
        return json_answer(status, body, *kept, *challenge)

    def _sign(self, client: _Client, **_ignored: object) -> dict[str, Any]:
        if client.principal is None:
            raise InvalidClientError(status_code=401)
        tokens = self._gateway.tokens
        return {
            "access_token": tokens.issue(client.principal),
            "token_type": "Bearer",
            "expires_in": tokens.lifetime,
        }


def _read(body: bytes | None) -> dict[str, str]:
    """A form in which every name occurs once (RFC 6749 3.2); names without a value do not count."""
    try:
        text = (body or b"").decode("ascii")
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=32, errors="strict")
    except ValueError:
        raise InvalidRequestError("the body is not a form") from None
    form: dict[str, str] = {}
    for name, value in pairs:
        if name in form:
            raise InvalidRequestError("a parameter is repeated")
        if value:
            form[name] = value
    return form


def _basic(header: str | None) -> dict[str, str]:
    """The Authorization header as Authlib reads it, or nothing.

    RFC 6749 2.3.1 form-encodes both parts, where "+" is a blank; Authlib undoes only %xx, so it is done here.
    """
    scheme, _, value = (header or "").partition(" ")
    if scheme.lower() != "basic":
        return {}
    try:
        text = base64.b64decode(value.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise InvalidClientError("the Basic credentials cannot be read", status_code=401) from None
    parts = [unquote_plus(part).replace("%", "%25") for part in text.split(":", 1)]
    return {"Authorization": "Basic " + base64.b64encode(":".join(parts).encode()).decode()}


def issue_token(gateway: Gateway, call: Call) -> Answer:
    """A token for the client that authenticates, or an error in the words of RFC 6749."""
    server = _Server(gateway)
    try:
        form = _read(call.body)
        headers = _basic(call.header(b"authorization"))
        if headers and "client_secret" in form:
            raise InvalidRequestError("credentials come twice")
        if "grant_type" not in form:
            raise InvalidRequestError("grant_type is missing")
        answer = server.create_token_response(_Request(form, headers))
    except OAuth2Error as exc:
        answer = server.handle_response(*exc())
    assert isinstance(answer, Answer)  # noqa: S101 (tells mypy what handle_response made)
    return answer


#: operationId → handler.
HANDLERS: Mapping[str, Handler] = {"issueToken": issue_token}

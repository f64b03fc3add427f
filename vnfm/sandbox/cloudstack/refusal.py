"""What the server says when it says no: the five ways CloudStack refuses, with their numbers."""

from __future__ import annotations

Json = dict[str, object]

GENERIC = "Internal error executing command, please contact your system administrator"
UNVERIFIED = "unable to verify user credentials and/or request signature"
KEPT_IN_JOBS = frozenset({431, 432, 533, 534, 535, 536, 537})


class Refusal(Exception):
    """An answer with an errorcode; the same object ends a request or a job."""

    def __init__(
        self,
        code: int,
        text: str,
        cs: int | None = 9999,
        *,
        known: bool = True,
        uuids: list[Json] | None = None,
    ) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.cs = cs
        self.known = known  # False: the envelope key is `errorresponse`, not the command's own
        self.uuids = uuids or []

    def body(self, root: bool) -> Json:
        """The error object; plain users do not see the text of an unforeseen failure."""
        text = self.text
        if self.code == 530 and self.cs in (0, 4250) and not root:
            text = GENERIC
        body: Json = {"uuidList": self.uuids, "errorcode": self.code}
        if self.cs is not None:
            body["cserrorcode"] = self.cs
        body["errortext"] = text
        return body

    def ended(self) -> Json:
        """The result of a job that failed this way; codes inside jobs are coarser."""
        code = self.code if self.code in KEPT_IN_JOBS else 530
        return {"errorcode": code, "errortext": self.text}


def invalid(text: str) -> Refusal:
    """A value the command's own code refused (InvalidParameterValueException)."""
    return Refusal(431, text, 4350)


def malformed(text: str) -> Refusal:
    """A value refused before the command's own code was reached."""
    return Refusal(431, text, 9999)


def denied(text: str = "Caller does not have permission to operate with provided resource.") -> Refusal:
    """The object belongs to somebody else."""
    return Refusal(531, text, 4365)


def broken(text: str, cs: int = 4250) -> Refusal:
    """CloudRuntimeException and everything unforeseen."""
    return Refusal(530, text, cs)


def unverified(known: bool) -> Refusal:
    """The one answer to every kind of wrong credentials, and to unknown commands."""
    return Refusal(401, UNVERIFIED, None, known=known)


def unavailable(text: str) -> Refusal:
    """The caller's role, or the server's settings, do not offer the command."""
    return Refusal(432, text, 9999, known=False)

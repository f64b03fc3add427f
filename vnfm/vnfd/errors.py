"""The one way a VNF package is refused."""

from __future__ import annotations

from vnfm.errors import Unprocessable


class PackageError(Unprocessable):
    """The package or VNFD breaks a rule; ``rule`` is a stable short name, ``file`` and ``line`` say where.

    ``line`` counts from 1 and is None where the fault lies in no single line (a missing file, a bad ZIP).
    """

    def __init__(self, rule: str, sentence: str, file: str | None = None, line: int | None = None) -> None:
        place = ":".join(str(part) for part in (file, line) if part is not None)
        super().__init__(
            f"{place}: {sentence} [{rule}]" if place else f"{sentence} [{rule}]",
            file=file,
            line=line,
            rule=rule,
        )
        self.rule = rule
        self.file = file
        self.line = line

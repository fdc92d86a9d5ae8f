"""What can be wrong with a formula."""

from __future__ import annotations

from seqtui.errors import UsageError


class TexError(UsageError):
    """A formula that cannot be read: `reason` says why, `column` where, counted from 1 in the source."""

    def __init__(self, reason: str, column: int, hint: str = "") -> None:
        super().__init__(f"{reason} (column {column})", hint)
        self.reason = reason
        self.column = column

"""What is wrong in a lesson file, and where: `file:line:column: what · the nearest right thing`."""

from __future__ import annotations

from seqtui.errors import LessonError, SeqtuiError

MAX_PROBLEMS = 500


class LocatedError(LessonError):
    """One fault at one place. line and column count from 1."""

    def __init__(self, path: str, line: int, column: int, what: str, hint: str = "") -> None:
        super().__init__(f"{path}:{line}:{column}: {what}", hint)
        self.path = path
        self.line = line
        self.column = column
        self.what = what


class Report:
    """The problems found in one file so far."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._found: list[LocatedError] = []

    def add(self, line: int, column: int, what: str, hint: str = "") -> None:
        """Note a problem; the last that there is room for says that there are more."""
        if len(self._found) < MAX_PROBLEMS:
            self._found.append(LocatedError(self.path, line, column, what, hint))
        elif len(self._found) == MAX_PROBLEMS:
            self._found.append(LocatedError(self.path, line, column, "more problems than are listed"))

    def add_error(self, line: int, column: int, error: SeqtuiError) -> None:
        """Note what another room said about something that stands here."""
        self.add(line, column, error.message, error.hint)

    @property
    def problems(self) -> tuple[LocatedError, ...]:
        """All of them, from the top of the file down."""
        return tuple(sorted(self._found, key=lambda problem: (problem.line, problem.column)))

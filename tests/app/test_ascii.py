"""With --ascii nothing else is drawn, on any screen, at any size; and nothing that is said gets lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from seqtui import shipped
from seqtui.store import Config, Database
from seqtui.tui.app import SeqtuiApp
from seqtui.tui.widgets.inside_view import InsideView
from tests.fakes import FakeEngine, book, lstm_trace
from tests.widgets.test_bench import screen_text

LSTM = "layers.0.lstm"
LESSON = f"""---
format: 1
id: plain
title: "Gates"
question: "What do they buy?"
summary: "Step."
minutes: 5
scene: "lstm/names?input=maria"
---
# Gates

The cell is $c_t = f_t \\odot c_{{t-1}}$, and:

- a point with $\\sigma$;
- another.

> A quotation.

```math
c_t = \\frac{{f_t \\odot c_{{t-1}}}}{{\\sqrt{{d}}}} + \\sum_i i_t
```

| a | b |
|---|---|
| 1 | 2 |

---

```yaml lab
id: gates
show: [{LSTM}.f, {LSTM}.i, {LSTM}.o, {LSTM}.g, {LSTM}.c, {LSTM}.h]
text: "Six heatmaps."
caption: "step it"
```

The r closes [the forget gate](#gates?step=3&signal={LSTM}.f&unit=9) of a unit.
"""
FORCED = f"lstm/names?input=maria&force={LSTM}.f:1&step=4"
WAYS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "another step": (("right", "o"), ()),
    "the last step": (("end", "l"), ("L",)),
    "what if": (("x",), ("escape",)),
    "help": (("question_mark",), ()),
    "further down": (("pagedown", "pagedown"), ("escape",)),
    "source": (("f",), ("escape",)),
    "a field": (("e",), ("escape",)),
    "commands": (("ctrl+p",), ("escape",)),
    "inside": (("enter", "enter"), ()),
    "its terms": (("down", "enter"), ()),
    "further in": (("enter",), ()),
}
"""Places, each with the keys that lead there from the one before, and those that lead back."""


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], SeqtuiApp]:
    """Makes the app at the lesson above or in the lab."""
    monkeypatch.setattr(shipped, "opening_trace", lambda line: None if "force" in line else lstm_trace(line))
    path = tmp_path / "plain.md"
    path.write_text(LESSON, "utf-8")
    database = Database(tmp_path / "seqtui.sqlite3")

    def app(start: str) -> SeqtuiApp:
        target = str(path) if start == "lesson" else FORCED
        return SeqtuiApp(
            engine=FakeEngine(),
            book=book(),
            config=Config(),
            database=database,
            start=start,
            target=target,
            ascii=True,
        )

    return app


def others(pilot: Pilot[Any]) -> list[str]:
    """The rows that are not ASCII."""
    return [row for row in screen_text(pilot) if not row.isascii()]


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 36)], ids=str)
@pytest.mark.parametrize("start", ["lesson", "lab"])
async def test_every_screen_is_drawn_in_ascii(
    made: Callable[[str], SeqtuiApp], start: str, size: tuple[int, int]
) -> None:
    app = made(start)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        await app.workers.wait_for_complete([w for w in app.workers if w.group in ("trace", "score")])
        await pilot.pause()
        assert others(pilot) == []
        for where, (keys, back) in WAYS.items():
            await pilot.press(*keys)
            await pilot.pause()
            assert others(pilot) == [], where
            await pilot.press(*back)
        assert isinstance(app.focused, InsideView)


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 36)], ids=str)
async def test_the_text_of_a_lesson_is_drawn_in_ascii_to_its_end(
    made: Callable[[str], SeqtuiApp], size: tuple[int, int]
) -> None:
    app = made("lesson")
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        for _ in range(6):
            assert others(pilot) == []
            await pilot.press("pagedown")
            await pilot.pause()

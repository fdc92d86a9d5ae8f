"""What if, help and source: what they show, what they give back, and that nothing typed is lost."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from textual.app import App
from textual.binding import BindingType
from textual.pilot import Pilot
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from seqtui.panels import View
from seqtui.scene import merge
from seqtui.tui.keys import key
from seqtui.tui.screens.help import Help
from seqtui.tui.screens.source import FileTab, Source
from seqtui.tui.screens.what_if import PresetList, WhatIf
from seqtui.tui.widgets.scrolled import Scrolled
from tests.fakes import book, lstm_trace, view_scene
from tests.widgets.test_bench import screen_text

LSTM = "layers.0.lstm"
SIZES = [(60, 20), (80, 24), (120, 36)]
NOTHING = "nothing given back yet"


def view(line: str = "lstm/names?input=maria&step=4") -> View:
    """A View on the NumPy LSTM at unit 6."""
    return View.of(view_scene(line), lstm_trace(line), book=book()).on_unit(6)


class Host(App[None]):
    """Opens one modal and keeps what it gives back."""

    BINDINGS: ClassVar[list[BindingType]] = [key("lab", "B", "lab"), key("quit", "f12", "quit")]

    def __init__(self, modal: ModalScreen[Any]) -> None:
        super().__init__()
        self.modal = modal
        self.given: Any = NOTHING

    def on_mount(self) -> None:
        """Open it."""
        self.push_screen(self.modal, self._take)

    def _take(self, given: Any) -> None:
        self.given = given


def text(pilot: Pilot[Any]) -> str:
    """All that stands on the screen."""
    return "\n".join(screen_text(pilot))


# ---- what if ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "given"),
    [
        (["enter"], f"force={LSTM}.f:1"),
        (["down", "enter"], f"force={LSTM}.f:0"),
        (["space", "down", "down", "space", "enter"], f"force={LSTM}.f:1&force={LSTM}.i:1"),
        (["space", "down", "space", "enter"], f"force={LSTM}.f:0"),
        (["end", "enter"], f"force={LSTM}.c[6]@4..:0"),
        (["escape"], None),
        (["space", "space", "enter"], None),
    ],
)
async def test_what_was_chosen_comes_back_as_a_scene_writes_it(keys: list[str], given: str | None) -> None:
    host = Host(WhatIf(view()))
    async with host.run_test() as pilot:
        await pilot.press(*keys)
        await pilot.pause()
        assert host.given == given
        if given:
            merge(view().scene, given, book())


@pytest.mark.parametrize(
    ("keys", "given"),
    [
        (["end", "enter"], ""),
        (["down", "down", "enter"], f"force={LSTM}.f:1&force={LSTM}.i:1"),
        (["down", "enter"], f"force={LSTM}.f:0"),
        (["space", "enter"], ""),
        (["enter"], None),
    ],
)
async def test_what_is_forced_is_kept_changed_or_cleared(keys: list[str], given: str | None) -> None:
    host = Host(WhatIf(view(f"lstm/names?input=maria&force={LSTM}.f:1")))
    async with host.run_test() as pilot:
        await pilot.press(*keys)
        await pilot.pause()
        assert host.given == given


async def test_a_typed_force_is_completed_and_a_wrong_one_stays_in_the_field_with_the_reason() -> None:
    host = Host(WhatIf(view()))
    async with host.run_test() as pilot:
        await pilot.press("e")
        field = host.modal.query_one(Input)
        assert host.modal.focused is field
        field.value = "q[1]:1"
        await pilot.press("enter")
        assert host.given is NOTHING
        assert field.value == "q[1]:1"
        assert "did you mean" in text(pilot)
        field.value = "f[7]@3..:0"
        await pilot.press("enter")
        await pilot.pause()
        assert host.given == f"force={LSTM}.f[7]@3..:0"


async def test_escape_leaves_the_field_before_the_list() -> None:
    host = Host(WhatIf(view()))
    async with host.run_test() as pilot:
        await pilot.press("tab")
        assert isinstance(host.modal.focused, Input)
        await pilot.press("escape")
        assert isinstance(host.modal.focused, PresetList)
        await pilot.press("escape")
        await pilot.pause()
        assert host.given is None


async def test_all_of_it_can_be_done_by_mouse() -> None:
    host = Host(WhatIf(view()))
    async with host.run_test() as pilot:
        await pilot.click(PresetList, offset=(2, 1))
        await pilot.click(PresetList, offset=(2, 3))
        assert text(pilot).count("[x]") == 2
        await pilot.click(PresetList, offset=(20, 3))
        await pilot.pause()
        assert host.given == f"force={LSTM}.f:0&force={LSTM}.i:0"


@pytest.mark.parametrize("size", SIZES)
async def test_every_choice_and_what_to_expect_is_seen(size: tuple[int, int]) -> None:
    host = Host(WhatIf(view()))
    async with host.run_test(size=size) as pilot:
        assert "nothing is erased; the spelling suffers" in " ".join(text(pilot).split())
        assert "c[6] = 0 at 4.." in text(pilot)
        assert "apply" in text(pilot)


# ---- help -------------------------------------------------------------------------------------------


async def all_of_it(pilot: Pilot[Any], modal: ModalScreen[Any]) -> str:
    """The whole text, not only what is in sight."""
    await pilot.pause()
    return "\n".join(str(part.render()) for part in modal.query(Static))


async def test_help_has_a_sentence_and_the_number_for_every_signal_of_the_part() -> None:
    here = view()
    host = Host(Help(here, {}))
    async with host.run_test() as pilot:
        said = await all_of_it(pilot, host.modal)
        assert "Step 4 of 6" in said
        assert "unit 6" in said
        for words in (
            "forget gate",
            "input gate",
            "output gate",
            "candidate",
            "cell:",
            "hidden state",
            "odds:",
        ):
            assert words in said
        assert "−3.24 to 3.24" in said
        assert "bigram 3.37" in said
        assert "500 names" in said


async def test_help_says_what_is_forced() -> None:
    host = Host(Help(view(f"lstm/names?input=maria&force={LSTM}.f:1"), {}))
    async with host.run_test() as pilot:
        said = await all_of_it(pilot, host.modal)
        assert "FORCED" in said
        assert "f = 1" in said


async def test_help_lists_the_keys_as_they_are_remapped() -> None:
    plain = Host(ModalScreen())
    async with plain.run_test() as pilot:
        plain.set_keymap({"lab": "f9"})
        plain.pop_screen()
        await pilot.pause()
        bindings = plain.screen.active_bindings
    host = Host(Help(None, bindings))
    async with host.run_test() as pilot:
        said = await all_of_it(pilot, host.modal)
        row = said.splitlines()[
            said.splitlines().index("One bench, full screen, the whole scene editable") - 1
        ]
        assert row.strip() == "f9"
        assert "The next panel, field or block" in said
        assert "Every command, by name" in said


@pytest.mark.parametrize("closing", ["escape", "question_mark", "q"])
async def test_help_scrolls_to_its_end_and_closes(closing: str) -> None:
    host = Host(Help(view(), {}))
    async with host.run_test(size=(60, 20)) as pilot:
        await pilot.press("end")
        await pilot.pause()
        body = host.modal.query_one(Scrolled)
        assert body.scroll_y == body.max_scroll_y > 0
        await pilot.press(closing)
        await pilot.pause()
        assert host.given is None


# ---- source -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
async def test_the_source_opens_at_the_function_that_makes_the_signal(size: tuple[int, int]) -> None:
    host = Host(Source("lstm", "names", f"{LSTM}.f"))
    async with host.run_test(size=size) as pilot:
        await pilot.pause()
        await pilot.pause()
        assert "▌ def lstm_gates" in "\n".join(screen_text(pilot)[:4])
        await pilot.resize_terminal(100, 30)
        await pilot.pause()
        assert "▌ def lstm_gates" in text(pilot)


async def test_the_arrows_and_the_mouse_go_from_file_to_file() -> None:
    host = Host(Source("lstm", "names", f"{LSTM}.f"))
    async with host.run_test(size=(80, 24)) as pilot:
        await pilot.press("right")
        await pilot.pause()
        assert "class LSTMLayer" in text(pilot)
        await pilot.press("left", "left")
        await pilot.pause()
        assert "class Names" in text(pilot)
        await pilot.click(host.modal.query(FileTab).first())
        await pilot.pause()
        assert "def lstm_gates" in text(pilot)
        await pilot.press("escape")
        await pilot.pause()
        assert host.given is None


async def test_no_line_of_source_is_cut() -> None:
    host = Host(Source("lstm", "names", f"{LSTM}.f"))
    async with host.run_test(size=(60, 20)) as pilot:
        await pilot.pause()
        source = host.modal
        assert isinstance(source, Source)
        for place, passage in enumerate(source.files):
            source.show(place)
            await pilot.pause()
            drawn = str(source.query_one(".code", Static).render())
            assert max(map(len, drawn.splitlines())) <= 58
            words = passage.path.read_text("utf-8").split()
            assert [word for word in words if len(word) < 38 and word not in drawn] == []

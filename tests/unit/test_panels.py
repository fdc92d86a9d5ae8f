"""Panels: levels, layouts, orders, the lines around them, and Inside."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqtui.panels import ORDERS, View, arrange, part_panels, parts, window
from seqtui.panels.inside import Opened, page, rounded
from seqtui.panels.layout import LABEL
from seqtui.panels.lines import digits, held_out_words, odds, odds_text, score_title, surprise, words
from seqtui.panels.panel import LEVELS, MINUS_INFINITY, NOT_A_NUMBER, PLUS_INFINITY, ZERO, quantise
from seqtui.panels.text import glyph, plain
from seqtui.signals import Cell, Signal, WeightCell
from tests.fakes import book, lstm_trace, view_scene

LSTM = "layers.0.lstm"


def view(line: str = "lstm/names?input=maria", step: int = 4) -> View:
    """A View on the NumPy LSTM."""
    return View.of(view_scene(line), lstm_trace(line), book=book()).at(step)


# ---- levels ---------------------------------------------------------------------------------------


def with_values(signal: Signal, values: list[float]) -> Signal:
    """The same kind of signal with other numbers."""
    return replace(signal, values=np.array([values], dtype=np.float32))


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False, width=32), min_size=1, max_size=8))
def test_levels_keep_the_order_of_numbers_and_stay_on_the_ramp(numbers: list[float]) -> None:
    for name in ("f", "g", "c"):
        signal = with_values(lstm_trace()[f"{LSTM}.{name}"], sorted(numbers))
        levels = quantise(signal.values, signal)[0]
        assert (np.diff(levels.astype(int)) >= 0).all()
        assert levels.min() >= 0
        assert levels.max() < LEVELS


def test_zero_is_the_middle_of_a_signed_ramp_and_the_end_of_an_unsigned_one() -> None:
    trace = lstm_trace()
    for name, level in ((f"{LSTM}.g", ZERO), (f"{LSTM}.c", ZERO), (f"{LSTM}.f", 0)):
        signal = with_values(trace[name], [0.0])
        assert quantise(signal.values, signal)[0, 0] == level


def test_what_is_not_finite_has_levels_of_its_own() -> None:
    signal = with_values(lstm_trace()[f"{LSTM}.c"], [np.nan, -np.inf, np.inf, 1.0])
    levels = quantise(signal.values, signal)[0].tolist()
    assert levels == [NOT_A_NUMBER, MINUS_INFINITY, PLUS_INFINITY, 31]


@given(st.integers(-3, LEVELS - 1), st.booleans(), st.booleans())
def test_a_glyph_is_two_columns_wide(level: int, signed: bool, ascii: bool) -> None:
    assert len(glyph(level, signed=signed, ascii=ascii)) == 2


# ---- layouts --------------------------------------------------------------------------------------


@given(
    st.integers(10, 300), st.integers(1, 100), st.integers(1, 8), st.integers(1, 5000),
    st.integers(1, 1024), st.booleans(),
)  # fmt: skip
def test_a_layout_fits_its_space(
    width: int, height: int, panels: int, steps: int, units: int, narrow: bool
) -> None:
    layout = arrange(width, height, panels, steps, units, narrow_cells=narrow)
    assert layout.single or LABEL + layout.columns * layout.slot <= width
    assert layout.single or layout.rows * layout.panel_height <= height
    assert layout.single or layout.columns * layout.rows >= panels
    assert 1 <= layout.units <= units
    assert 1 <= layout.steps <= steps
    assert layout.single or layout.steps * layout.cell <= layout.slot - 1
    assert layout.cell == 2 or narrow


@pytest.mark.parametrize(
    ("width", "height", "columns", "rows", "single"),
    [(77, 14, 6, 1, False), (64, 26, 3, 2, False), (56, 10, 1, 1, True), (118, 38, 6, 1, False)],
)
def test_six_panels_stand_as_the_pictures_have_them(
    width: int, height: int, columns: int, rows: int, single: bool
) -> None:
    layout = arrange(width, height, 6, 6, 12, narrow_cells=True)
    assert (layout.columns, layout.rows, layout.single) == (columns, rows, single)


@given(st.integers(1, 5000), st.integers(1, 200), st.data())
def test_a_window_holds_the_cursor(count: int, shown: int, data: st.DataObject) -> None:
    cursor = data.draw(st.integers(0, count - 1))
    first = window(cursor, count, shown)
    assert 0 <= first <= max(0, count - shown)
    assert shown == 1 or first <= cursor < first + shown


# ---- a View ---------------------------------------------------------------------------------------


@given(st.integers(-5, 50))
def test_a_view_stays_inside_its_trace(step: int) -> None:
    here = view(step=step)
    assert 1 <= here.step <= here.trace.steps


def test_every_order_of_units_holds_each_unit_once() -> None:
    for order in ORDERS:
        assert sorted(replace(view(), order=order).unit_order.tolist()) == list(range(12))


def test_change_puts_the_unit_first_whose_cell_changed_most() -> None:
    here = replace(view(), order="change")
    cell = here.trace[f"{LSTM}.c"]
    assert here.unit_order[0] == np.abs(cell.at(4) - cell.at(3)).argmax()


def test_moving_a_unit_follows_the_rows_and_stops_at_the_ends() -> None:
    here = replace(view(), order="memory")
    rows = here.unit_order.tolist()
    here = here.on_unit(rows[0])
    assert here.move_unit(1).unit == rows[1]
    assert here.move_unit(-1).unit == rows[0]
    assert here.move_unit(99).unit == rows[-1]


def test_parts_come_in_the_order_a_token_passes_them() -> None:
    assert parts(lstm_trace()) == ("embedding", LSTM, "output")
    assert part_panels(lstm_trace(), LSTM, (f"{LSTM}.c", "output.probs")) == (f"{LSTM}.c",)


def test_rows_are_called_by_unit_or_by_token() -> None:
    seen = view()
    assert [seen.row_name(unit) for unit in (0, 11)] == ["0", "11"]
    output = replace(seen, part="output")
    assert [output.row_name(token) for token in (0, 1, 26)] == ["›", "a", "z"]


def test_odds_that_stay_are_not_said_to_have_changed() -> None:
    seen = view(step=2)
    probs = seen.trace["output.probs"]
    still = replace(probs, values=np.tile(probs.values[:1], (len(probs.values), 1)))
    trace = replace(seen.trace, signals={**seen.trace.signals, "output.probs": still})
    assert "→" in words(seen)
    assert "→" not in words(replace(seen, trace=trace))


def test_another_trace_keeps_the_place() -> None:
    here = view(step=5).on_unit(7)
    other = view_scene("lstm/names?input=ana")
    moved = here.with_trace(other, lstm_trace("lstm/names?input=ana"), None)
    assert (moved.step, moved.unit, moved.part) == (4, 7, LSTM)


# ---- lines ----------------------------------------------------------------------------------------


def test_the_cell_in_digits_is_an_equation_that_holds() -> None:
    line, brief = digits(replace(view(), unit=3))
    assert line.startswith("c₄ = f·c₃ + i·g = ")
    assert brief == line.replace("f·c₃ + i·g = ", "")
    products, value = line.split(" = ")[2:]
    numbers = [float(n.replace("−", "-")) for n in products.replace(" + ", "·").split("·")]
    assert numbers[0] * numbers[1] + numbers[2] * numbers[3] == pytest.approx(
        float(value.replace("−", "-")), abs=0.01
    )


def test_odds_fall_and_name_what_truly_came() -> None:
    chances = odds(view(), count=27)
    assert [c.probability for c in chances] == sorted((c.probability for c in chances), reverse=True)
    assert [c.token for c in chances if c.true] == ["i"]
    assert sum(c.probability for c in chances) == pytest.approx(1, abs=1e-5)


def test_the_mark_is_an_end_where_it_comes_next() -> None:
    assert "›" in {chance.token for chance in odds(view(step=6), count=27)}
    assert "‹" not in {chance.token for chance in odds(view(step=6), count=27)}


@given(st.integers(0, 200))
def test_odds_keep_to_their_room(room: int) -> None:
    assert sum(len(text) + 2 for text in odds_text(odds(view()), room)) <= room + 2


def test_surprise_is_minus_log2_of_the_true_token() -> None:
    here = view()
    p = here.trace["output.probs"].at(4)[9]  # i
    assert surprise(here) == pytest.approx(-np.log2(p))


def test_words_count_what_the_gates_did() -> None:
    here = view()
    f, i = here.trace[f"{LSTM}.f"].at(4), here.trace[f"{LSTM}.i"].at(4)
    line = words(here)
    assert f"read r: {(f < 0.1).sum()} of 12 units wiped (f<.1)" in line
    assert f"{(f > 0.9).sum()} kept (f>.9), {(i > 0.9).sum()} written (i>.9)" in line


@pytest.mark.parametrize("forces", ["", f"&force={LSTM}.f:1"])
@pytest.mark.parametrize("step", range(1, 7))
def test_words_say_the_same_in_fewer_columns(forces: str, step: int) -> None:
    line = f"lstm/names?input=maria{forces}"
    here = View.of(view_scene(line), lstm_trace(line), book=book()).at(step)
    for columns in (58, 64, 76, 100):
        said = words(here, columns)
        assert len(said) <= columns
        assert "wiped" in said
        assert "written" in said


def test_a_number_that_stops_being_one_is_said_with_its_step() -> None:
    trace = lstm_trace()
    broken = trace[f"{LSTM}.c"].values.copy()
    broken[2] = np.nan
    signals = {**trace.signals, f"{LSTM}.c": replace(trace[f"{LSTM}.c"], values=broken)}
    here = replace(view(), trace=replace(trace, signals=signals))
    assert "c stops being a number at step 3" in words(here)


def test_an_intervention_stands_beside_the_run_as_it_is() -> None:
    line = f"lstm/names?input=maria&force={LSTM}.f:1"
    here = View.of(view_scene(line), lstm_trace(line), plain=lstm_trace(), book=book()).at(4)
    assert "nothing wiped" in words(here)
    assert "scoring" in held_out_words(here)
    assert "2.95 → 3.82" in held_out_words(replace(here, score=3.82))
    assert "3.82" in score_title(replace(here, score=3.82))


def test_plain_text_has_every_number_of_the_layer() -> None:
    text = plain(lstm_trace("lstm/names?input=ana"), columns=60, book=book())
    assert text.count("forget f") == 1
    assert len([line for line in text.splitlines() if line.startswith("  11  ")]) == 6
    assert max(map(len, text.splitlines())) <= 60


def test_ascii_is_ascii() -> None:
    assert plain(lstm_trace("lstm/names?input=ana"), ascii=True, book=book()).isascii()


# ---- inside ---------------------------------------------------------------------------------------


@given(st.lists(st.floats(-1e4, 1e4), min_size=1, max_size=50))
def test_shown_terms_add_up_to_the_shown_sum(values: list[float]) -> None:
    total = sum(values)
    shown = rounded(values, total)
    assert round(sum(shown), 2) == pytest.approx(round(total, 2), abs=0.011)
    assert all(abs(a - b) < 0.0101 for a, b in zip(shown, values, strict=True))


@pytest.mark.parametrize("symbol", ["f", "i", "g", "o", "c", "h"])
def test_every_page_adds_up_and_every_way_ends_at_a_weight_a_token_or_an_end(symbol: str) -> None:
    trace, task = lstm_trace("lstm/names?input=ana"), book().task("names")
    shown = page(trace, task, Cell(f"{LSTM}.{symbol}", (3, 2)))
    assert shown.total == pytest.approx(sum(line.value for line in shown.lines), abs=1e-6)
    place, seen = Cell(f"{LSTM}.{symbol}", (3, 2)), 0
    while (lines := page(trace, task, place).lines) and seen < 40:
        place = next(line.target for line in lines if line.target is not None)  # type: ignore[assignment]
        seen += 1
    assert seen < 40
    assert isinstance(place, WeightCell) or page(trace, task, place).remarks


def test_a_group_opens_into_its_terms() -> None:
    trace, task = lstm_trace(), book().task("names")
    shown = page(trace, task, Cell(f"{LSTM}.f", (4, 6)))
    letter = next(line for line in shown.lines if line.label == "the letter r")
    assert isinstance(letter.target, Opened)
    opened = page(trace, task, letter.target)
    assert len(opened.lines) == 8
    assert sum(line.value for line in opened.lines) == pytest.approx(letter.value)


def test_a_forced_number_is_an_end() -> None:
    trace = lstm_trace(f"lstm/names?input=maria&force={LSTM}.f:1")
    shown = page(trace, book().task("names"), Cell(f"{LSTM}.f", (4, 6)))
    assert not shown.lines
    assert "set by hand" in shown.remarks[0]

"""Inside: where one number came from, as lines that can be followed down to a weight, a token or an end."""

from __future__ import annotations

import math
from dataclasses import dataclass

from seqtui.catalogue import TaskCard
from seqtui.glyphs import fixed, short, visible
from seqtui.panels.naming import (
    cell_name,
    factor_name,
    in_symbols,
    input_name,
    next_name,
    product,
    share,
    weight_name,
    where,
)
from seqtui.sentences import say
from seqtui.signals import Cell, Explanation, Factor, Part, Term, Trace, WeightCell, explain_cell


@dataclass(frozen=True)
class Opened:
    """A part of a cell's sum, opened: its terms one by one, and past the first `skip` parts if `rest`."""

    cell: Cell
    part: int
    rest: bool = False


@dataclass(frozen=True)
class Product:
    """One term of a cell's sum, opened: the numbers that are multiplied."""

    cell: Cell
    part: int
    term: int


Place = Cell | WeightCell | Opened | Product


@dataclass(frozen=True)
class Line:
    """A line of a page: what it is, the numbers in it, its value, and where following it leads."""

    label: str
    detail: str
    value: float
    target: Place | None


@dataclass(frozen=True)
class Page:
    """One page of Inside: a formula in digits, lines that add up to `total`, and remarks.

    full: the formula by its symbols too, where it has few kinds of terms; "" elsewhere.
    """

    name: str
    title: str
    formula: str
    lines: tuple[Line, ...]
    total: float | None
    remarks: tuple[str, ...]
    multiplied: bool = False
    full: str = ""

    @property
    def digits(self) -> list[str]:
        """The lines' values as they are shown: digits that add up to the shown total, or bare factors."""
        values = [line.value for line in self.lines]
        if self.multiplied:
            return [short(value, sign=True) for value in values]
        if self.total is not None:
            values = rounded(values, self.total)
        return [fixed(value, sign=True) for value in values]


SHOWN = 6
"""Lines before `more`: what pushes hardest is seen at once, the rest opens."""


def page(trace: Trace, task: TaskCard, place: Place) -> Page:
    """The page of a place."""
    if isinstance(place, WeightCell):
        return _weight_page(trace, task, place)
    if isinstance(place, Cell):
        return _cell_page(trace, task, place)
    explanation = explain_cell(trace, place.cell)
    if isinstance(place, Product):
        return _product_page(trace, task, place, explanation)
    return _opened_page(trace, task, place, explanation)


def short_name(trace: Trace, place: Place) -> str:
    """What a place is called in the path: f₄[6] · W_hf[6,10] · the letter r."""
    if isinstance(place, WeightCell):
        return weight_name(place)
    if isinstance(place, Cell):
        return cell_name(trace, place)
    if isinstance(place, Product):
        return say("inside.product")
    return say("inside.rest") if place.rest else say("inside.together")


def _label(trace: Trace, task: TaskCard, part: Part) -> str:
    """What a part of a sum is, in words."""
    first = part.terms[0]
    cells = [f.source for f in first.factors if isinstance(f.source, Cell)]
    last = cells[-1] if cells else None
    match part.group:
        case "input":
            return input_name(trace, task, last) if last else say("inside.group_input")
        case "state":
            return say("inside.state", unit=last.index[-1]) if last else say("inside.group_bias")
        case "token":
            return say("inside.table")
        case "pair":
            return _pair_label(trace, first)
        case "dimension":
            return say("inside.dimension", unit=last.index[-1] if last else 0)
        case "power" | "key":
            return _row_label(trace, cells[0]) if cells else ""
        case "part":
            return cell_name(trace, last) if last else ""
    return say(f"inside.group_{part.group.replace(' ', '_')}")


def _pair_label(trace: Trace, term: Term) -> str:
    """The two terms of c and of the GRU's h have names; the one product of an LSTM's h has not."""
    sources = [factor.source for factor in term.factors if isinstance(factor.source, Cell)]
    if len(sources) == 2 and sources[0].index[0] != sources[1].index[0]:
        return say("inside.kept")
    through = {factor.through for factor in term.factors}
    return say("inside.shown") if "tanh" in through else say("inside.written")


def _row_label(trace: Trace, cell: Cell) -> str:
    axis = trace[cell.signal].axes[-1]
    place = cell.index[-1]
    return visible(next_name(trace, place) if axis == "token" else trace.tokens[place - 1])


def _target(cell: Cell, number: int, part: Part) -> Place | None:
    """Where a part leads: its only source, or a page of its own."""
    if len(part.terms) > 1:
        return Opened(cell, number)
    return _term_target(cell, number, 0, part.terms[0])


def _term_target(cell: Cell, part: int, number: int, term: Term) -> Place | None:
    sources = [factor.source for factor in term.factors if factor.source is not None]
    cells = [source for source in sources if isinstance(source, Cell)]
    if len(sources) == 1:
        return sources[0]
    # a weight times one number: the number's own origin is what the learner asks for; the weight is shown
    if len(cells) == 1 and len(sources) == 2:
        return cells[0]
    return Product(cell, part, number) if sources else None


def _detail(trace: Trace, part: Part) -> str:
    if len(part.terms) == 1:
        return product(trace, part.terms[0])
    if part.group == "bias":
        return " + ".join(product(trace, term) for term in part.terms)
    return say("inside.terms", count=len(part.terms))


def _cell_page(trace: Trace, task: TaskCard, cell: Cell) -> Page:
    explanation = explain_cell(trace, cell)
    name = cell_name(trace, cell)
    title = f"{explanation.signal.symbol} › {where(trace, cell)}"
    if explanation.end:
        text = say("inside.end", name=name, value=short(explanation.value), source=explanation.end)
        return Page(name, title, f"{name} = {short(explanation.value)}", (), None, (text,))
    parts = explanation.parts
    shown = parts if len(parts) <= SHOWN + 1 else parts[:SHOWN]
    lines = [
        Line(_label(trace, task, part), _detail(trace, part), part.value, _target(cell, number, part))
        for number, part in enumerate(shown)
    ]
    if len(shown) < len(parts):
        rest = parts[len(shown) :]
        value = sum(part.value for part in rest)
        more = Opened(cell, len(shown), rest=True)
        lines.append(Line(say("inside.more", count=len(rest)), say("inside.sum_together"), value, more))
    return Page(
        name,
        title,
        _formula(trace, explanation),
        tuple(lines),
        explanation.reading.total,
        _remarks(trace, task, explanation),
        full=_formula(trace, explanation, in_symbols(trace, explanation.reading.terms)),
    )


FUNCTIONS = {"sigmoid": "σ", "tanh": "tanh", "relu": "ReLU", "identity": ""}


def _formula(trace: Trace, explanation: Explanation, symbols: str = "") -> str:
    """The formula with this cell's numbers plugged in: f₄[6] = σ(−6.15) = .002; with symbols those before."""
    name = cell_name(trace, Cell(explanation.signal.name, explanation.index))
    reading = explanation.reading
    if reading.finish == "share":
        return f"{name} = {share(trace, explanation)} = {short(explanation.value)}"
    function = FUNCTIONS[reading.finish]
    if not function:
        return f"{name} = {symbols or 'Σ'} = {short(explanation.value, sign=True)}"
    digits = f"{function}({fixed(reading.total)}) = {short(explanation.value)}"
    return f"{name} = {function}({symbols}) = {digits}" if symbols else f"{name} = {digits}"


def _remarks(trace: Trace, task: TaskCard, explanation: Explanation) -> tuple[str, ...]:
    """What to make of it: how steep the function is here, what it would be without the largest push."""
    reading, remarks = explanation.reading, []
    x = reading.total
    function = FUNCTIONS.get(reading.finish, "")
    if reading.finish in ("sigmoid", "tanh"):
        flat = abs(x) > (4 if reading.finish == "sigmoid" else 2)
        key = "inside.flat" if flat else "inside.steep"
        remarks.append(say(key, function=function, x=fixed(x), value=short(explanation.value)))
    if reading.finish == "share":
        remarks.append(_largest(trace, explanation))
    if reading.finish in ("sigmoid", "tanh", "relu") and len(explanation.parts) > 1:
        part = explanation.parts[0]
        label = _label(trace, task, part)
        without = explanation.without(part)
        rest = fixed(x - part.value)
        remarks.append(say("inside.without", label=label, function=function, x=rest, value=short(without)))
    if explanation.value and math.isfinite(explanation.value):
        digits = f"{explanation.value:.6g}".replace("-", "−")
        remarks.append(say("inside.full", short=short(explanation.value), value=digits))
    return tuple(remarks)


def _largest(trace: Trace, explanation: Explanation) -> str:
    """What m is in e^(y−m), and why it is taken away."""
    largest = max(explanation.reading.terms, key=lambda term: term.value).factors[0].source
    assert isinstance(largest, Cell)
    value = short(trace[largest.signal].number(largest.index), sign=True)
    return say("inside.largest", name=cell_name(trace, largest), value=value)


def _opened_page(trace: Trace, task: TaskCard, place: Opened, explanation: Explanation) -> Page:
    lines: list[Line] = []
    if place.rest:
        for number, part in enumerate(explanation.parts[place.part :], place.part):
            label, detail = _label(trace, task, part), _detail(trace, part)
            lines.append(Line(label, detail, part.value, _target(place.cell, number, part)))
        name = say("inside.more", count=len(lines))
    else:
        part = explanation.parts[place.part]
        for number, term in sorted(enumerate(part.terms), key=lambda pair: -abs(pair[1].value)):
            target = _term_target(place.cell, place.part, number, term)
            lines.append(Line(_term_label(trace, term), product(trace, term), term.value, target))
        name = _label(trace, task, part)
    of = cell_name(trace, place.cell)
    title = say("inside.part_of", part=name, name=of)
    total = float(sum(line.value for line in lines))
    return Page(
        name, title, say("inside.adds", part=name, name=of, value=fixed(total)), tuple(lines), total, ()
    )


def _term_label(trace: Trace, term: Term) -> str:
    sources = [factor.source for factor in term.factors if factor.source is not None]
    if not sources:
        return ""
    last = sources[-1]
    return weight_name(last) if isinstance(last, WeightCell) else cell_name(trace, last)


def _product_page(trace: Trace, task: TaskCard, place: Product, explanation: Explanation) -> Page:
    term = explanation.parts[place.part].terms[place.term]
    lines = [
        Line(factor_name(trace, factor), _source_words(factor), factor.value, factor.source)
        for factor in term.factors
    ]
    name = cell_name(trace, place.cell)
    formula = " × ".join(short(factor.value, sign=True) for factor in term.factors)
    formula += f" = {short(term.value, sign=True)}"
    title = say("inside.product_of", name=name)
    return Page(say("inside.product"), title, formula, tuple(lines), None, (), multiplied=True)


def _source_words(factor: Factor) -> str:
    if factor.source is None:
        return say("inside.constant")
    return say("inside.a_weight") if isinstance(factor.source, WeightCell) else say("inside.a_number")


def _weight_page(trace: Trace, task: TaskCard, cell: WeightCell) -> Page:
    weight = trace.weight(cell.path)
    name, value = weight_name(cell), float(weight[cell.index])
    shape = " × ".join(map(str, weight.shape))
    remarks = [say("inside.weight", name=name, path=cell.path, index=list(cell.index), shape=shape)]
    if cell.path.startswith("embedding"):
        token = trace.vocabulary[cell.index[0]]
        remarks.append(say("inside.row", element=task.element, token=token))
    return Page(name, name, f"{name} = {short(value, sign=True)}", (), None, tuple(remarks))


def rounded(values: list[float], total: float, places: int = 2) -> list[float]:
    """Values rounded so that they add up to the rounded total, none of them by a whole last digit off."""
    unit = 10.0**-places
    if not all(map(math.isfinite, [*values, total])):
        return values
    floors = [int(value // unit) for value in values]
    missing = round(round(total, places) / unit) - sum(floors)  # as `fixed` rounds the total
    by_rest = sorted(range(len(values)), key=lambda i: floors[i] * unit - values[i])
    for i in by_rest[: max(0, missing)]:
        floors[i] += 1
    return [floor * unit for floor in floors]

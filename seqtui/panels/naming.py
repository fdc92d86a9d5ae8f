"""What numbers are called: a signal's by symbol, step and place, a weight's by its symbol, tokens by name."""

from __future__ import annotations

from collections.abc import Sequence

from seqtui.catalogue import TaskCard
from seqtui.glyphs import short, subscript
from seqtui.sentences import say
from seqtui.signals import TIME_AXES, Cell, Explanation, Factor, Term, Trace, WeightCell


def next_name(trace: Trace, token: int) -> str:
    """What a token is called as something that comes next: the mark that starts a text also ends it."""
    name = trace.vocabulary[token]
    return "›" if name == "‹" else name


def cell_name(trace: Trace, cell: Cell) -> str:
    """A number's name as formulas write it: c₃[7], p₅[i]; with more axes than two, k[4;0,3]."""
    signal = trace[cell.signal]
    if signal.axes[0] == "step":
        token = signal.axes[1] == "token"
        unit = next_name(trace, cell.index[1]) if token else cell.index[1]
        return f"{signal.symbol}{subscript(cell.index[0])}[{unit}]"
    places = [*zip(signal.axes, cell.index, strict=True)]
    times = ",".join(str(place) for axis, place in places if axis in TIME_AXES)
    rest = ",".join(str(place) for axis, place in places if axis not in TIME_AXES)
    return f"{signal.symbol}[{times};{rest}]"


def weight_name(cell: WeightCell) -> str:
    """A weight's name under the lesson's symbol: W_hf[6,10]."""
    return f"{cell.symbol}[{','.join(map(str, cell.shown))}]"


def factor_name(trace: Trace, factor: Factor) -> str:
    """A factor by its source and what was done to it: h₃[10], tanh c₄[6], (1−z₄[6]), e^(y₄[i]−m)."""
    source = factor.source
    if source is None:
        return ""
    name = weight_name(source) if isinstance(source, WeightCell) else cell_name(trace, source)
    if factor.through == "one minus":
        return f"(1−{name})"
    if factor.through == "exp":
        return f"e^({name}−m)"
    return f"{factor.through} {name}".strip()


def written(trace: Trace, factor: Factor) -> str:
    """A factor with its name and its number: `h₃[10] −.596`."""
    return f"{factor_name(trace, factor)} {short(factor.value, sign=factor.through != 'exp')}".strip()


def product(trace: Trace, term: Term) -> str:
    """A term's factors; beside a number of this pass a weight's symbol is enough."""
    cells = any(isinstance(factor.source, Cell) for factor in term.factors)
    return " × ".join(
        f"{factor.source.symbol} {short(factor.value, sign=True)}"
        if cells and isinstance(factor.source, WeightCell)
        else written(trace, factor)
        for factor in term.factors
    )


def in_symbols(trace: Trace, terms: Sequence[Term]) -> str:
    """A sum by its symbols: `W_xf[6]·x₄ + W_hf[6]·h₃ + b_f[6]`; "" where it has too many kinds of terms."""
    kinds = dict.fromkeys(_kind(trace, term) for term in terms)
    return " + ".join(kinds) if len(kinds) <= 4 and "" not in kinds else ""


def _kind(trace: Trace, term: Term) -> str:
    """A term without the place that the sum runs over: that of the number that a weight multiplies."""
    if any(factor.source is None for factor in term.factors):
        return ""
    weighted = len(term.factors) > 1 and any(isinstance(factor.source, WeightCell) for factor in term.factors)
    last, words = term.factors[-1], []
    for factor in term.factors:
        source = factor.source
        if weighted and isinstance(source, WeightCell):
            words.append(f"{source.symbol}[{source.shown[0]}]")
        elif (
            weighted
            and factor is last
            and isinstance(source, Cell)
            and trace[source.signal].axes[0] == "step"
        ):
            words.append(f"{trace[source.signal].symbol}{subscript(source.index[0])}")
        else:
            words.append(factor_name(trace, factor))
    return "·".join(words)


def share(trace: Trace, explanation: Explanation) -> str:
    """A softmax in digits: `e^(y−m) / Σ e^(y−m) = 1.00 / 4.80`, m the largest of the row."""
    source = explanation.reading.terms[0].factors[0].source
    symbol = trace[source.signal].symbol if isinstance(source, Cell) else ""
    own, total = short(explanation.reading.own), short(explanation.reading.total)
    return f"e^({symbol}−m) / Σ e^({symbol}−m) = {own} / {total}"


def input_name(trace: Trace, task: TaskCard, cell: Cell) -> str:
    """What an input signal stands for at a step: the letter r, or the layer below."""
    if cell.signal.startswith("embedding"):
        token = trace.tokens[cell.index[0] - 1]
        return say("inside.input", element=task.element, token=token)
    return say("inside.layer_below")


def where(trace: Trace, cell: Cell) -> str:
    """The place of a cell in words: step 4 (r) › unit 6."""
    words = []
    for axis, place in zip(trace[cell.signal].axes, cell.index, strict=True):
        if axis in TIME_AXES:
            token = trace.tokens[place - 1] if 1 <= place <= trace.steps else ""
            words.append(f"{say(f'axis.{axis}')} {place}" + (f" ({token})" if token else ""))
        elif axis == "token":
            words.append(next_name(trace, place))
        else:
            words.append(f"{say(f'axis.{axis}')} {place}")
    return " › ".join(words)

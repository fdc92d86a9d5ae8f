"""The lines of a bench around its panels: title, tokens, the cell in digits, the odds, words, legend."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite

import numpy as np

from seqtui.glyphs import bar, odd, percent, short, subscript, visible, width
from seqtui.panels.naming import next_name, share
from seqtui.panels.view import View
from seqtui.scene import Force, number
from seqtui.sentences import say
from seqtui.signals import Array, Blend, Cell, Factor, Signal, Softmax, Trace, explain_cell


@dataclass(frozen=True)
class Odds:
    """One token that may come next: its probability, and whether it is what really came."""

    token: str
    id: int
    probability: float
    true: bool


# ---- title ------------------------------------------------------------------------------------


def model_title(view: View, *, brief: bool = False) -> str:
    """`LSTM · names · 12 units`, and the weights if they are not the shipped ones; brief: without units."""
    model, task = view.book.pair(view.scene.model, view.scene.task)
    values = view.scene.values(view.book)
    words = [model.title, task.title]
    if "hidden_size" in values and not brief:
        words.append(say("bench.units", units=values["hidden_size"]))
    weights = view.scene.resolved_weights(view.book)
    if weights.kind == "steps":
        key = "bench.untrained" if weights.steps == 0 else "bench.trained"
        words.append(say(key, steps=weights.steps))
    elif weights.kind == "run":
        words.append(say("bench.run", run=weights.run))
    return " · ".join(words)


def score_title(view: View, *, brief: bool = False) -> str:
    """`2.95 bits a letter, bigram 3.37`, and the score with the intervention on once it is known."""
    _, task = view.book.pair(view.scene.model, view.scene.task)
    fair = say("bench.baseline", name=task.fair, value=f"{task.baselines[task.fair]:.2f}")
    score = plain_score(view)
    if score is None:
        return fair
    text = f"{score:.2f}" + (f" {task.metric}" if not brief else "")
    text = f"{text}, {fair}"
    if view.scene.force and view.score is not None:
        text += " · " + say("bench.forced_score", value=f"{view.score:.2f}")
    return text


def plain_score(view: View) -> float | None:
    """The held-out score without interventions: a checkpoint's is on record, others are computed."""
    found = view.book.checkpoint(
        view.scene.model, view.scene.task, view.scene.values(view.book), view.scene.seed
    )
    if found is not None and view.scene.resolved_weights(view.book).kind == "shipped":
        return found.score
    return view.plain_score


def interventions(view: View) -> str:
    """What is forced, in words: `f = 1, f[7] = 0 at 3..`."""
    return ", ".join(map(force_words, view.scene.force))


def force_words(force: Force) -> str:
    """One intervention in words: `f[7] = 0 at 3..`."""
    unit = f"[{force.unit}]" if force.unit is not None else ""
    steps = " " + say("bench.at_steps", steps=force.steps) if force.steps is not None else ""
    return f"{force.signal.rpartition('.')[2]}{unit} = {number(force.value)}{steps}"


# ---- tokens -----------------------------------------------------------------------------------


def token_cells(trace: Trace) -> list[str]:
    """Every input as it is shown, and the end that the last one predicts."""
    shown = [visible(token) for token in trace.tokens]
    if trace.targets and trace.targets[-1]:
        shown.append(visible(trace.targets[-1]))
    return shown


# ---- the cell in digits -------------------------------------------------------------------------


def digits(view: View) -> tuple[str, ...]:
    """The cell under the cursor as an equation: `c₄ = f·c₃ + i·g = .002·1.39 + .999·.244 = +.247`.

    Then the same in fewer columns, without the part between.
    """
    signal, trace = view.looked_at, view.trace
    if signal is None or signal.values.shape[1] <= view.unit or not trace.steps:
        return ("",)
    cell = Cell(signal.name, (view.step, view.unit))
    name = f"{signal.symbol}{subscript(view.step)}"
    value = short(signal.number(cell.index), sign=signal.signed)
    explanation = explain_cell(trace, cell)
    if explanation.end:
        return (f"{name} = {value} ({explanation.end})",)
    if isinstance(signal.recipe, Softmax):
        return (f"{name} = {share(trace, explanation)} = {value}",)
    if isinstance(signal.recipe, Blend):
        pairs = [term.factors for term in explanation.reading.terms]
        symbols = " + ".join("·".join(_symbol(trace, f, view.step) for f in pair) for pair in pairs)
        numbers = " + ".join("·".join(short(f.value) for f in pair) for pair in pairs)
        return f"{name} = {symbols} = {numbers} = {value}", f"{name} = {numbers} = {value}"
    return tuple(" = ".join((name, *way, value)) for way in _grouped(view, trace, cell))


def _symbol(trace: Trace, factor: Factor, step: int) -> str:
    """A factor's symbol in an equation: f, c₃, tanh c₄, (1−z)."""
    if not isinstance(factor.source, Cell):
        return ""
    symbol = trace[factor.source.signal].symbol
    if factor.source.index[0] != step or factor.through == "tanh":
        symbol += subscript(factor.source.index[0])
    if factor.through == "one minus":
        return f"(1−{symbol})"
    return f"{factor.through} {symbol}".strip()


def _grouped(view: View, trace: Trace, cell: Cell) -> tuple[tuple[str, ...], ...]:
    """An affine sum by what it is made of: `σ(letter −5.68, state −1.28, bias +.81)`, `σ(−6.15)`."""
    explanation = explain_cell(trace, cell)
    sums: dict[str, float] = {}
    for term in explanation.reading.terms:
        sums[term.group] = sums.get(term.group, 0.0) + term.value
    words = ", ".join(
        f"{_group_word(view, group)} {short(value, sign=True)}" for group, value in sums.items()
    )
    function = {"sigmoid": "σ", "tanh": "tanh", "relu": "ReLU"}.get(explanation.reading.finish, "")
    if not function:
        return ((words,) if len(sums) > 1 else (),)
    by_group = f"{function}({words})"
    return (by_group, f"{function}({short(explanation.reading.total, sign=True)})"), (by_group,)


def _group_word(view: View, group: str) -> str:
    return (
        visible(view.token)
        if group == "input" and view.part.endswith(("0.lstm", "0.gru", "0.rnn"))
        else (say(f"bench.group_{group.replace(' ', '_')}"))
    )


# ---- the odds -----------------------------------------------------------------------------------


def odds(view: View, trace: Trace | None = None, count: int = 5) -> list[Odds]:
    """The likeliest tokens after this step, falling; the true one is marked."""
    trace = trace or view.trace
    if "output.probs" not in trace or not trace.steps:
        return []
    row = trace["output.probs"].at(view.step)
    true = trace.targets[view.step - 1] if trace.targets else ""
    best = np.argsort(-np.nan_to_num(row), kind="stable")[:count]
    return [
        Odds(visible(next_name(trace, int(i))), int(i), float(row[i]), next_name(trace, int(i)) == true != "")
        for i in best
    ]


def surprise(view: View, trace: Trace | None = None) -> float | None:
    """−log₂ p of what really came, in bits; None where it is not known."""
    trace = trace or view.trace
    true = trace.targets[view.step - 1] if trace.targets and trace.steps else ""
    names = [next_name(trace, i) for i in range(len(trace.vocabulary))]
    if true not in names or "output.probs" not in trace:
        return None
    p = float(trace["output.probs"].at(view.step)[names.index(true)])
    return float(-np.log2(p)) if p > 0 else float("inf")


def odds_text(chances: list[Odds], room: int, *, scale: float = 0.25, ascii: bool = False) -> Iterator[str]:
    """`i 28% ███████` for each chance that still fits; one column is 1/scale percent."""
    used = 0
    for chance in chances:
        true = " " + say("bench.true") if chance.true else ""
        text = f"{chance.token} {percent(chance.probability)} "
        text += bar(chance.probability, scale * 100, ascii=ascii) + true
        if used + width(text) > room:
            return
        used += width(text) + 2
        yield text


# ---- words --------------------------------------------------------------------------------------


def words(view: View, columns: int = 1000) -> str:
    """What this step did to the state, by rule, in so many columns; how the odds changed where that fits."""
    if not view.trace.steps:
        return ""
    forms = [say("words.read", token=visible(view.token), what=what) for what in _what_happened(view)]
    change = _odds_words(view)
    if not forms:
        return change
    line = next((form for form in forms if width(form) <= columns), forms[-1])
    both = f"{line} · {change}"
    return both if change and width(both) <= columns else line


def _what_happened(view: View) -> list[str]:
    """The same in fewer and fewer words; nothing where the part has no state."""
    signals = {signal.name.rpartition(".")[2]: signal for signal in _part_signals(view)}
    if bad := _not_finite(signals):
        return bad
    if {"f", "i"} <= signals.keys():
        return _gate_words(view, signals["f"], "f", signals["i"].at(view.step), "i")
    if "z" in signals:
        return _gate_words(view, signals["z"], "z", 1 - signals["z"].at(view.step), "1−z")
    return _change_words(view, signals["h"]) if "h" in signals else []


def _part_signals(view: View) -> list[Signal]:
    return [signal for name, signal in view.trace.items() if name.rpartition(".")[0] == view.part]


def _not_finite(signals: dict[str, Signal]) -> list[str]:
    """Which signal first stopped being a number, and when."""
    first: tuple[int, str] | None = None
    for signal in signals.values():
        wrong = np.flatnonzero(~np.isfinite(signal.values).all(axis=1))
        if wrong.size and (first is None or wrong[0] + 1 < first[0]):
            first = (int(wrong[0]) + 1, signal.symbol)
    if first is None:
        return []
    forms = ("not_finite", "not_finite_brief", "not_finite_short")
    return [say(f"words.{form}", symbol=first[1], step=first[0]) for form in forms]


def _gate_words(view: View, keep: Signal, keep_symbol: str, written: Array, write_symbol: str) -> list[str]:
    kept = keep.at(view.step)
    whole = any(
        force.signal == keep.name and force.unit is None and force.value == 1 for force in view.scene.force
    )
    counts = {
        "keep": keep_symbol,
        "write": write_symbol,
        "units": len(kept),
        "wiped": int((kept < 0.1).sum()),
        "kept": int((kept > 0.9).sum()),
        "written": int((written > 0.9).sum()),
    }
    forms = ("all_kept", "all_kept_short") if whole else ("gates", "gates_brief", "gates_short")
    return [say(f"words.{form}", **counts) for form in forms]


def _change_words(view: View, h: Signal) -> list[str]:
    before = h.at(view.step - 1)
    change = h.at(view.step) - before
    most = np.argsort(-np.abs(change), kind="stable")[:3]
    units = ", ".join(f"{i} ({short(float(change[i]), sign=True)})" for i in most)
    return [say(f"words.{form}", units=units) for form in ("changed_most", "changed_most_short")]


def _odds_words(view: View) -> str:
    """The token whose chance this step raised most: `i 4% → 28%`."""
    if view.step < 2 or "output.probs" not in view.trace:
        return ""
    probs = view.trace["output.probs"]
    now, before = probs.at(view.step), probs.at(view.step - 1)
    if not (np.isfinite(now).all() and np.isfinite(before).all()):
        return ""
    token = int(np.argmax(now - before))
    name, shares = visible(next_name(view.trace, token)), (percent(before[token]), percent(now[token]))
    return say("words.odds", token=name, before=shares[0], now=shares[1]) if shares[0] != shares[1] else ""


def held_out_words(view: View) -> str:
    """`over 500 unseen names: 2.95 → 3.82 bits a letter`, while an intervention is on."""
    _, task = view.book.pair(view.scene.model, view.scene.task)
    plain = plain_score(view)
    if not view.scene.force:
        return ""
    if plain is None or view.score is None:
        return say("words.scoring", count=task.held_out, title=task.title)
    before, after = f"{plain:.2f}", f"{view.score:.2f}"
    if not isfinite(view.score):
        after = odd(view.score)
    return say(
        "words.held_out",
        count=task.held_out,
        title=task.title,
        before=before,
        after=after,
        metric=task.metric,
    )


# ---- legend -------------------------------------------------------------------------------------


def scales(view: View) -> list[tuple[str, bool, float]]:
    """The distinct scales on this bench: (symbols, signed, top), unsigned first."""
    found: dict[tuple[bool, float], list[str]] = {}
    for signal in view.panels:
        found.setdefault((signal.signed, signal.limits[1]), []).append(signal.symbol)
    ordered = sorted(found.items(), key=lambda item: (item[0][0], -item[0][1]))
    return [(" ".join(symbols), signed, top) for (signed, top), symbols in ordered]

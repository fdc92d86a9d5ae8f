"""What a bench shows, in words: each signal with its number under the cursor, and how to read the rest."""

from __future__ import annotations

from textual.content import Content

from seqtui.glyphs import fit, short, visible, width
from seqtui.panels import View
from seqtui.panels.lines import interventions, score_title
from seqtui.sentences import has, say
from seqtui.signals import Signal
from seqtui.tui.render.ramp import Look
from seqtui.tui.widgets.readout import legend

Passage = tuple[str, Content]
"""What stands at the left, in a column of its own, and the text beside it."""


def about_bench(view: View, look: Look | None) -> list[Passage]:
    """A passage for the cursor's place, one for each signal of this part, and some on reading the bench."""
    look = look or Look()
    parts = [("", _heading("about.title")), ("", Content(_where(view)))]
    parts += [_signal(view, signal) for signal in (*view.panels, *_odds(view))]
    parts += [("", Content("")), ("", _heading("about.reading_title")), ("", legend(view, 10_000, look))]
    texts = [say("about.cells"), say("about.glyphs" if look.glyphs else "about.colours"), *_score(view)]
    if view.scene.force:
        texts.append(say("about.what_if", forces=interventions(view)))
    parts += [("", Content(text)) for text in [*texts, say("about.inside")]]
    return [*parts, ("", Content(""))]


def _heading(name: str) -> Content:
    return Content.styled(say(name), "bold $text-accent")


def _where(view: View) -> str:
    model, _ = view.book.pair(view.scene.model, view.scene.task)
    return say(
        "about.where",
        step=view.step,
        steps=view.trace.steps,
        model=model.title,
        token=visible(view.token),
        unit=view.unit,
    )


def _odds(view: View) -> list[Signal]:
    """The odds stand on every bench, whatever part is seen."""
    shown = {signal.name for signal in view.panels}
    return [view.trace[name] for name in ("output.probs",) if name in view.trace and name not in shown]


def _signal(view: View, signal: Signal) -> Passage:
    """`f .002 | forget gate: … 0 to 1.`; the one that is looked at stands out."""
    here = view.looked_at is not None and signal.name == view.looked_at.name
    head = f"{'▸' if here else ' '} {fit(signal.symbol, 2)} {_number(view, signal)}"
    low, high = signal.limits
    limits = say(f"about.range_{signal.range}", low=short(low), high=short(high))
    text = f"{_forced(view, signal)}{_sentence(view, signal)} ({limits})"
    return head, Content.styled(text, "bold" if here else "")


def _sentence(view: View, signal: Signal) -> str:
    *_, kind, symbol = ("", *signal.name.split("."))
    name = f"about.{kind}_{symbol}"
    element = view.book.task(view.scene.task).element
    return say(name if has(name) else "about.other", element=element, title=view.title_of(signal))


def _has_cell(view: View, signal: Signal) -> bool:
    """Whether there is a number of it under the cursor; the odds have no units."""
    return signal.axes[-1] == "unit" and view.unit < signal.values.shape[1] and view.trace.steps > 0


def _number(view: View, signal: Signal) -> str:
    if not _has_cell(view, signal):
        return ""
    return short(signal.number((view.step, view.unit)), sign=signal.signed)


def _forced(view: View, signal: Signal) -> str:
    forced = _has_cell(view, signal) and signal.is_fixed((view.step, view.unit))
    return say("about.forced") if forced else ""


def _score(view: View) -> list[str]:
    """What the odds, the score and the baseline are."""
    _, task = view.book.pair(view.scene.model, view.scene.task)
    title = score_title(view, brief=True)
    score = say(
        "about.score",
        metric=task.metric,
        count=task.held_out,
        title=task.title,
        better=say(f"about.{task.better}"),
    )
    fair = say("bench.baseline", name=task.fair, value=f"{task.baselines[task.fair]:.2f}")
    texts = [say("about.odds", element=task.element, true=say("bench.true"))]
    texts += [score] if width(title) > width(fair) else []
    return [*texts, say("about.baseline", fair=fair)]

"""Keys: every binding has an id, by which config.toml can remap it, a name and a tooltip."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from textual.binding import ActiveBinding, Binding
from textual.keys import format_key
from textual.screen import Screen

from seqtui.sentences import say


@dataclass(frozen=True)
class KeyHint:
    """A key as it is written, what it does, and the key that a click presses."""

    shown: str
    text: str
    press: str


def key(id: str, keys: str, action: str, *, show: bool = True, priority: bool = False) -> Binding:
    """A binding whose name and tooltip are the interface's sentences `key.ID` and `tip.ID`."""
    return Binding(
        keys, action, say(f"key.{id}"), show=show, priority=priority, id=id, tooltip=say(f"tip.{id}")
    )


NAMED = {"enter": "↵", "escape": "Esc", "pageup": "PgUp", "pagedown": "PgDn", "home": "Home", "end": "End"}


def shown_key(name: str) -> str:
    """A key as the interface writes it: ↵, Esc, ?, ctrl+p."""
    *modifiers, last = name.split("+")
    return "+".join([*modifiers, NAMED.get(last) or format_key(last)])


def bound_keys(bindings: dict[str, ActiveBinding]) -> dict[str, list[str]]:
    """The keys of every binding that is active, by the binding's id, remapped ones as they are."""
    found: dict[str, list[str]] = {}
    for name, active in bindings.items():
        if active.enabled and active.binding.id is not None:
            found.setdefault(active.binding.id, []).append(name)
    return found


def hints(screen: Screen[Any], *wanted: str) -> tuple[KeyHint, ...]:
    """The last row: a KeyHint for each wanted binding that is active, in this order.

    Ids with a space between share one hint: `"choose_up choose"` is `↑↓ choose`, and a click presses the
    last of them.
    """
    keys = bound_keys(screen.active_bindings)
    found = []
    for group in wanted:
        ids = [id for id in group.split() if id in keys]
        if ids:
            names = [shown_key(keys[id][0]) for id in ids]
            shown = ("" if set("".join(names)) <= set("←→↑↓") else " ").join(names)
            found.append(KeyHint(shown, say(f"key.{ids[-1]}"), keys[ids[-1]][0]))
    return tuple(found)


JAMO = dict(
    zip(
        "ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔㅁㄴㅇㄹㅎㅗㅓㅏㅣㅋㅌㅊㅍㅠㅜㅡㅃㅉㄸㄲㅆㅒㅖ",
        "qwertyuiopasdfghjklzxcvbnmQWERTOP",
        strict=True,
    )
)
"""The two-set Korean layout: the jamo that a key writes while a Korean input method is on → that key."""

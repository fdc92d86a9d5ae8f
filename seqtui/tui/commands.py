"""Every command by name (ctrl+p): what the keys do here, and every lesson."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider

from seqtui.course.index import lessons
from seqtui.errors import SeqtuiError
from seqtui.sentences import say
from seqtui.tui.keys import shown_key
from seqtui.tui.screens.help import key_name, whose

if TYPE_CHECKING:
    from seqtui.tui.app import SeqtuiApp


class Commands(Provider):
    """The commands of the screen below, those of its lists and panels last: each does what its key would."""

    def _commands(self) -> Iterator[tuple[str, str, Callable[[], None]]]:
        """A name, the key, and what to call."""
        seen = set()
        nearest_last = sorted(
            self.screen.active_bindings.items(), key=lambda pair: whose(pair[1]) == "widget"
        )
        look = cast("SeqtuiApp", self.app).look
        for name, active in nearest_last:
            id = key_name(active.binding)
            if id and id not in seen and active.enabled:
                seen.add(id)
                title = f"{say(f'key.{id}')} · {say(f'tip.{id}')}"
                yield look.text(title), look.text(shown_key(name)), partial(self._press, name)
        yield from self._lessons()

    def _lessons(self) -> Iterator[tuple[str, str, Callable[[], None]]]:
        app = cast("SeqtuiApp", self.app)
        try:
            entries = lessons(app.config.language)
        except (SeqtuiError, OSError):
            return
        for entry in entries:
            title = app.look.text(say("commands.lesson", number=entry.number, title=entry.title))
            yield title, entry.question, partial(app.open_lesson, entry.id)

    def _press(self, name: str) -> None:
        self.app.call_later(self.app.simulate_key, name)

    async def discover(self) -> Hits:
        """All of them, before anything is typed."""
        for title, text, command in self._commands():
            yield DiscoveryHit(title, command, help=text)

    async def search(self, query: str) -> Hits:
        """Those whose names hold what is typed."""
        matcher = self.matcher(query)
        for title, text, command in self._commands():
            score = matcher.match(title)
            if score > 0:
                yield Hit(score, matcher.highlight(title), command, help=text)

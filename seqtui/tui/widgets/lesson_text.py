"""The text of a lesson: Textual's own Markdown with formulas drawn and live blocks in their places."""

from __future__ import annotations

from collections.abc import Iterable

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from textual.app import ComposeResult
from textual.content import Content, Span
from textual.message import Message
from textual.reactive import reactive
from textual.widget import AwaitMount, Widget
from textual.widgets import Label, Markdown, Static
from textual.widgets._markdown import MarkdownParagraph
from textual.widgets.markdown import MarkdownBlock

from seqtui import tex
from seqtui.course.markdown import parser
from seqtui.panels import View
from seqtui.tui.render.plain import in_ascii
from seqtui.tui.render.ramp import Look
from seqtui.tui.widgets.bench import Bench

FIRST_PAGE = 14
"""Passages that fill a page: they are drawn before the others are made."""

FORMULA_COLUMNS = 50
"""The most that a display formula takes before it is broken at a relation."""


def ascii_alone(widget: Widget) -> bool:
    """Whether nothing but ASCII may be drawn."""
    return bool(getattr(widget.app, "ascii", False))


def page_parser(ascii: bool = False) -> MarkdownIt:
    """The lessons' parser, with formulas in a line already written as text."""

    def formulas_as_text(state: StateCore) -> None:
        for token in state.tokens:
            if token.children and any(child.type == "math_inline" for child in token.children):
                token.children = [new for child in token.children for new in _written(child, ascii)]

    made = parser()
    made.core.ruler.push("seqtui_page", formulas_as_text)
    return made


def _written(child: Token, ascii: bool) -> list[Token]:
    """A formula as text and strong tokens; the source, where it cannot be read."""
    if child.type != "math_inline":
        return [child]
    try:
        row = tex.inline(child.content, ascii=ascii)
    except tex.TexError:
        return [Token("code_inline", "code", 0, content=child.content)]
    made = []
    for text, style in row:
        piece = Token("text", "", 0, content=text.replace(" ", "\u00a0"))
        if style == "bold":
            made += [Token("strong_open", "strong", 1), piece, Token("strong_close", "strong", -1)]
        else:
            made.append(piece)
    return made


class LessonParagraph(MarkdownParagraph):
    """A paragraph whose links are seen as links."""

    def set_content(self, content: Content) -> None:
        """Underline what can be followed."""
        links = [span for span in content.spans if getattr(span.style, "meta", None)]
        if links:
            lines = [Span(span.start, span.end, "underline") for span in links]
            content = Content(content.plain, spans=[*content.spans, *lines])
        super().set_content(content)


class Formula(MarkdownBlock):
    """A formula in two dimensions, centred; what cannot be drawn is shown as its source."""

    def __init__(self, markdown: Markdown, token: Token) -> None:
        super().__init__(markdown, token)
        self.tex = token.content.strip()

    def compose(self) -> ComposeResult:
        """The rows, as one label that scrolls sideways where it is too wide."""
        yield Label(self.drawn())

    def drawn(self) -> Content:
        """The formula as rows of equal width."""
        try:
            box = tex.display(self.tex, FORMULA_COLUMNS, ascii=ascii_alone(self))
        except tex.TexError as error:
            return Content.assemble((self.tex, "dim"), f"\n{error}")
        rows = [Content.assemble(*[(text, style) for text, style in row]) for row in box.rows]
        return Content("\n").join(rows)


class LiveBlock(MarkdownBlock, can_focus=True):
    """The place of a live block in the text: a caption, and where the page is narrow its bench.

    The bench is made when the block is first scrolled to; until then the block itself takes the focus.
    """

    inline: reactive[bool] = reactive(False, init=False)
    current: reactive[bool] = reactive(False, init=False)

    class Entered(Message):
        """The place-holder got the focus."""

        def __init__(self, block: str) -> None:
            self.block = block
            super().__init__()

    def __init__(self, markdown: LessonText, token: Token, block: str, title: str, caption: str) -> None:
        super().__init__(markdown, token)
        self.block = block
        self.title, self.caption = title, caption
        self.bench_rows = 19

    def compose(self) -> ComposeResult:
        """The caption; the bench follows when it is wanted."""
        title = Content.assemble("▸ ", (self.title, "bold $text-accent"))
        title = in_ascii(title) if ascii_alone(self) else title
        yield Static(Content.assemble(title, f"  {self.caption}" if self.caption else ""))

    @property
    def bench(self) -> Bench | None:
        """The bench in the text, if it has been made."""
        found = self.query(Bench)
        return found.first() if found else None

    def watch_inline(self, inline: bool) -> None:
        """Make room for a bench, or take it away."""
        self.set_class(inline, "-inline")
        self.styles.min_height = self.bench_rows + 1 if inline else None
        self.can_focus = self.bench is None
        if not inline and (bench := self.bench):
            bench.remove()
            self.can_focus = True

    def watch_current(self, current: bool) -> None:
        """Show which block the keys act on."""
        self.set_class(current, "-current")

    async def make_bench(self, view: View | None, waiting: str, look: Look) -> None:
        """Put the bench in the text."""
        if self.bench is not None or not self.inline:
            return
        bench = Bench(self.block)
        bench.look, bench.waiting, bench.view = look, waiting, view
        bench.styles.height = self.bench_rows
        had_keys = self.has_focus
        await self.mount(bench)
        self.can_focus = False
        if had_keys:
            bench.take_keys()

    def on_focus(self) -> None:
        """Become the current block."""
        self.post_message(self.Entered(self.block))


class LessonText(Markdown):
    """A lesson's markdown. `places` says, for the first line of each live block, what it is called."""

    BLOCKS = {**Markdown.BLOCKS, "paragraph_open": LessonParagraph}  # noqa: RUF012 (Textual's own shape)

    def __init__(self, text: str, places: dict[int, tuple[str, str, str]]) -> None:
        super().__init__(text, parser_factory=self._parser, open_links=False)
        self.places = places
        self._begun = False

    class Complete(Message):
        """All of the text is there. The first passages are drawn before the others are made."""

    def mount_all(
        self,
        widgets: Iterable[Widget],
        *,
        before: int | str | Widget | None = None,
        after: int | str | Widget | None = None,
    ) -> AwaitMount:
        """Mount what fills the first page, and the rest once that has been drawn."""
        every, self._begun, first = list(widgets), True, not self._begun
        if not first:
            return super().mount_all(every, before=before, after=after)
        self.call_after_refresh(self._mount_rest, every[FIRST_PAGE:])
        return super().mount_all(every[:FIRST_PAGE], before=before, after=after)

    async def _mount_rest(self, rest: list[Widget]) -> None:
        await super().mount_all(rest)
        self.post_message(self.Complete())

    def _parser(self) -> MarkdownIt:
        if ascii_alone(self):
            self.BULLETS = ["* ", "- ", "+ "]
        return page_parser(ascii_alone(self))

    def unhandled_token(self, token: Token) -> MarkdownBlock | None:
        """A formula or a live block."""
        if token.type == "math_block":
            return Formula(self, token)
        if token.type == "live_block" and token.map is not None:
            found = self.places.get(token.map[0] + 1)
            return LiveBlock(self, token, *found) if found else None
        return None

    def passages(self) -> list[MarkdownBlock]:
        """The blocks at the top level, each with its lines in the file."""
        return [child for child in self.children if isinstance(child, MarkdownBlock)]


def lines_of(block: Widget) -> tuple[int, int]:
    """The first and last line of a passage in its file, counted from 1."""
    assert isinstance(block, MarkdownBlock)
    start, end = block.source_range
    return start + 1, max(end, start + 1)

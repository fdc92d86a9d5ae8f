"""The one markdown parser: of the lesson reader and of the page on screen, so that both see the same blocks.

Beside markdown-it's tokens it makes three:
- `math_inline`, a child of `inline`: content is the TeX of `$…$` or ``$`…`$``, without its marks;
- `math_block`: content is the TeX of a ```math fence or of `$$…$$`;
- `live_block`: a fence such as ```yaml lab at the top level; meta["kind"] is its kind, map its lines.
"""

from __future__ import annotations

from importlib.util import find_spec

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.front_matter import front_matter_plugin

KINDS = ("lab",)
"""What the second word of a `yaml` fence may be."""

MAX_LEVEL = 20
"""markdown-it reads no deeper, and leaves out what is."""


def parser() -> MarkdownIt:
    """A fresh parser: GitHub's markdown, front matter, formulas, and live blocks."""
    markdown = MarkdownIt(
        "gfm-like", {"maxNesting": MAX_LEVEL, "linkify": find_spec("linkify_it") is not None}
    )
    markdown.use(front_matter_plugin)
    markdown.use(dollarmath_plugin, allow_labels=False, allow_blank_lines=False)
    # The plugin's own inline rule looks at the paragraph's last character when a formula comes first in it.
    markdown.inline.ruler.at("math_inline", _inline_formula)
    markdown.core.ruler.push("seqtui", _own_tokens)
    return markdown


def kind_word(token: Token) -> str:
    """The second word of a fence that begins with yaml, "" for any other."""
    words = token.info.split()
    return words[1] if len(words) > 1 and words[0].lower() in ("yaml", "yml") else ""


def _own_tokens(state: StateCore) -> None:
    for token in state.tokens:
        if token.type != "fence":
            continue
        if token.info.split()[:1] == ["math"]:
            token.type = "math_block"
        elif kind_word(token) in KINDS and token.level == 0:
            token.type = "live_block"
            token.meta = {"kind": kind_word(token)}


def _inline_formula(state: StateInline, silent: bool) -> bool:
    """`$…$` with nothing blank inside its marks and no digit outside them, so that "$5 and $6" stays text."""
    source, start = state.src, state.pos
    if source[start] != "$" or (start and source[start - 1].isdigit()):
        return False
    end = _closing(source, start + 1)
    if end < 0 or source[end + 1 : end + 2].isdigit():
        return False
    content = source[start + 1 : end]
    if not content or content[0].isspace() or content[-1].isspace():
        return False
    if len(content) > 2 and content[0] == content[-1] == "`":
        content = content[1:-1]
    if not silent:
        token = state.push("math_inline", "math", 0)
        token.content = " ".join(content.split("\n"))
        token.markup = "$"
    state.pos = end + 1
    return True


def _closing(source: str, start: int) -> int:
    """Where the next `$` without a backslash before it stands, −1 if nowhere."""
    end = source.find("$", start)
    while end > 0:
        before = end
        while before > start and source[before - 1] == "\\":
            before -= 1
        if (end - before) % 2 == 0:
            return end
        end = source.find("$", end + 1)
    return -1

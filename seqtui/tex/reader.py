"""Tokens → nodes: rows, scripts, groups, arguments, and the commands that need no syntax of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from seqtui.errors import nearest
from seqtui.tex import fonts, glyphs
from seqtui.tex.error import TexError
from seqtui.tex.glyphs import Glyph
from seqtui.tex.tokens import Token, tokens
from seqtui.tex.tree import (
    NOTHING,
    Accent,
    Group,
    Middle,
    Node,
    Operator,
    Script,
    Space,
    Styled,
    Symbol,
    Text,
)

MAX_DEPTH = 50

_PRIME = Symbol(glyphs.SYMBOLS["prime"])
_STRAY = {
    "close": "a } without its {",
    "amp": "an & outside of an environment",
    "newline": r"a \\ inside braces",
    r"\right": r"a \right without its \left",
    r"\end": r"an \end without its \begin",
}
_TEXT_ESCAPES = {name: name for name in "{}_%&#$ "} | {",": " "}


class Reader:
    """A descent over the tokens of one formula, never deeper than MAX_DEPTH levels.

    `structures` reads the commands that have a syntax of their own, each by its name.
    """

    def __init__(self, tex: str, structures: Mapping[str, Structure]) -> None:
        self.tokens = tokens(tex)
        self.structures = structures
        self.position = 0
        self.end = len(tex) + 1
        self.depth = 0
        self.fences = 0

    # Moving along the tokens

    def next(self) -> Token | None:
        """The token that is read next; None at the end."""
        return self.tokens[self.position] if self.position < len(self.tokens) else None

    def after_spaces(self) -> Token | None:
        """The next token that is no space."""
        while (token := self.next()) is not None and token.kind == "space":
            self.position += 1
        return token

    def column(self) -> int:
        """Where the next token stands."""
        token = self.next()
        return self.end if token is None else token.column

    def take(self, expected: str, missing: str) -> None:
        """Step over the token whose sign is `expected`, or raise a TexError that says `missing`."""
        token = self.after_spaces()
        if token is None or sign(token) != expected:
            raise TexError(missing, self.column())
        self.position += 1

    def within(self, ends: set[str], unclosed: str, column: int) -> tuple[Node, ...]:
        """The nodes up to the token that closes them, which is stepped over."""
        self.deeper()
        found = self.items(ends)
        self.depth -= 1
        if self.next() is None:
            raise TexError(unclosed, column)
        self.position += 1
        return found

    def deeper(self) -> None:
        """One level further in; the caller comes back by itself."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise TexError(f"more than {MAX_DEPTH} groups inside one another", self.column())

    def unknown(self, reason: str, name: str, known: Iterable[str], column: int) -> TexError:
        """The error that names the nearest known name."""
        return TexError(reason, column, nearest(name, known))

    # Rows of nodes

    def items(self, ends: set[str]) -> tuple[Node, ...]:
        """The nodes up to a token whose sign is one of `ends`, or up to the end."""
        found: list[Node] = []
        while (token := self.after_spaces()) is not None:
            here = sign(token)
            if here in ends:
                break
            if here in _STRAY:
                raise TexError(_STRAY[here], token.column)
            if here in ("sub", "sup"):
                self.position += 1
                script = self.argument("_" if here == "sub" else "^")
                found.append(_scripted(_popped(found), here, script, token.column))
            elif here == "prime":
                self.position += 1
                found.append(_primed(_popped(found)))
            elif here in (r"\limits", r"\nolimits"):
                self.position += 1
                found.append(_limited(_popped(found), here == r"\limits", token.column))
            else:
                found.append(self.atom(token))
        return tuple(found)

    def argument(self, command: str) -> Node:
        """What a command applies to: a group, or the next atom."""
        token = self.after_spaces()
        if token is None or sign(token) in _STRAY or token.kind in ("sub", "sup"):
            raise TexError(f"nothing follows {command} that it could apply to", self.column())
        if token.kind == "open":
            return self.atom(token)
        self.deeper()
        node = self.atom(token)
        self.depth -= 1
        return node

    def atom(self, token: Token) -> Node:
        """The node that begins with `token`, the next one."""
        self.position += 1
        if token.kind == "open":
            return Group(self.within({"close"}, "a { without its }", token.column))
        if token.kind == "command":
            return self._command(token)
        if token.kind == "prime":
            return _PRIME
        if token.kind == "word":
            return Text(token.text)
        if token.text == "~":
            return Space(1)
        if token.text == "...":
            return Symbol(glyphs.SYMBOLS["ldots"])
        return _symbol(glyphs.CHARACTERS.get(token.text) or Glyph(token.text, token.text, "ord"))

    # Commands

    def _command(self, token: Token) -> Node:
        name = glyphs.ALIASES.get(token.text, token.text)
        command = "\\" + token.text
        if name in self.structures:
            return self.structures[name](self, token)
        if name in glyphs.SYMBOLS:
            return _symbol(glyphs.SYMBOLS[name])
        if name in glyphs.FUNCTIONS:
            return Operator(Text(glyphs.FUNCTIONS[name]), name in glyphs.LIMIT_FUNCTIONS)
        if name in glyphs.SPACES:
            return Space(glyphs.SPACES[name])
        if name in glyphs.ESCAPED:
            return Symbol(Glyph(name, name, "ord"))
        if name in glyphs.IGNORED:
            return NOTHING
        if name in fonts.ACCENTS:
            return Accent(fonts.ACCENTS[name], self.argument(command))
        if name in fonts.TEXTS:
            return Text(self._words(command), fonts.TEXTS[name])
        if name in fonts.ALPHABETS:
            return self._styled(name, command)
        if name in glyphs.BIG_DELIMITERS:
            glyph = self.delimiter(command)
            return Symbol(glyph._replace(kind=glyphs.BIG_DELIMITERS[name] or glyph.kind))
        known = {known for known in (*table_commands(), *self.structures) if known.isalpha()}
        raise self.unknown(f"unknown command {_shown(token)}", name[:40], known, token.column)

    def _styled(self, name: str, command: str) -> Node:
        body = self.argument(command)
        name_of_letters = word(body) if name == "mathrm" else None
        if name_of_letters is not None and len(name_of_letters) > 1:
            return Text(name_of_letters)
        return Styled(fonts.ALPHABETS[name], body)

    def _words(self, command: str) -> str:
        """The characters between the braces of \\text, as they are."""
        opening = self.column()
        self.take("open", f"{command} needs braces around its words")
        depth = 1
        found: list[str] = []
        while (token := self.next()) is not None:
            self.position += 1
            depth += (token.kind == "open") - (token.kind == "close")
            if depth == 0:
                return "".join(found)
            if token.kind in ("command", "newline"):
                if token.text not in _TEXT_ESCAPES:
                    raise TexError(f"{_shown(token)} cannot stand inside {command}", token.column)
                found.append(_TEXT_ESCAPES[token.text])
            elif token.kind == "space" or token.text == "~":
                found.append(" ")
            elif token.kind not in ("open", "close"):
                found.append(token.text)
        raise TexError("a { without its }", opening)

    def delimiter(self, command: str) -> Glyph:
        """The delimiter that follows `command`."""
        token = self.after_spaces()
        if token is None:
            raise TexError(f"no delimiter follows {command}", self.end)
        self.position += 1
        name = token.text
        if token.kind == "command":
            name = glyphs.ALIASES.get(name, name)
        if name in glyphs.DELIMITERS and name.isalpha() == (token.kind == "command"):
            return glyphs.DELIMITERS[name]
        typed = glyphs.CHARACTERS.get(name)
        if token.kind == "char" and typed is not None and typed in glyphs.DELIMITERS.values():
            return typed
        raise self.unknown(
            f"{_shown(token)} is no delimiter for {command}", name[:40], glyphs.DELIMITERS, token.column
        )


Structure = Callable[[Reader, Token], Node]


def table_commands() -> set[str]:
    """The names of the commands that the tables alone define, aliases left out."""
    tables: tuple[Iterable[str], ...] = (
        glyphs.SYMBOLS,
        glyphs.FUNCTIONS,
        glyphs.SPACES,
        glyphs.ESCAPED,
        glyphs.IGNORED,
        glyphs.BIG_DELIMITERS,
        fonts.ACCENTS,
        fonts.TEXTS,
        fonts.ALPHABETS,
    )
    return {name for table in tables for name in table}


def sign(token: Token) -> str:
    """What a token is to the reader: a command by its name, a ] by itself, all else by its kind."""
    if token.kind == "command":
        return "\\" + token.text
    return "]" if token.text == "]" else token.kind


def _shown(token: Token) -> str:
    """A token as it stands in the source, cut where it is endless."""
    text = {"command": "\\" + token.text, "newline": r"\\"}.get(token.kind, token.text)
    return text if len(text) <= 40 else text[:39] + "…"


def word(node: Node) -> str | None:
    """The letters of a name written as single symbols, or None where there is more than letters."""
    letters = []
    for item in node.items if isinstance(node, Group) else (node,):
        if isinstance(item, Space):
            letters.append(" " * item.columns)
        elif isinstance(item, Symbol) and (item.glyph.text.isalnum() or item.glyph.text == "−"):
            letters.append(item.glyph.text.replace("−", "-"))
        elif isinstance(item, Text):
            letters.append(item.text)
        else:
            return None
    return "".join(letters)


def _symbol(glyph: Glyph) -> Symbol:
    return Symbol(glyph, glyph.kind == "op" and glyph.text not in glyphs.SIDE_LIMITS)


def _popped(found: list[Node]) -> Node:
    """What a script belongs to: the node before it, or nothing."""
    return found.pop() if found and not isinstance(found[-1], Space | Middle) else NOTHING


def _scripted(base: Node, which: str, script: Node, column: int) -> Script:
    if not isinstance(base, Script) or base.stacked:
        base = Script(base)
    if which == "sub":
        if base.sub is not None:
            raise TexError("a second subscript", column, "put braces around what it belongs to")
        return base._replace(sub=script)
    if base.sup is not None:
        raise TexError("a second superscript", column, "put braces around what it belongs to")
    return base._replace(sup=script)


def _primed(base: Node) -> Script:
    script = base if isinstance(base, Script) and not base.stacked else Script(base)
    return script._replace(primes=script.primes + 1)


def _limited(base: Node, limits: bool, column: int) -> Node:
    if isinstance(base, Operator) or (isinstance(base, Symbol) and base.glyph.kind == "op"):
        return base._replace(limits=limits)
    raise TexError(r"\limits and \nolimits belong right after an operator", column)

"""The commands with a syntax of their own: fractions, roots, fences, environments and their like."""

from __future__ import annotations

import unicodedata

from seqtui.tex import glyphs
from seqtui.tex.error import TexError
from seqtui.tex.glyphs import Glyph
from seqtui.tex.reader import Reader, Structure, sign, table_commands, word
from seqtui.tex.tokens import Token
from seqtui.tex.tree import (
    NOTHING,
    Brace,
    Fence,
    Frac,
    Framed,
    Grid,
    Group,
    Middle,
    Node,
    Operator,
    Phantom,
    Root,
    Script,
    Space,
    Symbol,
    Text,
    core,
)

_PARENTHESES = glyphs.CHARACTERS["("], glyphs.CHARACTERS[")"]


def parse(tex: str) -> Node:
    r"""The tree of a formula; several lines parted by \\ become one Grid of kind "lines". Raises TexError."""
    reader = Reader(tex, STRUCTURES)
    lines = [reader.items({"newline"})]
    while reader.next() is not None:
        reader.position += 1
        lines.append(reader.items({"newline"}))
    shown = [Group(line) for line in lines if line]
    if len(shown) > 1:
        return Grid("lines", tuple((line,) for line in shown))
    return shown[0] if shown else NOTHING


def known_commands() -> set[str]:
    """The names of all commands that a formula may use, aliases left out."""
    return {*table_commands(), *STRUCTURES, "right", "end"}


def _fraction(reader: Reader, token: Token) -> Node:
    above = reader.argument(r"\frac")
    return Frac(above, reader.argument(r"\frac"))


def _binomial(reader: Reader, token: Token) -> Node:
    above = reader.argument(r"\binom")
    over = Frac(above, reader.argument(r"\binom"), bar=False)
    return Fence(_PARENTHESES[0], over, _PARENTHESES[1])


def _root(reader: Reader, token: Token) -> Node:
    degree = None
    following = reader.after_spaces()
    if following is not None and following.text == "[" and following.kind == "char":
        reader.position += 1
        degree = Group(reader.within({"]"}, "a [ without its ]", following.column))
    return Root(reader.argument(r"\sqrt"), degree)


def _operator(reader: Reader, token: Token) -> Node:
    body = reader.argument("\\" + token.text)
    name = word(body)
    return Operator(Text(name) if name else body, token.text != "operatorname")


def _over(reader: Reader, token: Token) -> Node:
    above = reader.argument("\\" + token.text)
    return Script(core(reader.argument("\\" + token.text)), sup=above, stacked=True)


def _under(reader: Reader, token: Token) -> Node:
    below = reader.argument(r"\underset")
    return Script(core(reader.argument(r"\underset")), sub=below, stacked=True)


def _arrow(reader: Reader, token: Token) -> Node:
    arrow = "longrightarrow" if token.text == "xrightarrow" else "longleftarrow"
    return Script(Symbol(glyphs.SYMBOLS[arrow]), sup=reader.argument("\\" + token.text), stacked=True)


def _brace(reader: Reader, token: Token) -> Node:
    return Brace(reader.argument("\\" + token.text), token.text == "overbrace")


def _boxed(reader: Reader, token: Token) -> Node:
    return Framed(reader.argument(r"\boxed"))


def _phantom(reader: Reader, token: Token) -> Node:
    return Phantom(reader.argument(r"\phantom"))


def _modulus(reader: Reader, token: Token) -> Node:
    body = Group((Operator(Text("mod")), reader.argument(r"\pmod")))
    return Group((Space(1), Fence(_PARENTHESES[0], body, _PARENTHESES[1])))


def _not(reader: Reader, token: Token) -> Node:
    negated = core(reader.argument(r"\not"))
    if isinstance(negated, Symbol):
        struck = unicodedata.normalize("NFC", negated.glyph.text + "\u0338")
        if len(struck) == 1:
            plain = {"=": "!=", "in": "notin"}.get(negated.glyph.ascii, "not " + negated.glyph.ascii)
            return Symbol(Glyph(struck, plain, negated.glyph.kind))
    raise TexError(r"\not has no sign for what follows it", token.column)


def _fence(reader: Reader, token: Token) -> Node:
    left = reader.delimiter(r"\left")
    reader.fences += 1
    body = Group(reader.within({r"\right"}, r"a \left without its \right", token.column))
    reader.fences -= 1
    return Fence(left, body, reader.delimiter(r"\right"))


def _middle(reader: Reader, token: Token) -> Node:
    if not reader.fences:
        raise TexError(r"a \middle outside of \left … \right", token.column)
    return Middle(reader.delimiter(r"\middle"))


def _environment(reader: Reader, token: Token) -> Node:
    name = _name(reader, r"\begin")
    if name not in glyphs.ENVIRONMENTS:
        raise reader.unknown(f"unknown environment {name!r}", name, glyphs.ENVIRONMENTS, token.column)
    align = ""
    if name == "array":
        align = "".join(c for c in _name(reader, r"\begin{array}") if c in "lcr")
    rows = _rows(reader, r"\end", rf"a \begin{{{name}}} without its \end", token.column)
    column = reader.tokens[reader.position - 1].column
    if (ended := _name(reader, r"\end")) != name:
        raise TexError(rf"\begin{{{name}}} is ended by \end{{{ended}}}", column)
    return Grid(glyphs.ENVIRONMENTS[name], rows, align)


def _substack(reader: Reader, token: Token) -> Node:
    reader.take("open", r"\substack needs braces")
    return Grid("substack", _rows(reader, "close", "a { without its }", token.column))


def _rows(reader: Reader, end: str, unclosed: str, column: int) -> tuple[tuple[Node, ...], ...]:
    """The rows of cells up to `end`, which is stepped over; an empty last row does not count."""
    reader.deeper()
    rows: list[tuple[Node, ...]] = []
    cells: list[Node] = []
    while True:
        cells.append(Group(reader.items({"amp", "newline", end})))
        token = reader.next()
        if token is None:
            raise TexError(unclosed, column)
        reader.position += 1
        if token.kind == "amp":
            continue
        rows.append(tuple(cells))
        cells = []
        if sign(token) == end:
            break
    reader.depth -= 1
    return tuple(rows[:-1] if rows[-1] == (NOTHING,) else rows)


def _name(reader: Reader, command: str) -> str:
    reader.take("open", f"{command} needs a name in braces")
    found: list[str] = []
    while (token := reader.next()) is not None and len(found) < 40:
        reader.position += 1
        if token.kind == "close":
            return "".join(found)
        found.append(token.text)
    raise TexError(f"{command} needs a name in braces", reader.column())


STRUCTURES: dict[str, Structure] = {
    "frac": _fraction,
    "binom": _binomial,
    "sqrt": _root,
    "operatorname": _operator,
    "operatorname*": _operator,
    "mathop": _operator,
    "overset": _over,
    "underset": _under,
    "xrightarrow": _arrow,
    "xleftarrow": _arrow,
    "overbrace": _brace,
    "underbrace": _brace,
    "boxed": _boxed,
    "phantom": _phantom,
    "pmod": _modulus,
    "not": _not,
    "left": _fence,
    "middle": _middle,
    "begin": _environment,
    "substack": _substack,
}

"""What a formula is made of: the nodes of its tree, and the questions that both layouts ask of them."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from seqtui.tex.fonts import Alphabet, Mark
from seqtui.tex.glyphs import Glyph


class Symbol(NamedTuple):
    """One sign. `limits` marks a big operator whose limits stand above and below it."""

    glyph: Glyph
    limits: bool = False


class Text(NamedTuple):
    """Words that keep their spaces."""

    text: str
    style: str = ""


class Operator(NamedTuple):
    """A named function, e.g. log or softmax; `limits` puts its subscript below it in a display."""

    body: Node
    limits: bool = False


class Space(NamedTuple):
    """Empty columns asked for by the author."""

    columns: int


class Middle(NamedTuple):
    r"""A delimiter between \left and \right, as tall as they are."""

    glyph: Glyph


class Group(NamedTuple):
    """A sequence of nodes: a formula, or the content of a pair of braces."""

    items: tuple[Node, ...]


class Styled(NamedTuple):
    """A node whose letters come from another alphabet."""

    alphabet: Alphabet
    body: Node


class Script(NamedTuple):
    """A base with what is below and above it; `stacked` says that they stand right under and over it."""

    base: Node
    sub: Node | None = None
    sup: Node | None = None
    primes: int = 0
    stacked: bool = False


class Frac(NamedTuple):
    """A numerator over a denominator; without a bar, the inside of a binomial coefficient."""

    above: Node
    below: Node
    bar: bool = True


class Root(NamedTuple):
    """A root, with its degree if it is not the square root."""

    body: Node
    degree: Node | None


class Accent(NamedTuple):
    """A mark over (or under) a node."""

    mark: Mark
    body: Node


class Brace(NamedTuple):
    """A horizontal brace over or under a node."""

    body: Node
    over: bool


class Framed(NamedTuple):
    """A framed node."""

    body: Node


class Phantom(NamedTuple):
    """The room that a node would take, left empty."""

    body: Node


class Fence(NamedTuple):
    """A node between two delimiters as tall as it is; an invisible delimiter has no text."""

    left: Glyph
    body: Node
    right: Glyph


class Grid(NamedTuple):
    """Rows of cells; `kind` is the environment's name, `align` the columns' alignment where it was given."""

    kind: str
    rows: tuple[tuple[Node, ...], ...]
    align: str = ""


Node: TypeAlias = (
    Symbol
    | Text
    | Operator
    | Space
    | Middle
    | Group
    | Styled
    | Script
    | Frac
    | Root
    | Accent
    | Brace
    | Framed
    | Phantom
    | Fence
    | Grid
)

NOTHING = Group(())


def core(node: Node) -> Node:
    """The node itself, without braces around it alone."""
    while isinstance(node, Group) and len(node.items) == 1:
        node = node.items[0]
    return node


def flat(items: tuple[Node, ...]) -> list[Node]:
    """The nodes of a row with inner braces dissolved; a lone sign in braces becomes ordinary, as in TeX."""
    found: list[Node] = []
    for item in items:
        if not isinstance(item, Group):
            found.append(item)
            continue
        lone = core(item)
        if isinstance(lone, Group):
            found.extend(flat(lone.items))
        elif isinstance(lone, Symbol):
            found.append(Symbol(lone.glyph._replace(kind="ord")))
        else:
            found.append(lone)
    return found


def is_number(node: Node) -> bool:
    """Whether a node is one number, e.g. 10 or 0.5."""
    items = node.items if isinstance(node, Group) else (node,)
    return bool(items) and all(
        isinstance(item, Symbol) and (item.glyph.text.isdecimal() or item.glyph.text == ".") for item in items
    )


def is_atom(node: Node) -> bool:
    """Whether a node reads as one thing beside / and under √ without parentheses, in one row."""
    node = core(node)
    match node:
        case Symbol(glyph):
            return glyph.kind == "ord" and glyph.text != "/"
        case Styled(_, body):
            return is_atom(body)
        case Script(base):
            return is_atom(base)
        case Text(text):
            return text.isalnum()
        case Fence(left, _, right):
            return bool(left.text and right.text)
        case Accent() | Root() | Grid() | Framed():
            return True
        case Group(items) if items and isinstance(items[-1], Script):
            return is_number(Group((*items[:-1], items[-1].base)))
        case Group(items) if _bars(items) == [0, len(items) - 1]:
            return True
    return is_number(node)


def _bars(items: tuple[Node, ...]) -> list[int]:
    """Where the upright bars of a row stand."""
    signs = [item.glyph.text if isinstance(item, Symbol) else "" for item in items]
    return [i for i, sign in enumerate(signs) if sign in ("|", "‖")]


def is_product(node: Node) -> bool:
    """Whether a node is letters and parentheses side by side, which a following / divides as a whole."""
    if is_atom(node):
        return True
    if not isinstance(node, Group):
        return False
    items = flat(node.items)
    depth = 0
    for i, item in enumerate(items):
        following = items[i + 1] if i + 1 < len(items) else None
        base = item.base if isinstance(item, Script) else item
        glyph = base.glyph if isinstance(base, Symbol) else None
        kind = "ord" if glyph is None or glyph.text in ("!", "?") else glyph.kind
        depth += (kind == "open") - (kind == "close")
        if isinstance(base, Operator):
            factor = following is not None and _opens(following)
        else:
            factor = is_atom(item) if glyph is None else kind in ("ord", "close") and glyph.text != "/"
        if depth < 0 or (depth == 0 and not factor):
            return False
    return depth == 0 and bool(items)


def _opens(node: Node) -> bool:
    """Whether a node begins with a bracket, as the argument of a function does."""
    base = node.base if isinstance(node, Script) else node
    return isinstance(base, Fence) or (isinstance(base, Symbol) and base.glyph.kind == "open")


def is_differential(below: Node, above: Node) -> bool:
    """Whether a denominator is ∂x or the like, read as one thing under a /; dx only under another d."""
    items = flat(below.items) if isinstance(below, Group) else []
    if len(items) != 2 or not is_atom(items[1]):
        return False
    sign = _first_sign(below)
    return sign in ("∂", "Δ") or (sign == "d" and _first_sign(above) == "d")


def _first_sign(node: Node) -> str:
    while isinstance(node, Styled | Script | Group):
        if isinstance(node, Group):
            if not node.items:
                return ""
            node = node.items[0]
        else:
            node = node.base if isinstance(node, Script) else node.body
    return node.glyph.text if isinstance(node, Symbol) else ""


def takes_limits(node: Node) -> bool:
    """Whether a node's scripts stand above and below it in a displayed formula."""
    node = core(node)
    return isinstance(node, Brace) or (isinstance(node, Symbol | Operator) and node.limits)


def needs_parentheses(base: Node) -> bool:
    """Whether a script beside this base could be taken for a script of its last part."""
    base = core(base)
    match base:
        case Styled(_, body):
            return needs_parentheses(body)
        case Frac() | Root() | Script():
            return True
        case Group():
            return base != NOTHING and not is_number(base)
    return False

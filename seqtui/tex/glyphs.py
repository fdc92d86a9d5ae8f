"""Which character stands for which command, in Unicode and in ASCII, and what it is in a formula."""

from __future__ import annotations

from typing import Literal, NamedTuple

Kind = Literal["ord", "op", "bin", "rel", "open", "close", "punct", "inner"]
"""TeX's classes of atoms; the space between two of them follows from their classes alone."""


class Glyph(NamedTuple):
    """One sign: how it is written with and without Unicode, and its class."""

    text: str
    ascii: str
    kind: Kind


def _table(kind: Kind, rows: str) -> dict[str, Glyph]:
    """Read lines of `name sign ascii`; a missing ascii means the name itself."""
    table = {}
    for line in rows.strip().splitlines():
        name, sign, *rest = line.split()
        table[name] = Glyph(sign, rest[0] if rest else name, kind)
    return table


_GREEK = """
alpha α
beta β
gamma γ
delta δ
epsilon ϵ
varepsilon ε
zeta ζ
eta η
theta θ
vartheta ϑ
iota ι
kappa κ
lambda λ
mu μ
nu ν
xi ξ
pi π
rho ρ
sigma σ
tau τ
upsilon υ
phi ϕ
varphi φ
chi χ
psi ψ
omega ω
Gamma Γ
Delta Δ
Theta Θ
Lambda Λ
Xi Ξ
Pi Π
Sigma Σ
Upsilon Υ
Phi Φ
Psi Ψ
Omega Ω
"""

_ORDINARY = """
partial ∂ d
nabla ∇
infty ∞ inf
top ⊤ T
bot ⊥ _|_
ell ℓ l
hbar ℏ hbar
imath ı i
jmath ȷ j
forall ∀
exists ∃
neg ¬ not
emptyset ∅ {}
prime ′ '
degree ° deg
dagger † +
ddagger ‡ ++
star ⋆ *
aleph ℵ
Re ℜ Re
Im ℑ Im
angle ∠
triangle △
square □ []
checkmark ✓ v
backslash \\ \\
vert | |
Vert ‖ ||
ldots … ...
cdots ⋯ ...
vdots ⋮ :
ddots ⋱ \\
"""

_BINARY = """
times × x
cdot · *
ast ∗ *
odot ⊙ (.)
oplus ⊕ (+)
ominus ⊖ (-)
otimes ⊗ (x)
circ ∘ o
bullet ∙ *
div ÷ /
pm ± +-
mp ∓ -+
cup ∪ u
cap ∩ n
setminus ∖ \\
wedge ∧ and
vee ∨ or
bmod mod mod
"""

_RELATION = """
leq ≤ <=
geq ≥ >=
neq ≠ !=
approx ≈ ~=
sim ∼ ~
simeq ≃ ~=
cong ≅ ~=
equiv ≡ ==
propto ∝ propto
triangleq ≜ :=
coloneqq ≔ :=
in ∈ in
notin ∉ notin
ni ∋ ni
subset ⊂ subset
subseteq ⊆ subseteq
supset ⊃ supset
supseteq ⊇ supseteq
ll ≪ <<
gg ≫ >>
prec ≺ prec
succ ≻ succ
mid | |
parallel ∥ ||
perp ⟂ _|_
models ⊨ |=
vdash ⊢ |-
rightarrow → ->
leftarrow ← <-
leftrightarrow ↔ <->
Rightarrow ⇒ =>
Leftarrow ⇐ <==
Leftrightarrow ⇔ <=>
longrightarrow ⟶ -->
longleftarrow ⟵ <--
implies ⟹ ==>
iff ⟺ <==>
mapsto ↦ |->
hookrightarrow ↪ ->
leadsto ⇝ ~>
uparrow ↑ ^
downarrow ↓ v
updownarrow ↕ ^v
nearrow ↗ /
searrow ↘ \\
"""

_BIG = """
sum ∑
prod ∏
coprod ∐
bigcup ⋃ union
bigcap ⋂ cap
bigoplus ⨁ (+)
bigotimes ⨂ (x)
bigodot ⨀ (.)
bigvee ⋁ or
bigwedge ⋀ and
int ∫
iint ∬
iiint ∭
oint ∮
"""

_OPENING = """
lbrace { {
lbrack [ [
langle ⟨ <
lfloor ⌊ |_
lceil ⌈ |^
lvert | |
lVert ‖ ||
"""

_CLOSING = """
rbrace } }
rbrack ] ]
rangle ⟩ >
rfloor ⌋ _|
rceil ⌉ ^|
rvert | |
rVert ‖ ||
"""

BIG = _table("op", _BIG)
SIDE_LIMITS = frozenset({"∫", "∬", "∭", "∮"})
"""Big operators whose limits stand beside them, not above and below."""

SYMBOLS: dict[str, Glyph] = {
    **_table("ord", _GREEK),
    **_table("ord", _ORDINARY),
    **_table("bin", _BINARY),
    **_table("rel", _RELATION),
    **_table("open", _OPENING),
    **_table("close", _CLOSING),
    **BIG,
    "colon": Glyph(":", ":", "punct"),
}

ALIASES: dict[str, str] = {
    "le": "leq",
    "ge": "geq",
    "ne": "neq",
    "to": "rightarrow",
    "gets": "leftarrow",
    "owns": "ni",
    "land": "wedge",
    "lor": "vee",
    "lnot": "neg",
    "dots": "ldots",
    "dotsc": "ldots",
    "dotsb": "cdots",
    "varnothing": "emptyset",
    "intercal": "top",
    "smallsetminus": "setminus",
    "Longrightarrow": "implies",
    "Longleftrightarrow": "iff",
    "defeq": "triangleq",
    "dfrac": "frac",
    "tfrac": "frac",
    "cfrac": "frac",
    "dbinom": "binom",
    "stackrel": "overset",
    "bm": "boldsymbol",
    "bold": "mathbf",
    "mathscr": "mathcal",
    "mathsf": "mathrm",
    "mathtt": "mathrm",
    "mathnormal": "mathit",
    "textrm": "text",
    "textnormal": "text",
    "textsf": "text",
    "texttt": "text",
    "mbox": "text",
    "emph": "textit",
    "thinspace": ",",
    "medspace": ":",
    "thickspace": ";",
    "enspace": ";",
    ">": ":",
    "|": "Vert",
    "{": "lbrace",
    "}": "rbrace",
    "widehat": "hat",
    "widetilde": "tilde",
    "overline": "bar",
    "overrightarrow": "vec",
    **{size + side: "big" + side for size in ("Big", "bigg", "Bigg") for side in ("", "l", "r", "m")},
}
"""Other names of the same command."""

_FUNCTIONS = """
exp log ln lg sin cos tan cot sec csc sinh cosh tanh coth arcsin arccos arctan
arg det dim ker deg hom gcd Pr max min sup inf lim argmax argmin
"""
FUNCTIONS: dict[str, str] = {name: name for name in _FUNCTIONS.split()}
FUNCTIONS |= {"limsup": "lim sup", "liminf": "lim inf"}
LIMIT_FUNCTIONS = frozenset(
    ("det", "gcd", "Pr", "max", "min", "sup", "inf", "lim", "limsup", "liminf", "argmax", "argmin")
)
"""Functions whose subscript stands below them in a displayed formula."""

SPACES: dict[str, int] = {",": 1, ":": 1, ";": 1, " ": 1, "!": 0, "quad": 2, "qquad": 4}
"""Columns of each spacing command."""

IGNORED = frozenset(
    ("displaystyle", "textstyle", "scriptstyle", "nonumber", "notag", "hline", "limits", "nolimits")
)
"""Commands that change nothing on a terminal."""

CHARACTERS: dict[str, Glyph] = {
    "+": Glyph("+", "+", "bin"),
    "-": Glyph("−", "-", "bin"),
    "*": SYMBOLS["ast"],
    "=": Glyph("=", "=", "rel"),
    "<": Glyph("<", "<", "rel"),
    ">": Glyph(">", ">", "rel"),
    ":": Glyph(":", ":", "rel"),
    ",": Glyph(",", ",", "punct"),
    ";": Glyph(";", ";", "punct"),
    "(": Glyph("(", "(", "open"),
    "[": Glyph("[", "[", "open"),
    ")": Glyph(")", ")", "close"),
    "]": Glyph("]", "]", "close"),
    "!": Glyph("!", "!", "close"),
    "?": Glyph("?", "?", "close"),
}
"""Plain characters that are more than letters; a sign typed in Unicode counts as its command."""
CHARACTERS |= {g.text: g for g in SYMBOLS.values() if not g.text.isascii()} | {"−": CHARACTERS["-"]}

ESCAPED = frozenset("$%&#_")
"""Characters that mean something in TeX and are written with a backslash to stand for themselves."""

DELIMITERS: dict[str, Glyph] = {
    **{c: CHARACTERS[c] for c in "()[]"},
    **{name: g for name, g in SYMBOLS.items() if g.kind in ("open", "close") or name in ("vert", "Vert")},
    **{name: SYMBOLS[name] for name in ("uparrow", "downarrow", "backslash")},
    "|": SYMBOLS["vert"],
    "/": Glyph("/", "/", "ord"),
    "<": SYMBOLS["langle"],
    ">": SYMBOLS["rangle"],
    ".": Glyph("", "", "ord"),
}
BIG_DELIMITERS: dict[str, Kind | None] = {"big": None, "bigl": "open", "bigr": "close", "bigm": "rel"}
"""Fixed sizes of delimiters, which a terminal has not: what is left is the class that some of them give."""

ENVIRONMENTS: dict[str, str] = {
    **{name: name for name in ("matrix", "array", "cases")},
    **{name: name for name in ("bmatrix", "pmatrix", "Bmatrix", "vmatrix", "Vmatrix")},
    **dict.fromkeys(("aligned", "align", "align*", "split"), "aligned"),
    **dict.fromkeys(("gathered", "gather", "gather*", "equation", "equation*"), "gathered"),
    "smallmatrix": "matrix",
}
"""Environments, and which of them each is laid out as."""

MATRIX_FENCES: dict[str, tuple[Glyph, Glyph]] = {
    "bmatrix": (DELIMITERS["["], DELIMITERS["]"]),
    "pmatrix": (DELIMITERS["("], DELIMITERS[")"]),
    "Bmatrix": (DELIMITERS["lbrace"], DELIMITERS["rbrace"]),
    "vmatrix": (DELIMITERS["vert"], DELIMITERS["vert"]),
    "Vmatrix": (DELIMITERS["Vert"], DELIMITERS["Vert"]),
}

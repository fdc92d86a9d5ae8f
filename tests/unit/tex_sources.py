"""The formulas whose pictures are kept in tex_golden.txt, and one use of every command."""

from __future__ import annotations

from seqtui.tex import commands

FORMULAS = tuple(
    r"""
h_t=tanh(W_xX_t+W_hh_{t-1}+b)
x_t:(d*1)
W_h:(D_h*D_h))
h_{t-1}=(D_h*1)
y_t=f(W_yh_t+b)
P(X_1,...X_t)=P(X_t|X1,...X_{t-1})P(X_1,...,X_{t-1})
=\prod{p(X_s|X_{s-1},...,X_1)}
X_{t+1} \sim P(X_{t+1}|X_t,...,X_1)
H_t=Net_{\theta}(H_{t-1},X_{t-1})
O_t=H_tW^{(2)}+b^{(2)}
H_t: 잠재변수
\sigma:활성화 함수
H_t=\sigma{(X_tW_{X}^{(1)})+H_{t-1}W_H^{(1)}+b^{(1)})}
W_{(2)}
c_t = f_t \odot c_{t-1} + i_t \odot g_t
h_t = o_t \odot \tanh(c_t)
f_t = \sigma(W_{xf} x_t + W_{hf} h_{t-1} + b_f)
\tilde{c}_t = \tanh(W_{xc} x_t + W_{hc} h_{t-1} + b_c)
h_t = (1 - z_t) \odot n_t + z_t \odot h_{t-1}
n_t = \tanh\bigl(W_n x_t + r_t \odot (U_n h_{t-1} + c_n)\bigr)
\mathbf{h}_t^{(l)} = \phi\left(\mathbf{W}^{(l)} \mathbf{h}_t^{(l-1)} + \mathbf{b}^{(l)}\right)
\frac{\partial L}{\partial W}
\frac{\partial L}{\partial W} = \sum_{t=1}^T \frac{\partial L_t}{\partial h_t} \frac{\partial h_t}{\partial W}
\frac{\partial h_T}{\partial h_t} = \prod_{k=t+1}^{T} \operatorname{diag}(\phi'(a_k)) W_h
\left\| \frac{\partial h_T}{\partial h_t} \right\| \le (\gamma \, \sigma_{\max})^{T-t}
\sigma'(x) = \sigma(x)\,(1-\sigma(x)) \le \frac{1}{4}
0.25^{20} \approx 9 \cdot 10^{-13}
\text{softmax}\left(\frac{QK^\top}{\sqrt{d_k}}\right) V
\text{softmax}(QK^\top/\sqrt{d})
\alpha_{ij} = \frac{\exp(s_{ij})}{\sum_{k=1}^{n} \exp(s_{ik})}
\text{MultiHead}(Q,K,V) = [\text{head}_1; \dots; \text{head}_h]\, W^O
\mathrm{head}_i = \mathrm{Attention}(Q W_i^Q, K W_i^K, V W_i^V)
\text{PE}_{(pos,2i)} = \sin\left(\frac{pos}{10000^{2i/d_{\text{model}}}}\right)
\text{LayerNorm}(x) = \gamma \odot \frac{x-\mu}{\sqrt{\sigma^2+\epsilon}} + \beta
M_{ij} = \begin{cases} 0 & \text{if } j \le i \\ -\infty & \text{otherwise} \end{cases}
L = -\frac{1}{T} \sum_{t=1}^{T} \log P(x_t \mid x_{<t})
\text{PPL} = \exp\left(-\frac{1}{T}\sum_t \ln p_t\right)
\hat{y} = \arg\max_{y \in \mathcal{Y}} P(y \mid x)
\mathbb{E}_{x \sim p}[f(x)] \in \mathbb{R}^{n \times d}
\theta \leftarrow \theta - \eta \nabla_\theta \mathcal{L}(\theta)
\frac{1}{T}\sum_{t=1}^T a_t - \frac{a}{b}c + \log\frac{a}{b}
\frac{\frac{a}{b}}{1 + \frac{c}{d}}
x = \frac{-b \pm \sqrt{b^2 - 4ac}}{2a}
\sqrt[3]{x} + \sqrt[n+1]{x+y} + \sqrt{\frac{1}{n}\sum_i (x_i-\mu)^2}
{a+b}^2 + {x_t}^2 + \left(\frac{a}{b}\right)^2 + \frac{a}{b}^2
W_f^2 x^* y + x'^2 + e^{-x^2} + 2^q
\hat{xy} + \overline{AB} + \vec{v} + \dot{x} + \underline{ab}
\begin{bmatrix} 1 & 0 \\ 0 & 1 \end{bmatrix} \begin{pmatrix} x \\ y \end{pmatrix}
\begin{pmatrix} a_{11} & \cdots & a_{1n} \\ \vdots & \ddots & \vdots \\ a_{m1} & \cdots & a_{mn} \end{pmatrix}
\begin{vmatrix} a & b \\ c & d \end{vmatrix} = ad - bc
\begin{bmatrix} \frac{1}{2} & x \\ y & \frac{a+b}{c} \end{bmatrix}
\left[\begin{array}{rl} 10 & a \\ 1 & bcd \end{array}\right]
\begin{aligned} z_t &= \sigma(W_z x_t + U_z h_{t-1}) \\ r_t &= \sigma(W_r x_t + U_r h_{t-1}) \end{aligned}
\begin{aligned} y &= \frac{a}{b} \\ &= -c + d \end{aligned}
a = b \\ c_t = d
|x| = \begin{cases} x, & x \ge 0 \\ -x, & x < 0 \end{cases}
\lim_{x \to 0} \frac{\sin x}{x} = 1, \quad \int_0^1 x\,dx = \tfrac12
\binom{n}{k} = \frac{n!}{k!(n-k)!}
\left\{ x \middle| \frac{x}{2} \notin \mathbb{N} \right\}
\underbrace{QK^\top}_{\text{scores}} \overset{!}{=} \boxed{E = mc^2}
\sum_{\substack{i<n \\ i \ne j}} a_i \xrightarrow{n} \infty
\overline{xy}_q + \overline{xy}_t^2 + \begin{bmatrix} a \\ b \end{bmatrix}_q^{-1} + \left(\frac ab\right)_t^q
\begin{bmatrix} \mathbf{i}_t \\ \mathbf{f}_t \end{bmatrix} = \begin{bmatrix} \sigma \\ \tanh \end{bmatrix} a_t
f(x) = \frac{1}{\sqrt{2\pi\sigma^2}} \exp\left(-\frac{(x-\mu)^2}{2\sigma^2}\right)
\text{out}_i = \frac{\sum_j e^{q_i \cdot k_j / \sqrt{d}} \, v_j}{\sum_j e^{q_i \cdot k_j/\sqrt{d}}}
\left\langle \frac{q}{\|q\|}, \frac{k}{\|k\|} \right\rangle \to -\log \hat{y}_{t, x_{t+1}}
A \not= B \implies \lfloor x \rfloor \ne \lceil x \rceil \;\forall x \in \mathbb{R} \setminus \mathbb{Z}
""".strip().splitlines()
)

_USES = {
    "begin": r"\begin{matrix} a \\ b \end{matrix}",
    "end": r"\begin{matrix} a \\ b \end{matrix}",
    "binom": r"\binom{n}{k}",
    "frac": r"\frac{a}{b}",
    "hline": r"\begin{matrix} \hline a \end{matrix}",
    "left": r"\left( x \right)",
    "limits": r"\int\limits_0^1",
    "middle": r"\left( a \middle| b \right)",
    "nolimits": r"\sum\nolimits_i",
    "not": r"\not\in",
    "overset": r"\overset{a}{b}",
    "right": r"\left( x \right)",
    "substack": r"\substack{a \\ b}",
    "underset": r"\underset{a}{b}",
    "big": r"\big|",
    "bigl": r"\bigl(",
    "bigm": r"x \bigm| y",
    "bigr": r"\bigr)",
    "overbrace": r"\overbrace{abc}^{n}",
    "underbrace": r"\underbrace{abc}_{n}",
}
_TAKE_ONE = """
acute bar boldsymbol boxed breve check ddot dot grave hat mathbb mathbf mathcal mathfrak mathit mathop
mathring mathrm operatorname operatorname* overleftarrow phantom pmod sqrt text textbf textit tilde
underline vec xleftarrow xrightarrow
"""


def use(command: str) -> str:
    """A formula in which a command is used; signs between letters, so that their spacing shows."""
    name = command[1:]
    if name in _USES:
        return _USES[name]
    return rf"{command}{{R}}" if name in _TAKE_ONE.split() else rf"a {command} b"


def uses() -> dict[str, str]:
    """Every supported command and its use."""
    return {command: use(command) for command in commands()}

"""The recurrent equations against torch's own cells: values and gradients."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from seqtui.models.cells import (
    CellWeights,
    gru_gates,
    gru_hidden,
    lstm_cell,
    lstm_gates,
    lstm_hidden,
    rnn_state,
)

TOLERANCE = {torch.float32: 1e-6, torch.float64: 1e-13}
GRADIENT_TOLERANCE = {torch.float32: 2e-5, torch.float64: 1e-12}

sizes = st.integers(1, 7)
dtypes = st.sampled_from([torch.float32, torch.float64])


def weights_of(cell: nn.RNNCellBase) -> CellWeights:
    return CellWeights(cell.weight_ih, cell.weight_hh, cell.bias_ih, cell.bias_hh)


def states(seed: int, batch: int, *widths: int, dtype: torch.dtype) -> list[Tensor]:
    chance = torch.Generator().manual_seed(seed)
    return [torch.randn(batch, width, generator=chance, dtype=dtype, requires_grad=True) for width in widths]


def assert_same(ours: Tensor, torchs: Tensor, leaves: Iterable[Tensor], dtype: torch.dtype) -> None:
    """Equal values, and equal gradients of a sum with uneven shares with respect to every leaf."""
    torch.testing.assert_close(ours, torchs, rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype])
    shares = torch.linspace(-1, 2, ours.numel(), dtype=dtype).reshape(ours.shape)
    leaves = list(leaves)
    mine = torch.autograd.grad((ours * shares).sum(), leaves, retain_graph=True)
    theirs = torch.autograd.grad((torchs * shares).sum(), leaves, retain_graph=True)
    for gradient, peer in zip(mine, theirs, strict=True):
        limit = GRADIENT_TOLERANCE[dtype]
        torch.testing.assert_close(gradient, peer, rtol=limit, atol=limit)


@given(seed=st.integers(0, 2**31), batch=sizes, D=sizes, H=sizes, dtype=dtypes)
def test_lstm_equations_equal_torchs_cell(seed: int, batch: int, D: int, H: int, dtype: torch.dtype) -> None:
    cell = nn.LSTMCell(D, H, dtype=dtype)
    x, h, c = states(seed, batch, D, H, H, dtype=dtype)
    gates = lstm_gates(x, h, weights_of(cell))
    new_c = lstm_cell(c, gates)
    new_h = lstm_hidden(new_c, gates)
    torch_h, torch_c = cell(x, (h, c))
    leaves = [x, h, c, *cell.parameters()]
    assert_same(new_c, torch_c, [leaf for leaf in leaves if leaf is not None], dtype)
    assert_same(new_h, torch_h, leaves, dtype)


@given(seed=st.integers(0, 2**31), batch=sizes, D=sizes, H=sizes, dtype=dtypes)
def test_gru_equations_equal_torchs_cell(seed: int, batch: int, D: int, H: int, dtype: torch.dtype) -> None:
    cell = nn.GRUCell(D, H, dtype=dtype)
    x, h = states(seed, batch, D, H, dtype=dtype)
    ours = gru_hidden(h, gru_gates(x, h, weights_of(cell)))
    assert_same(ours, cell(x, h), [x, h, *cell.parameters()], dtype)


@given(
    seed=st.integers(0, 2**31),
    H=sizes,
    dtype=dtypes,
    activation=st.sampled_from(["tanh", "relu"]),
    bias=st.booleans(),
)
def test_rnn_equation_equals_torchs_cell(
    seed: int, H: int, dtype: torch.dtype, activation: str, bias: bool
) -> None:
    cell = nn.RNNCell(3, H, bias=bias, nonlinearity=activation, dtype=dtype)
    x, h = states(seed, 4, 3, H, dtype=dtype)
    ours = rnn_state(x, h, weights_of(cell), activation)
    assert_same(ours, cell(x, h), [x, h, *cell.parameters()], dtype)


def test_sigmoid_rnn_squashes_the_sum_of_input_and_state() -> None:
    cell = nn.RNNCell(3, 2)
    x, h = states(1, 4, 3, 2, dtype=torch.float32)
    pre = x @ cell.weight_ih.T + cell.bias_ih + h @ cell.weight_hh.T + cell.bias_hh
    torch.testing.assert_close(rnn_state(x, h, weights_of(cell), "sigmoid"), 1 / (1 + (-pre).exp()))


def test_a_whole_sequence_of_previous_states_gives_every_gate_at_once() -> None:
    cell = nn.LSTMCell(3, 5)
    chance = torch.Generator().manual_seed(0)
    x, h = torch.randn(2, 9, 3, generator=chance), torch.randn(2, 9, 5, generator=chance)
    at_once = lstm_gates(x, h, weights_of(cell))
    for t in range(9):
        for whole, one in zip(at_once, lstm_gates(x[:, t], h[:, t], weights_of(cell)), strict=True):
            torch.testing.assert_close(whole[:, t], one)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_torchs_gru_resets_after_the_matrix_product_not_before(dtype: torch.dtype) -> None:
    cell = nn.GRUCell(3, 6, dtype=dtype)
    x, h = states(3, 5, 3, 6, dtype=dtype)
    w = weights_of(cell)
    gates = gru_gates(x, h, w)
    assert w.b_ih is not None
    assert w.b_hh is not None
    U, u = w.W_hh[12:], w.b_hh[12:]
    before = (x @ w.W_ih[12:].T + w.b_ih[12:] + (gates.r * h) @ U.T + u).tanh()
    assert not torch.allclose(gates.n, before, atol=1e-3)

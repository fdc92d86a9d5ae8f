"""Watching a model run: hooks on the modules that are known, for one pass, and everything put back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from seqtui.errors import TraceError
from seqtui.scene import Force
from seqtui.tracing.builder import Builder
from seqtui.tracing.forcing import Forcing, targets
from seqtui.tracing.handler import Call, Handler
from seqtui.tracing.kinds import handler_of

Hook = Callable[[nn.Module, tuple[Any, ...], dict[str, Any], Any], Any]


class Recorder:
    """One pass of one model under forward hooks: what is known is recorded, what is forced is changed.

    Without a builder nothing is recorded, and only what is forced is watched.
    Raises SceneError for a force on a signal that there is not.
    """

    def __init__(
        self, model: nn.Module, forces: Sequence[Force] = (), builder: Builder | None = None
    ) -> None:
        found = ((path, module, handler_of(module)) for path, module in model.named_modules())
        self._watched = {path: (module, handler) for path, module, handler in found if handler is not None}
        names = {
            f"{path}.{symbol}".removeprefix("."): (path, symbol)
            for path, (_, handler) in self._watched.items()
            for symbol in handler.symbols(path)
        }
        self._targets = targets(forces, names)
        self._model, self._builder = model, builder
        self._calls: Counter[str] = Counter()

    def run(self, ids: Tensor) -> Any:
        """What the model returns for ids (B, T), interventions on.

        Raises TraceError when what is recovered is not what a module returned.
        """
        forced = {target.path for target in self._targets}
        B, T = ids.shape
        with quiet(self._model), ExitStack() as hooks:
            for path, (module, handler) in self._watched.items():
                if self._builder is not None or path in forced:
                    hook = self._hook(path, handler, (B, T))
                    hooks.callback(module.register_forward_hook(hook, with_kwargs=True).remove)
            result = self._model(ids)
        for target in self._targets:
            if target.number > self._calls[target.path]:
                raise TraceError(f"force={target.force}: {target.path} was not called {target.number} times")
        return result

    def _hook(self, path: str, handler: Handler, sequence: tuple[int, int]) -> Hook:
        def hook(module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], output: Any) -> Any:
            self._calls[path] += 1
            return self._meet(handler, Call(path, self._calls[path], module, args, kwargs, output, sequence))

        return hook

    def _meet(self, handler: Handler, call: Call) -> Any:
        """Observe one call, change what is forced, record; returns what to return instead, if anything."""
        mine = [t for t in self._targets if (t.path, t.number) == (call.path, call.number)]
        if self._builder is None and not mine:
            return None
        seen = handler.observe(call)
        if seen is None:
            if mine:
                raise TraceError(f"force={mine[0].force}: {call.path} did not read the whole sequence")
            return None
        if mine:
            forcing = Forcing(mine)
            forcing.check(seen.values)
            seen = handler.force(call, seen, forcing)
            call = replace(call, output=handler.answer(call, seen))
        if self._builder is not None:
            handler.describe(call, seen, self._builder)
        return call.output if mine else None


@contextmanager
def quiet(model: nn.Module) -> Iterator[None]:
    """Run a model without leaving a mark: eval mode, no gradients, and the random numbers put back."""
    modes = [(module, module.training) for module in model.modules()]
    try:
        model.eval()
        with torch.no_grad(), torch.random.fork_rng(devices=[]):
            yield
    finally:
        for module, training in modes:
            module.training = training

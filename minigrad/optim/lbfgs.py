"""LBFGS."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, NamedTuple

import numpy as np

from .. import kernels
from ..autograd.grad_mode import enable_grad
from ..autograd.op import wrap
from ..autograd.versions import change_of, record_changes
from .optimizer import Optimizer, Options, Range


class Point(NamedTuple):
    """Where a line search was: the length of the step, the loss, its gradient, its slope along the line."""

    t: float
    loss: float
    grad: np.ndarray
    slope: float


class LBFGS(Optimizer):
    """Quasi-Newton steps from the last changes of the gradient; for small, smooth problems with the whole batch.

    One `step(closure)` makes up to `max_iter` iterations; closure clears the gradients, computes the loss, calls
    backward and returns the loss. An iteration goes along d = -H g, where H approximates the inverse Hessian by the
    last `history_size` pairs of steps and changes of the gradient, by lr (at first lr / max(1, sum |g|)), or with
    line_search_fn="strong_wolfe" as far as that finds, beginning there. It ends early after `max_eval` calls of
    closure (5/4 max_iter by default), where max |g| <= tolerance_grad, or where the loss or the parameters change by
    less than `tolerance_change`.
    Source: Nocedal and Wright, "Numerical optimization" (2006), algorithms 7.4, 3.5 and 3.6; the details of the
    line search are those of Schmidt's minFunc, which PyTorch has too.
    """

    ranges: ClassVar = {"lr": Range("learning rate")}

    def __init__(
        self,
        params: Any,
        lr: float = 1,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
    ) -> None:
        defaults = {
            "lr": lr,
            "max_iter": max_iter,
            "max_eval": max_iter * 5 // 4 if max_eval is None else max_eval,
            "tolerance_grad": tolerance_grad,
            "tolerance_change": tolerance_change,
            "history_size": history_size,
            "line_search_fn": line_search_fn,
        }
        super().__init__(params, defaults)

    def check(self, group: Options) -> None:
        if self.param_groups:
            raise ValueError("LBFGS doesn't support per-parameter options (parameter groups)")
        if not group["params"]:
            raise ValueError("LBFGS needs parameters: it evaluates their loss several times a step")
        if group["line_search_fn"] not in (None, "strong_wolfe"):
            raise RuntimeError(
                f"only 'strong_wolfe' is supported, not line_search_fn={group['line_search_fn']!r}"
            )

    def update(self, params: Mapping[Any, np.ndarray], grads: Mapping[Any, np.ndarray]) -> None:
        """Raise RuntimeError: one gradient is not enough for a step."""
        raise RuntimeError(
            "LBFGS evaluates the loss several times a step, and so has no update(params, grads): "
            "use step(closure)"
        )

    def step(self, closure: Callable[[], Any]) -> Any:
        """Make up to `max_iter` iterations; return the loss at their start."""
        group = self.param_groups[0]
        line = Line(group["params"], closure)
        state: dict[str, Any] = self.state[
            group["params"][0]
        ]  # PyTorch files it all under the first
        state.setdefault("func_evals", 0)
        state.setdefault("n_iter", 0)
        result, here = line.begin()
        if abs(here.grad).max(initial=0) > group["tolerance_grad"]:
            self._iterate(group, state, line, here)
        state["func_evals"] += line.evaluations
        return result

    def _iterate(self, group: Options, state: dict[str, Any], line: Line, here: Point) -> None:
        history = History(state, group["history_size"])
        for n in range(1, group["max_iter"] + 1):
            state["n_iter"] += 1
            if state["n_iter"] == 1:
                d = -here.grad
                t = min(1.0, 1 / float(abs(here.grad).sum())) * group["lr"]
            else:
                history.remember(here.grad - state["prev_flat_grad"].array)
                d = history.direction(here.grad)
                t = group["lr"]
            state["prev_flat_grad"], state["prev_loss"] = wrap(here.grad), here.loss
            state["d"], state["t"] = wrap(d), t
            here = here._replace(t=0, slope=dot(here.grad, d))
            if here.slope > -group["tolerance_change"]:
                break
            line.along(d)
            if group["line_search_fn"]:
                budget = group["max_eval"] - line.evaluations
                here = line.search(here, t, group["tolerance_change"], budget)
                state["t"] = here.t
                line.move(here.t)
            elif n < group["max_iter"]:
                here = line.evaluate(t)
            else:  # what the loss is there, nobody asks
                line.move(t)
            if (
                line.evaluations >= group["max_eval"]
                or abs(here.grad).max() <= group["tolerance_grad"]
                or abs(d).max() * state["t"] <= group["tolerance_change"]
                or abs(here.loss - state["prev_loss"]) < group["tolerance_change"]
            ):
                break

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over the options and (copies of) the state that `state_dict()` returned."""
        super().load_state_dict({**state_dict, "state": {}})
        for state in state_dict["state"].values():
            self.state[self.param_groups[0]["params"][0]] = copy.deepcopy(dict(state))


class History:
    """The last steps s, the changes y of the gradient along them, and 1 / (y s); kept in the optimizer's state."""

    def __init__(self, state: dict[str, Any], size: int) -> None:
        self.state = state
        self.size = size
        for name in ("old_dirs", "old_stps", "ro"):
            state.setdefault(name, [])
        state.setdefault("H_diag", 1)

    def remember(self, y: np.ndarray) -> None:
        """Add the change of the gradient along the last step, unless the loss bends down there."""
        state = self.state
        s = state["d"].array * state["t"]
        ys = dot(y, s)
        if ys > 1e-10:
            for name, value in (("old_dirs", wrap(y)), ("old_stps", wrap(s)), ("ro", 1 / ys)):
                state[name] = [*state[name], value][-self.size :]
            state["H_diag"] = ys / dot(y, y)

    def direction(self, grad: np.ndarray) -> np.ndarray:
        """Return -H grad, by two loops over the history (algorithm 7.4)."""
        state = self.state
        pairs = [
            (s.array, y.array, float(rho))
            for s, y, rho in zip(state["old_stps"], state["old_dirs"], state["ro"], strict=True)
        ]
        d, shares = -grad, []
        for s, y, rho in reversed(pairs):
            shares.append(rho * dot(s, d))
            d = d - shares[-1] * y
        d = d * float(state["H_diag"])
        for s, y, rho in pairs:
            d = d + (shares.pop() - rho * dot(y, d)) * s
        return d


class Line:
    """The parameters as one vector, moved along a line; and how often `closure` was called."""

    def __init__(self, params: list[Any], closure: Callable[[], Any]) -> None:
        self.params = params
        self.closure = enable_grad()(closure)
        self.evaluations = 0

    def begin(self) -> tuple[Any, Point]:
        """Return what closure returns, and where the parameters are."""
        self.evaluations += 1
        result = self.closure()
        grads = [
            np.zeros(param.array.size, param.dtype) if param.grad is None else param.grad.array
            for param in self.params
        ]
        return result, Point(0, float(result), np.concatenate([g.ravel() for g in grads]), 0)

    def along(self, d: np.ndarray) -> None:
        """Go along d from where the parameters are now."""
        self.start = np.concatenate([param.array.ravel() for param in self.params])
        self.d = d

    def move(self, t: float) -> None:
        """Put the parameters at start + t d."""
        place = self.start + t * self.d
        ends = np.cumsum([param.array.size for param in self.params])[:-1]
        for param, part in zip(self.params, np.split(place, ends), strict=True):
            param.array[...] = part.reshape(param.shape)
        record_changes([change_of(param.array) for param in self.params], "LBFGS.step")

    def evaluate(self, t: float) -> Point:
        """Go to start + t d, and return what is there."""
        self.move(t)
        _, found = self.begin()
        return found._replace(t=t, slope=dot(found.grad, self.d))

    def search(self, start: Point, t: float, tolerance: float, budget: int) -> Point:
        """Return a point, the first tried at t, that fulfils the strong Wolfe conditions

            loss <= start.loss + 1e-4 t start.slope    and    |slope| <= 0.9 |start.slope|

        or the lowest point of where it gave up, after budget + 1 evaluations or within `tolerance`.
        """

        def too_high(point: Point) -> bool:
            return point.loss > start.loss + 1e-4 * point.t * start.slope

        def flat_enough(point: Point) -> bool:
            return abs(point.slope) <= -0.9 * start.slope

        previous, point, count = start, self.evaluate(t), 0
        while count < budget:  # algorithm 3.5: longer steps, until such a point lies between two
            if too_high(point) or (count > 1 and point.loss >= previous.loss):
                break
            if flat_enough(point):
                return point
            if point.slope >= 0:
                break
            t = least_between(
                previous, point, point.t + 0.01 * (point.t - previous.t), 10 * point.t
            )
            previous, point = point, self.evaluate(t)
            count += 1
        else:
            previous = start
        ends, stalled = [previous, point], False
        low = int(ends[0].loss > ends[1].loss)
        size = abs(self.d).max()
        while count < budget and abs(ends[1].t - ends[0].t) * size > tolerance:  # algorithm 3.6
            left, right = sorted((ends[0].t, ends[1].t))
            t = least_between(*ends, left, right)
            margin = 0.1 * (right - left)
            near = min(right - t, t - left) < margin
            if near and (stalled or not left < t < right):
                t = right - margin if right - t < t - left else left + margin
                stalled = False
            else:
                stalled = near
            point = self.evaluate(t)
            count += 1
            if too_high(point) or point.loss >= ends[low].loss:
                ends[1 - low] = point
                low = int(ends[0].loss > ends[1].loss)
                continue
            if flat_enough(point):
                return point
            if point.slope * (ends[1 - low].t - ends[low].t) >= 0:
                ends[1 - low] = ends[low]
            ends[low] = point
        return ends[low]


def least_between(a: Point, b: Point, low: float, high: float) -> float:
    """Return where the cubic through two points, with their slopes, is least, within [low, high] (3.59)."""
    if a.t > b.t:
        a, b = b, a
    bend = a.slope + b.slope - 3 * (a.loss - b.loss) / (a.t - b.t)
    root = math.sqrt(max(bend**2 - a.slope * b.slope, 0))
    flare = b.slope - a.slope + 2 * root
    if flare == 0 or not bend**2 >= a.slope * b.slope:
        return (low + high) / 2
    t = b.t - (b.t - a.t) * (b.slope + root - bend) / flare
    return min(max(t, low), high)


def dot(a: np.ndarray, b: np.ndarray) -> float:
    return float(kernels.sum(kernels.mul(a, b)))

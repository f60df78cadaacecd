"""Three forms of momentum: python -m examples.optimisers.momentum_forms"""

from __future__ import annotations

import numpy as np

import minigrad as mg
from examples.experiment import Run, experiment
from minigrad.optim import SGD
from minigrad.optim.lr_scheduler import LambdaLR

START, LR, MOMENTUM, STEPS = 10.0, 0.1, 0.9, 20
FORMS = {"ema": -2.70671, "pytorch": -3.49253, "velocity": -3.49253}  # x after 20 steps
DROP = 4  # the step from which on the learning rate is a tenth, where it falls


def fall(form: str, lr: float = LR, drop: int = STEPS) -> np.ndarray:
    """Return x after each step on x^2."""
    x = mg.tensor(START, dtype=mg.float64, requires_grad=True)
    optimizer = SGD([x], lr=lr, momentum=MOMENTUM, momentum_form=form)
    scheduler = LambdaLR(optimizer, lambda step: 0.1 if step >= drop else 1)
    path = [START]
    for _ in range(STEPS):
        optimizer.zero_grad()
        (x**2).backward()
        optimizer.step()
        scheduler.step()
        path.append(x.item())
    return np.array(path)


@experiment(
    "Momentum has three forms: one averages gradients, two add them up and part when the rate changes.",
    source="000, 001: the averaging form; 002: the velocity form; the API lines: PyTorch's",
)
def main(run: Run) -> None:
    """Twenty steps on x^2 from 10 with learning rate 0.1 and momentum 0.9.

    The averaging form is PyTorch's with a tenth of the learning rate, 1 - momentum; the source's remark that
    PyTorch averages is wrong. The velocity holds learning rates of the past: it answers late where the rate falls."""
    paths = {form: fall(form) for form in FORMS}
    dropped = {form: fall(form, drop=DROP) for form in ("pytorch", "velocity")}
    for step in range(STEPS + 1):
        fallen = {f"{form}, rate falls": path[step] for form, path in dropped.items()}
        run.row(step=step, **{form: path[step] for form, path in paths.items()}, **fallen)

    left, right = run.axes(1, 2)
    for (form, path), style in zip(paths.items(), ("-", "-", "--"), strict=True):
        left.plot(path, style, marker="o", markersize=3, label=form)
    left.set(title="one learning rate", xlabel="step", ylabel="x")
    left.legend()
    for form, colour in zip(dropped, (left.lines[1], left.lines[2]), strict=True):
        right.plot(dropped[form], marker="o", markersize=3, color=colour.get_color(), label=form)
    right.axvline(DROP, color="#999999", linewidth=1, linestyle=":", label="0.1 before, 0.01 after")
    right.set(title="the learning rate falls", xlabel="step", ylabel="x")
    right.legend()

    for form, expected in FORMS.items():
        run.check(f"{form}: x after 20 steps", paths[form][-1], near=expected, tolerance=1e-5)
    for step, expected in ((1, 9.8), (2, 9.424)):
        run.check(f"ema: x after step {step}", paths["ema"][step], near=expected, tolerance=1e-9)
    apart = abs(paths["velocity"] - paths["pytorch"]).max()
    run.check("velocity - pytorch, one learning rate", apart, at_most=1e-12)
    apart = abs(fall("ema", lr=LR / (1 - MOMENTUM)) - paths["pytorch"]).max()
    run.check("ema with ten times the rate - pytorch", apart, at_most=1e-12)
    steps = {form: path[DROP + 1] - path[DROP] for form, path in dropped.items()}
    run.check(
        "first step after the fall, velocity / pytorch",
        steps["velocity"] / steps["pytorch"],
        at_least=5,
    )


if __name__ == "__main__":
    main()

"""Where minigrad differs from PyTorch on purpose: names, findings (both regular expressions), and why."""

from __future__ import annotations

EVERYWHERE = [
    (
        r".*",
        r"out=",
        "No `out=`: memory is recycled by itself, and a result goes into a tensor with `t[...] = f(x)`.",
    ),
    (
        r"torch\..*|Tensor\.__r.*",
        r"^error: .* does not raise Exception:",
        "Functions take NumPy arrays and numbers as well as Tensors, and give what they were given.",
    ),
]

DIFFERENCES = [
    *EVERYWHERE,
    (
        r"nn\.(functional\.)?\w+(_loss|Loss|kl_div)",
        r"not broadcast|incorrect size",
        "Prediction and target must have one shape: broadcast, each would be compared with each, "
        "and the loss would look right.",
    ),
    (
        r"nn\.functional\.(poisson_nll_loss|\w+)",
        r"the prediction is (int|uint|bool)",
        "A prediction of integers has no gradient: it is refused, with the advice to convert it.",
    ),
    (
        r"torch\.(all|any)|Tensor\.(all|any)",
        r"^dtype: .*bool instead of uint8",
        "The answer is a boolean, also for uint8.",
    ),
    (
        r"(torch|Tensor)\.(argsort|sort|topk|kthvalue|mode|median)",
        r"^value: ",
        "Sorting is stable: equal elements keep their order. PyTorch leaves it open which comes first.",
    ),
]

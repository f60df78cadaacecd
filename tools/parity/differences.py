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
    (
        r"nn\.(CrossEntropyLoss|MultiMarginLoss|NLLLoss)|nn\.functional\.(cross_entropy|multi_margin_loss)",
        r"one label a row",
        "Labels of a shape that does not fit are a ValueError in every loss; PyTorch raises "
        "RuntimeError or ValueError, by the loss.",
    ),
    (
        r"nn\.NLLLoss",
        r"^error: \( weight=float16",
        "Class weights are converted to the dtype of the input.",
    ),
    (
        r"nn\.functional\.(l1_loss|soft_margin_loss)",
        r"not broadcast",
        "Shapes that do not fit are a ValueError in every loss.",
    ),
    (
        r"(torch|Tensor)\.norm",
        r"'nuc'",
        "No nuclear norm: it needs a singular value decomposition with gradients.",
    ),
    (
        r"nn\.functional\.batch_norm",
        r"expected input of shape \(batch, channels",
        "The input has a batch and channels, or it is refused.",
    ),
    (
        r"(torch|Tensor)\.(linspace|logspace|narrow|eye|arange|hstack|vstack|cat|roll)",
        r"^error: .* raises (ValueError|OverflowError|RuntimeError), not",
        "Python's and NumPy's error classes where a size or a number is none.",
    ),
    (
        r"(torch|Tensor)\.(index_add|scatter|scatter_add)_?",
        r"cannot be applied to a 0-dim tensor",
        "A number has no dimension to write along.",
    ),
    (
        r"(torch|Tensor)\.scatter_?",
        r"argument 'reduce'",
        "No `reduce=`, which PyTorch deprecates: `scatter_add` adds.",
    ),
    (
        r"(torch|Tensor)\.gather",
        r"\[2, 0\] and \[5\]",
        "An empty index too has as many dimensions as the input.",
    ),
    (
        r"torch\.(multinomial|narrow|dstack|cat)",
        r"^error: ",
        "Integers serve as weights, booleans as integers; Python's error classes for what is no tensor.",
    ),
]

"""Where minigrad differs from PyTorch on purpose: names, findings (both regular expressions), and why.

A pattern says what is found as narrowly as it can: another defect of the same function must not be
taken for this one.
"""

from __future__ import annotations

EVERYWHERE = [
    (
        r".*",
        r"unexpected keyword argument 'out'",
        "No `out=`: memory is recycled by itself, and a result goes into a tensor with `t[...] = f(x)`.",
    ),
    (
        r"(torch|special)\..*|Tensor\.__r.*",
        r"^error: \((\d, (\d|int64\[3\])|int64\[3\], \d), \) does not raise Exception:$",
        "Functions take NumPy arrays and numbers as well as Tensors, and give what they were given.",
    ),
]

DIFFERENCES = [
    *EVERYWHERE,
    (
        r"nn\.(functional\.)?\w+(_loss|Loss|kl_div)",
        r"raises ValueError\b.*: the prediction has shape .*they must be equal",
        "Prediction and target must have one shape: broadcast, each would be compared with each, "
        "and the loss would look right.",
    ),
    (
        r"nn\.functional\.poisson_nll_loss",
        r"raises RuntimeError: .*the prediction is u?int",
        "A prediction of integers has no gradient: it is refused, with the advice to convert it.",
    ),
    (
        r"nn\.functional\.(conv(_transpose)?[123]d|(avg|max)_pool[123]d)",
        r"^value: \(u?int.* raises RuntimeError: .*(expected float32 or float64|input of floats)",
        "Convolutions and pooling are of floating-point numbers: integers are refused, with the advice "
        "to convert them.",
    ),
    (
        r"nn\.(MultiheadAttention|Transformer\w*)",
        r"^repr: Linear instead of NonDynamicallyQuantizableLinear$",
        "The last projection of the attention is shown as what it is, a Linear.",
    ),
    (
        r"torch\.(all|any)|Tensor\.(all|any)",
        r"^dtype: .*bool instead of uint8",
        "The answer is a boolean, also for uint8.",
    ),
    (
        r"nn\.(CrossEntropyLoss|MultiMarginLoss|NLLLoss)|nn\.functional\.(cross_entropy|multi_margin_loss)",
        r"raises ValueError: .*one label a row.*not RuntimeError",
        "Labels of a shape that does not fit are a ValueError in every loss; PyTorch raises "
        "RuntimeError or ValueError, by the loss.",
    ),
    (
        r"nn\.NLLLoss",
        r"^error: \( weight=float16.* raises nothing",
        "Class weights are converted to the dtype of the input.",
    ),
    (
        r"(torch|Tensor)\.norm",
        r"raises ValueError: .*not 'nuc'",
        "No nuclear norm: it needs a singular value decomposition with gradients.",
    ),
    (
        r"nn\.functional\.batch_norm",
        r"^value: \(float\d\d\[0\].*expected input of shape \(batch, channels",
        "The input has a batch and channels, or it is refused.",
    ),
    (
        r"(torch|Tensor)\.(index_add|scatter|scatter_add)_?",
        r"^value: \(\w+\(.* raises RuntimeError: .*cannot be applied to a 0-dim tensor",
        "A number has no dimension to write along.",
    ),
    (
        r"(torch|Tensor)\.scatter_?",
        r"raises TypeError: .*unexpected keyword argument 'reduce'",
        "No `reduce=`, which PyTorch deprecates: `scatter_add` adds.",
    ),
    (
        r"(torch|Tensor)\.gather",
        r"raises RuntimeError: .*shapes \[2, 0\] and \[5\]",
        "An empty index too has as many dimensions as the input.",
    ),
    (
        r"optim\.lr_scheduler\.ReduceLROnPlateau",
        r"^state: it has \['verbose'\] besides$",
        "`verbose=True`, which PyTorch has dropped, prints each reduction.",
    ),
    (
        r"optim\.Muon",
        r"^value: \(\) after 1 steps: ",
        "The orthogonal matrix is computed in the dtype of the parameter, not in bfloat16.",
    ),
    (
        r"nn\.Parameter(List|Dict)",
        r"^value: program 2 gives .*\[float32 of size 2x3\].* instead of .*\[torch\.",
        "A repr names minigrad's element types.",
    ),
    (
        r"special\.bessel_[jy][01]",
        r"^value: \(float64\[20\]\) gives -?0\.\d+ instead of",
        "PyTorch's are off by up to 9e-7 above 5; these have all digits.",
    ),
    (
        r"linalg\.norm",
        r"^second gradient: .* gives 0\.0 instead of nan",
        "The second gradient of a norm at 0 is 0, not nan.",
    ),
    (
        r"torch\.cholesky_(inverse|solve)",
        r"^gradient: .* gives 0\.0 instead of -?\d",
        "Of a triangular matrix, the triangle that is read has a gradient, the other none.",
    ),
    (
        r"(torch|linalg)\.matrix_exp",
        r"^value: \(float32",
        "float32 is summed in double precision; PyTorch's result is less accurate.",
    ),
    (
        r"linalg\.householder_product",
        r"^gradient: \(float64\[5, 5\], float64\[0\]\): the result requires no grad",
        "The product of no reflections is the identity, whatever the matrix: it requires no grad.",
    ),
    (
        r"torch\.(cumulative_)?trap(ezoid|z)",
        r"^value: \(uint8\[.*\], uint8\[",
        "Distances between points of uint8 may be negative; PyTorch's wrap around.",
    ),
    (
        r"Tensor\.sum_to_size",
        r"^dtype: \((uint8|bool|int)\b.* instead of int64",
        "The dtype is kept.",
    ),
    (
        r"(torch|Tensor)\.as_strided",
        r"^(value|gradient|second gradient): .*storage_offset=",
        "An offset counts from the tensor's first element, whatever memory it is a view of.",
    ),
    (
        r"(torch|Tensor)\.as_strided_scatter",
        r"^(second )?gradient: .*storage_offset=",
        "What `src` replaces has no influence, and no gradient; in PyTorch it has all of it.",
    ),
    (
        r"torch\.histogramdd",
        r"raises ValueError: `bins\[\d\]` must be monotonically increasing",
        "The edges of bins increase, or they are refused.",
    ),
    (
        r"torch\.narrow_copy",
        r"raises IndexError, not RuntimeError: Dimension out of range",
        "A dimension out of range is an IndexError, as in `narrow`.",
    ),
    (
        r"torch\.scalar_tensor",
        r"raises RuntimeError: value cannot be converted to uint8 without overflow: Python integer -\d+",
        "A number that the dtype cannot hold is refused.",
    ),
    (
        r"nn\.functional\.(interpolate|upsample_bilinear)",
        r"^value: \(uint8\[.*needs floating-point input, not uint8",
        "Between integers nothing lies: they are refused, with the advice to convert them.",
    ),
    (
        r"Tensor\.addbmm_",
        r"^value: \(float64(\[1\]|\().*an in-place result must have the shape",
        "What is done in place does not change a tensor's shape.",
    ),
    (
        r"torch\.(finfo|iinfo)",
        r"^error: program 2 gives ValueError.* instead of TypeError",
        "They are NumPy's.",
    ),
    (
        r"Tensor\.shape",
        r"AttributeError: 'tuple' object has no attribute 'numel'",
        "A shape is a tuple.",
    ),
    (
        r"torch\.(batch|instance)_norm",
        r"^error: .*(_norm\(\) (takes from 3 to 8|missing \d required)|\w+Error, not TypeError)",
        "It is that of `nn.functional`; PyTorch's has another order of arguments and no documentation.",
    ),
]

# There, but not compared: names, and why.
NOT_COMPARED = [
    (r"Tensor\.cuda", "There is no CUDA: it raises, and says so."),
    (
        r"nn\.RNNBase|nn\.utils\.prune\.BasePruningMethod|optim\.Optimizer|optim\.lr_scheduler\.LRScheduler",
        "Compared by what is made of it.",
    ),
    (r"torch\.TYPE_CHECKING", "It is that of `typing`."),
]

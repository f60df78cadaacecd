"""Embedding and EmbeddingBag: a vector for each of a number of things."""

from __future__ import annotations

from typing import Any

from ..ops.embedding import embedding, embedding_bag, own_row
from ..tensor import Tensor
from . import init
from .module import Module
from .parameter import Parameter, empty_parameter


class Embedding(Module):
    """Rows of a table: integers (*) -> vectors (*, embedding_dim). See `functional.embedding`.

    The table, weight (num_embeddings, embedding_dim), starts as N(0, 1), row padding_idx as 0.
    """

    weight: Parameter

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
        _weight: Tensor | None = None,
        _freeze: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.padding_idx = own_row(padding_idx, num_embeddings)
        self.max_norm = max_norm
        self.norm_type = norm_type
        self.scale_grad_by_freq = scale_grad_by_freq
        self.sparse = sparse
        shape = (num_embeddings, embedding_dim)
        if _weight is None:
            self.weight = empty_parameter(shape, device, dtype)
            self.weight.requires_grad_(not _freeze)
            self.reset_parameters()
        elif _weight.shape != shape:
            raise AssertionError(
                f"Shape of weight {list(_weight.shape)} does not match num_embeddings and "
                f"embedding_dim {list(shape)}"
            )
        else:
            self.weight = Parameter(_weight, requires_grad=not _freeze)

    def reset_parameters(self) -> None:
        """Draw the table anew."""
        init.normal_(self.weight)
        if self.padding_idx is not None:
            self.weight.array[self.padding_idx] = 0

    @classmethod
    def from_pretrained(cls, embeddings: Tensor, freeze: bool = True, **options: Any) -> Any:
        """Return one over the table `embeddings` (n, dim), trained only if not `freeze`.

        The options are those of the class.
        """
        if embeddings.ndim != 2:
            raise AssertionError(
                f"Embeddings parameter is expected to be 2-dimensional, not of shape "
                f"{list(embeddings.shape)}"
            )
        module = cls(*embeddings.shape, _weight=embeddings, **options)
        module.weight.requires_grad_(not freeze)
        return module

    def forward(self, input: Tensor) -> Tensor:
        return embedding(
            input,
            self.weight,
            self.padding_idx,
            self.max_norm,
            self.norm_type,
            self.scale_grad_by_freq,
            self.sparse,
        )

    def extra_repr(self) -> str:
        return _shown(self, "padding_idx", "max_norm", "norm_type", "scale_grad_by_freq", "sparse")


class EmbeddingBag(Embedding):
    """Sums, means or maxima of rows of a table, for bags of them: see `functional.embedding_bag`.

    weight (num_embeddings, embedding_dim) starts as N(0, 1), row padding_idx as 0.
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        mode: str = "mean",
        sparse: bool = False,
        _weight: Tensor | None = None,
        include_last_offset: bool = False,
        padding_idx: int | None = None,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(
            num_embeddings,
            embedding_dim,
            padding_idx,
            max_norm,
            norm_type,
            scale_grad_by_freq,
            sparse,
            _weight,
            device=device,
            dtype=dtype,
        )
        self.mode = mode
        self.include_last_offset = include_last_offset

    def forward(  # type: ignore[override]
        self,
        input: Tensor,
        offsets: Tensor | None = None,
        per_sample_weights: Tensor | None = None,
    ) -> Tensor:
        return embedding_bag(
            input,
            self.weight,
            offsets,
            self.max_norm,
            self.norm_type,
            self.scale_grad_by_freq,
            self.mode,
            self.sparse,
            per_sample_weights,
            self.include_last_offset,
            self.padding_idx,
        )

    def extra_repr(self) -> str:
        shown = _shown(self, "max_norm", "norm_type", "scale_grad_by_freq")
        shown += f", mode={self.mode!r}"
        return shown if self.padding_idx is None else f"{shown}, padding_idx={self.padding_idx}"


_DEFAULTS = {
    "padding_idx": None,
    "max_norm": None,
    "norm_type": 2.0,
    "scale_grad_by_freq": False,
    "sparse": False,
}


def _shown(module: Embedding, *names: str) -> str:
    values = [str(module.num_embeddings), str(module.embedding_dim)]
    for name in names:
        value = getattr(module, name)
        if value != _DEFAULTS[name]:
            values.append(f"{name}={value}")
    return ", ".join(values)

"""Estimators for scikit-learn: any module, or hidden sizes, as a classifier or a regressor.

They fit into its pipelines, cross-validation, searches, ensembles and learning curves, and travel
to other processes by pickle. (extra `sklearn`)

    net = NetClassifier([64], epochs=30, random_state=0)
    search = GridSearchCV(
        make_pipeline(StandardScaler(), net),
        {"netclassifier__lr": [1e-3, 1e-2], "netclassifier__dropout": [0, 0.2]},
    )
    search.fit(X, y).best_score_
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from . import nn, optim, random, train
from .data import DataLoader, TensorDataset
from .ops import tensor
from .tensor import Tensor

try:
    from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
    from sklearn.preprocessing import LabelEncoder
    from sklearn.utils import check_random_state
    from sklearn.utils.multiclass import check_classification_targets
    from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data
except ImportError as error:
    raise ImportError(
        f"minigrad.sklearn needs scikit-learn 1.6 or newer ({error}): pip install minigrad[sklearn]"
    ) from None

__all__ = ["NetClassifier", "NetRegressor"]

OPTIMIZERS: dict[str, Callable[..., optim.Optimizer]] = {
    name.lower(): getattr(optim, name) for name in optim.__all__ if name[0].isupper()
}
for name in ("optimizer", "lbfgs"):  # the base of all; the one that wants a closure
    OPTIMIZERS.pop(name, None)
# Rows that are evaluated at a time.
EVALUATED = 4096


class _NetEstimator(BaseEstimator):
    """What both estimators share: the network, its training, and going on with it."""

    PARAMETERS = """
    Parameters
        net             sizes of the hidden layers; or a Module, of which each fit trains a copy; or a
                        function (features, outputs) -> Module
        dropout         probability, after each hidden layer of a net made from sizes
        batch_norm      whether to normalise before each ReLU of such a net
        optimizer       "adam", "sgd", ... : any of minigrad.optim, in small letters
        lr              learning rate
        weight_decay    as the optimizer takes it
        momentum        of "sgd" and "rmsprop"
        epochs          passes over the data, at most
        batch_size      rows a step; "auto": 200, or all if they are fewer
        early_stopping  whether to hold `validation_fraction` of the data out, to stop after
                        `patience` epochs without an improvement of its loss by more than
                        `min_delta`, and to keep the weights of the best epoch
        warm_start      whether fit goes on with the network and the optimizer of the last fit;
                        lr may be another
        random_state    of weights, order, dropout and the held-out rows
        verbose         whether to print a line an epoch

    Fitted
        module_         the network
        history_        the minigrad.train.History of the last fit
        n_iter_         epochs trained, since the weights were initialised
        n_features_in_, feature_names_in_ as scikit-learn has them

    Computes in float32 where X is float32, otherwise in float64.
    """

    def __init__(
        self,
        net: Sequence[int] | nn.Module | Callable[[int, int], nn.Module] = (100,),
        *,
        dropout: float = 0.0,
        batch_norm: bool = False,
        optimizer: str = "adam",
        lr: float = 1e-3,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        epochs: int = 200,
        batch_size: int | str = "auto",
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        patience: int = 10,
        min_delta: float = 0.0,
        warm_start: bool = False,
        random_state: Any = None,
        verbose: bool = False,
    ) -> None:
        self.net = net
        self.dropout = dropout
        self.batch_norm = batch_norm
        self.optimizer = optimizer
        self.lr = lr
        self.weight_decay = weight_decay
        self.momentum = momentum
        self.epochs = epochs
        self.batch_size = batch_size
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.patience = patience
        self.min_delta = min_delta
        self.warm_start = warm_start
        self.random_state = random_state
        self.verbose = verbose

    # What the two differ in: the loss of each row, and the checked targets.

    def _losses(self, outputs: Tensor, targets: Tensor) -> Tensor:
        raise NotImplementedError

    # ---- fitting ----

    def _begin(self, dtype: np.dtype, features: int, outputs: int) -> None:
        """Make the network, its optimizer, and the state of the random numbers."""
        seed = int(check_random_state(self.random_state).randint(2**31))
        with random.fork_rng():
            random.manual_seed(seed)
            self.module_ = self._module(features, outputs).to(dtype)
            self._random = random.get_rng_state()
        if self.optimizer not in OPTIMIZERS:
            raise ValueError(f"optimizer={self.optimizer!r} is none of {', '.join(OPTIMIZERS)}")
        options = {"weight_decay": self.weight_decay, "momentum": self.momentum}
        options = {name: value for name, value in options.items() if value}
        self._optimizer = OPTIMIZERS[self.optimizer](
            self.module_.parameters(), lr=self.lr, **options
        )
        self._dtype = dtype
        self.n_iter_ = 0

    def _module(self, features: int, outputs: int) -> nn.Module:
        if isinstance(self.net, nn.Module):
            return copy.deepcopy(self.net)
        if callable(self.net):
            return self.net(features, outputs)
        if not np.iterable(self.net):
            raise TypeError(
                f"net is a list of hidden sizes, as [100], a Module or a function, not {self.net!r}"
            )
        layers: list[nn.Module] = []
        sizes = [features, *self.net]
        for n_in, n_out in itertools.pairwise(sizes):
            layers.append(nn.Linear(n_in, n_out))
            if self.batch_norm:
                layers.append(nn.BatchNorm1d(n_out))
            layers.append(nn.ReLU())
            if self.dropout:
                layers.append(nn.Dropout(self.dropout))
        return nn.Sequential(*layers, nn.Linear(sizes[-1], outputs))

    def _train(
        self, X: np.ndarray, y: np.ndarray, sample_weight: Any, epochs: int, hold_out: bool
    ) -> None:
        arrays = [np.asarray(X, self._dtype), y]
        if sample_weight is not None:
            weights = _check_sample_weight(
                sample_weight, X, dtype=self._dtype, ensure_non_negative=True
            )
            arrays.append(weights / weights.mean())  # a batch's loss is then a mean over its rows

        with random.fork_rng():
            random.set_rng_state(self._random)
            stopping = validation = None
            if hold_out:
                arrays, held_out = self._split(arrays)
                validation = DataLoader(_dataset(held_out), EVALUATED)
                stopping = train.EarlyStopping(self.patience, self.min_delta)
            rows = len(arrays[0])
            size = min(200 if self.batch_size == "auto" else self.batch_size, rows)
            # The mean and variance of a row alone are nothing to normalise by.
            normed = any(isinstance(m, nn.BatchNorm1d) for m in self.module_.modules())
            self._optimizer.param_groups[0]["lr"] = self.lr  # which may be another than last time
            self.history_ = train.fit(
                self.module_,
                self._mean_loss,
                self._optimizer,
                # All at once: their order makes no difference, and none is drawn.
                DataLoader(
                    _dataset(arrays),
                    size,
                    shuffle=size < rows,
                    drop_last=normed and rows % size == 1,
                ),
                validation,
                epochs=epochs,
                early_stopping=stopping,
                progress=self.verbose,
            )
            self._random = random.get_rng_state()
        self.n_iter_ += len(self.history_)

    def _mean_loss(self, outputs: Tensor, targets: Tensor, weights: Tensor | None = None) -> Tensor:
        losses = self._losses(outputs, targets)
        return losses.mean() if weights is None else (losses * weights).mean()

    def _split(self, arrays: list[np.ndarray]) -> tuple[list[np.ndarray], list[np.ndarray]]:
        rows = len(arrays[0])
        count = round(rows * self.validation_fraction)
        if not 0 < count < rows:
            raise ValueError(
                f"early_stopping with validation_fraction={self.validation_fraction} holds {count} "
                f"of {rows} samples out; both parts need at least one"
            )
        order = random.default_generator.numpy.permutation(rows)
        kept, held_out = order[count:], order[:count]
        return [a[kept] for a in arrays], [a[held_out] for a in arrays]

    def _is_warm(self) -> bool:
        return self.warm_start and hasattr(self, "module_")

    def _goes_on(self, dtype: np.dtype) -> bool:
        return self._is_warm() and self._dtype == dtype

    # ---- predicting ----

    def _outputs(self, X: Any) -> np.ndarray:
        check_is_fitted(self)
        X = validate_data(self, X, dtype=[np.float64, np.float32], reset=False)
        X = np.array(X, self._dtype)
        batches = (tensor(X[i : i + EVALUATED]) for i in range(0, len(X), EVALUATED))
        return train.predict(self.module_, batches).numpy()


class NetClassifier(ClassifierMixin, _NetEstimator):
    __doc__ = f"""A network as a classifier: its outputs are the logits, its loss the cross-entropy.
    {_NetEstimator.PARAMETERS}    classes_        the labels, in their order
    """

    def _losses(self, outputs: Tensor, targets: Tensor) -> Tensor:
        return nn.functional.cross_entropy(outputs, targets, reduction="none")

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> NetClassifier:
        """Train on X (samples, features) and labels y (samples), each of weight `sample_weight`."""
        X, y = validate_data(self, X, y, dtype=[np.float64, np.float32], reset=not self._is_warm())
        check_classification_targets(y)
        encoder = LabelEncoder().fit(y)
        goes_on = self._goes_on(X.dtype) and np.array_equal(self.classes_, encoder.classes_)
        if not goes_on:
            self.classes_ = encoder.classes_
            self._begin(X.dtype, X.shape[1], len(self.classes_))
        targets = encoder.transform(y).astype(np.int64)
        self._train(X, targets, sample_weight, self.epochs, self.early_stopping)
        return self

    def partial_fit(
        self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None
    ) -> NetClassifier:
        """Make one pass over X and y. The first call needs all `classes` that will ever come."""
        first = not hasattr(self, "module_")
        X, y = validate_data(self, X, y, dtype=[np.float64, np.float32], reset=first)
        check_classification_targets(y)
        if first:
            if classes is None:
                raise ValueError("classes must be passed on the first call to partial_fit")
            self.classes_ = np.unique(classes)
            self._begin(X.dtype, X.shape[1], len(self.classes_))
        elif classes is not None and not np.array_equal(self.classes_, np.unique(classes)):
            raise ValueError(f"classes={classes} are not those of the first call: {self.classes_}")
        unknown = np.setdiff1d(y, self.classes_)
        if len(unknown):
            raise ValueError(f"y has labels {unknown} that are not in classes {self.classes_}")
        targets = np.searchsorted(self.classes_, y).astype(np.int64)
        self._train(X, targets, sample_weight, 1, False)
        return self

    def predict_log_proba(self, X: Any) -> np.ndarray:
        """Return the logarithm of each class's probability: (samples, classes)."""
        return tensor(self._outputs(X)).log_softmax(1).numpy()

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the probability of each class: (samples, classes)."""
        return tensor(self._outputs(X)).softmax(1).numpy()

    def predict(self, X: Any) -> np.ndarray:
        """Return the most probable label of each sample."""
        chosen = self._outputs(X).argmax(1)
        return self.classes_[chosen]


class NetRegressor(RegressorMixin, _NetEstimator):
    __doc__ = f"""A network as a regressor of one or several numbers: its loss is the mean squared error.
    {_NetEstimator.PARAMETERS}"""

    def _losses(self, outputs: Tensor, targets: Tensor) -> Tensor:
        return ((outputs - targets) ** 2).mean(1)

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> NetRegressor:
        """Train on X (samples, features) and y (samples) or (samples, outputs)."""
        X, y = self._checked(X, y, reset=not self._is_warm())
        if not (self._goes_on(X.dtype) and self._targets == y.shape[1:]):
            self._targets = y.shape[1:]
            self._begin(X.dtype, X.shape[1], *(self._targets or (1,)))
        targets = y.reshape(len(y), -1)
        self._train(X, targets, sample_weight, self.epochs, self.early_stopping)
        return self

    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> NetRegressor:
        """Make one pass over X and y."""
        first = not hasattr(self, "module_")
        X, y = self._checked(X, y, reset=first)
        if first:
            self._targets = y.shape[1:]
            self._begin(X.dtype, X.shape[1], *(self._targets or (1,)))
        self._train(X, y.reshape(len(y), -1), sample_weight, 1, False)
        return self

    def _checked(self, X: Any, y: Any, reset: bool) -> tuple[np.ndarray, np.ndarray]:
        X, y = validate_data(
            self,
            X,
            y,
            dtype=[np.float64, np.float32],
            multi_output=True,
            y_numeric=True,
            reset=reset,
        )
        return X, np.asarray(y, X.dtype)

    def predict(self, X: Any) -> np.ndarray:
        """Return the predicted numbers, of y's shape."""
        outputs = self._outputs(X)
        return outputs.reshape(len(outputs), *self._targets)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags


def _dataset(arrays: list[np.ndarray]) -> TensorDataset:
    return TensorDataset(*(tensor(a) for a in arrays))

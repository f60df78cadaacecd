"""Special functions under the names of `torch.special`: those that `torch` has too, and those that it has not."""

# ruff: noqa: F403 - all of this is for users: a star, or `as`, says so to type checkers
from typing import TYPE_CHECKING

from ..ops.activation import sigmoid as _sigmoid
from ..ops.pointwise import erf as erf
from ..ops.pointwise import exp2 as exp2
from ..ops.pointwise import expm1 as expm1
from ..ops.pointwise import log1p as log1p
from ..ops.rounding import round as round
from ..ops.softmax import log_softmax as log_softmax
from ..ops.softmax import logsumexp as logsumexp
from ..ops.softmax import softmax as softmax
from ..ops.special import digamma as digamma
from ..ops.special import erfc as erfc
from ..ops.special import erfinv as erfinv
from ..ops.special import lgamma as _lgamma
from ..ops.special import logit as logit
from ..ops.special import mvlgamma as _mvlgamma
from ..ops.special import polygamma as polygamma
from ..ops.special import sinc as sinc
from ..ops.special import xlogy as xlogy
from .bessel import *
from .gamma import *
from .logarithms import *
from .normal import *
from .polynomials import *

expit, gammaln, multigammaln, psi = _sigmoid, _lgamma, _mvlgamma, digamma

if not TYPE_CHECKING:  # which finds the same by the stars above
    __all__ = [name for name, value in vars().items() if callable(value) and name[0] != "_"]

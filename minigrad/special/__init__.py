"""Special functions under the names of `torch.special`: those that `torch` has too, and those that it has not."""

# ruff: noqa: F401, F403 - all of this is for users
from ..ops.activation import sigmoid as expit
from ..ops.pointwise import erf, exp2, expm1, log1p
from ..ops.rounding import round
from ..ops.softmax import log_softmax, logsumexp, softmax
from ..ops.special import digamma, erfc, erfinv, logit, polygamma, sinc, xlogy
from ..ops.special import digamma as psi
from ..ops.special import lgamma as gammaln
from ..ops.special import mvlgamma as multigammaln
from .bessel import *
from .gamma import *
from .logarithms import *
from .normal import *
from .polynomials import *

__all__ = [name for name, value in list(vars().items()) if callable(value)]

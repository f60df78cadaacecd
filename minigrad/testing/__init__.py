"""Testing operations, ours and yours: gradients against finite differences, values against NumPy.

def test_square():
    check_op(lambda x: x * x, np.random.default_rng(0).normal(size=(3, 4)), reference=np.square)
"""

from .closeness import assert_close
from .gradients import gradcheck, gradgradcheck
from .promises import check_op

__all__ = ["assert_close", "check_op", "gradcheck", "gradgradcheck"]

"""Linear algebra under the names of `torch.linalg`: norms, inverses and solutions, decompositions.

The values are NumPy's, that is LAPACK's: of matrices in the last two dimensions, in stacks. The rules for the gradients
are those of Giles, "Collected matrix derivative results for forward and reverse mode algorithmic differentiation"
(2008), where no other source is named.
"""

# ruff: noqa: F403
from .attempts import *
from .checks import LinAlgError as LinAlgError
from .decompositions import *
from .determinants import *
from .eigenvalues import *
from .elimination import *
from .inverses import *
from .norms import *
from .products import *
from .reflections import householder_product as householder_product
from .solving import *

"""Where in a model an error happened: its message names the layer by its path."""

from __future__ import annotations

from typing import Any

# Others may carry meaning in their arguments, or steer what a program does.
_TOLD = (RuntimeError, ValueError, TypeError, IndexError, NotImplementedError)


def locate(error: Exception, module: Any) -> None:
    """Have the message of `error`, which is just leaving `module`, end in the path of the layer that
    raised it: "in encoder.0: Linear(in_features=784, ...)".

    The layer itself only signs the error; each module around it completes the path.
    """
    if type(error) not in _TOLD or len(error.args) != 1 or not isinstance(error.args[0], str):
        return
    message, layer, reached, path = error.__dict__.get(
        "_location", (error.args[0], module, module, "")
    )
    name = next((name for name, part in module.named_modules() if part is reached), "")
    if name:
        path = f"{name}.{path}" if path else name
        error.args = (f"{message}\nin {path}: {type(layer).__name__}({layer.extra_repr()})",)
    elif not path:
        layer = module  # what raised it is no part of this one
    error.__dict__["_location"] = (message, layer, module, path)

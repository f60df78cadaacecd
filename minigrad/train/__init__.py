"""Pieces of a training, none of them compulsory: the loop, its history, evaluation, early stopping.

All of them at once:

    history = train.fit(
        model, nn.CrossEntropyLoss(), optimizer, loader, validation,
        epochs=50,
        metrics=[train.accuracy],
        early_stopping=train.EarlyStopping(patience=5),
        checkpoint="run.npz", resume=True,  # the same call goes on where Ctrl-C stopped it
    )
    history["val_accuracy"][history.best()]
    history.to_csv("run.csv")
    history.plot("run.png")
    train.evaluate(model, nn.CrossEntropyLoss(), test, [train.accuracy])
"""

from .evaluation import accuracy, evaluate, predict
from .history import History
from .interrupt import StopRequest
from .loop import fit
from .stopping import EarlyStopping

__all__ = ["EarlyStopping", "History", "StopRequest", "accuracy", "evaluate", "fit", "predict"]

"""A language learnt letter by letter: python -m examples.beyond.character_lstm"""

from __future__ import annotations

import re

import numpy as np

import minigrad as mg
from examples.experiment import Run, experiment
from minigrad import nn, train
from minigrad.data import DataLoader, TensorDataset
from minigrad.optim.lr_scheduler import OneCycleLR

# A sentence: "the [adjective] noun[s] [place the [adjective] noun[s]] verb[s]"; each choice has equal chances.
ADJECTIVES = ["", "old ", "small ", "grey "]
NOUNS = ["cat", "dog", "bird", "frog", "horse", "cow"]
PLACES = ["near", "behind", "under"]
VERBS = ["sleep", "sing", "run", "jump", "wait", "look"]
PHRASE = rf"the ({'|'.join(ADJECTIVES)})({'|'.join(NOUNS)})(?P<many>s?)"
OTHER = PHRASE.replace("many", "others")
GRAMMAR = re.compile(
    rf"{PHRASE}(?P<rest> ({'|'.join(PLACES)}) {OTHER})? ({'|'.join(VERBS)})(?P<one>s?)\n"
)
# In nats: what one learns from a noun with what belongs to it, and from all the rest of a sentence.
OF_PHRASE = np.log(len(ADJECTIVES) * len(NOUNS) * 2)
OF_OTHER, OF_REST = np.log(len(PLACES)) + OF_PHRASE, np.log(2) + np.log(len(VERBS))

ALPHABET = "\n abcdefghijklmnopqrstuvwxyz"  # the first letter ends a sentence, and starts it
LONGEST, NOTHING = 48, -100
HIDDEN, BATCH, LR, EPOCHS = 64, 32, 5e-3, 8


def sentence(rng: np.random.Generator) -> str:
    """Return a sentence. Its verb takes an s where its subject has none, whatever noun stands between them."""

    def phrase() -> tuple[str, bool]:
        many = bool(rng.integers(2))
        return f"the {rng.choice(ADJECTIVES)}{rng.choice(NOUNS)}{'s' * many}", many

    subject, many = phrase()
    other = f" {rng.choice(PLACES)} {phrase()[0]}" if rng.integers(2) else ""
    return f"{subject}{other} {rng.choice(VERBS)}{'' if many else 's'}\n"


def agrees(text: str) -> bool:
    """Return whether the text is a sentence of the language."""
    found = GRAMMAR.fullmatch(text)
    return found is not None and bool(found["many"]) != bool(found["one"])


def encode(sentences: list[str]) -> tuple[mg.Tensor, mg.Tensor]:
    """Return the letters (sentences, LONGEST), and for each the next one; NOTHING follows the end."""
    letters = np.full((len(sentences), LONGEST + 1), NOTHING)
    letters[:, 0] = 0
    for row, text in zip(letters, sentences, strict=True):
        row[1 : len(text) + 1] = [ALPHABET.index(letter) for letter in text]
    return mg.tensor(np.maximum(letters[:, :-1], 0)), mg.tensor(letters[:, 1:])


class Writer(nn.Module):
    """From letters (N, T) the next one's logits (N, T, letters), given all up to there."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(len(ALPHABET), HIDDEN)
        self.lstm = nn.LSTM(HIDDEN, HIDDEN, batch_first=True)
        with mg.no_grad():  # the forget gates begin open
            self.lstm.bias_ih_l0[HIDDEN : 2 * HIDDEN] = 1
        self.linear = nn.Linear(HIDDEN, len(ALPHABET))

    def forward(self, letters: mg.Tensor) -> mg.Tensor:
        return self.linear(self.lstm(self.embedding(letters))[0])

    @mg.no_grad()
    def write(self, count: int, rng: np.random.Generator) -> list[str]:
        """Return texts: letter after letter drawn by its probability, up to the end of the sentence."""
        letters = np.zeros((count, 1), np.int64)
        for _ in range(LONGEST):
            chances = self(mg.tensor(letters))[:, -1].softmax(1).numpy().cumsum(1)
            drawn = (chances < rng.random((count, 1)) * chances[:, -1:]).sum(1, keepdims=True)
            letters = np.hstack([letters, drawn])
        texts = ["".join(ALPHABET[i] for i in row[1:]) for row in letters]
        return [text.partition("\n")[0] + "\n" for text in texts]


def nats(output: mg.Tensor, target: mg.Tensor) -> mg.Tensor:
    """Return the nats of a sentence, a mean over them."""
    loss = nn.functional.cross_entropy(output.flatten(0, 1), target.flatten(), reduction="sum")
    return loss / len(target)


def verbs_right(model: Writer, sentences: list[str]) -> float:
    """Return how often, after a verb, the model finds the right one likelier: its s, or the end."""
    x, _ = encode(sentences)
    with mg.no_grad():
        logits = model(x).numpy()
    ahead = []
    for scores, text in zip(logits, sentences, strict=True):
        s, end = scores[len(text.rstrip("s\n")), [ALPHABET.index("s"), 0]]
        ahead.append(s > end if text.endswith("s\n") else end > s)
    return float(np.mean(ahead))


@experiment(
    "An LSTM learns a language of letters to within 2 % of its entropy, grammar over a distance included.",
    source="Hochreiter and Schmidhuber 1997; Gers et al. 2000: forget gates; Linzen et al. 2016: subject and verb",
)
def main(run: Run) -> None:
    """Sentences like "the old cats near the dog sleep", made by a grammar with known chances: no model needs fewer
    nats a sentence than its entropy. The verb's s depends on the subject, up to 25 letters before, and not on the
    noun next to it: here it is asked of sentences in which the two differ."""
    counts = (6000, 1000) if run.quick else (10_000, 2000)
    training, test = ([sentence(run.rng) for _ in range(count)] for count in counts)
    found = [GRAMMAR.fullmatch(text) for text in test]
    entropy = OF_PHRASE + OF_REST + OF_OTHER * np.mean([bool(match["rest"]) for match in found])
    misleading = [
        text
        for text, match in zip(test, found, strict=True)
        if match["rest"] and bool(match["many"]) != bool(match["others"])
    ]

    model = Writer()
    optimizer = mg.optim.Adam(model.parameters(), lr=LR)
    loader = DataLoader(TensorDataset(*encode(training)), BATCH, shuffle=True)
    schedule = OneCycleLR(optimizer, LR, epochs=EPOCHS, steps_per_epoch=len(loader))
    history, told = train.History(), []
    for epoch in range(1, EPOCHS + 1):
        train.fit(
            model,
            nats,
            optimizer,
            loader,
            [encode(test)],
            epochs=epoch,
            history=history,
            scheduler=schedule,
            scheduler_interval="batch",
            clip_grad_norm=1.0,
            progress=False,
        )
        verbs = verbs_right(model, misleading)
        told.append((f"epoch {epoch}, {verbs:.0%} of verbs right", model.write(2, run.rng)))
        run.row(epoch=epoch, verbs=verbs, **history[-1])
    losses = history["val_loss"]
    written = model.write(500, run.rng)

    left, right = run.axes(1, 2, height=4)
    left.plot(range(1, EPOCHS + 1), losses, marker="o", markersize=3, label="LSTM, new sentences")
    left.axhline(entropy, color="#333333", linestyle=":", label=f"entropy, {entropy:.2f}")
    left.set(title="how surprising a sentence is", xlabel="epoch", ylabel="nats")
    left.set_xticks(range(1, EPOCHS + 1))
    left.set_ylim(0.9 * entropy, None)
    left.legend()
    right.set_title("what it writes")
    right.axis("off")
    for k, (title, texts) in enumerate(told):
        top = 0.97 - k / EPOCHS
        right.text(0, top, title, fontsize=8, color="#d1495b", va="top", transform=right.transAxes)
        for line, text in enumerate(texts):
            place = top - (line + 1) * 0.31 / EPOCHS
            right.text(
                0,
                place,
                text.strip(),
                fontsize=7,
                family="monospace",
                va="top",
                transform=right.transAxes,
            )

    ratio, share = losses[-1] / entropy, np.mean([agrees(text) for text in written])
    run.check(
        "nats of a new sentence, of its entropy",
        ratio,
        at_least=1,
        at_most=1.02,
    )
    run.check("verbs right, next to a noun that misleads", verbs, at_least=0.95)
    run.check("share of what it writes that is grammatical", share, at_least=0.9)


if __name__ == "__main__":
    main()

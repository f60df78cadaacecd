"""JAX with optax: a whole step under one jit, parameters and state donated to it."""

from __future__ import annotations

import itertools
from typing import Any

import jax
import jax.numpy as jnp
import optax

from . import Timed
from .batches import batches, normal


class Contestant:
    def step(
        self,
        sizes: list[int],
        batch: int,
        optimizer: str,
        batch_norm: bool = False,
        dropout: float = 0,
    ) -> Timed:
        layers = []
        for n_in, n_out in itertools.pairwise(sizes):
            layer = {"w": jnp.array(normal(n_in, n_out) / n_in**0.5), "b": jnp.zeros(n_out)}
            if batch_norm:
                layer |= {"gamma": jnp.ones(n_out), "beta": jnp.zeros(n_out)}
            layers.append(layer)
        transform = optax.adam(1e-3) if optimizer == "adam" else optax.sgd(0.01)

        def drop(x: Any, key: Any) -> Any:
            kept = jax.random.bernoulli(key, 1 - dropout, x.shape)
            return jnp.where(kept, x / (1 - dropout), 0)

        def loss_of(params: Any, x: Any, labels: Any, key: Any) -> Any:
            keys = iter(jax.random.split(key, len(params)) if dropout else ())
            if dropout:
                x = drop(x, next(keys))
            for layer in params[:-1]:
                x = x @ layer["w"] + layer["b"]
                if batch_norm:
                    normalised = (x - x.mean(0)) * jax.lax.rsqrt(x.var(0) + 1e-5)
                    x = normalised * layer["gamma"] + layer["beta"]
                x = jax.nn.relu(x)
                if dropout:
                    x = drop(x, next(keys))
            logits = x @ params[-1]["w"] + params[-1]["b"]
            return optax.softmax_cross_entropy_with_integer_labels(logits, labels).mean()

        return training(loss_of, layers, transform, batches(batch, sizes[0], sizes[-1], jnp.array))

    def lenet(self, batch: int) -> Timed:
        shapes = [(6, 1, 5, 5), (16, 6, 5, 5), (400, 120), (120, 84), (84, 10)]
        layers = []
        for shape in shapes:
            inputs = shape[0] if len(shape) == 2 else shape[1] * 25
            outputs = shape[1] if len(shape) == 2 else shape[0]
            layers.append({"w": jnp.array(normal(*shape) / inputs**0.5), "b": jnp.zeros(outputs)})

        def convolved(x: Any, layer: Any, padding: str) -> Any:
            y = jax.lax.conv(x, layer["w"], (1, 1), padding) + layer["b"][:, None, None]
            halves = ((1, 1, 2, 2), (1, 1, 2, 2), "VALID")
            return jax.lax.reduce_window(jax.nn.relu(y), -jnp.inf, jax.lax.max, *halves)

        def loss_of(params: Any, x: Any, labels: Any, _: Any) -> Any:
            x = convolved(convolved(x, params[0], "SAME"), params[1], "VALID")
            x = x.reshape(len(x), -1)
            for layer in params[2:4]:
                x = jax.nn.relu(x @ layer["w"] + layer["b"])
            logits = x @ params[4]["w"] + params[4]["b"]
            return optax.softmax_cross_entropy_with_integer_labels(logits, labels).mean()

        data = batches(batch, (1, 28, 28), 10, jnp.array)
        return training(loss_of, layers, optax.sgd(0.01, momentum=0.9), data)


def training(loss_of: Any, params: Any, transform: Any, data: Any) -> Timed:
    """One step under one jit; loss_of(params, x, labels, key)."""

    def train(params: Any, state: Any, key: Any, x: Any, labels: Any) -> Any:
        key, used = jax.random.split(key)
        loss, grads = jax.value_and_grad(loss_of)(params, x, labels, used)
        updates, state = transform.update(grads, state, params)
        return optax.apply_updates(params, updates), state, key, loss

    train = jax.jit(train, donate_argnums=(0, 1))
    carried = [params, transform.init(params), jax.random.PRNGKey(0)]

    def step() -> None:
        *carried[:], loss = train(*carried, *next(data))
        loss.block_until_ready()

    return step

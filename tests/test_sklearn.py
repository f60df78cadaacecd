from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn

pytest.importorskip("sklearn", reason="the estimators are for it: pip install minigrad[sklearn]")
from sklearn.base import clone
from sklearn.datasets import load_digits, make_classification, make_regression
from sklearn.ensemble import StackingClassifier, VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    KFold,
    RandomizedSearchCV,
    cross_val_score,
    learning_curve,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator

from minigrad.sklearn import NetClassifier, NetRegressor

CIRCLES = make_classification(
    300, 6, n_informative=4, n_clusters_per_class=2, class_sep=1.5, random_state=0
)


@pytest.mark.parametrize(
    "estimator", [NetClassifier(epochs=60, lr=0.01), NetRegressor(epochs=60, lr=0.01)], ids=str
)
@pytest.mark.filterwarnings("ignore")
def test_scikit_learns_own_checks(estimator: Any) -> None:
    results = check_estimator(estimator, on_fail=None)
    assert len(results) > 50
    wrong = {r["check_name"]: r["exception"] for r in results if r["status"] == "failed"}
    assert not wrong


def small(**options: Any) -> NetClassifier:
    return NetClassifier(**{"net": (16,), "epochs": 30, "lr": 0.01, "random_state": 0, **options})


def test_the_digits() -> None:
    X, y = load_digits(return_X_y=True)
    model = NetClassifier((64,), epochs=30, lr=0.01, batch_size=64, random_state=0)
    model.fit(X[:1300] / 16, y[:1300])
    assert model.score(X[1300:] / 16, y[1300:]) > 0.9
    proba = model.predict_proba(X[1300:] / 16)
    np.testing.assert_allclose(proba.sum(1), 1, rtol=1e-6)
    np.testing.assert_allclose(np.log(proba), model.predict_log_proba(X[1300:] / 16), atol=1e-6)


def test_a_regression_of_one_and_of_several_numbers() -> None:
    X, y = make_regression(200, 5, n_targets=2, noise=1, random_state=0)
    y /= y.std(0)
    model = NetRegressor((32,), epochs=200, lr=0.01, random_state=0).fit(X, y)
    assert model.score(X, y) > 0.95
    assert model.predict(X).shape == (200, 2)
    assert clone(model).fit(X, y[:, 0]).predict(X).shape == (200,)


@pytest.mark.parametrize(
    "net",
    [
        nn.Sequential(nn.Linear(6, 8), nn.Tanh(), nn.Linear(8, 2)),
        lambda features, outputs: nn.Sequential(
            nn.Linear(features, 8), nn.Tanh(), nn.Linear(8, outputs)
        ),
    ],
    ids=["module", "function"],
)
def test_any_module(net: Any) -> None:
    X, y = CIRCLES
    before = pickle.dumps(net) if isinstance(net, nn.Module) else None
    model = small(net=net, epochs=60).fit(X, y)
    assert model.score(X, y) > 0.85
    assert type(model.module_[1]) is nn.Tanh
    if before:
        assert pickle.dumps(net) == before  # fit trains a copy


def test_the_same_seed_is_the_same_network_and_other_random_numbers_are_left_alone() -> None:
    X, y = CIRCLES
    options = {"dropout": 0.2, "batch_norm": True, "batch_size": 32}
    mg.manual_seed(1)
    one = small(**options).fit(X, y).predict_proba(X)
    state = mg.get_rng_state()
    two = small(**options).fit(X, y).predict_proba(X)
    np.testing.assert_array_equal(one, two)
    assert mg.equal(mg.get_rng_state(), state)
    three = small(**options | {"random_state": 1}).fit(X, y).predict_proba(X)
    assert not np.array_equal(one, three)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_it_computes_in_the_type_of_x(dtype: type) -> None:
    X, y = CIRCLES
    model = small(epochs=2).fit(X.astype(dtype), y)
    assert model.predict_proba(X.astype(dtype)).dtype == dtype
    assert model.module_[0].weight.detach().numpy().dtype == dtype


@pytest.mark.parametrize("batch_size", ["auto", 16])
def test_a_row_of_weight_zero_is_no_row(batch_size: Any) -> None:
    X, y = CIRCLES
    spoilt = np.where(np.arange(len(y)) < 150, y, 1 - y)
    weight = (np.arange(len(y)) < 150).astype(float)
    model = small(epochs=60, batch_size=batch_size).fit(X, spoilt, sample_weight=weight)
    assert model.score(X, y) > 0.8
    assert small(epochs=60, batch_size=batch_size).fit(X, spoilt).score(X, y) < 0.8
    with pytest.raises(ValueError, match="at least one non-zero"):
        model.fit(X, y, sample_weight=np.zeros(len(y)))


def test_early_stopping_keeps_the_best_weights() -> None:
    X, y = CIRCLES
    model = small(epochs=500, lr=0.1, early_stopping=True, patience=4).fit(X, y)
    assert model.n_iter_ < 500
    assert len(model.history_) - 1 - model.history_.best("val_loss") == 4
    with pytest.raises(ValueError, match="holds 0 of 5 samples out"):
        small(early_stopping=True).fit(X[:5], [0, 1, 0, 1, 0])


def test_partial_fit_and_warm_start_go_on() -> None:
    X, y = CIRCLES
    whole = small(epochs=6, batch_size=50, warm_start=True).fit(X, y)
    warm = small(epochs=3, batch_size=50, warm_start=True)
    parts = small(batch_size=50)
    for _ in range(2):
        warm.fit(X, y)
    for _ in range(6):
        parts.partial_fit(X, y, classes=[0, 1])
    for model in (warm, parts):
        np.testing.assert_array_equal(model.predict_proba(X), whole.predict_proba(X))
        assert model.n_iter_ == 6
    again = small(epochs=3, batch_size=50)
    assert again.fit(X, y).fit(X, y).n_iter_ == 3


def test_going_on_at_another_rate() -> None:
    X, y = CIRCLES
    model = small(epochs=1, warm_start=True).fit(X, y)
    before = model.predict_proba(X)
    model.set_params(lr=0.0).fit(X, y)
    assert model.history_["lr"] == [0]
    np.testing.assert_array_equal(model.predict_proba(X), before)


@pytest.mark.parametrize("estimator", [NetClassifier, NetRegressor])
def test_a_warm_start_needs_the_same_features(estimator: Any) -> None:
    X, y = CIRCLES
    model = estimator([2], epochs=1, warm_start=True).fit(X, y)
    with pytest.raises(ValueError, match=r"X has 5 features, but .* is expecting 6"):
        model.fit(X[:, :5], y)
    assert len(model.predict(X)) == len(y)


def test_a_last_batch_of_one_row_has_no_variance_and_is_left_out() -> None:
    X, y = CIRCLES[0][:101], CIRCLES[1][:101]
    for net in ([4], nn.Sequential(nn.BatchNorm1d(X.shape[1]), nn.Linear(X.shape[1], 2))):
        model = small(net=net, batch_norm=True, epochs=2, batch_size=50).fit(X, y)
        assert model.n_iter_ == 2


def test_partial_fit_knows_its_classes() -> None:
    X, y = CIRCLES
    with pytest.raises(ValueError, match="classes must be passed on the first call"):
        small().partial_fit(X, y)
    model = small().partial_fit(X, y, classes=[0, 1])
    with pytest.raises(ValueError, match=r"labels \[2\] that are not in classes"):
        model.partial_fit(X, np.full(len(y), 2))
    with pytest.raises(ValueError, match="are not those of the first call"):
        model.partial_fit(X, y, classes=[0, 1, 2])


def test_an_unknown_optimizer_is_named() -> None:
    with pytest.raises(ValueError, match=r"optimizer=.adma. is none of .*adam"):
        small(optimizer="adma").fit(*CIRCLES)


def test_a_net_that_is_none_is_named() -> None:
    with pytest.raises(TypeError, match=r"a list of hidden sizes, as \[100\].* not 16"):
        small(net=16).fit(*CIRCLES)


# ---- with the tools that users know --------------------------------------------------------------


def test_a_fitted_estimator_travels_by_pickle() -> None:
    X, y = CIRCLES
    model = small(warm_start=True).fit(X, y)
    twin = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(twin.predict_proba(X), model.predict_proba(X))
    np.testing.assert_array_equal(twin.fit(X, y).predict_proba(X), model.fit(X, y).predict_proba(X))


def test_k_fold_in_a_pipeline() -> None:
    X, y = CIRCLES
    pipeline = make_pipeline(StandardScaler(), small(epochs=40))
    scores = cross_val_score(pipeline, X, y, cv=KFold(3, shuffle=True, random_state=0))
    assert len(scores) == 3 and scores.mean() > 0.8


def test_voting_and_stacking() -> None:
    X, y = CIRCLES
    members = [("net", small(epochs=20)), ("wide", small(net=(32,), epochs=20))]
    assert VotingClassifier(members, voting="soft").fit(X, y).score(X, y) > 0.85
    stack = StackingClassifier(members, LogisticRegression(), cv=2)
    assert stack.fit(X, y).score(X, y) > 0.85


def test_searches() -> None:
    X, y = CIRCLES
    grid = GridSearchCV(small(epochs=15), {"lr": [1e-5, 0.02], "net": [(4,), (16, 16)]}, cv=2)
    assert grid.fit(X, y).best_params_["lr"] == 0.02
    space = {"lr": np.logspace(-3, -1, 20), "dropout": [0.0, 0.2]}
    search = RandomizedSearchCV(small(epochs=20), space, n_iter=4, cv=2, random_state=0).fit(X, y)
    assert search.best_score_ > 0.7


def test_learning_curve() -> None:
    X, y = CIRCLES
    sizes, _, scores = learning_curve(small(epochs=40), X, y, train_sizes=[0.1, 1.0], cv=3)
    assert sizes[0] < sizes[1] and scores[1].mean() > scores[0].mean()


def test_data_frames() -> None:
    pandas = pytest.importorskip("pandas", reason="data frames are its")
    X, y = CIRCLES
    frame = pandas.DataFrame(X, columns=list("abcdef"))
    model = small(epochs=30).fit(frame, pandas.Series(y).map({0: "no", 1: "yes"}))
    assert list(model.feature_names_in_) == list("abcdef")
    assert set(model.predict(frame)) == {"no", "yes"}


def test_a_search_on_other_processes_has_the_scores_of_this_one() -> None:
    distributed = pytest.importorskip(
        "distributed", reason="dask's processes: pip install minigrad[examples]"
    )
    import joblib

    X, y = CIRCLES
    search = GridSearchCV(small(epochs=5, dropout=0.1), {"lr": [0.001, 0.01]}, cv=2)
    here = clone(search).fit(X, y).cv_results_["mean_test_score"]
    with (
        distributed.LocalCluster(2, threads_per_worker=1, dashboard_address=None) as cluster,
        distributed.Client(cluster),
        joblib.parallel_backend("dask"),
    ):
        there = clone(search).set_params(n_jobs=2).fit(X, y).cv_results_["mean_test_score"]
    np.testing.assert_array_equal(here, there)

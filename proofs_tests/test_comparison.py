"""Comparisons of unlearning algorithms: every number recomputed from its parts, planted algorithms, tuning, resuming."""

import json
import pickle
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kktcheck as kc
from kktcheck.certificate import angle_gap
from kktcheck.experiments import comparison
from kktcheck.experiments.comparison import Settings, compare
from kktcheck.experiments.comparison_case import Case, CaseResult, Run, run_case, stream
from kktcheck.experiments.comparison_checkpoint import cases_file
from kktcheck.experiments.comparison_result import Comparison
from kktcheck.experiments.comparison_rows import NUMBERS, rows
from kktcheck.unlearning import get, sisa, train_shards

from .comparison_instances import (
    QUICK,
    diverging,
    diverging_for_0,
    drawing,
    exact,
    misclassifying,
    noisy,
    planted,
    trained_network,
    trained_predictor,
    without_seconds,
)

TINY = Settings(networks=2, epochs=1500, num_points=4, dim=40, neurons=16, points=(0, 2), methods=(*QUICK, "sisa"))


@pytest.fixture(scope="module")
def record():
    return trained_network()


@pytest.fixture(scope="module")
def tiny():
    return comparison.run(TINY)


def numbers(result, name):
    (run,) = result.row(name).runs
    return run.numbers


# the numbers


@pytest.mark.parametrize("forget", [(3,), (1, 4)])
def test_every_number_is_that_of_the_parts_in_the_space_of_the_data(record, forget):
    model, data = record.model, record.data[0]
    others, test = kc.sampling.gaussian(6, 40, rng=50), kc.sampling.gaussian(9, 40, rng=51)
    result = compare(model, data, [forget], record=record, others=others, test=test, methods=QUICK)
    retained = data.without(list(forget))
    unlearned = {name: get(name)(model, data, list(forget), record=record) for name in QUICK}
    points = [kc.kkt_point(start, retained) for start in (model, *unlearned.values())]
    unit = model.margins(data).min() / model.norm
    for name, outcome in unlearned.items():
        found, (run,) = numbers(result, name), result.row(name).runs
        assert found["tau"] == pytest.approx(min(angle_gap(outcome, point.model) for point in points), rel=1e-9)
        assert found["tau"] == pytest.approx(kc.assess(outcome, data, list(forget), points=points).exact.tau, rel=1e-9)
        certificate = kc.certify(outcome, retained)
        assert found["epsilon"] == pytest.approx(certificate.epsilon, rel=1e-8)
        assert found["delta"] == pytest.approx(certificate.delta, rel=1e-6)
        margins = data.y * outcome.outputs(data.X) / outcome.norm / unit
        kept, gone = np.delete(margins, forget), margins[list(forget)]
        assert found["retained_margin"] == pytest.approx(kept.min(), rel=1e-9)
        assert found["forgotten_margin"] == pytest.approx(gone.mean(), rel=1e-9, abs=1e-12)
        assert (found["retained_accuracy"], found["forgotten_accuracy"]) == ((kept > 0).mean(), (gone > 0).mean())
        assert found["test_accuracy"] == (test.y * outcome.outputs(test.X) > 0).mean()
        assert found["influence"] == pytest.approx(np.median(kc.residual_influence(outcome, data, list(forget)).relative), rel=1e-6)
        scores = kc.membership_test(outcome, data, list(forget), others)
        assert run.members == pytest.approx(scores.members.tolist(), rel=1e-6) and run.others == pytest.approx(scores.others.tolist(), rel=1e-6)
        assert result.row(name).membership.auc == scores.auc
        assert found["seconds"] >= 0
    assert numbers(result, "identity")["forgotten_margin"] >= 1 - 1e-12


def test_the_nearest_of_all_exact_points_counts_whichever_run_found_it(record):
    model, data = record.model, record.data[0]
    alone = {name: numbers(compare(model, data, [3], record=record, methods=[name]), name)["tau"] for name in QUICK}
    together = compare(model, data, [3], record=record, methods=QUICK)
    assert all(numbers(together, name)["tau"] <= alone[name] * (1 + 1e-12) for name in QUICK)
    starts = [model, *(get(name)(model, data, 3, record=record) for name in QUICK)]
    states = {kc.kkt_point(start, data.without(3)).states.tobytes() for start in starts}
    assert together.cases[0].exact_points == len(states) > 1


def test_no_number_but_the_time_depends_on_the_scale_of_what_an_algorithm_returns(record):
    result = compare(
        record.model,
        record.data[0],
        [3],
        others=kc.sampling.gaussian(6, 40, rng=50),
        methods=[planted("one", partial(noisy, noise=0.1)), planted("another", partial(noisy, noise=0.1, factor=1e6))],
    )
    one, another = (numbers(result, name) for name in ("one", "another"))
    for name in set(NUMBERS) - {"seconds", "test_accuracy"}:
        assert one[name] == pytest.approx(another[name], rel=1e-9), name
    assert result.row("one").membership.auc == result.row("another").membership.auc


def test_an_algorithm_that_returns_the_exact_point_is_at_no_distance(record):
    result = compare(record.model, record.data[0], [3], methods=["identity", planted("exact", partial(exact, factor=3.0))])
    assert numbers(result, "exact")["tau"] <= 1e-28 < 1e-3 < numbers(result, "identity")["tau"]
    assert numbers(result, "exact")["epsilon"] <= 1e-11
    assert numbers(result, "exact")["influence"] <= 1e-12 < 0.5 < numbers(result, "identity")["influence"]


def test_the_network_of_sisa_is_compared_with_exact_points_of_its_own_architecture(record):
    model, data = record.model, record.data[0]
    result = compare(model, data, [3], record=record, methods=["identity", "sisa"], seeds=2, seed=9)
    row = result.row("sisa")
    assert [run.seed for run in row.runs] == [0, 1]
    for run in row.runs:
        rule = {"learning_rate": 1.0, "weight_decay": 1e-4}
        shards = [train_shards(record.initial[0], data, shards=2, steps=2000, rng=stream(9, "shards", seed), **rule) for seed in (0, 1)]
        outcomes = [sisa(each.model, data, 3, record=each) for each in shards]
        points = [kc.kkt_point(start, data.without(3)).model for start in (*(each.model for each in shards), *outcomes)]
        outcome = outcomes[run.seed]
        assert outcome.num_neurons == 24
        assert run.numbers["tau"] == pytest.approx(min(angle_gap(outcome, point) for point in points), rel=1e-9)
        margins = data.y * outcome.outputs(data.X) / (np.linalg.norm(outcome.u) * outcome.norm)
        assert run.numbers["retained_margin"] == pytest.approx(np.delete(margins, 3).min() / (model.margins(data) / model.norm).min(), rel=1e-9)
    assert angle_gap(*outcomes) > 0.1
    assert "one network of 2 times 12 neurons" in result.summary()


def test_linear_predictors_are_compared_with_the_max_margin_predictor():
    record = trained_predictor()
    model, data, names = record.model, record.data[0], ("identity", "gradient-ascent", "sisa", "newton")
    result = compare(model, data, [(1, 3)], record=record, methods=names, seeds=1)
    best = kc.max_margin(data.without([1, 3])).model
    for name in ("identity", "gradient-ascent"):
        outcome = get(name)(model, data, [1, 3], record=record)
        assert numbers(result, name)["tau"] == pytest.approx(angle_gap(outcome, best), rel=1e-9)
        assert numbers(result, name)["epsilon"] == pytest.approx(kc.certify(outcome, data.without([1, 3])).epsilon, rel=1e-8)
    newton = result.row("newton")
    unlearned = [get("newton")(model, data, [1, 3], record=record, **options) for options in newton.algorithm.grid]
    assert newton.tried == pytest.approx([angle_gap(each, best) for each in unlearned], rel=1e-9)
    shards = train_shards(record.initial[0], data, shards=2, steps=500, rng=stream(0, "shards", 0), learning_rate=1.0, weight_decay=1e-4)
    assert numbers(result, "sisa")["tau"] == pytest.approx(angle_gap(sisa(shards.model, data, [1, 3], record=shards), best), rel=1e-9)
    assert result.cases[0].exact_points == 1 and "exact KKT points of which" not in result.summary()


def test_a_model_with_kinks_keeps_those_of_the_retained_points(record):
    data, retained = record.data[0], record.data[0].without(3)
    model = kc.certify(record.model, data).model
    assert model.kinks.any()
    names = ("identity", "gradient-ascent", "gradient-ascent-projected", "neg-grad")
    result = compare(model, data, [3], others=kc.sampling.gaussian(6, 40, rng=50), methods=names)
    for name in names[:3]:
        outcome = get(name)(model, data, 3)
        assert numbers(result, name)["epsilon"] == pytest.approx(kc.certify(outcome, retained).epsilon, rel=1e-8)
        assert outcome.kinks.shape == (12, 4)
    assert result.row("neg-grad").models == 1


def test_splitting_neurons_changes_no_margin(record):
    """The unit of margins is that of the function: a network side by side with itself has the same."""

    def doubled(model, data, forget, *, record=None, rng=None):
        return kc.TwoLayerReLU(np.concatenate([model.W, model.W]), np.concatenate([model.u, model.u]) / 2)

    result = compare(record.model, record.data[0], [3], methods=["identity", planted("doubled", doubled)])
    for name in ("retained_margin", "forgotten_margin", "influence"):
        assert numbers(result, "doubled")[name] == pytest.approx(numbers(result, "identity")[name], rel=1e-9)


# what goes wrong


def test_a_method_that_diverges_is_a_row_that_says_so(record):
    result = compare(record.model, record.data[0], [3], methods=["identity", planted("wild", diverging)])
    row, line = result.row("wild"), next(line for line in result.summary().splitlines() if line.startswith("wild "))
    assert (row.models, row.certified) == (0, 0) and all(row.typical(name) is None for name in NUMBERS)
    assert "0/1" in line and "training diverged at epoch 17" in line
    assert "- no unlearned model (training diverged at epoch 17): wild 1/1" in result.summary()
    method = json.loads(result.to_json())["methods"][1]
    assert (method["id"], method["tau"], method["models"]) == ("wild", None, 0)
    assert method["missing"] == [{"what": "no unlearned model", "reason": "training diverged at epoch 17", "runs": 1}]


def test_a_run_that_diverges_is_counted_and_worse_than_any(record):
    algorithm = planted("sometimes", diverging_for_0)
    some = compare(record.model, record.data[0], [0, 1, 2], methods=[algorithm]).row("sometimes")
    assert (some.models, len(some.runs), some.cases) == (2, 3, (0, 1, 2))
    assert some.typical("tau") == max(run.numbers["tau"] for run in some.runs if run.numbers)
    half = compare(record.model, record.data[0], [0, 1], methods=[algorithm]).row("sometimes")
    assert half.typical("tau") is None and half.typical("retained_margin") is not None
    assert half.missing == (("no unlearned model", "training diverged at epoch 17", 1),)


def test_a_model_that_misclassifies_a_retained_point_has_no_certificate_and_is_counted(record):
    data = record.data[0]
    row = compare(record.model, data, [1], methods=[planted("half", misclassifying)]).row("half")
    (run,), positive = row.runs, [i for i in range(5) if data.y[i] > 0 and i != 1]
    assert (row.models, row.certified, run.numbers["epsilon"], run.numbers["delta"]) == (1, 0, None, None)
    assert run.numbers["tau"] > 0.1 and run.numbers["retained_accuracy"] < 1 and run.numbers["retained_margin"] <= 0
    points = ", ".join(map(str, positive))
    assert row.missing == (("no epsilon and delta", f"retained points are misclassified ({points}, kinks snapped)", 1),)


def test_weights_beyond_floating_point_are_a_divergence(record):
    row = compare(record.model, record.data[0], [3], methods=[planted("huge", partial(noisy, factor=1e300))]).row("huge")
    assert row.models == 0 and row.missing[0][1].startswith("diverged: the norm of the weights")


def test_without_a_record_the_rows_that_need_one_say_so(record):
    result = compare(record.model, record.data[0], [3], methods=["identity", "amnesiac", "sisa", "retraining", "newton"])
    assert [row.models for row in result.rows] == [1, 0, 0, 0, 0]
    expected = {"amnesiac": "needs a record", "sisa": "give the record", "retraining": "needs a record", "newton": "for linear models"}
    for name, words in expected.items():
        assert words in result.row(name).missing[0][1]
        assert result.row(name).note


def test_no_exact_point_is_said_and_the_options_then_go_by_epsilon(record, monkeypatch):
    def nowhere(*args, **options):
        raise kc.SolverError("the states do not settle")

    monkeypatch.setattr("kktcheck.exact_points.kkt_point", nowhere)
    algorithm = planted("tuned", noisy, grid=({"noise": 0.3}, {"noise": 0.0}, {"noise": 0.1}))
    result = compare(record.model, record.data[0], [3], methods=[algorithm])
    (row,) = result.rows
    assert (row.tried, row.chosen, row.typical("tau")) == ((None, None, None), 1, None)
    assert ("no tau", "the states do not settle", 1) in row.missing
    assert "those with the least median epsilon" in result.summary()
    assert result.cases[0].exact_points == 0 and set(result.cases[0].failed_starts.values()) == {"the states do not settle"}


# choosing among options


def test_the_best_option_is_kept_and_the_budget_counted(record):
    grid = ({"noise": 0.5}, {"noise": 0.01}, {"noise": 0.2})
    result = compare(record.model, record.data[0], [3, 1], methods=[planted("tuned", noisy, grid=grid)])
    row = result.row("tuned")
    singles = [compare(record.model, record.data[0], [3, 1], methods=[planted("one", noisy, grid=(options,))]).row("one") for options in grid]
    assert row.options == {"noise": 0.01} and len(row.tried) == 3
    assert row.tried == pytest.approx([single.typical("tau") for single in singles], rel=1e-12)
    assert row.typical("tau") == min(row.tried) == row.tried[1]
    assert len(row.runs) == 2
    assert next(line for line in result.summary().splitlines() if line.startswith("tuned ")).split()[1] == f"{row.tried[1]:.3g}"
    assert f"tuned: noise=0.01 (median tau of the others {row.tried[2]:.3g} to {row.tried[0]:.3g})" in result.summary()
    assert json.loads(result.to_json())["methods"][0]["budget"] == 3


def made_up(method, option, tau, epsilon, seed=0, **others):
    if tau is None:
        return Run(method, option, seed, {}, [], [], {"model": "made up"})
    return Run(method, option, seed, {"tau": tau, "epsilon": epsilon, **others}, [], [], {})


@given(st.data())
def test_the_option_shown_has_the_least_median_over_the_cases(data):
    budget, count = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 5))
    sizes = st.none() | st.floats(1e-6, 1.0)
    tau = [[data.draw(sizes) for _ in range(budget)] for _ in range(count)]
    cases = [CaseResult(0, [0], 1, {}, [made_up("a", option, each, each) for option, each in enumerate(taus)]) for taus in tau]
    (row,) = rows([planted("a", noisy, grid=({},) * budget)], cases)
    medians = [np.median([np.inf if taus[option] is None else taus[option] for taus in tau]) for option in range(budget)]
    assert [np.inf if median is None else median for median in row.tried] == medians
    assert row.chosen == int(np.argmin(medians))
    assert row.runs == tuple(case.runs[row.chosen] for case in cases)


def test_among_equal_medians_the_lesser_epsilon_and_then_the_first_option_is_shown():
    def chosen(*pairs):
        runs = [made_up("a", option, *pair) for option, pair in enumerate(pairs)]
        return rows([planted("a", noisy, grid=({},) * len(pairs))], [CaseResult(0, [0], 1, {}, runs)])[0].chosen

    assert chosen((0.2, 0.1), (0.1, 3.0), (0.1, 2.0), (0.1, 2.0)) == 2
    assert chosen((None, None), (0.1, None), (0.1, 2.0)) == 2
    assert chosen((None, None), (None, None)) == 0


# seeds and order


def test_only_algorithms_that_draw_are_run_for_every_seed(record):
    methods = ["identity", planted("drawing", drawing), "retraining-other"]
    result = compare(record.model, record.data[0], [3, 1], record=record, methods=methods, seeds=3)
    assert [len(result.row(name).runs) for name in ("identity", "drawing", "retraining-other")] == [2, 6, 6]
    for name in ("drawing", "retraining-other"):
        row = result.row(name)
        taus = [run.numbers["tau"] for run in row.runs]
        assert len(set(taus)) == 6
        assert (row.cases, [run.seed for run in row.runs]) == ((0, 0, 0, 1, 1, 1), [0, 1, 2] * 2)
        assert row.typical("tau") == np.median(taus)
    again = compare(record.model, record.data[0], [3, 1], record=record, methods=methods, seeds=3)
    other = compare(record.model, record.data[0], [3, 1], record=record, methods=methods, seeds=3, seed=1)
    assert without_seconds(again) == without_seconds(result)
    assert not set(other.row("drawing").values("tau")) & set(result.row("drawing").values("tau"))
    assert np.array_equal(other.row("identity").values("epsilon"), result.row("identity").values("epsilon"))


def test_membership_over_seeds_is_the_median_of_pooled_tests():
    def runs(seed, shift):
        return [Run("a", 0, seed, {"tau": 0.1}, [member + shift], [0.0, 2.0], {}) for member in (1.0, 3.0)]

    cases = [CaseResult(0, [0], 1, {}, [each for shift in range(3) for each in runs(shift, shift)])]
    (row,) = rows([planted("a", noisy)], cases)
    pooled = [kc.membership_auc([1.0 + shift, 3.0 + shift], [0.0, 2.0, 0.0, 2.0]) for shift in range(3)]
    assert [each.auc for each in pooled] == [0.75, 0.875, 1.0]
    assert (row.membership.auc, row.membership.low) == (0.875, pooled[1].low)


def test_the_order_in_which_methods_are_named_changes_nothing(record):
    others = kc.sampling.gaussian(4, 40, rng=50)
    names = ["retraining-other", "identity", "amnesiac", "sisa", "gradient-ascent"]
    arguments = {"record": record, "others": others, "seeds": 2}
    first, second = (compare(record.model, record.data[0], [3], methods=order, **arguments) for order in (names, names[::-1]))
    assert [row.name for row in first.rows] == ["identity", "gradient-ascent", "amnesiac", "sisa", "retraining-other"]
    assert without_seconds(first) == without_seconds(second)


def test_a_case_can_be_sent_elsewhere(record):
    others = kc.sampling.gaussian(4, 40, rng=50)
    case = Case(0, record.model, record.data[0], (3,), record, (), others, None, (5, 0, 3))
    methods = (get("identity"), planted("drawing", drawing), get("retraining-other"))
    here = run_case(case, methods, seeds=2)
    function, arguments = pickle.loads(pickle.dumps((run_case, (case, methods))))
    there = pickle.loads(pickle.dumps(function(*arguments, seeds=2)))
    for one, other in zip(here.runs, there.runs, strict=True):
        assert one.numbers | {"seconds": 0} == other.numbers | {"seconds": 0}
        assert (one.members, one.others, one.seed) == (other.members, other.others, other.seed)


# the networks of Appendix E


def test_the_cases_of_appendix_e_are_every_network_and_point(tiny):
    assert [(case.network, case.forget) for case in tiny.cases] == [(0, [0]), (0, [2]), (1, [0]), (1, [2])]
    training = comparison.trained(TINY)
    for number, case in enumerate(tiny.cases):
        record, (point,) = training.single(case.network), case.forget
        alone = compare(record.model, record.data[0], [point], record=record, methods=QUICK)
        for name in QUICK:
            run = tiny.row(name).runs[number]
            for each in set(NUMBERS) - {"seconds", "test_accuracy"}:
                assert run.numbers[each] == pytest.approx(numbers(alone, name)[each], rel=1e-6, abs=1e-9), each
            others = kc.sampling.gaussian(10, 40, rng=stream(0, case.network, point, "candidates"))
            unlearned = get(name)(record.model, record.data[0], point, record=record)
            assert run.others == pytest.approx(kc.membership_test(unlearned, record.data[0], point, others).others.tolist(), rel=1e-5)


def test_draws_depend_on_the_seed_the_network_the_point_and_the_algorithm():
    settings = replace(TINY, seed=5, methods=("retraining-other",), points=(2,), seeds=2)
    row, training = comparison.run(settings).row("retraining-other"), comparison.trained(settings)
    for run, (k, seed) in zip(row.runs, [(0, 0), (0, 1), (1, 0), (1, 1)], strict=True):
        record = training.single(k)
        data, retained = record.data[0], record.data[0].without(2)
        drawn = [get("retraining-other")(record.model, data, 2, record=record, rng=stream(5, k, 2, "retraining-other", each)) for each in (0, 1)]
        points = [kc.kkt_point(start, retained).model for start in (record.model, *drawn)]
        assert run.numbers["tau"] == pytest.approx(min(angle_gap(drawn[seed], point) for point in points), rel=1e-6)


def test_the_original_gives_its_points_away_and_the_retrained_network_does_not(tiny):
    assert tiny.row("identity").membership.auc == 1.0
    assert tiny.row("identity").typical("influence") > 0.3 > 1e-4 > tiny.row("retraining").typical("influence")
    assert 0.1 < tiny.row("retraining").membership.auc < 0.9


class Stop:
    """Progress that interrupts after some options."""

    def __init__(self, options):
        self.left, self.calls = options, []

    def __call__(self, stage, done, total):
        if stage == "unlearning":
            self.calls.append((done, total))
            self.left -= 1
            if not self.left:
                raise KeyboardInterrupt


@pytest.mark.parametrize("options", [3, 7, 13])
def test_an_interrupted_comparison_resumes_to_the_same_numbers(tiny, tmp_path, options):
    checkpoint = tmp_path / "k.npz"
    with pytest.raises(KeyboardInterrupt):
        comparison.run(TINY, progress=Stop(options), checkpoint=checkpoint)
    before = cases_file(checkpoint)
    assert before == tmp_path / "k.cases.npz" and before.exists() == (options > 6)
    counted = Stop(-1)
    resumed = comparison.run(TINY, progress=counted, checkpoint=checkpoint)
    assert counted.calls == [(done, 24) for done in range((options - 1) // 6 * 6 + 1, 25)]
    assert without_seconds(resumed) == without_seconds(tiny)
    idle = Stop(-1)
    assert comparison.run(TINY, progress=idle, checkpoint=checkpoint).to_json() == resumed.to_json() and not idle.calls


def test_no_bit_depends_on_where_the_data_has_been(record, tmp_path):
    """A record from a file has not computed its Gram matrix yet; that of a few points alone has other last bits."""
    record.save(tmp_path / "record.npz")
    for methods in (["sisa", "retraining"], ["retraining"]):
        arguments = {"methods": methods, "shards": 3, "others": kc.sampling.gaussian(6, 40, rng=50)}
        records = (record, kc.Training.load(tmp_path / "record.npz"))
        first, second = (compare(each.model, each.data[0], [(0, 1, 2, 4), 3], record=each, **arguments) for each in records)
        assert without_seconds(first) == without_seconds(second)


def test_points_in_the_span_of_the_others_have_no_influence_and_one_line_says_so():
    data = kc.sampling.gaussian(7, 5, rng=1)
    record = kc.train(kc.random_network(30, 5, scale=1e-2, rng=1), data, steps=4000, learning_rate=1.0)
    result = compare(record.model, data, [3, 5], record=record, methods=["identity", "amnesiac"])
    assert all(row.typical("influence") is None for row in result.rows)
    assert "- no residual influence (lies in the span of the retained points): identity 2/2, amnesiac 2/2" in result.summary()
    with pytest.raises(kc.InputError, match="statistic='margin'"):
        compare(record.model, data, [3], others=kc.sampling.gaussian(3, 5, rng=2))
    tested = compare(record.model, data, [3], others=kc.sampling.gaussian(3, 5, rng=2), methods=["identity"], statistic="margin")
    assert tested.row("identity").membership is not None


def test_finished_cases_of_another_comparison_are_refused(record, tmp_path):
    checkpoint = tmp_path / "k.npz"
    model, data = record.model, record.data[0]
    first = compare(model, data, [3], methods=["identity"], checkpoint=checkpoint)
    assert compare(model, data, [3], methods=["identity"], checkpoint=checkpoint).to_json() == first.to_json()
    for change, word in (
        ({"forget_sets": [2]}, "forget"),
        ({"methods": ["identity", "gradient-ascent"]}, "grids"),
        ({"seed": 3}, "seed"),
        ({"record": record}, "record"),
        ({"model": model.scaled(2.0)}, "model"),
        ({"others": kc.sampling.gaussian(3, 40, rng=1)}, "others"),
    ):
        arguments = {"model": model, "data": data, "forget_sets": [3], "methods": ["identity"]} | change
        with pytest.raises(kc.InputError, match=rf"another comparison \({word} was .*name another file"):
            compare(**arguments, checkpoint=checkpoint)


@pytest.mark.parametrize("content", ["wrong arrays", "no json", "other json", "cut"])
def test_a_damaged_file_of_cases_is_refused(record, tmp_path, content):
    checkpoint, path = tmp_path / "k.npz", tmp_path / "k.cases.npz"
    compare(record.model, record.data[0], [3], methods=["identity"], checkpoint=checkpoint)
    with np.load(path) as arrays:
        kept = dict(arrays)
    text = {"no json": b"{", "other json": b"[[1, 2]]"}.get(content)
    if content == "wrong arrays":
        np.savez(path, W=np.eye(2))
    elif content == "cut":
        path.write_bytes(path.read_bytes()[:-30])
    else:
        np.savez(path, comparison=kept["comparison"], cases=np.frombuffer(text, np.uint8))
    with pytest.raises(kc.FileError, match=r"k\.cases\.npz"):
        compare(record.model, record.data[0], [3], methods=["identity"], checkpoint=checkpoint)


# bad input


def test_a_model_that_has_not_learned_its_points_is_refused(record):
    data = record.data[0]
    wrong = kc.Dataset(data.X, data.y * np.where(np.arange(5) == 2, -1, 1))
    with pytest.raises(kc.InfeasibleError, match=r"the model misclassifies points 2.*train it further") as error:
        compare(record.model, wrong, [3])
    assert error.value.points == (2,)
    with pytest.raises(kc.InfeasibleError, match=r"network 0 misclassifies points .*more epochs"):
        comparison.run(Settings(networks=1, epochs=1, num_points=8, dim=30, neurons=2, points=(0,)))


def test_bad_arguments_are_refused_before_the_work(record):
    model, data = record.model, record.data[0]
    other = trained_network(seed=1)
    fresh = kc.sampling.gaussian(3, 40, rng=1)
    for arguments, message in (
        ({"forget_sets": []}, "holds no forget set"),
        ({"forget_sets": 3}, "holds no forget set"),
        ({"seed": -1}, "seed is -1"),
        ({"forget_sets": [9]}, "names point 9"),
        ({"forget_sets": [(0, 1, 2, 3, 4)]}, "nothing would be retained"),
        ({"data": kc.sampling.gaussian(5, 7, rng=0)}, "dimension"),
        ({"data": "data"}, "must be a kktcheck.Dataset"),
        ({"record": other}, "record belongs to other data"),
        ({"model": model.scaled(2.0), "record": record}, "record belongs to another model"),
        ({"others": kc.sampling.gaussian(3, 7, rng=1)}, "others has points of dimension 7, the data 40"),
        ({"test": kc.sampling.gaussian(3, 7, rng=1)}, "test has points of dimension 7, the data 40"),
        ({"others": data.only([1])}, "candidate 0 is point 1 of the data"),
        ({"methods": ["magic"]}, "algorithm 'magic' is unknown"),
        ({"methods": []}, "methods = none"),
        ({"methods": ["identity", "identity"]}, "different names"),
        ({"seeds": 0}, "seeds is 0"),
        ({"shards": 1.5}, "shards is 1.5"),
        ({"statistic": "loss", "others": fresh}, "statistic 'loss' is unknown"),
    ):
        with pytest.raises(kc.InputError, match=message):
            compare(**{"model": model, "data": data, "forget_sets": [3]} | arguments)
    for change, message in (
        ({"points": (4,)}, "distinct indices from 0 to 3"),
        ({"points": (1, 1)}, "distinct indices"),
        ({"points": ()}, "distinct indices"),
        ({"num_points": 1}, "none would be retained"),
        ({"shards": 5}, "only 4 points"),
        ({"dim": 3}, "take 'margin', or more dimensions"),
        ({"methods": ("magic",)}, "algorithm 'magic' is unknown"),
        ({"seeds": 0}, "seeds is 0"),
    ):
        with pytest.raises(kc.InputError, match=message):
            Settings(**{"num_points": 4, "points": (0,)} | change)


def test_all_methods_are_those_for_the_kind_of_model():
    names = [algorithm.name for algorithm in comparison.plan("all", "two-layer", seeds=1, shards=2, statistic="margin").algorithms]
    assert "newton" not in names and names[0] == "identity" and "sisa" in names
    linear = [algorithm.name for algorithm in comparison.plan("all", "linear", seeds=1, shards=2, statistic="margin").algorithms]
    assert "newton" in linear and "gradient-ascent-corrected" not in linear


# the table


def test_the_table_shows_medians_and_means_of_the_runs(tiny):
    lines = tiny.summary().splitlines()
    header = next(line for line in lines if line.startswith("method")).split("  ")
    heads = [word.strip() for word in header if word.strip()]
    assert heads[:5] == ["method", "tau", "tau 3/4", "epsilon", "delta"] and "AUC" in heads and "acc test" not in heads and "note" not in heads
    for row in tiny.rows:
        line = next(line for line in lines if line.startswith(row.name + " "))
        cells = dict(zip(heads, [word.strip() for word in line.split("  ") if word.strip()], strict=True))
        assert cells["tau"] == f"{np.median(row.values('tau')):.3g}"
        assert cells["tau 3/4"] == f"{np.sort(row.values('tau'))[3]:.3g}"
        assert cells["acc f"] == f"{row.values('forgotten_accuracy').mean():.3g}"
        assert cells["margin r"] == f"{np.median(row.values('retained_margin')):.3g}"
        assert cells["AUC"].startswith(f"{row.membership.auc:.2f} (")
        assert (cells["tried"], cells["models"], cells["certified"]) == ("1", "4/4", "4/4")


def test_the_json_has_an_object_for_every_method_and_no_nan(tiny):
    document = json.loads(tiny.to_json(), parse_constant=lambda constant: pytest.fail(constant))
    assert document["experiment"] == "compare" and document["settings"]["networks"] == 2
    assert [method["id"] for method in document["methods"]] == [*QUICK[:-1], "sisa", "retraining"]
    assert [case["network"] for case in document["cases"]] == [0, 0, 1, 1]
    for method in document["methods"]:
        assert {"description", "reference", "needs", "options", "tried", "budget", "models", "certified", "missing", *NUMBERS} <= set(method)
        assert len(method["runs"]) == 4 and method["membership"]["low"] < method["membership"]["high"]
        assert method["tau"] == np.median([run["tau"] for run in method["runs"]])


def test_an_empty_table_can_be_printed():
    result = Comparison("nothing", {}, rows([planted("wild", diverging)], [CaseResult(0, [0], 0, {}, [made_up("wild", 0, None, None)])]), (), ())
    assert "wild" in result.summary() and json.loads(result.to_json())["methods"][0]["tau"] is None

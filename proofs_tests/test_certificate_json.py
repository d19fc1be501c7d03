"""Certificates as JSON: nothing is lost, and a damaged text is a FileError, whatever the damage."""

import base64
import copy
import json
import re

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from kktcheck import Certificate, FileError, certify

from .instances import examples, linear_instances, two_layer_instances
from .kkt_instances import planted_models, planted_network, planted_networks, planted_predictor

models = (
    two_layer_instances(kinks=True)
    | linear_instances()
    | planted_models(error=(0.0, 0.05), slack=(0.0, 0.5)).map(lambda planted: (planted.data, planted.model))
)
conventions = st.sampled_from(["clarke", "indicator"])


def network_document():
    planted = planted_network(2, error=0.05, slack=0.5)
    return json.loads(certify(planted.model, planted.data, slackness_cap=0.2).to_json())


def linear_document():
    planted = planted_predictor(2, error=0.05)
    return json.loads(certify(planted.model, planted.data).to_json())


def paths(node, prefix=()):
    """Paths to every entry of nested objects and lists, the first two entries of a list standing for the rest."""
    entries = node.items() if isinstance(node, dict) else list(enumerate(node))[:2] if isinstance(node, list) else ()
    for key, value in entries:
        yield (*prefix, key)
        yield from paths(value, (*prefix, key))


def damaged(document, path, change):
    document = copy.deepcopy(document)
    node = document
    for key in path[:-1]:
        node = node[key]
    change(node, path[-1])
    return document


def refuse(document):
    """The message of the FileError that reading raises."""
    with pytest.raises(FileError) as caught:
        Certificate.from_json(document if isinstance(document, str) else json.dumps(document))
    return str(caught.value)


def packed(array):
    return {"shape": list(array.shape), "dtype": array.dtype.str, "base64": base64.b64encode(array.tobytes()).decode()}


def assert_lossless(certificate):
    text = certificate.to_json()
    back = Certificate.from_json(text)
    assert back.to_json() == text
    for name in Certificate.__dataclass_fields__:
        first, second = getattr(certificate, name), getattr(back, name)
        if isinstance(first, np.ndarray):
            assert first.dtype == second.dtype and first.tobytes() == second.tobytes(), name
        elif name == "model":
            assert repr(first) == repr(second) and first.hidden.tobytes() == second.hidden.tobytes()
            assert (first.second_layer == second.second_layer).all() and np.array_equal(first.kinks, second.kinks)
        elif name == "kinks":
            assert {**vars(first), "mask": None} == {**vars(second), "mask": None} and np.array_equal(first.mask, second.mask)
        else:
            assert first == second and type(first) is type(second), name


@given(models, conventions, st.none() | st.floats(0, 10))
def test_the_round_trip_loses_no_bit(instance, subgradient, cap):
    data, model = instance
    certificate = certify(model, data, subgradient=subgradient, slackness_cap=cap)
    assert_lossless(certificate)
    assert_lossless(certificate.rescaled(1.25).certificate)


@examples(15)
@given(planted_networks(error=(0.05,)), st.sampled_from(["auto", 0, 0.1]), st.sampled_from([None, 0.5]))
def test_the_round_trip_keeps_how_the_kinks_were_found(planted, kink_tol, scale):
    assert_lossless(certify(planted.model.with_kinks(None), planted.data, kink_tol=kink_tol, scale=scale))


def test_a_certificate_by_cvxpy_is_read_back():
    planted = planted_network(2, error=0.05, slack=0.5)
    assert_lossless(certify(planted.model, planted.data, engine="cvxpy"))


@pytest.mark.parametrize("document", [network_document(), linear_document()], ids=["network", "linear"])
def test_any_missing_entry_is_a_file_error(document):
    for path in paths(document):
        if not isinstance(path[-1], int):
            assert "certificate" in refuse(damaged(document, path, lambda node, key: node.pop(key)))


STRANGE = [None, True, "x", "", 1.5, -1, 10**400, -(10**400), [], [[]], {}, {"shape": [1]}, [1.0, "x"], [None]]


@pytest.mark.parametrize("document", [network_document(), linear_document()], ids=["network", "linear"])
def test_any_entry_of_another_type_is_read_as_a_valid_certificate_or_refused(document):
    """A few replacements are valid (another method's name, no cap); everything else is a FileError, never another exception."""
    accepted = set()
    for path in paths(document):
        for value in STRANGE:
            text = json.dumps(damaged(document, path, lambda node, key, value=value: node.__setitem__(key, value)))
            try:
                assert isinstance(Certificate.from_json(text), Certificate)
                accepted |= {path[:2]} if text != json.dumps(document) else set()
            except FileError:
                pass
    harmless = {("method",), ("data_key",), ("unique",), ("tau",), ("scale",), ("slackness_cap",), ("gap",)}
    harmless |= {(f"{name}_error",) for name in ("epsilon", "delta", "gamma", "tau")}
    entries = {("kinks", name) for name in ("tolerance", "plateau", "zeroed", "noise")}
    entries |= {(name, i) for name in ("multipliers", "kink_multipliers", "margins") for i in (0, 1)}
    assert accepted <= harmless | entries


@examples(100)
@given(st.data())
def test_a_truncated_or_scrambled_text_is_a_file_error_or_still_a_certificate(draws):
    text = json.dumps(draws.draw(st.sampled_from([network_document(), linear_document()])))
    start, length = draws.draw(st.integers(0, len(text) - 1)), draws.draw(st.integers(1, 40))
    with_what = draws.draw(st.sampled_from(["", "0", "]", "}", '"', "NaN", "1e999", "\x00", "é", "[" * 30]))
    for broken in (text[:start], text[:start] + with_what + text[start + length :]):
        try:
            assert isinstance(Certificate.from_json(broken), Certificate)
        except FileError as error:
            assert "certificate" in str(error)


@pytest.mark.parametrize("text", [None, 3, b"\xff\xfe", "", "null", "[]", "{}", "3", '"text"', "[" * 100000, '{"format": "kktcheck certificate"}'])
def test_what_is_no_certificate_at_all_is_a_file_error(text):
    with pytest.raises(FileError):
        Certificate.from_json(text)


@pytest.mark.parametrize("document", [network_document(), linear_document()], ids=["network", "linear"])
def test_the_first_version_is_read_without_the_errors_it_did_not_state(document):
    old = document | {"version": 1}
    for name in ("delta_error", "gamma_error", "tau_error", "enclosures"):
        del old[name]
    back = Certificate.from_json(json.dumps(old))
    assert (back.delta_error, back.gamma_error, back.tau_error, back.enclosures) == (None,) * 4
    assert back.epsilon_error == document["epsilon_error"] and back.summary().count("rounding at most") == 1
    moved = back.rescaled(1.25).certificate
    assert (moved.delta_error, moved.gamma_error, moved.tau_error) == (None,) * 3
    assert_lossless(back)


def test_another_version_is_named():
    assert "version 99" in refuse(network_document() | {"version": 99})


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("epsilon",), float("nan"), "NaN is no number"),
        (("epsilon",), float("inf"), "Infinity is no number"),
        (("epsilon",), 1.0, "epsilon = 1, but the arrays beside it give"),
        (("delta",), 7.0, "delta = 7, but the arrays"),
        (("gamma",), 0.5, "gamma = 0.5, but the arrays"),
        (("residuals", "dual"), 0.5, "the residual of dual is 0.5, but the arrays"),
        (("residuals", "slackness"), 0.0, "the residual of slackness is 0, but the arrays"),
        (("tau",), -1e-9, "tau = -1e-09 is negative"),
        (("scale",), 0.0, "scale = 0.0 is not positive"),
        (("subgradient",), "left", "subgradient 'left' is unknown"),
        (("subgradient",), "indicator", "contradict one another"),
        (("kinks", "count"), 3, "contradict one another"),
        (("kinks", "mask"), None, "contradict one another"),
        (("kinks", "source"), "guess", "source is 'guess'"),
        (("kinks", "plateau"), [0.0], "plateau has 1 entries, not 2"),
        (("kinks", "zeroed"), [8], "zeroed names neuron 8 of 8"),
        (("kinks", "zeroed"), [-1], "zeroed holds -1"),
        (("model", "kinks"), None, "contradict one another"),
        (("model", "kinks"), packed(np.zeros((8, 6), bool)), "contradict one another"),
        (("model", "kinks"), packed(np.zeros((8, 5), bool)), "the model's kinks have shape"),
        (("model", "kinks"), packed(np.full((8, 6), 2, np.int8)) | {"dtype": "|b1"}, "an entry beyond 1"),
        (("model", "u"), packed(np.zeros(8)), "u\\[0\\] = 0"),
        (("model", "u"), packed(np.ones(7)), "8 neurons but u has 7"),
        (("model", "W"), packed(np.full((8, 12), np.nan)), "W\\[0, 0\\] = nan"),
        (("model", "W"), packed(np.ones((8, 12), np.float32)), "of type '<f4' where '<f8' is needed"),
        (("states",), packed(np.full((8, 6), 3, np.int8)), "states has an entry beyond 2"),
        (("states",), packed(np.full((8, 6), -1, np.int8)), "states has an entry beyond 2"),
        (("states",), packed(np.ones((8, 6), np.int8)), "where the states need 0"),
        (("states",), packed(np.ones((1, 6), np.int8)), "where the states need 0"),
        (("states", "shape"), [6, 8], "entries where the states need"),
        (("states", "shape"), [48], "the shape \\[48\\]"),
        (("states", "shape"), [-1, 6], "the shape of states holds -1"),
        (("states", "shape"), [2**40, 2**40], "too many or too few"),
        (("states", "shape"), [2**70, 1], "whole number is needed"),
        (("states", "base64"), "%%%", "broken base64"),
        (("states", "base64"), "é", "ASCII"),
        (("states", "dtype"), "|O", "of type '|O'"),
        (("margins",), [], "margins has 0 entries"),
    ],
)
def test_each_damage_is_named(path, value, message):
    found = refuse(damaged(network_document(), path, lambda node, key: node.__setitem__(key, value)))
    assert re.search(message, found), found


def test_a_linear_predictor_has_neither_kinks_nor_sleep():
    document = linear_document()
    assert "is active on every point" in refuse(document | {"states": packed(np.zeros((1, 6), np.int8))})
    assert "contradict one another" in refuse(document | {"kinks": document["kinks"] | {"mask": packed(np.zeros((1, 6), bool))}})
    assert "the entry 'W' is missing" not in refuse(document | {"model": {"w": packed(np.zeros(12))}})


def test_a_model_swapped_for_another_is_noticed():
    """The norm of the weights ties the model to its epsilon."""
    document = network_document()
    W = np.frombuffer(base64.b64decode(document["model"]["W"]["base64"])).reshape(8, 12)
    document["model"]["W"] = packed(1.001 * W)
    assert "epsilon" in refuse(document)

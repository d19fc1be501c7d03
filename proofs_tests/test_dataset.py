"""Datasets: validation, Gram matrix, near-orthogonality, subsets, and coordinates in the span."""

from fractions import Fraction

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from kktcheck import dense
from kktcheck.dataset import Dataset
from kktcheck.errors import InputError
from kktcheck.tolerances import EPS

from .instances import KINDS, datasets, small_matrices

IDENTITY = np.eye(3)
PLUS = np.ones(3)


def labels_of(count):
    return st.lists(st.sampled_from([-1, 1]), min_size=count, max_size=count)


@st.composite
def exact_datasets(draw):
    """Datasets of multiples of 1/8, whose Gram matrix float64 holds exactly."""
    m, d = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    return Dataset(draw(small_matrices(rows=m, columns=d)), draw(labels_of(m)))


@given(exact_datasets())
def test_gram_psi_phi_and_norms_equal_the_exact_values(data):
    rows = [[Fraction(float(x)) for x in row] for row in data.X]
    K = [[sum(a * b for a, b in zip(p, q)) for q in rows] for p in rows]
    m = len(rows)
    assert data.gram.tolist() == [[float(entry) for entry in row] for row in K]
    assert Fraction(data.psi) == max(abs(K[i][i] - 1) for i in range(m))
    assert Fraction(data.phi) == max((abs(K[i][k]) for i in range(m) for k in range(m) if i != k), default=0)
    assert np.allclose(data.norms, [float(K[i][i]) ** 0.5 for i in range(m)], rtol=2 * EPS, atol=0)


def test_phi_of_a_single_point_is_zero():
    assert Dataset([[2.0, 0.0]], [1]).phi == 0.0
    assert Dataset([[2.0, 0.0]], [1]).psi == 3.0


@given(datasets())
def test_from_gram_has_the_same_geometry_as_the_points(data):
    twin = Dataset.from_gram(data.gram, data.y)
    size = np.outer(data.norms, data.norms)
    assert np.array_equal(twin.gram, data.gram)
    assert (twin.phi, twin.psi) == (data.phi, data.psi)
    assert np.abs(twin.X @ twin.X.T - data.gram).max() <= 100 * EPS * len(size) * size.max()
    assert twin.dim == twin.span.rank == data.span.rank
    assert np.array_equal(twin.y, data.y)


def test_from_gram_keeps_points_that_are_much_shorter_than_others():
    data = Dataset.from_gram(np.diag([1.0, 1e-14, 1e16]), [1, -1, 1])
    assert data.dim == 3
    assert np.allclose(data.norms, [1.0, 1e-7, 1e8], rtol=1e-14)


def test_from_gram_takes_a_singular_matrix_and_reports_its_rank():
    A = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [1.0, 0.0]])
    data = Dataset.from_gram(A @ A.T, [1, -1, 1, -1])
    assert data.dim == 2
    assert np.allclose(data.X @ data.X.T, A @ A.T, rtol=0, atol=1e-14)


@pytest.mark.parametrize(
    ("K", "message"),
    [
        (np.zeros((0, 0)), "at least one point"),
        ([[1.0, 0.0]], r"shape \(1, 2\): a Gram matrix is square"),
        ([[1.0, 0.5], [0.4, 1.0]], r"not symmetric: K\[0, 1\] = .*0\.5.* but K\[1, 0\] = .*0\.4"),
        ([[1.0, 2.0], [2.0, 1.0]], "eigenvalue -1: a Gram matrix is positive semidefinite"),
        ([[1.0, 0.0], [0.0, 0.0]], r"K\[1, 1\] = 0 .* must be positive"),
        ([[1.0, 0.0], [0.0, -1.0]], r"K\[1, 1\] = -1 .* must be positive"),
        ([[1.0, np.nan], [np.nan, 1.0]], r"K\[0, 1\] = nan"),
    ],
)
def test_from_gram_refuses_what_is_no_gram_matrix(K, message):
    with pytest.raises(InputError, match=message):
        Dataset.from_gram(K, np.ones(len(K)))


@given(datasets(min_points=5), st.integers(1, 4))
def test_gram_in_blocks_is_exactly_symmetric_and_equals_the_product(data, block):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dense, "LARGEST", block)
        K = Dataset(data.X, data.y).gram
    assert np.array_equal(K, K.T)
    assert (np.abs(K - data.X @ data.X.T) <= EPS * data.dim * np.outer(data.norms, data.norms)).all()


@given(datasets(min_points=2), st.data(), st.booleans())
def test_subsets_equal_datasets_built_from_their_rows(data, choice, gram_first):
    if gram_first:
        assert data.gram.shape == (data.num_points, data.num_points)
    points = choice.draw(st.lists(st.integers(0, data.num_points - 1), min_size=1, max_size=data.num_points - 1, unique=True))
    rest = [i for i in range(data.num_points) if i not in points]
    for subset, rows in ((data.only(points), points), (data.without(points), rest)):
        fresh = Dataset(data.X[rows], data.y[rows])
        assert np.array_equal(subset.X, fresh.X)
        assert np.array_equal(subset.y, fresh.y)
        assert np.array_equal(subset.norms, fresh.norms)
        assert (np.abs(subset.gram - fresh.gram) <= EPS * data.dim * np.outer(fresh.norms, fresh.norms)).all()


def test_subsets_of_a_gram_dataset_keep_its_gram_matrix():
    K = np.array([[2.0, 0.25, 0.5], [0.25, 1.0, 0.0], [0.5, 0.0, 3.0]])
    data = Dataset.from_gram(K, [1, -1, 1])
    assert np.array_equal(data.without(1).gram, K[np.ix_([0, 2], [0, 2])])
    assert np.array_equal(data.only([2, 0]).gram, K[np.ix_([2, 0], [2, 0])])


@pytest.mark.parametrize("points", [1, np.int64(1), [1], (1,), {1}, np.array([1], dtype=np.uint8), iter([1]), range(1, 2)])
def test_point_sets_may_be_any_iterable_of_integers(points):
    assert Dataset(IDENTITY, [1, -1, 1]).without(points).y.tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    ("points", "message"),
    [
        ([], "forget set is empty"),
        ([0, 3], r"names point 3 \(position 1\); there are points 0 to 2"),
        ([-1], r"names point -1 \(position 0\)"),
        ([2, 0, 2], "names point 2 more than once"),
        ([0, 1, 2], "holds all 3 points: nothing would be retained"),
        ([1.0], "must be a list of integers"),
        ([True, False, True], "must be a list of integers"),
        ("1", "must be a list of integers"),
        (None, "must be a list of integers"),
        ([[0], [1, 2]], "must be a list of integers"),
        ([[0, 1]], "must be a list of integers"),
        (2**70, "must be a list of integers"),
    ],
)
def test_forget_sets_are_refused_with_the_index(points, message):
    with pytest.raises(InputError, match=message):
        Dataset(IDENTITY, PLUS).without(points)


@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        ([[1.0, np.nan], [1, 1]], [1, 1], r"X\[0, 1\] = nan: every entry must be finite"),
        ([[1.0, 1], [-np.inf, 1]], [1, 1], r"X\[1, 0\] = -inf"),
        ([1.0, 2.0], [1, 1], r"X has shape \(2,\); an array of 2 dimensions"),
        (np.ones((2, 2, 2)), [1, 1], r"X has shape \(2, 2, 2\)"),
        (np.zeros((0, 3)), [], "at least one point"),
        (np.zeros((3, 0)), [1, 1, 1], "one dimension"),
        ([[1, 2], [3]], [1, 1], "no rectangular array"),
        ([["a", "b"]], [1], "X has entries of type <U1"),
        ([[1, None]], [1], "X has entries of type object"),
        ([[1j, 1]], [1], "X has entries of type complex128"),
        (np.ma.masked_array([[1.0, 2.0]], [[True, False]]), [1], "masked array"),
        ([[1, 0], [0, 0], [0, 0]], [1, 1, 1], r"zero rows \(1, 2\)"),
        ([[1.0, 0], [1e200, 0]], [1, 1], r"X\[1\] has entries up to 1e\+200.*rescale"),
        ([[1.0, 0], [0, -1e-200]], [1, 1], r"X\[1\] has entries up to 1e-200.*rescale"),
        (IDENTITY, [1, 1], "X has 3 rows but y has 2 labels"),
        (IDENTITY, [[1, 1, 1]], r"y has shape \(1, 3\); an array of 1 dimension is needed"),
        (IDENTITY, [1, 0, 1], r"y\[1\] = 0: labels are -1 or \+1; map labels 0 and 1 with 2 \* y - 1"),
        (IDENTITY, [1, 2, 0], r"y\[1\] = 2: labels are -1 or \+1$"),
        (IDENTITY, [1, -1, np.nan], r"y\[2\] = nan"),
        (IDENTITY, ["a", "b", "c"], "y has entries of type <U1"),
    ],
)
def test_bad_data_is_refused_with_the_place(X, y, message):
    with pytest.raises(InputError, match=message):
        Dataset(X, y)


@pytest.mark.parametrize("dtype", [np.int8, np.int64, np.uint16, np.float16, np.float32, np.longdouble, ">f8"])
def test_other_number_types_are_converted_to_float64(dtype):
    data = Dataset(np.array([[1, 2], [3, 4]], dtype=dtype), np.array([1, -1], dtype=np.int8))
    assert data.X.dtype == data.y.dtype == np.float64
    assert data.X.dtype.isnative
    assert data.X.tolist() == [[1, 2], [3, 4]]


def test_later_changes_of_the_caller_have_no_effect_and_the_arrays_are_read_only():
    X, y = np.eye(2), np.array([1.0, -1.0])
    data = Dataset(X, y)
    X[:], y[:] = 7.0, 1.0
    assert data.X.tolist() == [[1, 0], [0, 1]]
    assert data.y.tolist() == [1, -1]
    for array in (data.X, data.y, data.norms, data.gram, data.without(0).X, data.without(0).gram, data.span.basis, data.span.coordinates):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0.0


def test_a_float64_memmap_is_kept_on_disk_and_gives_the_same_numbers(tmp_path):
    X = np.random.default_rng(3).standard_normal((5, 4))
    np.save(tmp_path / "X.npy", X)
    mapped = Dataset(np.load(tmp_path / "X.npy", mmap_mode="r"), [1, -1, 1, 1, -1])
    plain = Dataset(X, mapped.y)
    assert isinstance(mapped.X, np.memmap)
    assert np.array_equal(mapped.gram, plain.gram)
    assert np.array_equal(mapped.without(2).X, plain.without(2).X)
    assert np.array_equal(mapped.span.coordinates, plain.span.coordinates)


@given(datasets())
def test_span_is_orthonormal_and_reconstructs_the_points(data):
    span, size = data.span, data.norms.max()
    assert span.basis.shape == (data.dim, span.rank)
    assert span.coordinates.shape == (data.num_points, span.rank)
    assert np.abs(span.basis.T @ span.basis - np.eye(span.rank)).max() <= 20 * EPS * max(data.dim, span.rank)
    assert np.abs(span.coordinates @ span.basis.T - data.X).max() <= 100 * EPS * size
    assert np.abs(span.coordinates @ span.coordinates.T - data.gram).max() <= 100 * EPS * size**2


@given(datasets(kinds=("spread", "orthogonal")))
def test_span_of_points_in_general_position_has_full_rank(data):
    assert data.span.rank == min(data.num_points, data.dim)


def test_span_finds_the_rank_of_dependent_points():
    rng = np.random.default_rng(5)
    basis = np.linalg.qr(rng.standard_normal((30, 4)))[0].T
    for m in (2, 4, 5, 60):
        X = rng.standard_normal((m, 4)) @ basis
        assert Dataset(X, np.ones(m)).span.rank == min(m, 4)
        doubled = np.vstack([X, X, -X])
        assert Dataset(doubled, np.ones(3 * m)).span.rank == min(m, 4)
    assert Dataset([[3.0]] * 4, np.ones(4)).span.rank == 1


def test_the_shared_strategies_draw_what_they_promise():
    from .instances import linear_instances, two_layer_instances

    @given(linear_instances(), two_layer_instances(), two_layer_instances(kinks=True))
    def feasible(linear, network, kinked):
        for data, model in (linear, network, kinked):
            assert model.margins(data).min() > 0

    @given(datasets(kinds=("deficient",)))
    def deficient(data):
        assert data.num_points > data.dim
        assert data.span.rank < data.num_points

    @given(datasets(kinds=("duplicates",), min_points=2))
    def duplicates(data):
        assert len(np.unique(data.X, axis=0)) < data.num_points

    @given(datasets(kinds=("orthogonal",)))
    def orthogonal(data):
        assert data.psi <= 0.041
        assert data.phi <= 0.012

    feasible(), deficient(), duplicates(), orthogonal()
    assert set(KINDS) == {"spread", "deficient", "duplicates", "orthogonal"}


def test_repr_names_the_sizes():
    assert repr(Dataset(IDENTITY, [1, -1, 1])) == "Dataset(3 points in 3 dimensions, 2 positive)"


def test_the_key_tells_permuted_rows_of_equal_norm_apart():
    X, y = np.eye(3), np.ones(3)
    assert Dataset(X, y).key == Dataset(X.copy(), y).key != Dataset(X[[1, 0, 2]], y).key
    assert Dataset(X, y).key != Dataset(X, -y).key


def test_a_single_index_may_be_an_array_without_dimensions():
    assert Dataset(np.eye(3), np.ones(3)).indices(np.array(2)).tolist() == [2]

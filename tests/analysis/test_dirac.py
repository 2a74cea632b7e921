"""The Dirac-GAN against closed forms, and figures computed by others."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad_vec, solve_ivp
from scipy.optimize import approx_fprime
from scipy.special import expit
from scipy.stats import norm

from gan_viz.analysis.dirac import METHODS, RULES, UPDATES, DiracGame, Steps, method_of
from gan_viz.analysis.spectrum import spectrum_in_words
from gan_viz.errors import UnknownNameError, UsageError

REST = (0.0, 0.0)
PLACES = np.array([[1.0, 1.0], [-0.7, 0.4], [0.3, -2.0], [-1.5, -0.6]])
BILINEAR = DiracGame(linear=True)
AT_REST = {
    ("minimax", 0.0): [-0.5j, 0.5j],
    ("non-saturating", 0.0): [-0.5j, 0.5j],
    ("wasserstein", 0.0): [-1j, 1j],
    ("r1", 0.3): -0.15 + math.sqrt(0.25 - 0.15**2) * np.array([-1j, 1j]),
    ("r2", 0.3): -0.15 + math.sqrt(0.25 - 0.15**2) * np.array([-1j, 1j]),
    ("r1", 1.0): [-0.5, -0.5],
    ("instance-noise", 0.7): -0.1225 + math.sqrt(0.25 - 0.1225**2) * np.array([-1j, 1j]),
    ("consensus", 1.0): [-0.25 - 0.5j, -0.25 + 0.5j],
    ("relativistic", 0.3): [-0.3 - 0.4j, -0.3 + 0.4j],
    ("wgan-gp", 0.7): -0.35 + math.sqrt(1 - 0.35**2) * np.array([-1j, 1j]),
    ("two-time-scales", 4.0): [-1j, 1j],
}
RADII = {
    ("minimax", 0.0): ("3.097", "1.42"),
    ("non-saturating", 0.0): ("0.640", "0.284"),
    ("wasserstein", 0.0): ("2.6e4", "1.40"),
    ("r1", 0.3): ("2.6e-6", "2.3e-7"),
    ("r2", 0.3): ("2.6e-6", "2.3e-7"),
    ("r1", 1.0): ("9.5e-22", "7e-17"),
    ("instance-noise", 0.7): ("5.7e-5", "4e-6"),
    ("consensus", 1.0): ("2.6e-10", "1.7e-11"),
}
"""After 500 steps of 0.2 from (1, 1), simultaneous and alternating."""


def game_of(name: str, strength: float | None = None) -> DiracGame:
    method = method_of(name)
    return method.make(method.strength if strength is None else strength)


def radius_after(game: DiracGame, steps: Steps, number: int = 500) -> float:
    return float(np.hypot(*steps.play(game, (1, 1), number)[-1]))


def rounded_as(told: str, found: float) -> float:
    """A figure with as many digits as another is told with."""
    digits = len(told.split("e")[0].replace(".", "").lstrip("0"))
    return float(f"{found:.{digits - 1}e}")


@pytest.mark.parametrize(("name", "strength"), AT_REST)
def test_eigenvalues_at_rest(name: str, strength: float) -> None:
    found = game_of(name, strength).eigenvalues(REST)
    tolerance = 1e-6 if AT_REST[name, strength][0] == AT_REST[name, strength][1] else 1e-9
    assert np.allclose(found, AT_REST[name, strength], atol=tolerance)


@pytest.mark.parametrize(("name", "strength"), RADII)
def test_radius_after_500_steps(name: str, strength: float) -> None:
    for update, told in zip(UPDATES, RADII[name, strength], strict=True):
        found = radius_after(game_of(name, strength), Steps(0.2, update))
        assert rounded_as(told, found) == float(told), update


@pytest.mark.parametrize("name", METHODS)
def test_the_jacobian_is_the_derivative_of_the_field(name: str) -> None:
    game = game_of(name)
    for place, jacobian in zip(PLACES, game.jacobian(PLACES), strict=True):
        rows = [approx_fprime(place, lambda at, i=i: game.field(at)[i], 1e-6) for i in (0, 1)]
        assert np.allclose(jacobian, rows, atol=2e-5)


@pytest.mark.parametrize("name", METHODS)
def test_a_grid_of_places_is_each_place_by_itself(name: str) -> None:
    game = game_of(name)
    grid = PLACES.reshape(2, 2, 2)
    assert np.allclose(game.field(grid).reshape(4, 2), [game.field(one) for one in PLACES])
    assert np.allclose(game.jacobian(grid)[1, 0], game.jacobian(PLACES[2]), atol=1e-9)


def test_the_noise_is_averaged_over() -> None:
    spread, (theta, psi) = 0.7, (1.0, 1.3)

    def integrand(x: float) -> np.ndarray:
        real, fake = norm.pdf(x, 0, spread), norm.pdf(x, theta, spread)
        return np.array([-expit(-psi * x) * psi * fake, expit(-psi * x) * x * fake]) - np.array(
            [0.0, expit(psi * x) * x * real]
        )

    mean, _ = quad_vec(integrand, -12, 12, epsabs=1e-12)
    assert np.allclose(DiracGame(noise=spread).field((theta, psi)), mean, atol=1e-10)


def test_consensus_descends_half_the_squared_field() -> None:
    plain, weight = DiracGame(), 0.8
    for place in PLACES:
        slope = approx_fprime(place, lambda at: np.sum(plain.field(at) ** 2) / 2, 1e-7)
        expected = plain.field(place) - weight * slope
        assert np.allclose(DiracGame(consensus=weight).field(place), expected, atol=1e-5)


@pytest.mark.parametrize("size", [0.05, 0.2, 1.0])
def test_simultaneous_steps_grow_by_the_root_of_one_plus_a_quarter_of_h_squared(
    size: float,
) -> None:
    growth = math.sqrt(1 + size**2 / 4)
    assert Steps(size).radius(DiracGame().jacobian(REST)) == pytest.approx(growth, rel=1e-12)
    path = Steps(size).play(DiracGame(), (1e-3, 1e-3), 20)
    assert np.allclose(np.hypot(*path[1:].T) / np.hypot(*path[:-1].T), growth, rtol=1e-3)
    away = np.hypot(*Steps(0.2).play(DiracGame(), (1, 1), 500).T)
    assert (np.diff(away) > 0).all()


@pytest.mark.parametrize(("g_steps", "d_steps"), [(1, 1), (1, 4), (3, 2)])
def test_alternating_steps_stay_on_the_circle_up_to_a_size(g_steps: int, d_steps: int) -> None:
    most = 4 / math.sqrt(g_steps * d_steps)
    for part, on_the_circle in ((0.3, True), (0.999, True), (1.01, False)):
        steps = Steps(part * most, "alternating", g_steps=g_steps, d_steps=d_steps)
        assert (abs(steps.radius(DiracGame().jacobian(REST)) - 1) < 1e-6) is on_the_circle


@pytest.mark.parametrize("gamma", [0.05, 0.3, 0.9])
def test_r1_is_stable_up_to_four_gamma(gamma: float) -> None:
    game = DiracGame(decay=gamma)
    for part, stable in ((0.99, True), (1.01, False)):
        steps = Steps(part * 4 * gamma)
        assert (steps.radius(game.jacobian(REST)) < 1) is stable
        far = np.hypot(*steps.play(game, (1e-6, 0), 400)[-1])
        assert bool(far < 1e-6) is stable


def test_the_non_saturating_game_ends_on_a_cycle_or_creeps_in() -> None:
    game = game_of("non-saturating")
    around = Steps(0.2).play(game, (1, 1), 1500)[-300:]
    assert np.abs(np.hypot(*around.T) / math.sqrt(2 * 0.2) - 1).max() < 0.12
    flow = Steps(0.05, "alternating").play(game, (1, 1), 2000)
    assert np.hypot(*flow[-1]) ** 2 == pytest.approx(8 / (2000 * 0.05), rel=0.1)


def test_clipping_and_the_gradient_penalty_cycle() -> None:
    for name in ("clipping", "wgan-gp"):
        path = Steps(0.04, "alternating").play(game_of(name), (1, 1), 1500)
        late = np.hypot(*path[-500:].T)
        assert late.min() > 0.5, name
        assert (np.diff(np.sign(path[-500:, 0])) != 0).sum() >= 4, name
    assert np.abs(Steps(0.2).play(game_of("clipping", 0.4), (1, 0), 200)[:, 1]).max() == 0.4


def test_where_the_gradient_penalty_crosses_the_axis() -> None:
    weight = 0.7
    game = game_of("wgan-gp", weight)

    def crossing(_: float, place: np.ndarray) -> float:
        return float(place[1])

    found = solve_ivp(
        lambda _, at: game.field(at), (0, 60), (1, 1), events=crossing, rtol=1e-8, max_step=0.1
    )
    omega = math.sqrt(1 - weight**2 / 4)
    expected = weight / math.tanh(weight * math.pi / (4 * omega))
    assert expected == pytest.approx(1.327, abs=5e-4)
    assert np.allclose(np.abs(found.y_events[0][-6:, 0]), expected, rtol=1e-3)


@pytest.mark.parametrize("ratio", [0.1, 4.0, 25.0])
def test_two_time_scales_alone_rescue_nothing(ratio: float) -> None:
    game = game_of("two-time-scales", ratio)
    assert np.allclose(game.eigenvalues(REST).real, 0)
    assert Steps(0.1).radius(game.jacobian(REST)) == pytest.approx(math.sqrt(1 + 0.0025 * ratio))
    assert Steps(0.1, "alternating").radius(game.jacobian(REST)) == pytest.approx(1)


@pytest.mark.parametrize("size", [0.1, 0.3, 0.45])
@pytest.mark.parametrize("rule", RULES)
def test_rates_of_the_bilinear_game(rule: str, size: float) -> None:
    expected = {
        "plain": math.sqrt(1 + size**2),
        "extra-gradient": math.sqrt(1 - size**2 + size**4),
        "optimistic": math.sqrt((1 + math.sqrt(1 - 4 * size**2)) / 2),
    }[rule]
    steps = Steps(size, rule=rule)
    assert steps.radius(BILINEAR.jacobian(REST)) == pytest.approx(expected, rel=1e-9)
    away = np.hypot(*steps.play(BILINEAR, (1, 1), 120).T)
    measured = (away[120] / away[20]) ** (1 / 100)
    assert measured == pytest.approx(expected, rel=0.01)


def test_optimistic_steps_are_stable_below_the_inverse_root_of_three() -> None:
    jacobian = BILINEAR.jacobian(REST)
    for part, stable in ((0.99, True), (1.01, False)):
        assert (Steps(part / math.sqrt(3), rule="optimistic").radius(jacobian) < 1) is stable


@pytest.mark.parametrize("name", ["optimistic", "extra-gradient"])
@pytest.mark.parametrize("update", UPDATES)
def test_looking_ahead_draws_in_what_plain_steps_drive_out(name: str, update: str) -> None:
    method = method_of(name)
    looking = radius_after(game_of(name), Steps(0.2, update, method.rule))
    assert looking < 0.15 < radius_after(game_of(name), Steps(0.2, update))


def test_a_play_ends_before_its_numbers_overflow() -> None:
    path = Steps(10.0).play(BILINEAR, (1, 1), 1000)
    assert 10 < len(path) < 1000
    assert np.isfinite(path).all()


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"size": 0.0}, UsageError, "step size 0"),
        ({"size": math.nan}, UsageError, "step size nan"),
        ({"update": "both"}, UnknownNameError, "both"),
        ({"rule": "optimist"}, UnknownNameError, "optimistic"),
        ({"g_steps": 0}, UsageError, "g_steps 0"),
        ({"d_steps": 2}, UsageError, "alternating"),
    ],
)
def test_steps_that_cannot_be_made(
    options: dict[str, object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        Steps(**options)  # type: ignore[arg-type]


def test_an_unknown_method_is_named() -> None:
    with pytest.raises(UnknownNameError, match="r1"):
        method_of("r3")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([], "stands still"),
        ([0, 0], "stands still"),
        ([np.nan, np.inf], "stands still"),
        ([0.1 + 1j, 0.1 - 1j], "rotates outwards: Im/Re 10"),
        ([-0.5, -0.5 + 1e-16j], "no rotation: draws in"),
        ([-1.0, -1e-6 + 1e-4j], "no rotation: draws in"),  # too slow to be seen
        ([-2 + 1j, -2 - 1j, -0.1 + 1.2j], "rotates inwards: Im/Re 12"),
    ],
)
def test_words(values: list[complex], words: str) -> None:
    assert spectrum_in_words(values) == words

"""How many questions it takes, against a sum over every outcome, a formula, and simulated runs."""

import numpy as np
import pytest
from scipy.stats import multinomial, norm

from hera.evaluation import stats
from hera.evaluation.power import MOST, mcnemar_power, questions_to_tell


@pytest.mark.parametrize("rates", [(0.05, 0.3), (0.2, 0.2), (0.0, 0.4)])
@pytest.mark.parametrize("alpha", [0.05, 0.05 / 3])
def test_the_power_is_the_sum_over_every_outcome(rates: tuple[float, float], alpha: float) -> None:
    n = 25
    told = sum(
        multinomial.pmf([a, b, n - a - b], n, [*rates, 1 - sum(rates)])
        for a in range(n + 1)
        for b in range(n + 1 - a)
        if stats.mcnemar(a, b) < alpha
    )
    assert mcnemar_power(*rates, n, alpha) == pytest.approx(told, abs=1e-8)


def test_the_number_is_near_connors_formula_and_holds_in_simulated_runs() -> None:
    a, b = 0.12, 0.2
    needed = questions_to_tell(12, 20, 100)
    assert needed is not None
    z, power = norm.ppf(0.975), norm.ppf(0.8)  # Connor 1987, Biometrics 43:207
    connor = (z * (a + b) ** 0.5 + power * (a + b - (b - a) ** 2) ** 0.5) ** 2 / (b - a) ** 2
    assert needed == pytest.approx(connor, rel=0.08)
    drawn = np.random.default_rng(1).multinomial(needed, [a, b, 1 - a - b], size=2_000)
    told = np.mean([stats.mcnemar(int(x), int(y)) < 0.05 for x, y, _ in drawn])
    assert told == pytest.approx(0.8, abs=0.03)


def test_no_number_is_named_where_none_would_do() -> None:
    assert questions_to_tell(0, 0, 50) is None
    assert questions_to_tell(7, 7, 50) is None
    assert questions_to_tell(100, 101, 10_000) is None  # it would take more than MOST
    assert questions_to_tell(1, 30, 100) is not None
    assert mcnemar_power(0.1, 0.1, MOST) < 0.05  # equal ones are told apart no more often

"""Pictures of games played once: they show what the solver found, and are the same every time."""

from pathlib import Path

import numpy as np
import pytest

import leaderbored as lb
from leaderbored.cli import main
from leaderbored.figures import draw, drawable
from leaderbored.games.catalogue import find
from leaderbored.games.formats.gamefile import load, starter


@pytest.mark.parametrize(
    "path",
    [
        find("lee-wilde-1980"),
        find("luce-raiffa-1957-battle"),
        find("rousseau-1755"),
        find("von-neumann-1928"),
        starter("contest"),
        starter("continuous"),
    ],
    ids=lambda path: path.stem,
)
def test_curves_cross_where_the_equilibria_are(path: Path) -> None:
    solution = lb.solve(load(path))
    (axes,) = draw(solution).axes
    curves = [line.get_xydata() for line in axes.lines if len(line.get_xydata()) > 1]
    dots = [line.get_xydata()[0] for line in axes.lines if len(line.get_xydata()) == 1]
    assert len(curves) == 2
    assert len(dots) == len(solution.equilibria)
    size = max(axes.get_xlim()[1], axes.get_ylim()[1])
    for dot in dots:
        for curve in curves:
            ends = curve[:-1], curve[1:]
            along = ends[1] - ends[0]
            length = np.maximum((along**2).sum(axis=1), 1e-30)
            t = np.clip(((dot - ends[0]) * along).sum(axis=1) / length, 0, 1)
            far = np.sqrt(((ends[0] + t[:, None] * along - dot) ** 2).sum(axis=1))
            assert np.nanmin(far) < 0.003 * size


def test_regions_of_the_simplex_are_those_of_the_best_replies() -> None:
    game = load(find("shapley-1964"))
    figure = draw(lb.solve(game))
    corners = np.array([[0, 0], [1, 0], [0.5, 3**0.5 / 2]])
    random = np.random.default_rng(0)
    for who, axes in enumerate(figure.axes):
        *regions, _ = axes.patches
        for law in random.dirichlet(np.ones(3), 200):
            other = 1 - who
            rewards = game.rewards(other, [law, law])
            inside = [region.get_path().contains_point(law @ corners) for region in regions]
            assert inside.index(True) == int(rewards.argmax())


def test_what_cannot_be_drawn_is_refused_before_the_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("tullock-1980", "harker-1991", "mckelvey-mclennan-1996"):
        assert drawable(load(find(name)))
        out = tmp_path / f"{name}.png"
        assert main(["solve", name, "--figure", str(out)]) == 2
        assert "two players" in capsys.readouterr().err
        assert not out.exists()
    with pytest.raises(ValueError, match="two players"):
        draw(lb.solve(load(find("harker-1991"))))


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_the_same_picture_has_the_same_bytes(tmp_path: Path, kind: str) -> None:
    outs = [tmp_path / f"{k}.{kind}" for k in range(2)]
    for out in outs:
        assert main(["solve", "shapley-1964", "--figure", str(out)]) == 0
    assert outs[0].read_bytes() == outs[1].read_bytes()


def test_payoffs_below_zero_are_drawn_as_lines() -> None:
    players = [
        lb.Player("A", {"x": [0, 1]}, "(x - y)**2 - 7"),
        lb.Player("B", {"y": [0, 1]}, "-(x - y)**2 - 7"),
    ]
    figure = draw(lb.solve(lb.Continuous(players)))
    curves = [line for line in figure.axes[1].lines if len(line.get_ydata()) > 1]
    assert len(curves) == 2 and all(np.isfinite(curve.get_ydata()).all() for curve in curves)


def test_a_payoff_that_is_hardly_defined_has_a_picture() -> None:
    alone = lb.Player("A", {"x": [0, "inf"]}, "log(0.001 - x)")
    (axes,) = draw(lb.solve(lb.Continuous([alone]))).axes
    assert any(len(line.get_ydata()) == 1 for line in axes.lines)  # where it stands

"""Random derivatives to be asked for."""

from __future__ import annotations

import random

from matcalc.exercises.asked import Asked
from matcalc.exercises.matrix_scalars import SCALARS_OF_MATRICES, Scene, inverse, whole_matrix
from matcalc.exercises.vector_chains import Chain, chain, with_cost
from matcalc.language.expressions import Let, Symbol

LAYOUTS = ("numerator", "denominator")
JACOBIANS = 0.2  # the share of chains that end in a vector
CHAINS = 0.5
BY_VEC = 0.35


def drawn_asked(rng: random.Random, level: int, by_vec: bool = True) -> Asked:
    """A derivative of a scalar or a vector, of a level."""
    layout = rng.choice(LAYOUTS)
    if by_vec and level > 1 and rng.random() < BY_VEC:
        scene = whole_matrix(rng, level - 1)
        return Asked(scene.of, scene.variables[0], layout, by_vec=True)
    if rng.random() < CHAINS:
        return drawn_chain(rng, level)
    scene = drawn_scene(rng, level)
    return Asked(scene.of, rng.choice(scene.variables), layout)


def drawn_scene(rng: random.Random, level: int) -> Scene:
    """A scalar of a matrix."""
    ways = SCALARS_OF_MATRICES if level > 1 else tuple(way for way in SCALARS_OF_MATRICES if way is not inverse)
    return rng.choice(ways)(rng, 1 if level == 1 else 2 if rng.random() < 0.7 else 1)


def drawn_chain(rng: random.Random, level: int) -> Asked:
    """A derivative along a chain of named vectors."""
    made = chain(rng, rng.randint(level, level + 1), hard=level == 3)
    layout = rng.choice(LAYOUTS)
    variables: list[Symbol | Let] = [made.input, *made.weights, *made.names[:-1]]
    if rng.random() < JACOBIANS and len(made.names) > 1:
        vectors = [each for each in variables if len(each.shape) <= 1]
        return Asked(made.names[-1], rng.choice(vectors), layout)
    before = len(made.weights)
    cost = with_cost(made)
    variables += made.weights[before:]
    return Asked(cost, rng.choice(variables), layout)


def drawn_names(rng: random.Random, steps: int, hard: bool) -> tuple[Chain, Let]:
    """A chain with its cost."""
    made = chain(rng, steps, hard)
    return made, with_cost(made)
